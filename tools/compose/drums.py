"""Unpitched percussion by modal and noise synthesis. Voices ignore their frequency and length."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .effects import equalise
from .signal import Audio, Voice, fade_edges, samples, seconds_axis, stereo

Rng: TypeAlias = np.random.Generator


def _burst(count: int, rng: Rng, low: float, high: float) -> Audio:
    """Noise between two frequencies in Hz, at unit level."""
    wave = equalise(equalise(rng.standard_normal(count), "highpass", low), "lowpass", high)
    return wave / max(1e-9, float(np.sqrt(np.mean(wave**2))))


def _modes(time: Audio, modes: tuple[tuple[float, float, float], ...]) -> Audio:
    """Sum of decaying sines given as (Hz, level, decay constant in seconds)."""
    wave = np.zeros(time.size)
    for freq, level, fall in modes:
        wave += level * np.sin(2 * np.pi * freq * time) * np.exp(-time / fall)
    return wave


def kick(
    low: float = 48.0,
    high: float = 150.0,
    bend: float = 0.03,
    fall: float = 0.16,
    click: float = 0.12,
) -> Voice:
    """Bass drum: a sine falling from ``high`` to ``low`` Hz and a soft beater."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 4.0))
        turns = low * time + (high - low) * bend * (1.0 - np.exp(-time / bend))
        wave = np.sin(2 * np.pi * turns) * np.exp(-time / fall) * np.clip(time / 0.002, 0.0, 1.0)
        beater = _burst(time.size, rng, 400.0, 3200.0) * np.exp(-time / 0.004)
        wave = np.tanh(1.4 * wave) / np.tanh(1.4) + click * velocity * beater
        return fade_edges(wave * velocity, 0.0006, 0.03)

    return play


def snare(
    tone: float = 185.0, wires: float = 0.5, fall: float = 0.11, bright: float = 7500.0
) -> Voice:
    """Snare drum: two head modes (Hz) and wires that open up with velocity."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 5.0))
        head = _modes(
            time, ((tone, 0.7, 0.06), (tone * 1.78, 0.35, 0.04), (tone * 2.6, 0.12, 0.025))
        )
        rattle = _burst(time.size, rng, 900.0, bright * (0.45 + 0.55 * velocity))
        rattle *= 0.75 * np.exp(-time / fall) + 0.8 * np.exp(-time / 0.012)
        wave = (head + 0.42 * wires * rattle) * np.clip(time / 0.0012, 0.0, 1.0)
        return fade_edges(wave * velocity**1.2 * 0.8, 0.0006, 0.02)

    return play


def brush(fall: float = 0.09) -> Voice:
    """Brush tap on a coated head."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 6.0))
        wires = _burst(time.size, rng, 1100.0, 6500.0)
        wires *= np.clip(time / 0.006, 0.0, 1.0) * np.exp(-time / fall)
        head = _modes(time, ((195.0, 0.5, 0.05), (330.0, 0.2, 0.03)))
        return fade_edges((0.3 * wires + 0.35 * head) * velocity**1.2, 0.001, 0.03)

    return play


def swish() -> Voice:
    """Brush drawn round the head for as long as the note is held, from side to side."""

    def play(_freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(held))
        share = time / held
        wave = (
            _burst(time.size, rng, 1800.0, 6000.0) * np.sin(np.pi * share) ** 1.4 * 0.2 * velocity
        )
        sway = 0.5 * np.sin(2 * np.pi * share)
        return fade_edges(np.stack([wave * (1.0 - sway), wave * (1.0 + sway)]), 0.01, 0.03)

    return play


def hat(fall: float = 0.035, dark: float = 10_500.0) -> Voice:
    """Hi-hat: high noise and a cluster of inharmonic tones; ``fall`` in seconds opens it."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 6.0 + 0.02))
        metal = sum(
            np.sin(2 * np.pi * f * time + rng.uniform(0.0, 6.28))
            for f in (5340.0, 6217.0, 7183.0, 8021.0, 8894.0, 9811.0)
        )
        wave = 0.6 * _burst(
            time.size, rng, 5200.0, dark * (0.7 + 0.3 * velocity)
        ) + 0.16 * np.asarray(metal)
        wave *= np.exp(-time / (fall * (0.6 + 0.4 * velocity))) * np.clip(time / 0.0008, 0.0, 1.0)
        return fade_edges(wave * 0.4 * velocity, 0.0005, 0.015)

    return play


def ride(fall: float = 0.5) -> Voice:
    """Ride cymbal: a lattice of inharmonic modes and a stick tick."""
    lattice = np.random.default_rng(77)
    freqs = np.sort(lattice.uniform(420.0, 8800.0, 44))
    levels = lattice.uniform(0.3, 1.0, 44) * (freqs / 3000.0) ** 0.25

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 4.0))
        wave = np.zeros(time.size)
        for freq, level in zip(freqs, levels, strict=True):
            wave += (
                level
                * np.sin(2 * np.pi * freq * time + rng.uniform(0.0, 6.28))
                * np.exp(-time / (fall * (3200.0 / (freq + 1600.0))))
            )
        wave = wave * 0.045 * np.clip(time / 0.004, 0.0, 1.0)
        wave += 0.16 * _burst(time.size, rng, 4000.0, 10_000.0) * np.exp(-time / 0.012)
        return fade_edges(wave * velocity, 0.0008, 0.08)

    return play


def crash(fall: float = 0.7) -> Voice:
    """Soft cymbal swell that blooms and dies away, wide in stereo."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 5.0))
        sides = [_burst(time.size, rng, 2600.0, 9000.0) for _ in range(2)]
        out = np.stack(sides) * np.clip(time / 0.012, 0.0, 1.0) * np.exp(-time / fall)
        return fade_edges(out * 0.25 * velocity, 0.002, 0.2)

    return play


