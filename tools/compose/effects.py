"""Filters, reverb, echo, modulation, saturation and dynamics, all on whole stereo buffers."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, resample_poly, sosfilt

from .signal import RATE, Audio, Effect, decibels, samples, seconds_axis


def _biquad(kind: str, freq: float, q: float, gain_db: float) -> tuple[Audio, Audio]:
    """Coefficients from Robert Bristow-Johnson's Audio EQ Cookbook."""
    angle = 2.0 * np.pi * freq / RATE
    cos, alpha = np.cos(angle), np.sin(angle) / (2.0 * q)
    amp = 10.0 ** (gain_db / 40.0)
    slope = 2.0 * np.sqrt(amp) * alpha
    if kind == "lowpass":
        b = [(1 - cos) / 2, 1 - cos, (1 - cos) / 2]
        a = [1 + alpha, -2 * cos, 1 - alpha]
    elif kind == "highpass":
        b = [(1 + cos) / 2, -(1 + cos), (1 + cos) / 2]
        a = [1 + alpha, -2 * cos, 1 - alpha]
    elif kind == "bandpass":
        b = [alpha, 0.0, -alpha]
        a = [1 + alpha, -2 * cos, 1 - alpha]
    elif kind == "peak":
        b = [1 + alpha * amp, -2 * cos, 1 - alpha * amp]
        a = [1 + alpha / amp, -2 * cos, 1 - alpha / amp]
    elif kind == "lowshelf":
        b = [
            amp * ((amp + 1) - (amp - 1) * cos + slope),
            2 * amp * ((amp - 1) - (amp + 1) * cos),
            amp * ((amp + 1) - (amp - 1) * cos - slope),
        ]
        a = [
            (amp + 1) + (amp - 1) * cos + slope,
            -2 * ((amp - 1) + (amp + 1) * cos),
            (amp + 1) + (amp - 1) * cos - slope,
        ]
    elif kind == "highshelf":
        b = [
            amp * ((amp + 1) + (amp - 1) * cos + slope),
            -2 * amp * ((amp - 1) + (amp + 1) * cos),
            amp * ((amp + 1) + (amp - 1) * cos - slope),
        ]
        a = [
            (amp + 1) - (amp - 1) * cos + slope,
            2 * ((amp - 1) - (amp + 1) * cos),
            (amp + 1) - (amp - 1) * cos - slope,
        ]
    else:
        raise ValueError(f"not a filter: {kind}")
    return np.array(b) / a[0], np.array(a) / a[0]


def equalise(audio: Audio, kind: str, freq: float, q: float = 0.707, gain_db: float = 0.0) -> Audio:
    """Run one biquad (frequency in Hz) along the last axis."""
    b, a = _biquad(kind, freq, q, gain_db)
    return np.asarray(lfilter(b, a, audio, axis=-1))


def eq(kind: str, freq: float, q: float = 0.707, gain_db: float = 0.0) -> Effect:
    """One biquad as an insert effect."""
    return lambda audio: equalise(audio, kind, freq, q, gain_db)


def saturate(audio: Audio, drive_db: float) -> Audio:
    """Soft tanh curve, twice oversampled against aliasing, with the gain taken back."""
    drive = decibels(drive_db)
    level = max(1e-9, float(np.sqrt(np.mean(audio**2))) * 6.0)
    wide = resample_poly(audio / level, 2, 1, axis=-1)
    shaped = np.tanh(wide * drive + 0.06) - np.tanh(0.06)
    narrow = np.asarray(resample_poly(shaped, 1, 2, axis=-1))[..., : audio.shape[-1]]
    return narrow * (level / drive)


def warmth(drive_db: float) -> Effect:
    """Saturation as an insert effect."""
    return lambda audio: saturate(audio, drive_db)


def _delayed(audio: Audio, delay_samples: Audio) -> Audio:
    place = np.arange(audio.shape[-1]) - delay_samples
    return np.interp(place, np.arange(audio.shape[-1]), audio, left=0.0)


def chorus(rate: float = 0.6, depth_ms: float = 2.2, mix: float = 0.4) -> Effect:
    """Two swept delays in opposite phase around 12 ms; widens as it thickens."""

    def apply(audio: Audio) -> Audio:
        time = seconds_axis(audio.shape[-1])
        out = audio * (1.0 - 0.4 * mix)
        for side, phase in ((0, 0.0), (1, np.pi * 0.6)):
            sweep = (12.0 + depth_ms * np.sin(2 * np.pi * rate * time + phase)) * RATE / 1000.0
            out[side] += mix * _delayed(audio[side], sweep)
        return out

    return apply


def wow(depth_ms: float = 0.9, rate: float = 0.55) -> Effect:
    """Tape wow and flutter: the pitch drifts by a few cents, the same on both sides."""

    def apply(audio: Audio) -> Audio:
        time = seconds_axis(audio.shape[-1])
        drift = np.sin(2 * np.pi * rate * time) + 0.08 * np.sin(2 * np.pi * 6.1 * time)
        sweep = (1.2 + drift) * depth_ms * RATE / 1000.0
        return np.stack([_delayed(audio[0], sweep), _delayed(audio[1], sweep)])

    return apply


def autopan(rate: float = 1.2, depth: float = 0.4) -> Effect:
    """Stereo tremolo of a suitcase electric piano (rate in Hz)."""

    def apply(audio: Audio) -> Audio:
        sway = depth * np.sin(2 * np.pi * rate * seconds_axis(audio.shape[-1]))
        return audio * np.stack([1.0 + sway, 1.0 - sway]) / (1.0 + 0.5 * depth)

    return apply


