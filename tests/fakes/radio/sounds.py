"""Silence without end, in each format that stations send."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests import audio

SECONDS = 2
_AAC_FRAME = bytes([0x00, 0xC8, 0x00, 0x80, 0x23, 0x80])  # AAC-LC, mono: nothing to hear
_AAC_RATE_INDEX, _AAC_SAMPLES = 3, 1024  # 48 kHz


def mp3() -> bytes:
    return _file("sound.mp3")


def ogg() -> bytes:
    return _file("sound.ogg")


def aac() -> bytes:
    """Frames with ADTS heads (ISO/IEC 13818-7, 6.2)."""
    length = 7 + len(_AAC_FRAME)
    head = bytes(
        [
            *(0xFF, 0xF1),
            0x40 | _AAC_RATE_INDEX << 2,
            0x40 | length >> 11,
            length >> 3 & 0xFF,
            (length & 7) << 5 | 0x1F,
            0xFC,
        ]
    )
    return (head + _AAC_FRAME) * (SECONDS * 48_000 // _AAC_SAMPLES)


def _file(name: str) -> bytes:
    with TemporaryDirectory() as folder:
        return audio.make(Path(folder) / name, seconds=SECONDS).read_bytes()
