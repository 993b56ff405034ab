"""Loudness and true peak after ITU-R BS.1770-4, and a look-ahead limiter."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d
from scipy.signal import fftconvolve, lfilter, resample_poly

from .signal import RATE, Audio, decibels, samples


def _weighting() -> list[tuple[Audio, Audio]]:
    """K-weighting for any sample rate: the analogue prototypes behind the 48 kHz tables."""
    k = np.tan(np.pi * 1681.974450955533 / RATE)
    q, high = 0.7071752369554196, 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    norm = 1.0 + k / q + k * k
    shelf = (
        np.array([high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k])
        / norm,
        np.array([1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / q + k * k) / norm]),
    )
    k, q = np.tan(np.pi * 38.13547087602444 / RATE), 0.5003270373238773
    norm = 1.0 + k / q + k * k
    cut = (
        np.array([1.0, -2.0, 1.0]),
        np.array([1.0, 2.0 * (k * k - 1.0) / norm, (1.0 - k / q + k * k) / norm]),
    )
    return [shelf, cut]


def integrated(audio: Audio) -> float:
    """Gated loudness in LUFS: 400 ms blocks, 75 % overlap, gates at -70 LUFS and -10 LU."""
    wave = audio
    for b, a in _weighting():
        wave = np.asarray(lfilter(b, a, wave, axis=-1))
    hop = samples(0.1)
    usable = wave.shape[1] // hop * hop
    parts = np.mean(wave[:, :usable].reshape(2, -1, hop) ** 2, axis=2).sum(axis=0)
    blocks = (parts[:-3] + parts[1:-2] + parts[2:-1] + parts[3:]) / 4.0
    loud = -0.691 + 10.0 * np.log10(np.maximum(blocks, 1e-12))
    kept = blocks[loud > -70.0]
    if kept.size == 0:
        return -70.0
    floor = -0.691 + 10.0 * np.log10(kept.mean()) - 10.0
    return float(-0.691 + 10.0 * np.log10(blocks[(loud > -70.0) & (loud > floor)].mean()))


def true_peak(audio: Audio) -> float:
    """Highest inter-sample peak in dBTP, by four-fold oversampling."""
    return float(
        20.0 * np.log10(max(1e-9, float(np.max(np.abs(resample_poly(audio, 4, 1, axis=-1))))))
    )


def limited(audio: Audio, ceiling_db: float) -> Audio:
    """Hold the four-fold oversampled peak under a ceiling with 12 ms look-ahead."""
    count = audio.shape[-1]
    wide = np.abs(resample_poly(audio, 4, 1, axis=-1)).max(axis=0)[: count * 4]
    peaks = maximum_filter1d(wide.reshape(count, 4).max(axis=1), 3)
    need = np.minimum(1.0, decibels(ceiling_db) / np.maximum(peaks, 1e-9))
    reach = samples(0.012)
    held = minimum_filter1d(need, 2 * reach + 1)
    window = np.hanning(2 * reach + 1)
    padded = np.pad(held, reach, mode="edge")
    return np.asarray(audio * fftconvolve(padded, window / window.sum(), mode="valid"))


def levelled(audio: Audio, target: float, ceiling_db: float) -> Audio:
    """Reach an integrated loudness (LUFS) while staying under a true-peak ceiling (dBTP)."""
    out = audio
    gain = target - integrated(audio)
    for _ in range(4):
        out = limited(audio * decibels(gain), ceiling_db)
        gain += target - integrated(out)
    return out