def rotary(rate: float = 0.9) -> Effect:
    """Slow rotating speaker: level, pitch and place sway together."""

    def apply(audio: Audio) -> Audio:
        time = seconds_axis(audio.shape[-1])
        mono = audio.mean(axis=0)
        sides: list[Audio] = []
        for phase in (0.0, np.pi / 2):
            turn = np.sin(2 * np.pi * rate * time + phase)
            sides.append((0.82 + 0.18 * turn) * _delayed(mono, (4.0 + 0.45 * turn) * RATE / 1000.0))
        return 0.35 * audio + 0.8 * np.stack(sides)

    return apply


def ducked(audio: Audio, times: list[float], depth: float, release: float = 0.16) -> Audio:
    """Dip the level at each time (seconds) and let it swell back, as a kick sidechain does."""
    if not times or depth == 0.0:
        return audio
    gain = np.ones(audio.shape[-1])
    shape = 1.0 - depth * np.exp(-seconds_axis(samples(release * 5.0)) / release)
    rise = samples(0.006)
    shape[:rise] = np.linspace(1.0, shape[rise], rise)
    for time in times:
        begin = samples(time) - 1
        part = gain[begin : begin + shape.size]
        np.minimum(part, shape[: part.size], out=part)
    return audio * gain


def room(seconds: float, seed: int, predelay: float = 0.012, bright: float = 1.0) -> Audio:
    """Stereo impulse response: early reflections, then noise whose highs die sooner.

    ``seconds`` is the mid-band RT60; the response has unit energy per side.
    """
    rng = np.random.default_rng(seed)
    count = samples(seconds * 1.15 + predelay)
    time = seconds_axis(count)
    tail = np.zeros((2, count))
    bands = (
        (160.0, 500.0, 1.0, 0.9),
        (500.0, 2200.0, 1.0, 1.0),
        (2200.0, 6500.0, 0.62, 0.8 * bright),
    )
    for low, high, share, gain in bands:
        noise = sosfilt(
            butter(2, (low, high), "bandpass", fs=RATE, output="sos"),
            rng.standard_normal((2, count)),
        )
        noise /= np.sqrt(np.mean(noise**2))
        tail += gain * noise * np.exp(-6.91 * time / (seconds * share))
    onset = np.clip(time / 0.025, 0.0, 1.0)
    tail *= onset * onset
    tail /= np.sqrt(np.sum(tail**2, axis=1, keepdims=True))
    early = np.zeros((2, count))
    for side in (0, 1):
        for _ in range(9):
            at = samples(float(rng.uniform(0.004, 0.055)))
            early[side, min(at, count - 1)] += rng.choice((-1.0, 1.0)) * np.exp(-at / RATE / 0.03)
    early = equalise(equalise(early, "lowpass", 5200.0), "highpass", 200.0)
    early /= np.sqrt(np.sum(early**2, axis=1, keepdims=True))
    response = 0.93 * tail + 0.37 * early
    end = samples(0.08)
    response[:, -end:] *= np.linspace(1.0, 0.0, end)
    return np.concatenate([np.zeros((2, samples(predelay))), response], axis=1)


def convolved(audio: Audio, response: Audio) -> Audio:
    """Convolve stereo with a stereo response, with a little cross-feed, same length out."""
    count = audio.shape[-1]
    mid = audio.mean(axis=0, keepdims=True)
    return np.asarray(fftconvolve(0.6 * audio + 0.4 * mid, response, axes=1))[:, :count]


def echo(audio: Audio, seconds: float, feedback: float = 0.42, repeats: int = 6) -> Audio:
    """Ping-pong delay; each repeat crosses sides and loses some lows and highs."""
    out = np.zeros_like(audio)
    wave = equalise(audio, "highpass", 220.0)
    shift, level = samples(seconds), 1.0
    for number in range(1, repeats + 1):
        wave = equalise(wave, "lowpass", 3600.0, 0.6)[::-1]
        at = number * shift
        if at >= audio.shape[-1]:
            break
        side = np.array([[1.0], [0.35]]) if number % 2 else np.array([[0.35], [1.0]])
        out[:, at:] += level * side * wave[:, : audio.shape[-1] - at]
        level *= feedback
    return out


def compress(
    audio: Audio, threshold_db: float, ratio: float, attack: float = 0.015, release: float = 0.18
) -> Audio:
    """Linked-stereo RMS compressor with a 6 dB soft knee, gain computed every 64 samples."""
    hop = 64
    count = audio.shape[-1]
    padded = np.pad(np.mean(audio**2, axis=0), (0, -count % hop))
    power = padded.reshape(-1, hop).mean(axis=1)
    level = 10.0 * np.log10(np.maximum(power, 1e-10))
    over = level - threshold_db
    knee = np.clip((over + 3.0) ** 2 / 12.0, 0.0, None)
    wanted = -(1.0 - 1.0 / ratio) * np.where(over > 3.0, over, np.where(over < -3.0, 0.0, knee))
    fast, slow = np.exp(-hop / RATE / attack), np.exp(-hop / RATE / release)
    smooth = np.empty_like(wanted)
    state = 0.0
    for index, target in enumerate(wanted):
        keep = fast if target < state else slow
        state = keep * state + (1.0 - keep) * target
        smooth[index] = state
    gain = np.interp(np.arange(count), np.arange(smooth.size) * hop + hop / 2, smooth)
    return audio * 10.0 ** (gain / 20.0)
