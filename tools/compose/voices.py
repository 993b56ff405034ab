"""Pitched instruments. Each maker returns a voice: (Hz, held seconds, velocity, rng) to samples."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from .effects import equalise
from .signal import RATE, Audio, Voice, fade_edges, peak_normalised, samples, seconds_axis, stereo
from .wavetable import oscillator, vibrato

Rng: TypeAlias = np.random.Generator


def _envelope(held: float, attack: float, decay: float, sustain: float, release: float) -> Audio:
    """Attack, decay to a sustain share and release, all in seconds with exponential falls."""
    count, gate = samples(held + release * 1.6), samples(held)
    time = seconds_axis(count)
    rise = np.clip(time / max(attack, 0.001), 0.0, 1.0)
    body = np.sin(0.5 * np.pi * rise) ** 2
    body *= sustain + (1.0 - sustain) * np.exp(-np.maximum(0.0, time - attack) / max(decay, 0.001))
    after = time[gate:] - time[min(gate, count - 1)]
    body[gate:] *= np.exp(-after * 4.0 / release)
    return body


def _noise(count: int, rng: Rng, low: float, high: float) -> Audio:
    """White noise between two frequencies in Hz."""
    wave = equalise(rng.standard_normal(count), "highpass", low)
    return equalise(wave, "lowpass", min(high, 18_000.0))


def string(
    ring: float = 3.0,
    damping: float = 0.3,
    position: float = 0.18,
    edge: float = 5200.0,
    release: float = 0.12,
    courses: int = 1,
    body: tuple[tuple[float, float, float], ...] = (
        (105.0, 1.2, 3.0),
        (210.0, 1.4, 2.5),
        (420.0, 1.2, 1.5),
    ),
) -> Voice:
    """Plucked string after Karplus and Strong (1983), with the Jaffe and Smith extensions.

    A burst of noise circulates in a delay line one period long behind a two-point low-pass
    (``damping`` 0 to 0.5) and a third-order Lagrange interpolator for exact tuning. ``ring``
    is the RT60 in seconds, ``position`` the plucking point as a share of the string, ``edge``
    the brightness of a full-force pluck in Hz; ``courses`` doubles strings as on an oud.
    ``body`` lists resonances as (Hz, Q, dB).
    """

    def pluck(freq: float, count: int, velocity: float, rng: Rng) -> Audio:
        period = RATE / freq
        whole = int(period - damping) - 1
        part = period - damping - whole
        taps = np.array(
            [np.prod([(part - m) / (k - m) for m in range(4) if m != k]) for k in range(4)]
        )
        loop = np.convolve(taps, [1.0 - damping, damping]) * 10.0 ** (-3.0 * period / RATE / ring)
        length = max(8, round(period))
        burst = rng.standard_normal(length * 2)
        burst = equalise(burst, "lowpass", edge * (0.35 + 0.65 * velocity))[length:]
        burst -= burst.mean()
        lag = max(1, round(length * position))
        feed = np.zeros(count)
        used = min(count, length)
        feed[:used] += burst[:used]
        combed = min(count - lag, length)
        if combed > 0:
            feed[lag : lag + combed] -= 0.9 * burst[:combed]
        offset = whole + loop.size
        out = np.zeros(count + offset)
        for begin in range(0, count, whole - 1):
            size = min(whole - 1, count - begin)
            block = feed[begin : begin + size].copy()
            for index, weight in enumerate(loop):
                back = begin + offset - whole - index
                block += weight * out[back : back + size]
            out[begin + offset : begin + offset + size] = block
        return out[offset:]

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        count = samples(held + release * 1.6)
        wave = pluck(freq, count, velocity, rng)
        for _ in range(courses - 1):
            late = samples(rng.uniform(0.002, 0.007))
            twin = pluck(freq * 2.0 ** (rng.uniform(1.5, 4.0) / 1200.0), count, velocity, rng)
            wave[late:] += 0.8 * twin[: count - late]
        for centre, q, gain in body:
            wave = equalise(wave, "peak", centre, q, gain)
        wave = equalise(wave, "highpass", max(30.0, freq * 0.5))
        gate = samples(held)
        wave[gate:] *= np.exp(-seconds_axis(count - gate) * 4.0 / release)
        return peak_normalised(fade_edges(wave, 0.0006), velocity)

    return play


def upright() -> Voice:
    """Plucked double bass: a dark, well damped string with a soft finger thump."""
    strings = string(
        ring=2.4,
        damping=0.46,
        position=0.27,
        edge=1500.0,
        release=0.09,
        body=((70.0, 1.0, 4.0), (125.0, 1.3, 3.0), (700.0, 1.0, 2.5), (1700.0, 0.8, -2.0)),
    )

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        wave = strings(freq, held, velocity, rng)
        time = seconds_axis(wave.size)
        wave *= 1.0 - 0.5 * np.exp(-time / 0.012)
        wave += (
            0.35
            * velocity
            * np.sin(2 * np.pi * freq * time)
            * np.exp(-time / 0.5)
            * np.clip(time / 0.02, 0, 1)
            * np.clip((held + 0.1 - time) / 0.1, 0.0, 1.0)
        )
        thump = _noise(wave.size, rng, 60.0, 320.0) * np.exp(-time / 0.02)
        return fade_edges(wave + 0.12 * velocity * thump)

    return play


def electric_bass(bright: float = 900.0) -> Voice:
    """Finger bass: round harmonics whose filter closes after the attack."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, 0.006, 0.9, 0.35, 0.07)
        time = seconds_axis(env.size)
        cutoff = freq * 2.0 + bright * (0.4 + velocity) * np.exp(-time / 0.16)
        bent = freq * (1.0 + 0.006 * np.exp(-time / 0.02))
        wave = oscillator(bent, env.size, cutoff, "saw", 0.8) + 0.5 * oscillator(
            bent, env.size, 800.0, "sine"
        )
        pluck = _noise(env.size, rng, 300.0, 1800.0) * np.exp(-time / 0.006)
        return peak_normalised(fade_edges((wave + 0.12 * pluck) * env, 0.003), velocity)

    return play


