"""Band-limited oscillators: banks of single cycles, each already low-pass filtered.

A bank holds the same spectrum behind a ladder of filter cutoffs; reading between two
neighbours sweeps the filter without ever producing a harmonic above the audible band.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .signal import RATE, Audio, seconds_axis

_SIZE = 4096
_CUTOFFS = np.geomspace(110.0, 14_080.0, 15)
_DRAWBARS = {
    "organ": {1: 0.5, 2: 1.0, 3: 0.35, 4: 0.55, 6: 0.22, 8: 0.2, 12: 0.06, 16: 0.08},
}
_FORMANTS = {
    "choir-oo": (
        (330.0, 90.0, 1.0),
        (820.0, 120.0, 0.3),
        (2450.0, 250.0, 0.04),
        (3200.0, 300.0, 0.03),
    ),
    "choir-ah": (
        (640.0, 130.0, 1.0),
        (1080.0, 140.0, 0.55),
        (2550.0, 260.0, 0.14),
        (3300.0, 320.0, 0.09),
    ),
    "reed": ((900.0, 900.0, 1.0), (2300.0, 900.0, 0.6)),
    "cello": (
        (250.0, 220.0, 1.0),
        (600.0, 350.0, 0.7),
        (1400.0, 700.0, 0.45),
        (2800.0, 900.0, 0.25),
    ),
}
_ADDITIVE = {
    "flute": (1.0, 0.32, 0.13, 0.05, 0.02, 0.01),
    "whistle": (1.0, 0.05, 0.02),
    "clarinet": (1.0, 0.04, 0.6, 0.05, 0.32, 0.06, 0.16, 0.05, 0.08, 0.03, 0.03),
    "triangle": (1.0, 0.0, -0.111, 0.0, 0.04, 0.0, -0.0204, 0.0, 0.0123),
    "sine": (1.0,),
    "round": (1.0, 0.4, 0.18, 0.1, 0.05, 0.03, 0.015),
}


def _harmonics(shape: str, freq: float) -> Audio:
    count = max(1, min(500, int(15_500.0 / freq)))
    number = np.arange(1, count + 1, dtype=np.float64)
    if shape in _ADDITIVE:
        amps = np.zeros(count)
        given = np.array(_ADDITIVE[shape][:count])
        amps[: given.size] = given
        return amps
    if shape in _DRAWBARS:
        amps = np.zeros(count)
        for harmonic, level in _DRAWBARS[shape].items():
            if harmonic <= count:
                amps[harmonic - 1] = level
        return amps
    if shape == "saw":
        return 1.0 / number
    if shape == "square":
        return np.where(number % 2 == 1, 1.0 / number, 0.0)
    if shape == "pulse":
        return np.sin(np.pi * number * 0.28) / number
    source = (
        1.0 / number if shape == "cello" else number**-0.55 if shape == "reed" else number**-0.9
    )
    hz = number * freq
    formed = sum(
        level
        / np.sqrt((1.0 - (hz / centre) ** 2) ** 2 + (hz * width / centre**2) ** 2)
        * (width / centre)
        for centre, width, level in _FORMANTS[shape]
    )
    return np.asarray(source * (formed + 0.02))


@lru_cache(maxsize=600)
def _bank(freq_tenths: int, shape: str, q: float) -> NDArray[np.float32]:
    freq = max(10.0, freq_tenths / 10.0)
    amps = _harmonics(shape, freq)
    hz = np.arange(1, amps.size + 1) * freq
    bank = np.empty((_CUTOFFS.size, _SIZE + 1), dtype=np.float32)
    for row, cutoff in enumerate(_CUTOFFS):
        ratio = hz / cutoff
        response = 1.0 / np.sqrt((1.0 - ratio**2) ** 2 + (ratio / q) ** 2)
        response /= np.sqrt(1.0 + ratio**2)
        spectrum = np.zeros(_SIZE // 2 + 1, dtype=np.complex128)
        spectrum[1 : amps.size + 1] = -0.5j * _SIZE * amps * response
        bank[row, :-1] = np.fft.irfft(spectrum, _SIZE)
    bank[:, -1] = bank[:, 0]
    return bank


def oscillator(
    freq: float | Audio,
    count: int,
    cutoff: float | Audio,
    shape: str,
    q: float = 0.8,
    phase: float = 0.0,
) -> Audio:
    """One oscillator through a resonant three-pole low-pass; both may move per sample (Hz)."""
    middle = float(np.median(freq))
    bank = _bank(round(middle * 10.0), shape, q)
    turns = (
        np.arange(count) * (float(freq) / RATE) if np.ndim(freq) == 0 else np.cumsum(freq) / RATE
    ) + phase
    place = (turns - np.floor(turns)) * _SIZE
    left = place.astype(np.int32)
    between = place - left
    rungs = np.log(np.asarray(cutoff) / _CUTOFFS[0]) / np.log(_CUTOFFS[1] / _CUTOFFS[0])
    rungs = np.clip(rungs, 0.0, _CUTOFFS.size - 1.001)
    if rungs.ndim == 0:
        row = int(rungs)
        table = bank[row] * (1.0 - float(rungs) + row) + bank[row + 1] * (float(rungs) - row)
        return np.asarray(table[left] * (1.0 - between) + table[left + 1] * between)
    lower = rungs.astype(np.int32)
    blend = rungs - lower
    first = bank[lower, left] * (1.0 - between) + bank[lower, left + 1] * between
    second = bank[lower + 1, left] * (1.0 - between) + bank[lower + 1, left + 1] * between
    return np.asarray(first * (1.0 - blend) + second * blend)


def vibrato(
    freq: float, count: int, rng: np.random.Generator, rate: float, cents: float, delay: float
) -> Audio:
    """Pitch in Hz that starts to sway after a delay in seconds, with a slow random drift."""
    time = seconds_axis(count)
    ramp = np.clip((time - delay) / 0.35, 0.0, 1.0)
    sway = cents * ramp * np.sin(2 * np.pi * rate * time + rng.uniform(0.0, 6.28))
    drift = 2.5 * np.sin(2 * np.pi * rng.uniform(0.15, 0.4) * time + rng.uniform(0.0, 6.28))
    return np.asarray(freq * 2.0 ** ((sway + drift) / 1200.0))
