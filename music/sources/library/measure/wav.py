"""The length of a WAV: the bytes of sound that are there, by the bytes that a second takes.

Chunks follow each other, each with a name of 4 bytes and a size of 4 (Microsoft and IBM, Multimedia
Programming Interface and Data Specifications 1.0); "RF64" and "BW64" have the sizes that need more
in a chunk "ds64" (EBU Tech 3306; ITU-R BS.2088). A pipe cannot go back to write the size of the
sound, so it stays 0 or all ones: then the sound is what follows.
"""

import struct
from collections.abc import Iterator

from music.sources.library.measure import Data, mp3
from music.sources.library.unreadable import (
    DAMAGED,
    WAV_64_BIT,
    WAV_ENCODING,
    WAV_OF,
    UnreadableFile,
    with_value,
)

_NAMES = (b"RIFF", b"RF64", b"BW64")
_UNKNOWN = (0, 0xFFFFFFFF)
# The codes of "fmt " (RFC 2361); of the last kind the real one stands further on.
_PCM, _FLOAT, _A_LAW, _MU_LAW, _MP3, _EXTENSIBLE = 1, 3, 6, 7, 0x55, 0xFFFE
_NO_SOUND_OF_OURS = {2: "ADPCM", 0x11: "ADPCM", 0x50: "MPEG layer II", 0x161: "Windows Media"}
_BITS = {_PCM: (8, 16, 24, 32), _FLOAT: (32,), _A_LAW: (8,), _MU_LAW: (8,)}


def is_wav(data: Data) -> bool:
    """Whether a file says in its first bytes that it is one."""
    return data[:4] in _NAMES and data[8:12] == b"WAVE"


def measure_ms(data: Data) -> float:
    """How long a WAV sounds. Raises `UnreadableFile` for sound that browsers cannot play."""
    bytes_a_second: int | None = None
    code = 0
    for name, start, end in _chunks(data):
        if name == b"fmt ":
            code, bytes_a_second = _format(data[start:end])
        elif name == b"data" and bytes_a_second is not None:
            if code == _MP3:
                return mp3.measure_ms(data, start, end)
            return (end - start) / bytes_a_second * 1000
    if bytes_a_second is None:
        raise UnreadableFile(DAMAGED)
    return 0.0


def id3_of(data: Data) -> bytes:
    """The ID3v2 tag in a WAV, empty if there is none."""
    for name, start, end in _chunks(data):
        if name.lower() == b"id3 ":
            return bytes(data[start:end])
    return b""


def _chunks(data: Data) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of each chunk, no further than the file goes."""
    position, whole, sound_bytes = 12, len(data), 0
    while position + 8 <= whole:
        name = bytes(data[position : position + 4])
        (size,) = struct.unpack("<I", data[position + 4 : position + 8])
        position += 8
        if name == b"ds64" and size >= 24:
            (sound_bytes,) = struct.unpack("<Q", data[position + 8 : position + 16])
        elif name == b"data" and size in _UNKNOWN:
            size = sound_bytes or whole - position
        end = min(position + size, whole)
        yield name, position, end
        position = end + size % 2


def _format(fmt: bytes) -> tuple[int, int]:
    """What kind of sound it is, and how many bytes a second takes.

    A frame of all channels times the frames of a second, because some writers leave the field for
    the product wrong.
    """
    if len(fmt) < 16:
        raise UnreadableFile(DAMAGED)
    code, channels, rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", fmt)
    if code == _EXTENSIBLE and len(fmt) >= 26:
        (code,) = struct.unpack_from("<H", fmt, 24)
    if code == _MP3:
        return code, 1
    if code == _FLOAT and bits == 64:
        raise UnreadableFile(WAV_64_BIT)
    if code not in _BITS:
        kind = _NO_SOUND_OF_OURS.get(code)
        raise UnreadableFile(WAV_ENCODING if kind is None else with_value(WAV_OF, kind))
    if bits not in _BITS[code] or not channels or not rate:
        raise UnreadableFile(DAMAGED)
    return code, rate * (frame_bytes or channels * bits // 8)