def synth_bass(
    cutoff: float = 260.0,
    sweep: float = 1200.0,
    decay: float = 0.14,
    shape: str = "saw",
    q: float = 1.3,
) -> Voice:
    """Two detuned oscillators over a sine an octave of weight below, with a filter pluck (Hz)."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, 0.005, 0.5, 0.7, 0.06)
        time = seconds_axis(env.size)
        moving = cutoff + freq + sweep * velocity**2 * np.exp(-time / decay)
        wave = oscillator(freq * 1.0012, env.size, moving, shape, q)
        wave = wave + oscillator(freq * 0.9988, env.size, moving, shape, q, rng.uniform(0.0, 0.2))
        wave = wave + 1.1 * oscillator(freq, env.size, 2000.0, "sine")
        return peak_normalised(fade_edges(wave * env, 0.004), velocity)

    return play


def electric_piano(bell: float = 0.16, growl: float = 1.0) -> Voice:
    """Two-operator FM tine piano (Chowning 1973): a soft 1:1 pair and a short bell pair."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, 0.004, 1.4, 0.18, 0.22)
        time = seconds_axis(env.size)
        high = min(1.0, 330.0 / freq)
        index = (
            growl * (0.25 + 1.5 * velocity**2) * high**0.6 * (0.35 + 0.65 * np.exp(-time / 0.35))
        )
        turn = 2 * np.pi * freq * time
        body = np.sin(turn + index * np.sin(turn + 0.3))
        drift = np.sin(turn * 1.0009 + 0.4 * index * np.sin(turn * 1.0009))
        ratio = 14.0 if freq * 14.0 < 9000.0 else 7.0 if freq * 7.0 < 9000.0 else 4.0
        tine = np.sin(ratio * turn) * np.exp(-time / 0.06) * velocity**1.5
        knock = _noise(env.size, rng, 200.0, 900.0) * np.exp(-time / 0.008)
        wave = (0.8 * body + 0.35 * drift) * env + bell * tine * env + 0.05 * velocity * knock
        return fade_edges(wave * 0.6 * velocity**1.2, 0.002)

    return play


