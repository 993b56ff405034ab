"""The length of an MP4: the durations of its samples of sound, added up.

Boxes in boxes, each with its size and a name (ISO/IEC 14496-12, 4.2). A whole file lists how many
samples of which duration there are ("stts", 8.6.1.2) and where the pieces of them lie ("stco",
"co64", 8.7.5). One that was made to be streamed has no list but fragments ("moof", 8.8.4), each
with runs of samples of its own ("trun", 8.8.8) and durations that apply where none is given
("tfhd", 8.8.7; "trex", 8.8.3).
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from music.sources.library.measure import Data

_HAS_DURATION, _HAS_SIZE, _HAS_FLAGS, _HAS_OFFSET = 0x100, 0x200, 0x400, 0x800


@dataclass(frozen=True)
class _Box:
    name: bytes
    start: int
    end: int


@dataclass(frozen=True)
class _SoundTrack:
    """The first track of sound: its number, its ticks a second, and its boxes "stbl"."""

    number: int
    timescale: int
    table: _Box


def measure_ms(data: Data) -> float:
    """How long the first track of sound is."""
    moov = _child(data, _Box(b"", 0, len(data)), b"moov")
    track = None if moov is None else _sound_track(data, moov)
    if moov is None or track is None or track.timescale == 0:
        return 0.0
    ticks = _listed_ticks(data, track.table) + _fragment_ticks(data, moov, track.number)
    return ticks / track.timescale * 1000


def _sound_track(data: Data, moov: _Box) -> _SoundTrack | None:
    for trak in _boxes(data, moov.start, moov.end):
        if trak.name != b"trak":
            continue
        tkhd, mdia = _child(data, trak, b"tkhd"), _child(data, trak, b"mdia")
        hdlr = mdia and _child(data, mdia, b"hdlr")
        mdhd = mdia and _child(data, mdia, b"mdhd")
        minf = mdia and _child(data, mdia, b"minf")
        stbl = minf and _child(data, minf, b"stbl")
        if not (hdlr and mdhd and stbl) or data[hdlr.start + 8 : hdlr.start + 12] != b"soun":
            continue
        # Behind version and flags two times, of 8 bytes in version 1 and of 4 in version 0.
        number = 0 if tkhd is None else _number(data, tkhd.start + (20 if data[tkhd.start] else 12))
        timescale = _number(data, mdhd.start + (20 if data[mdhd.start] else 12))
        return _SoundTrack(number, timescale, stbl)
    return None


def _listed_ticks(data: Data, table: _Box) -> float:
    """What the lists of a whole file add up to, less what was cut off behind it."""
    stts = _child(data, table, b"stts")
    if stts is None:
        return 0.0
    body = _entries(data, stts, width=8)
    ticks: int = sum(count * delta for count, delta in struct.iter_unpack(">II", body))
    return ticks * _share_there(data, table)


def _share_there(data: Data, table: _Box) -> float:
    """The share of the pieces of sound that begin inside the file."""
    for name, width, code in ((b"stco", 4, ">I"), (b"co64", 8, ">Q")):
        box = _child(data, table, name)
        if box is not None and (body := _entries(data, box, width=width)):
            places = [place for (place,) in struct.iter_unpack(code, body)]
            there: int = sum(place < len(data) for place in places)
            return there / len(places)
    return 1.0


def _fragment_ticks(data: Data, moov: _Box, number: int) -> int:
    usual = 0
    mvex = _child(data, moov, b"mvex")
    for trex in _boxes(data, mvex.start, mvex.end) if mvex else ():
        if trex.name == b"trex" and _number(data, trex.start + 4) == number:
            usual = _number(data, trex.start + 12)
    ticks = 0
    for moof in _boxes(data, 0, len(data)):
        if moof.name == b"moof":
            for traf in _boxes(data, moof.start, moof.end):
                if traf.name == b"traf":
                    ticks += _run_ticks(data, traf, number, usual)
    return ticks


def _run_ticks(data: Data, traf: _Box, number: int, usual: int) -> int:
    """The duration of the samples of one track in one fragment."""
    tfhd = _child(data, traf, b"tfhd")
    if tfhd is None or _number(data, tfhd.start + 4) != number:
        return 0
    flags = _number(data, tfhd.start) & 0xFFFFFF
    place = tfhd.start + 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    if flags & 8:
        usual = _number(data, place)
    ticks = 0
    for trun in _boxes(data, traf.start, traf.end):
        if trun.name != b"trun":
            continue
        flags, count = _number(data, trun.start) & 0xFFFFFF, _number(data, trun.start + 4)
        if not flags & _HAS_DURATION:
            ticks += count * usual
            continue
        place = trun.start + 8 + (4 if flags & 1 else 0) + (4 if flags & 4 else 0)
        fields = [_HAS_DURATION, _HAS_SIZE, _HAS_FLAGS, _HAS_OFFSET]
        width = 4 * sum(bool(flags & each) for each in fields)
        there = (trun.end - place) // width
        body = data[place : place + min(count, there) * width]
        ticks += sum(one for (one,) in struct.iter_unpack(f">I{width - 4}x", body))
    return ticks


def _boxes(data: Data, start: int, end: int) -> Iterator[_Box]:
    """The boxes between two places. Of size 1, the real one follows; of size 0, it is the rest."""
    while start + 8 <= end:
        size, name = struct.unpack(">I4s", data[start : start + 8])
        head = 8
        if size == 1 and start + 16 <= end:
            (size,) = struct.unpack(">Q", data[start + 8 : start + 16])
            head = 16
        elif size == 0:
            size = end - start
        if size < head:
            return
        yield _Box(name, start + head, min(start + size, end))
        start += size


def _child(data: Data, box: _Box, name: bytes) -> _Box | None:
    return next((one for one in _boxes(data, box.start, box.end) if one.name == name), None)


def _entries(data: Data, box: _Box, *, width: int) -> bytes:
    """The entries of a list: version and flags, their number, and then they themselves."""
    count = _number(data, box.start + 4)
    end = min(box.end, box.start + 8 + count * width)
    body = bytes(data[box.start + 8 : end])
    return body[: len(body) // width * width]


def _number(data: Data, place: int) -> int:
    return int.from_bytes(data[place : place + 4], "big")
