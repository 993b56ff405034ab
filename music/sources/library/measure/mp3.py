"""The length of an MP3: its frames, counted.

A header of 4 bytes begins a frame of layer III (ISO/IEC 11172-3, 2.4.1.3 and 2.4.2.3; lower
sampling rates: ISO/IEC 13818-3, 2.4.2.3, and "MPEG 2.5", half of these). It gives the length of the
frame in bytes, and with it the place of the next:

    samples / 8 · bits per second / samples per second, rounded down, + 1 if padded

where a frame has 1152 samples, or 576 at the lower rates. A Xing or VBRI header in the first frame
tells frames and bytes of the whole stream. It is believed only if just that many bytes are here,
which spares reading all of the file; else every frame is looked at.
"""

import re
import struct
from dataclasses import dataclass, field

from music.sources.library.measure import Data, skip_id3v2

_KBITS_MPEG1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_LOWER = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_MPEG1 = (44_100, 48_000, 32_000)
# By the two bits of the version: 1, 2 and 2.5. The rates are halved for each.
_VERSIONS = ((0b11, 1), (0b10, 2), (0b00, 4))
_LAYER_3 = 0b01

# Random bytes look like a header now and then, but not so often in a row.
_CHAIN = 3
_MAY_BE_FRAME = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xeb]", re.DOTALL)
_ID3V1_BYTES = 128
_APE_FOOTER_BYTES = 32


@dataclass(frozen=True)
class _Kind:
    """The frames of one version and sampling rate: the bytes of each, by its first three."""

    samples: int
    rate: int
    sizes: dict[bytes, int] = field(default_factory=dict)


def _kinds() -> dict[bytes, _Kind]:
    """All headers of layer III, by their first three bytes."""
    known: dict[bytes, _Kind] = {}
    for version, divisor in _VERSIONS:
        kbits = _KBITS_MPEG1 if divisor == 1 else _KBITS_LOWER
        samples = 1152 if divisor == 1 else 576
        for rate_code, rate in enumerate(_RATES_MPEG1):
            kind = _Kind(samples, rate // divisor)
            for bits_code, kbit in enumerate(kbits, start=1):
                size = samples // 8 * kbit * 1000 // kind.rate
                for unprotected in (0, 1):
                    second = 0b111 << 5 | version << 3 | _LAYER_3 << 1 | unprotected
                    for low in range(4):  # the padding, and a bit of no meaning
                        third = bits_code << 4 | rate_code << 2 | low
                        head = bytes([0xFF, second, third])
                        kind.sizes[head] = size + (low >> 1)
                        known[head] = kind
    return known


_KINDS = _kinds()


def measure_ms(data: Data, start: int = 0, end: int | None = None) -> float:
    """How long the MP3 frames between two places of a file sound."""
    end = _end_of_sound(data, len(data) if end is None else end)
    first = _find_frames(data, skip_id3v2(data, start), end)
    if first is None:
        return 0.0
    kind = _KINDS[data[first : first + 3]]
    silent = _delay_samples(data, first) / kind.rate * 1000
    told = _told_frames(data, first, end, kind)
    if told is not None:
        return max(0.0, told * kind.samples / kind.rate * 1000 - silent)
    is_sound = _table_at(data, first) is None
    begin = first if is_sound else first + kind.sizes[data[first : first + 3]]
    return max(0.0, _count_ms(data, begin, end) - silent)


def _count_ms(data: Data, start: int, end: int) -> float:
    """All frames from a place on. What lies between them, a tag or damage, is passed over."""
    total_ms = 0.0
    position = _find_frames(data, start, end)
    while position is not None:
        kind = _KINDS[data[position : position + 3]]
        known = kind.sizes.get
        frames = 0
        while (size := known(data[position : position + 3])) and position + size <= end:
            position += size
            frames += 1
        total_ms += frames * kind.samples / kind.rate * 1000
        # A last frame that is cut would be found again and again.
        position = _find_frames(data, position + 1, end)
    return total_ms


def _find_frames(data: Data, start: int, end: int) -> int | None:
    """Where the next few frames in a row begin, or the last ones."""
    while found := _MAY_BE_FRAME.search(data, start, end):
        start = position = found.start()
        sizes = _KINDS[found.group()].sizes if found.group() in _KINDS else {}
        for _ in range(_CHAIN):
            if (size := sizes.get(data[position : position + 3])) is None:
                break
            position += size
            if position == end:
                return start
        else:
            if position <= end:
                return start
        start += 1
    return None


def _end_of_sound(data: Data, end: int) -> int:
    """Without the tags behind the sound: ID3v1, and an APEv2 of the size that its footer tells."""
    if end >= _ID3V1_BYTES and data[end - _ID3V1_BYTES : end - _ID3V1_BYTES + 3] == b"TAG":
        end -= _ID3V1_BYTES
    footer = data[max(0, end - _APE_FOOTER_BYTES) : end]
    if footer[:8] == b"APETAGEX" and len(footer) == _APE_FOOTER_BYTES:
        size, _, flags = struct.unpack_from("<III", footer, 12)
        size += _APE_FOOTER_BYTES if flags >> 31 else 0
        if size <= end:
            end -= size
    return end


def _table_at(data: Data, frame: int) -> tuple[bytes, int] | None:
    """Name and place of the table in a frame that holds one instead of sound.

    Xing's ("Info" where the bit rate is constant) stands behind the side information, which is 32
    or 17 bytes, 17 or 9 at lower rates, less for mono; Fraunhofer's always 32 bytes in.
    """
    is_lower = data[frame + 1] & 0b1000 == 0
    is_mono = data[frame + 3] >> 6 == 0b11
    side = (9 if is_mono else 17) if is_lower else (17 if is_mono else 32)
    for name, place in ((b"Xing", side), (b"Info", side), (b"VBRI", 32)):
        if data[frame + 4 + place : frame + 8 + place] == name:
            return name, frame + 4 + place
    return None


def _told_frames(data: Data, first: int, end: int, kind: _Kind) -> int | None:
    """How many frames the stream has by its own table, if that is about the bytes that are here."""
    table = _table_at(data, first)
    if table is None:
        return None
    name, place = table
    if name == b"VBRI":  # version, delay and quality (2 bytes each), then bytes and frames
        told_bytes, frames = struct.unpack(">II", data[place + 10 : place + 18])
    else:  # flags, then frames and bytes if bits 0 and 1 of these are set
        (flags, frames, told_bytes) = struct.unpack(">III", data[place + 4 : place + 16])
        if flags & 0b11 != 0b11:
            return None
    sizes = kind.sizes.values()
    # Some count the frame of the table itself, some do not.
    if abs(told_bytes - (end - first)) > max(sizes):
        return None
    if not min(sizes) * frames <= told_bytes <= max(sizes) * (frames + 1):
        return None
    return int(frames) or None


def _delay_samples(data: Data, first: int) -> int:
    """The silence that the encoder put before and behind the sound, which players leave out.

    It stands in 12 bits each, 21 bytes into the part of the table that LAME added, which begins
    with the name of the encoder.
    """
    table = _table_at(data, first)
    if table is None or table[0] == b"VBRI":
        return 0
    place = table[1]
    (flags,) = struct.unpack(">I", data[place + 4 : place + 8])
    lame = place + 8
    for bit, length in ((1, 4), (2, 4), (4, 100), (8, 4)):
        lame += length if flags & bit else 0
    if data[lame : lame + 4] not in (b"LAME", b"Lavf", b"Lavc", b"L3.9"):
        return 0
    both = int.from_bytes(data[lame + 21 : lame + 24], "big")
    return (both >> 12) + (both & 0xFFF)