def piano(soft: float = 1.0, ring: float = 7.0) -> Voice:
    """Felted piano: stretched partials (Fletcher 1964), paired strings and two-stage decay."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        release = 0.28
        count = samples(held + release)
        time = seconds_axis(count)
        stiffness = 0.00022 * (freq / 220.0) ** 1.1
        wave = np.zeros(count)
        for k in range(1, 29):
            partial = k * freq * np.sqrt(1.0 + stiffness * k * k)
            if partial > 8500.0:
                break
            level = k ** (-0.75 - 0.55 * soft * (1.25 - velocity)) * np.exp(
                -partial / (1500.0 + 2600.0 * velocity / soft)
            )
            level *= abs(np.sin(np.pi * k * 0.121)) + 0.08
            fall = ring * (220.0 / freq) ** 0.45 / (1.0 + 0.33 * (k - 1))
            quick, slow = np.exp(-6.91 * time / (fall * 0.45)), np.exp(-6.91 * time / (fall * 1.6))
            apart = partial * 2.0 ** (rng.uniform(0.35, 0.9) / 1200.0)
            start = rng.uniform(0.0, 0.5)
            wave += (
                level
                * (0.7 * quick + 0.3 * slow)
                * (
                    np.sin(2 * np.pi * partial * time + start)
                    + 0.7 * np.sin(2 * np.pi * apart * time)
                )
            )
        hammer = _noise(count, rng, 90.0, 700.0 + 900.0 * velocity) * np.exp(-time / 0.014)
        wave = wave * np.clip(time / (0.006 - 0.003 * velocity), 0.0, 1.0)
        wave = wave / max(1e-9, float(np.max(np.abs(wave)))) + 0.035 * hammer
        gate = samples(held)
        wave[gate:] *= np.exp(-seconds_axis(count - gate) * 4.5 / release)
        return peak_normalised(fade_edges(wave, 0.001, 0.02), velocity)

    return play


def bars_struck(
    partials: tuple[tuple[float, float, float], ...] = (
        (1.0, 1.0, 1.1),
        (3.98, 0.28, 0.25),
        (9.9, 0.08, 0.08),
    ),
    mallet: float = 0.12,
    tremolo: float = 0.0,
    damped: bool = False,
) -> Voice:
    """Tuned bars by modal synthesis; partials are (ratio, level, RT60 in seconds at A4).

    The default ratios are those of a marimba bar tuned two octaves up.
    """

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        longest = max(fall for _, _, fall in partials) * (440.0 / freq) ** 0.5
        count = samples(min(longest * 1.1, held + 0.5) if damped else max(0.25, longest * 1.1))
        time = seconds_axis(count)
        wave = np.zeros(count)
        for number, (ratio, level, fall) in enumerate(partials):
            if ratio * freq > 13_000.0:
                continue
            hard = velocity ** (0.7 * number)
            wave += (
                level
                * hard
                * np.sin(2 * np.pi * ratio * freq * time)
                * np.exp(-6.91 * time / (fall * (440.0 / freq) ** 0.5))
            )
        if tremolo:
            wave *= 1.0 - 0.22 * (1.0 + np.sin(2 * np.pi * tremolo * time)) / 2.0
        wave += mallet * velocity * _noise(count, rng, 250.0, 2600.0) * np.exp(-time / 0.004)
        if damped:
            wave *= np.clip((held + 0.45 - time) / 0.4, 0.0, 1.0)
        return peak_normalised(fade_edges(wave, 0.0008, 0.02), velocity)

    return play


def vibraphone() -> Voice:
    """Aluminium bars with a slow motor."""
    return bars_struck(((1.0, 1.0, 4.5), (4.0, 0.16, 1.6), (10.1, 0.03, 0.5)), 0.05, 4.6, True)


def kalimba() -> Voice:
    """Thumb piano: plucked tines with a high, short overtone pair."""
    return bars_struck(
        ((1.0, 1.0, 1.5), (2.0, 0.1, 0.9), (5.42, 0.12, 0.2), (6.3, 0.05, 0.12)), 0.22
    )


def celesta() -> Voice:
    """Small felt-hammered steel plates."""
    return bars_struck(
        ((1.0, 1.0, 2.2), (2.0, 0.07, 1.4), (4.02, 0.12, 0.6), (8.1, 0.03, 0.2)), 0.04
    )


def pad(
    cutoff: float = 1400.0,
    attack: float = 0.7,
    release: float = 1.2,
    shape: str = "saw",
    voices: int = 6,
    cents: float = 9.0,
    motion: float = 0.35,
) -> Voice:
    """Wide detuned ensemble under a slowly breathing filter (Hz)."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, min(attack, held * 0.7), 3.0, 0.9, release)
        time = seconds_axis(env.size)
        breath = (
            cutoff
            * (0.55 + 0.6 * velocity)
            * (1.0 + motion * np.sin(2 * np.pi * 0.13 * time + rng.uniform(0.0, 6.28)))
        )
        opened = breath * (0.5 + 0.5 * np.clip(time / max(attack, 0.05), 0.0, 1.0))
        out = np.zeros((2, env.size))
        for index in range(voices):
            place = 2.0 * index / (voices - 1) - 1.0
            off = freq * 2.0 ** ((place * cents + rng.uniform(-1.5, 1.5)) / 1200.0)
            side = place if index % 2 else -place
            out += stereo(
                oscillator(off, env.size, opened, shape, 0.75, rng.uniform(0.0, 1.0)), side * 0.9
            )
        return fade_edges(out * env * velocity / voices, 0.005, 0.03)

    return play


