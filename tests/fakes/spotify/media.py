"""Sound and pictures, made when they are asked for: a tone and two colours for each thing."""

import hashlib
import math
import re
import struct
import zlib
from array import array
from functools import lru_cache

from tests.fakes.spotify.catalogue import Catalogue, Track
from tests.fakes.spotify.wire import Answer, Refused, Request, as_text

RATE = 8000
_BYTES_PER_S = RATE * 2
_HEADER = 44
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_LOUDNESS = 3000
_BIGGEST = 640


def sound(catalogue: Catalogue, request: Request) -> Answer:
    """The tone of a track as WAV, whole or the part that is asked for."""
    name = request.path.removeprefix("/sound/").removesuffix(".wav")
    item = next((each for each in catalogue.items if each.id == name), None)
    if item is None:
        raise Refused(as_text("Not found", 404))
    length = int(item.duration_ms / 1000 * RATE) * 2
    size = _HEADER + length
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    headers = {"Content-Type": "audio/wav", "Accept-Ranges": "bytes", "Cache-Control": "no-store"}
    first = int(asked[1]) if asked else 0
    last = min(int(asked[2]), size - 1) if asked and asked[2] else size - 1
    if first > last:
        return Answer(416, b"", headers | {"Content-Range": f"bytes */{size}"})
    body = _bytes(pitch(item) if isinstance(item, Track) else 220, length, first, last + 1)
    if not asked:
        return Answer(200, body, headers)
    return Answer(206, body, headers | {"Content-Range": f"bytes {first}-{last}/{size}"})


def pitch(track: Track) -> int:
    """The tone of a track in Hz, by which a test can tell what it hears."""
    return 200 + int(hashlib.sha256(track.id.encode()).hexdigest()[:6], 16) % 700


def _bytes(pitch_hz: int, length: int, first: int, end: int) -> bytes:
    """A part of the file: its head, then the same second over and over."""
    head = _wav_head(length)[first:end] if first < _HEADER else b""
    begin, stop = max(0, first - _HEADER), max(0, end - _HEADER)
    second = _one_second(pitch_hz)
    skipped = begin % _BYTES_PER_S
    rounds = (skipped + stop - begin) // _BYTES_PER_S + 1
    return head + (second * rounds)[skipped : skipped + stop - begin]


def _wav_head(length: int) -> bytes:
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, _BYTES_PER_S, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + length, b"WAVE")
        + form
        + struct.pack("<4sI", b"data", length)
    )


@lru_cache(maxsize=128)
def _one_second(pitch_hz: int) -> bytes:
    """A whole number of waves, so that it can follow itself without a click."""
    wave = (int(_LOUDNESS * math.sin(2 * math.pi * pitch_hz * at / RATE)) for at in range(RATE))
    return array("h", wave).tobytes()


def picture(request: Request) -> Answer:
    """A square in two colours of its own for each name, in the size at the end of the name."""
    name, _, size = request.path.removeprefix("/image/").removesuffix(".png").rpartition("-")
    if not size.isdigit() or not 0 < int(size) <= _BIGGEST:
        raise Refused(as_text("Not found", 404))
    headers = {"Content-Type": "image/png", "Cache-Control": "max-age=3600"}
    return Answer(200, _png(name, int(size)), headers)


@lru_cache(maxsize=256)
def _png(name: str, size: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    colours = hashlib.sha256(name.encode()).digest()[:6]
    rows = b"".join(b"\0" + b"\0" * (size - row) + b"\1" * row for row in range(size))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", colours)
        + chunk(b"IDAT", zlib.compress(rows, 1))
        + chunk(b"IEND", b"")
    )
