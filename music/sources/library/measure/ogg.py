"""The length of an Ogg file: from its first sample to its last, for each stream in it.

A page (RFC 3533, 6) tells at which sample its last packet ends: of Vorbis and FLAC in the sampling
rate of its first packet (Vorbis I, 4.2.2; RFC 9639, 10.1), of Opus always at 48 kHz and with
samples at the beginning that nobody hears (RFC 7845, 4 and 5.1). Files joined one behind the other
are a chain of streams (RFC 3533, 4), which players play through. A file that was cut out of a
broadcast begins late in its stream.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from music.sources.library.measure import Data

_HEADER_BYTES = 27
_FIRST = 0x02
_NO_PACKET_ENDS = 2**64 - 1
_OPUS_RATE = 48_000
# The first page of sound holds about a second; what begins later than this was cut.
_CUT_AFTER_S = 5.0


class _Page(NamedTuple):
    serial: int
    is_first: bool
    sample: int
    packets_at: int
    next_at: int


class _Stream:
    """One logical stream, as its pages tell it one by one."""

    def __init__(self, head: bytes) -> None:
        self.rate, self.unheard = _rate_and_unheard(head)
        self._first = self._second = self._last = 0

    def add(self, sample: int) -> None:
        if sample in (0, _NO_PACKET_ENDS):
            return
        if not self._first:
            self._first = sample
        elif not self._second:
            self._second = sample
        self._last = sample

    @property
    def length_ms(self) -> float:
        if not self.rate:
            return 0.0
        begin = max(0, 2 * self._first - self._second) if self._second else 0
        if begin < _CUT_AFTER_S * self.rate:
            begin = self.unheard
        return max(0, self._last - begin) / self.rate * 1000


def measure_ms(data: Data) -> float:
    """How long an Ogg file sounds."""
    pages = _pages(data, data.find(b"OggS"))
    first = next(pages, None)
    if first is None:
        return 0.0
    last = _last_page(data)
    if last is None or last.serial != first.serial:
        return _measure_chain_ms(data)
    stream = _Stream(_head_of(data, first))
    for page in pages:
        stream.add(page.sample)
        if stream._second:
            break
    stream.add(last.sample)
    return stream.length_ms


def _measure_chain_ms(data: Data) -> float:
    """Several streams: of those that run beside each other the longest counts."""
    total_ms = 0.0
    link: dict[int, _Stream] = {}
    has_sound = False
    for page in _pages(data, data.find(b"OggS")):
        if page.is_first:
            if has_sound:
                total_ms += max(stream.length_ms for stream in link.values())
                link, has_sound = {}, False
            link[page.serial] = _Stream(_head_of(data, page))
        elif page.serial in link:
            link[page.serial].add(page.sample)
            has_sound = True
    return total_ms + max((stream.length_ms for stream in link.values()), default=0.0)


def _pages(data: Data, position: int) -> Iterator[_Page]:
    """The pages from a place on; damage between them is passed over."""
    while position >= 0:
        page = _page_at(data, position)
        if page is not None:
            yield page
            position = page.next_at
        else:
            position += 1
        if data[position : position + 4] != b"OggS":
            position = data.find(b"OggS", position)


def _last_page(data: Data) -> _Page | None:
    """The last page on which a packet ends."""
    position = data.rfind(b"OggS")
    while position >= 0:
        page = _page_at(data, position)
        if page is not None and page.sample != _NO_PACKET_ENDS:
            return page
        position = data.rfind(b"OggS", 0, position)
    return None


def _page_at(data: Data, position: int) -> _Page | None:
    head = data[position : position + _HEADER_BYTES]
    if len(head) < _HEADER_BYTES or head[4] != 0:
        return None
    sample, serial = struct.unpack_from("<QI", head, 6)
    packets_at = position + _HEADER_BYTES + head[26]
    segments = data[position + _HEADER_BYTES : packets_at]
    return _Page(serial, bool(head[5] & _FIRST), sample, packets_at, packets_at + sum(segments))


def _head_of(data: Data, page: _Page) -> bytes:
    return bytes(data[page.packets_at : page.next_at])


def _rate_and_unheard(head: bytes) -> tuple[int, int]:
    """Samples a second, and how many at the beginning are not heard; zeros for other streams."""
    if head[:8] == b"OpusHead" and len(head) >= 12:
        return _OPUS_RATE, int.from_bytes(head[10:12], "little")
    if head[:7] == b"\x01vorbis" and len(head) >= 16:
        return int.from_bytes(head[12:16], "little"), 0
    if head[:5] == b"\x7fFLAC" and len(head) >= 30:  # its STREAMINFO begins after 17 bytes
        return int.from_bytes(head[27:30], "big") >> 4, 0
    return 0, 0