def bowed(
    cutoff: float = 3000.0, attack: float = 0.16, players: int = 4, release: float = 0.35
) -> Voice:
    """String section: a few players with their own vibrato and bow pressure."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, min(attack, 0.6 * held), 2.5, 0.85, release)
        time = seconds_axis(env.size)
        swell = 1.0 + 0.12 * np.sin(np.pi * np.clip(time / max(held, 0.1), 0.0, 1.0))
        out = np.zeros((2, env.size))
        for index in range(players):
            line = vibrato(
                freq * 2.0 ** (rng.uniform(-4.0, 4.0) / 1200.0),
                env.size,
                rng,
                rng.uniform(4.8, 5.7),
                11.0,
                rng.uniform(0.15, 0.35),
            )
            opened = cutoff * (0.5 + 0.5 * env) * (0.6 + 0.5 * velocity)
            wave = oscillator(line, env.size, opened, "cello", 0.7, rng.uniform(0.0, 1.0))
            place = 0.0 if players == 1 else 2.0 * index / (players - 1) - 1.0
            out += stereo(wave, place * 0.7)
        bow = _noise(env.size, rng, 1500.0, 5000.0) * 0.004
        return peak_normalised(
            fade_edges((out / players + bow) * env * swell, 0.005, 0.03), velocity
        )

    return play


def choir(
    vowel: str = "oo", singers: int = 5, attack: float = 0.14, release: float = 0.35
) -> Voice:
    """Sung vowel: formants on a glottal spectrum, each singer scooping and swaying alone."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, min(attack, 0.5 * held), 2.0, 0.85, release)
        time = seconds_axis(env.size)
        out = np.zeros((2, env.size))
        for index in range(singers):
            off = freq * 2.0 ** (rng.uniform(-7.0, 7.0) / 1200.0)
            line = vibrato(
                off,
                env.size,
                rng,
                rng.uniform(4.6, 5.6),
                rng.uniform(10.0, 18.0),
                rng.uniform(0.2, 0.5),
            )
            line = line * 2.0 ** (-rng.uniform(15.0, 45.0) * np.exp(-time / 0.06) / 1200.0)
            late = samples(rng.uniform(0.0, 0.03))
            wave = oscillator(
                line,
                env.size,
                3600.0 + 2200.0 * velocity,
                f"choir-{vowel}",
                0.7,
                rng.uniform(0.0, 1.0),
            )
            wave = np.roll(wave * env, late)
            wave[:late] = 0.0
            out += stereo(wave, 1.6 * index / max(1, singers - 1) - 0.8)
        air = _noise(env.size, rng, 1800.0, 6000.0) * env * 0.02 * float(np.max(np.abs(out)))
        return peak_normalised(fade_edges(out + 0.35 * air, 0.01, 0.03), velocity)

    return play


