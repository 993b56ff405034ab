"""The length of a FLAC: where its last frame ends.

STREAMINFO tells the number of samples, or 0 where the encoder could not go back to write it. But
each frame tells its own number (or that of its first sample) and its samples, in a header with a
checksum of its own (RFC 9639, 8.2 and 9.1), so that the last one tells where the sound ends.
"""

from dataclasses import dataclass

from music.sources.library.measure import Data, skip_id3v2

_STREAMINFO_BYTES = 34
_HEADER_AT_MOST = 16
# Among so many of what looks like the last headers is the last one.
_LOOK_ALIKES = 8
_BLOCK_SIZES = {
    1: 192,
    **{code: 576 << (code - 2) for code in range(2, 6)},
    **{code: 256 << (code - 8) for code in range(8, 16)},
}


@dataclass(frozen=True)
class _Frame:
    first_sample: int
    samples: int

    @property
    def end(self) -> int:
        return self.first_sample + self.samples


def measure_ms(data: Data) -> float:
    """How long a FLAC file sounds."""
    start = skip_id3v2(data) + 4  # "fLaC"
    info = bytes(data[start + 4 : start + 4 + _STREAMINFO_BYTES])
    if len(info) < _STREAMINFO_BYTES:
        return 0.0
    block = int.from_bytes(info[2:4], "big")
    rate = int.from_bytes(info[10:13], "big") >> 4
    is_last = False
    while not is_last and start + 4 <= len(data):
        is_last = bool(data[start] & 0x80)
        start += 4 + int.from_bytes(data[start + 1 : start + 4], "big")
    first = _frame_at(data, start, block)
    if first is None or rate == 0:
        return 0.0
    last = _last_frame(data, start, block) or first
    return (last.end - first.first_sample) / rate * 1000


def _last_frame(data: Data, start: int, block: int) -> _Frame | None:
    """The last frame that follows exactly on one before it: sound may look like a header, too."""
    later: list[_Frame] = []
    sync = bytes(data[start : start + 2])  # the same for all frames of a stream
    position = data.rfind(sync, start)
    while position >= start:
        frame = _frame_at(data, position, block)
        if frame is not None:
            for candidate in later:
                if frame.end == candidate.first_sample:
                    return candidate
            later = [frame, *later[:_LOOK_ALIKES]]
        position = data.rfind(sync, start, position)
    return None


def _frame_at(data: Data, position: int, block: int) -> _Frame | None:
    """The frame whose header is there, if any. `block`: the samples of one where all are equal."""
    head = bytes(data[position : position + _HEADER_AT_MOST])
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xFE != 0xF8 or head[3] & 1:
        return None
    size_code, rate_code = head[2] >> 4, head[2] & 0xF
    if size_code == 0 or rate_code == 15 or head[3] >> 4 > 10:
        return None
    number, place = _coded_number(head, 4)
    if number is None:
        return None
    samples = _BLOCK_SIZES.get(size_code, 0)
    if not samples:  # written out, less one, in one or two bytes
        width = size_code - 5
        samples = int.from_bytes(head[place : place + width], "big") + 1
        place += width
    place += {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if place >= len(head) or _crc8(head[:place]) != head[place]:
        return None
    has_variable_blocks = head[1] & 1
    return _Frame(number if has_variable_blocks else number * block, samples)


def _coded_number(head: bytes, place: int) -> tuple[int | None, int]:
    """A number as UTF-8 codes characters, but up to 36 bits, and the place behind it."""
    first = head[place]
    if first < 0x80:
        return first, place + 1
    count = 7 - (first ^ 0xFF).bit_length()  # as many bytes follow as ones lead, less one
    if not 1 <= count <= 6:
        return None, place
    number = first & (0x3F >> count)
    tail = head[place + 1 : place + 1 + count]
    if len(tail) < count or any(byte & 0xC0 != 0x80 for byte in tail):
        return None, place
    for byte in tail:
        number = number << 6 | byte & 0x3F
    return number, place + 1 + count


def _crc8(head: bytes) -> int:
    """The checksum of a header: polynomial x⁸ + x² + x + 1 (RFC 9639, 9.1.8)."""
    check = 0
    for byte in head:
        check ^= byte
        for _ in range(8):
            check = (check << 1 ^ 0x07) & 0xFF if check & 0x80 else check << 1
    return check
