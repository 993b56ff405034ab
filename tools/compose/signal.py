"""Sample rate, array types and the small helpers every other module shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE = 44_100
"""Sample rate in hertz."""

Audio: TypeAlias = NDArray[np.float64]
"""Mono samples of shape ``(n,)`` or stereo samples of shape ``(2, n)``."""

Effect: TypeAlias = Callable[[Audio], Audio]
"""An insert effect: stereo in, stereo of the same length out."""

Voice: TypeAlias = Callable[[float, float, float, np.random.Generator], Audio]
"""An instrument: (frequency in Hz, held seconds, velocity 0 to 1, rng) to samples."""


def samples(seconds: float) -> int:
    """Number of samples in a duration."""
    return max(1, round(seconds * RATE))


def seconds_axis(count: int) -> Audio:
    """Time of each sample in seconds, from zero."""
    return np.arange(count) / RATE


def decibels(gain_db: float) -> float:
    """Linear amplitude factor of a gain in decibels."""
    return float(10.0 ** (gain_db / 20.0))


def hertz(midi: float) -> float:
    """Equal-tempered frequency of a (possibly fractional) MIDI note, A4 = 440 Hz."""
    return float(440.0 * 2.0 ** ((midi - 69.0) / 12.0))


def stereo(audio: Audio, pan: float = 0.0) -> Audio:
    """Place mono with a constant-power pan law (-1 left to 1 right); balance stereo."""
    angle = (pan + 1.0) * np.pi / 4.0
    left, right = np.cos(angle) * np.sqrt(2.0), np.sin(angle) * np.sqrt(2.0)
    if audio.ndim == 1:
        return np.stack([audio * left, audio * right])
    return np.stack([audio[0] * left, audio[1] * right])


def fade_edges(audio: Audio, head: float = 0.001, tail: float = 0.008) -> Audio:
    """Raised-cosine fades (seconds) at both ends, so that no note starts or ends in a click."""
    count = audio.shape[-1]
    out = audio.copy()
    first, last = min(samples(head), count), min(samples(tail), count)
    out[..., :first] *= 0.5 - 0.5 * np.cos(np.pi * np.arange(first) / first)
    out[..., count - last :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(1, last + 1) / last)
    return out


def peak_normalised(audio: Audio, velocity: float, curve: float = 1.3) -> Audio:
    """Scale to a peak of ``velocity ** curve``."""
    peak = max(1e-9, float(np.max(np.abs(audio))))
    return np.asarray(audio * (velocity**curve / peak))