def rise() -> Voice:
    """Noise swelling over the held length, to lead into a section."""

    def play(_freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(held))
        sides = [_burst(time.size, rng, 1500.0, 6500.0) for _ in range(2)]
        return fade_edges(np.stack(sides) * 0.2 * velocity * (time / held) ** 2.5, 0.01, 0.06)

    return play


def rim() -> Voice:
    """Cross-stick on the rim."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(0.12))
        wave = _modes(
            time,
            ((430.0, 0.5, 0.016), (1120.0, 0.6, 0.012), (1710.0, 0.5, 0.009), (2640.0, 0.3, 0.006)),
        )
        wave += 0.2 * _burst(time.size, rng, 1200.0, 6000.0) * np.exp(-time / 0.004)
        return fade_edges(wave * 0.6 * velocity, 0.0006, 0.02)

    return play


def clap() -> Voice:
    """Several hands a few milliseconds apart, spread across the room."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        count = samples(0.32)
        time = seconds_axis(count)
        out = np.zeros((2, count))
        for late, level, fall in (
            (0.0, 0.7, 0.006),
            (0.009, 0.8, 0.006),
            (0.019, 1.0, 0.05),
            (0.023, 0.5, 0.09),
        ):
            wave = (
                _burst(count, rng, 750.0, 4200.0)
                * np.exp(-np.maximum(0.0, time - late) / fall)
                * (time >= late)
            )
            out += level * stereo(wave, rng.uniform(-0.6, 0.6))
        return fade_edges(equalise(out, "peak", 1250.0, 1.0, 4.0) * 0.14 * velocity, 0.0008, 0.04)

    return play


def snap() -> Voice:
    """Finger snap."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(0.16))
        wave = equalise(_burst(time.size, rng, 1300.0, 5200.0), "peak", 2300.0, 2.0, 7.0)
        wave *= np.exp(-time / 0.012) + 0.15 * np.exp(-time / 0.04)
        return fade_edges(wave * 0.16 * velocity, 0.0008, 0.02)

    return play


def shaker(rise_ms: float = 18.0) -> Voice:
    """Seeds thrown forward: noise that takes a moment to speak."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(0.14))
        wave = _burst(time.size, rng, 4200.0, 10_000.0)
        swell = np.clip(time * 1000.0 / rise_ms, 0.0, 1.0) ** 1.5
        fall = np.exp(-np.maximum(0.0, time - rise_ms / 1000.0) / 0.022)
        return fade_edges(wave * swell * fall * 0.22 * velocity, 0.002, 0.02)

    return play


def tambourine() -> Voice:
    """Jingles: short high modes over noise."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(0.3))
        jingles = tuple(
            (float(rng.uniform(4800.0, 9800.0)), 0.12, float(rng.uniform(0.02, 0.07)))
            for _ in range(10)
        )
        wave = _modes(time, jingles) + 0.3 * _burst(time.size, rng, 4500.0, 10_000.0) * np.exp(
            -time / 0.03
        )
        return fade_edges(wave * 0.4 * velocity, 0.001, 0.03)

    return play


def hand_drum(
    tone: float = 210.0, fall: float = 0.13, slap: float = 0.15, bend: float = 0.06
) -> Voice:
    """Conga, bongo or tom: modes of a circular membrane (1, 1.59, 2.14, 2.30) in Hz."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(fall * 5.0))
        warped = time + bend * 0.02 * (1.0 - np.exp(-time / 0.02))
        wave = np.zeros(time.size)
        for ratio, level, share in (
            (1.0, 1.0, 1.0),
            (1.59, 0.4, 0.55),
            (2.14, 0.22, 0.4),
            (2.3, 0.15, 0.3),
        ):
            wave += (
                level * np.sin(2 * np.pi * tone * ratio * warped) * np.exp(-time / (fall * share))
            )
        wave *= np.clip(time / 0.0015, 0.0, 1.0)
        wave += slap * velocity * _burst(time.size, rng, 600.0, 4500.0) * np.exp(-time / 0.006)
        return fade_edges(wave * 0.6 * velocity**1.1, 0.0006, 0.03)

    return play


def darbuka_dum() -> Voice:
    """Low centre stroke of the goblet drum."""
    return hand_drum(88.0, 0.17, 0.1, 0.5)


def darbuka_tek(tone: float = 420.0) -> Voice:
    """Bright rim stroke of the goblet drum."""

    def play(_freq: float, _held: float, velocity: float, rng: Rng) -> Audio:
        time = seconds_axis(samples(0.2))
        wave = _modes(
            time,
            (
                (tone, 0.5, 0.03),
                (tone * 2.1, 0.45, 0.025),
                (tone * 3.6, 0.3, 0.016),
                (tone * 5.2, 0.15, 0.01),
            ),
        )
        wave += 0.25 * _burst(time.size, rng, 1500.0, 7500.0) * np.exp(-time / 0.009)
        return fade_edges(wave * 0.6 * velocity, 0.0006, 0.02)

    return play


def woodblock(tone: float = 880.0) -> Voice:
    """Small hollow block."""

    def play(_freq: float, _held: float, velocity: float, _rng: Rng) -> Audio:
        time = seconds_axis(samples(0.15))
        return fade_edges(
            _modes(time, ((tone, 1.0, 0.022), (tone * 1.52, 0.35, 0.012), (tone * 2.7, 0.1, 0.006)))
            * 0.5
            * velocity,
            0.0008,
            0.02,
        )

    return play
