"""Encodes a finished mix to MP3 and writes its ID3v2.4 tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import lameenc
import numpy as np
from mutagen.id3 import (
    APIC,
    ID3,
    TALB,
    TBPM,
    TCON,
    TCOP,
    TDRC,
    TIT2,
    TKEY,
    TPE1,
    TPE2,
    TRCK,
    TXXX,
    WCOP,
)

from .loudness import integrated
from .signal import RATE, Audio

KBPS = 112
"""Constant bit rate in kilobits per second."""

ENCODER_SCALE = 0.95
"""LAME turns its input down by this factor at this bit rate; undone before encoding."""

CC0 = "https://creativecommons.org/publicdomain/zero/1.0/"
REPLAYGAIN_LUFS = -18.0
"""ReplayGain 2.0 reference loudness."""


@dataclass(frozen=True)
class Track:
    """A title of the house library: who, what, and the function that plays it."""

    slug: str
    title: str
    artist: str
    album: str
    number: int
    genre: str
    bpm: int
    key: str
    play: Callable[[], Audio]


def encoded(audio: Audio) -> bytes:
    """Joint-stereo MP3 at a constant rate, from samples dithered to 16 bits."""
    rng = np.random.default_rng(16)
    dither = rng.random(audio.shape) - rng.random(audio.shape)
    dither *= np.clip(np.arange(audio.shape[1], 0, -1) / RATE / 0.2, 0.0, 1.0)
    words = np.round(audio * 32_767.0 / ENCODER_SCALE + dither)
    words = np.clip(words, -32_768, 32_767).astype(np.int16)
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(KBPS)
    encoder.set_in_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_quality(2)
    return bytes(encoder.encode(words.T.tobytes()) + encoder.flush())


def publish(track: Track, audio: Audio, cover: tuple[str, bytes], path: Path, year: str) -> None:
    """Write the tagged file; ``cover`` is its MIME type and bytes."""
    path.write_bytes(encoded(audio))
    loudness = integrated(audio)
    peak = float(np.max(np.abs(audio)))
    mime, picture = cover
    tags = ID3()
    tags.add(TIT2(encoding=3, text=track.title))
    tags.add(TPE1(encoding=3, text=track.artist))
    tags.add(TPE2(encoding=3, text="BeatSync"))
    tags.add(TALB(encoding=3, text=track.album))
    tags.add(TRCK(encoding=3, text=f"{track.number}/12"))
    tags.add(TDRC(encoding=3, text=year))
    tags.add(TCON(encoding=3, text=track.genre))
    tags.add(TBPM(encoding=3, text=str(track.bpm)))
    tags.add(TKEY(encoding=3, text=track.key))
    tags.add(TCOP(encoding=3, text=f"{year} The BeatSync authors, CC0 1.0"))
    tags.add(WCOP(url=CC0))
    tags.add(
        TXXX(encoding=3, desc="replaygain_track_gain", text=f"{REPLAYGAIN_LUFS - loudness:+.2f} dB")
    )
    tags.add(TXXX(encoding=3, desc="replaygain_track_peak", text=f"{peak:.6f}"))
    tags.add(APIC(encoding=3, mime=mime, type=3, desc="Cover", data=picture))
    tags.save(path, v2_version=4)
