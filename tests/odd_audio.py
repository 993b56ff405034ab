"""Audio files whose headers or tags are wrong, made byte by byte: small, and each of one kind."""

import struct
import zlib
from collections.abc import Iterable

from tests.audio import atom, flac_frame, m4a_moov, ogg_page

SILENT_KBIT, LOUD_KBIT = 32, 320
_KBIT_CODES = {SILENT_KBIT: 1, LOUD_KBIT: 14}
FRAME_MS = 24


def mp3(ms: int, kbit: int = SILENT_KBIT) -> bytes:
    """Frames of MPEG 1 layer III at 48 kHz, mono, with no table in front."""
    frame = bytes([0xFF, 0xFB, _KBIT_CODES[kbit] << 4 | 0b0100, 0xC4]).ljust(3 * kbit, b"\0")
    return frame * (ms // FRAME_MS)


def mp3_with_table(sound: bytes, *, frames: int, size: int | None = None) -> bytes:
    """An MP3 whose first frame tells how many frames there are, and bytes with its own."""
    told = len(sound) + 96 if size is None else size
    table = mp3(FRAME_MS)[:21] + b"Xing" + struct.pack(">III", 3, frames, told)
    return table.ljust(96, b"\0") + sound


def mp3_of_layer_2(ms: int) -> bytes:
    return (bytes([0xFF, 0xFD, 0x14, 0xC4]) + bytes(92)) * (ms // FRAME_MS)


def wav(
    sound: bytes,
    *,
    kind: bytes = b"RIFF",
    size: int | None = None,
    code: int = 1,
    bits: int = 16,
    extra: bytes = b"",
) -> bytes:
    """A WAV at 8 kHz, mono; `size` is what its header tells of the sound."""
    block = bits // 8
    fmt = struct.pack("<HHIIHH", code, 1, 8000, 8000 * block, block, bits)
    told = len(sound) if size is None else size
    head = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"data" + struct.pack("<I", told)
    return kind + struct.pack("<I", told) + b"WAVE" + extra + head + sound


def rf64(sound: bytes) -> bytes:
    """The form for sizes above 4 GB."""
    sizes = struct.pack("<QQQI", 72 + len(sound), len(sound), len(sound) // 2, 0)
    extra = b"ds64" + struct.pack("<I", len(sizes)) + sizes
    return wav(sound, kind=b"RF64", size=0xFFFFFFFF, extra=extra)


def flac(seconds: int, *, told_seconds: int) -> bytes:
    """A FLAC of whole seconds at 8 kHz, in blocks of 4,000, whose header tells another length."""
    packed = (8000 << 44) | (15 << 36) | 8000 * told_seconds
    info = struct.pack(">HH", 4000, 4000) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)
    frames = b"".join(flac_frame(number, 4000) for number in range(2 * seconds))
    return b"fLaC" + b"\x80" + len(info).to_bytes(3, "big") + info + frames


def fragmented_m4a(seconds: int) -> bytes:
    """An M4A made to be streamed: no list, but fragments of two samples of a quarter second."""
    trex = atom(b"trex", bytes(4), struct.pack(">IIIII", 1, 1, 2000, 0, 0))
    tfhd = atom(b"tfhd", bytes(4), struct.pack(">I", 1))
    usual = atom(b"moof", atom(b"traf", tfhd, atom(b"trun", bytes(4), struct.pack(">I", 2))))
    own = struct.pack(">III", 0x100, 2, 2000) + struct.pack(">I", 2000)
    told = atom(b"moof", atom(b"traf", tfhd, atom(b"trun", own)))
    moov = m4a_moov(0, [], atom(b"mvex", trex))
    return atom(b"ftyp", b"M4A \x00\x00\x00\x00") + moov + (usual + told) * seconds


def m4a_told(seconds: int, *, told_seconds: int) -> bytes:
    """An M4A whose header tells another length than its list of samples."""
    moov = m4a_moov(8000 * told_seconds, [(seconds, 8000)])
    return atom(b"ftyp", b"M4A \x00\x00\x00\x00") + moov


def opus(*sample_ends: int, serial: int = 1) -> bytes:
    """An Opus stream with a page of sound up to each of these samples."""
    identity = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    comment = b"OpusTags" + struct.pack("<II", 0, 0)
    packets = [(identity, 0), (comment, 0), *((b"\xf8\xff\xfe", end) for end in sample_ends)]
    return b"".join(
        ogg_page([packet], number, position, serial=serial, is_last=number == len(packets) - 1)
        for number, (packet, position) in enumerate(packets)
    )


def id3(*frames: tuple[bytes, bytes], flags: int = 0, version: int = 3) -> bytes:
    """An ID3v2 tag of frames with a name and their bytes as they are, and a second of sound."""
    body = b"".join(name + struct.pack(">IH", len(data), flags) + data for name, data in frames)
    return b"ID3" + bytes([version, 0, 0]) + _seven_bits(len(body)) + body + mp3(1008)


def picture_bomb(*, megabytes: int) -> bytes:
    """An MP3 with a compressed picture a thousandth of the size that it unfolds to."""
    packer = zlib.compressobj(9)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (megabytes << 20) % 65521 << 16 | 1  # Adler-32 of so many zeros
    packed = first[:2] + first[2:] * megabytes + b"\x03\x00" + struct.pack(">I", check)
    data = struct.pack(">I", megabytes << 20) + packed
    return id3((b"APIC", data), flags=0x80)


def tag_flood(*, frames: int) -> bytes:
    """An MP3 with so many texts."""
    return id3(*((b"TXXX", b"\0%d\0v" % number) for number in range(frames)))


def _seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def texts(**frames: str | bytes) -> Iterable[tuple[bytes, bytes]]:
    """Frames of text: as bytes declared Latin-1, as text rightly declared."""
    for name, text in frames.items():
        data = b"\0" + text if isinstance(text, bytes) else b"\x01" + text.encode("utf-16")
        yield name.encode(), data


def ape_tag(**items: str) -> bytes:
    """An APEv2 tag with a footer, as mp3gain writes it behind the sound."""
    body = b"".join(
        struct.pack("<II", len(text.encode()), 0) + name.encode() + b"\0" + text.encode()
        for name, text in items.items()
    )
    return body + b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, len(items), 0) + bytes(8)