def organ() -> Voice:
    """Drawbar organ with a faint key click."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, 0.012, 1.0, 1.0, 0.06)
        time = seconds_axis(env.size)
        wave = oscillator(freq / 2.0, env.size, 5200.0, "organ", 0.7, rng.uniform(0.0, 1.0))
        click = _noise(env.size, rng, 900.0, 3000.0) * np.exp(-time / 0.005) * 0.04
        return fade_edges((wave + click) * env * 0.4 * velocity, 0.004, 0.02)

    return play


def accordion(cents: float = 7.0) -> Voice:
    """Musette reeds: one in tune, one sharp, one flat, under a bellows swell."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, 0.035, 2.0, 0.9, 0.09)
        time = seconds_axis(env.size)
        bellows = 0.85 + 0.15 * np.sin(np.pi * np.clip(time / max(held, 0.1), 0.0, 1.0))
        out = np.zeros((2, env.size))
        for off, side, level in ((0.0, 0.0, 1.0), (cents, -0.5, 0.75), (-cents, 0.5, 0.75)):
            tuned = freq * 2.0 ** ((off + rng.uniform(-0.6, 0.6)) / 1200.0)
            out += level * stereo(
                oscillator(
                    tuned, env.size, 2400.0 + 1800.0 * velocity, "reed", 0.7, rng.uniform(0.0, 1.0)
                ),
                side,
            )
        return peak_normalised(fade_edges(out * env * bellows, 0.006, 0.02), velocity, 1.0)

    return play


def wind(
    shape: str = "flute",
    breath: float = 0.05,
    cents: float = 12.0,
    attack: float = 0.06,
    cutoff: float = 5000.0,
) -> Voice:
    """Blown tube (``flute``, ``whistle`` or ``clarinet``) with breath noise and vibrato."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, min(attack, 0.5 * held), 1.5, 0.85, 0.12)
        time = seconds_axis(env.size)
        line = vibrato(freq, env.size, rng, rng.uniform(4.9, 5.4), cents, 0.22)
        line = line * 2.0 ** (-28.0 * np.exp(-time / 0.03) / 1200.0)
        wave = oscillator(line, env.size, cutoff * (0.5 + 0.5 * velocity), shape, 0.7)
        air = equalise(
            _noise(env.size, rng, freq * 0.8, min(9000.0, freq * 5.0)),
            "peak",
            min(freq * 2.0, 8000.0),
            2.0,
            6.0,
        )
        puff = 1.0 + 2.0 * np.exp(-time / 0.03)
        return fade_edges((wave + breath * air * puff) * env * velocity**1.2 * 0.6, 0.006, 0.02)

    return play


def lead(
    shape: str = "square",
    cutoff: float = 1500.0,
    sweep: float = 1200.0,
    attack: float = 0.012,
    cents: float = 10.0,
    release: float = 0.16,
) -> Voice:
    """Singing synthesiser lead: two detuned oscillators, filter pluck and late vibrato."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(held, attack, 0.8, 0.7, release)
        time = seconds_axis(env.size)
        line = vibrato(freq, env.size, rng, 5.2, cents, 0.3)
        moving = cutoff + sweep * velocity * np.exp(-time / 0.25)
        left = oscillator(line * 1.0018, env.size, moving, shape, 0.9, rng.uniform(0.0, 1.0))
        right = oscillator(line * 0.9982, env.size, moving, shape, 0.9, rng.uniform(0.0, 1.0))
        out = np.stack([left + 0.5 * right, right + 0.5 * left])
        return peak_normalised(fade_edges(out * env, 0.004, 0.02), velocity)

    return play


def synth_pluck(
    cutoff: float = 500.0,
    sweep: float = 3200.0,
    decay: float = 0.12,
    shape: str = "saw",
    tail: float = 0.35,
) -> Voice:
    """Short filtered blip for arpeggios; a harder touch opens the filter further (Hz)."""

    def play(freq: float, held: float, velocity: float, rng: Rng) -> Audio:
        env = _envelope(max(held, 0.05), 0.003, tail * 0.5, 0.05, tail)
        time = seconds_axis(env.size)
        moving = cutoff + freq * 0.5 + sweep * velocity**1.5 * np.exp(-time / decay)
        left = oscillator(freq * 1.002, env.size, moving, shape, 1.1, rng.uniform(0.0, 0.3))
        right = oscillator(freq * 0.998, env.size, moving, shape, 1.1, rng.uniform(0.0, 0.3))
        out = np.stack([left + 0.35 * right, right + 0.35 * left])
        return peak_normalised(fade_edges(out * env, 0.002, 0.02), velocity)

    return play
