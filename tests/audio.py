"""Tiny audio files of every format we read: silence, and the tags that a test asks for."""

import base64
import io
import struct
import wave
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
from mutagen import id3
from mutagen.flac import FLAC, Picture
from mutagen.mp4 import MP4, MP4Cover
from mutagen.ogg import OggPage

RATE = 8000


def make(
    path: Path,
    *,
    seconds: int = 2,
    title: str = "",
    artists: tuple[str, ...] = (),
    album: str = "",
    gain: str = "",
    picture: bytes = b"",
    isrc: str = "",
) -> Path:
    """Write a file of silence in the format that its name says; folders are made as needed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_SILENCE[path.suffix.lower()](seconds))
    if title or artists or album or gain or picture or isrc:
        _write_tags(path, title, artists, album, gain, picture)
    if isrc:
        _write_isrc(path, isrc)
    return path


def png(colour: int = 0) -> bytes:
    """A picture of one pixel, another one for every colour from 0 to 255."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, colour]))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def music_folder(settings: Any, tmp_path: Path) -> Path:
    """An empty music folder, the only one beside an empty house; everything else aside too."""
    settings.BASE_DIR, settings.DATA_DIR = tmp_path / "app", tmp_path / "var"
    (settings.BASE_DIR / "music" / "house").mkdir(parents=True)
    folder = tmp_path / "Music"
    folder.mkdir()
    settings.MUSIC_DIRS = [folder]
    return folder


def _wav(seconds: int) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(RATE)
        sound.writeframes(b"\x80" * RATE * seconds)
    return buffer.getvalue()


def _mp3(seconds: int) -> bytes:
    # MPEG 1 layer III, 32 kbit/s, 48 kHz, mono: 24 ms in a frame of 96 bytes.
    frame = bytes([0xFF, 0xFB, 0x14, 0xC4]) + bytes(92)
    return frame * (seconds * 1000 // 24)


def _flac(seconds: int) -> bytes:
    samples = RATE * seconds
    packed = (RATE << 44) | (0 << 41) | (15 << 36) | samples
    info = struct.pack(">HH", 4096, 4096) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)
    head = b"fLaC" + b"\x80" + len(info).to_bytes(3, "big") + info
    return head + b"".join(
        flac_frame(number, min(4096, samples - number * 4096))
        for number in range((samples + 4095) // 4096)
    )


def flac_frame(number: int, samples: int) -> bytes:
    """A frame of silence: its samples are one constant (RFC 9639, 9)."""
    # Equal blocks, the size in two bytes; the rate of STREAMINFO, mono, 16 bits.
    head = b"\xff\xf8\x70\x08" + chr(number).encode() + struct.pack(">H", samples - 1)
    frame = head + bytes([_crc(head, 8, 0x07)]) + b"\x00\x00\x00"
    return frame + struct.pack(">H", _crc(frame, 16, 0x8005))


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    check = 0
    for byte in data:
        check ^= byte << (bits - 8)
        for _ in range(8):
            carry = check >> (bits - 1)
            check = (check << 1) & ((1 << bits) - 1) ^ (polynomial if carry else 0)
    return check


def _ogg_vorbis(seconds: int) -> bytes:
    identity = b"\x01vorbis" + struct.pack("<IBIIIIBB", 0, 1, RATE, 0, 32000, 0, 0xB8, 1)
    comment = b"\x03vorbis" + struct.pack("<II", 0, 0) + b"\x01"
    return _ogg([identity], [comment, b"\x05vorbis"], position=RATE * seconds)


def _opus(seconds: int) -> bytes:
    identity = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    comment = b"OpusTags" + struct.pack("<II", 0, 0)
    return _ogg([identity], [comment], position=48000 * seconds)


def _ogg(*heads: list[bytes], position: int) -> bytes:
    """Pages of one stream: its headers, then a page of sound that ends at a sample."""
    pages = []
    for number, packets in enumerate([*heads, [b"\xf8\xff\xfe"]]):
        is_last = number == len(heads)
        pages.append(ogg_page(packets, number, position if is_last else 0, is_last=is_last))
    return b"".join(pages)


def ogg_page(
    packets: list[bytes], number: int, position: int, *, is_last: bool, serial: int = 7
) -> bytes:
    """A page of whole packets, the last of which ends at a sample."""
    page: Any = OggPage()
    page.sequence, page.packets, page.serial = number, packets, serial
    page.first, page.last, page.position = number == 0, is_last, position
    written: bytes = page.write()
    return written


def atom(kind: bytes, *parts: bytes) -> bytes:
    """A box of an MP4 (ISO/IEC 14496-12, 4.2)."""
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _m4a(seconds: int) -> bytes:
    samples = RATE * seconds
    return atom(b"ftyp", b"M4A \x00\x00\x00\x00") + m4a_moov(samples, [(seconds, RATE)])


def m4a_moov(told: int, listed: list[tuple[int, int]], *more: bytes) -> bytes:
    """The description of a file that tells a length, and lists so many samples of a duration."""
    decoder = bytes([0x40, 0x15]) + bytes(11) + b"\x05\x02\x12\x08"
    described = b"\x03" + bytes([3 + 2 + len(decoder)]) + bytes(3) + b"\x04" + bytes([len(decoder)])
    sound = bytes(6) + b"\x00\x01" + bytes(8) + struct.pack(">HHHHI", 1, 16, 0, 0, RATE << 16)
    entry = atom(b"mp4a", sound, atom(b"esds", bytes(4), described, decoder))
    stsd = atom(b"stsd", bytes(4), struct.pack(">I", 1), entry)
    times = b"".join(struct.pack(">II", *each) for each in listed)
    stts = atom(b"stts", bytes(4), struct.pack(">I", len(listed)), times)
    tkhd = atom(b"tkhd", bytes(12), struct.pack(">I", 1), bytes(68))
    mdhd = atom(b"mdhd", bytes(12), struct.pack(">II", RATE, told), bytes(4))
    hdlr = atom(b"hdlr", bytes(8), b"soun", bytes(13))
    media = atom(b"mdia", mdhd, hdlr, atom(b"minf", atom(b"stbl", stsd, stts)))
    header = atom(b"mvhd", bytes(12), struct.pack(">II", RATE, told), bytes(80))
    return atom(b"moov", header, atom(b"trak", tkhd, media), *more)


_SILENCE: dict[str, Callable[[int], bytes]] = {
    ".wav": _wav,
    ".mp3": _mp3,
    ".flac": _flac,
    ".ogg": _ogg_vorbis,
    ".opus": _opus,
    ".m4a": _m4a,
}


def _write_tags(
    path: Path, title: str, artists: tuple[str, ...], album: str, gain: str, picture: bytes
) -> None:
    audio: Any = mutagen.File(path)
    if isinstance(audio, MP4):
        audio.add_tags()
        audio["©nam"], audio["©ART"], audio["©alb"] = [title], list(artists), [album]
        if gain:
            audio["----:com.apple.iTunes:REPLAYGAIN_TRACK_GAIN"] = [gain.encode()]
        if picture:
            audio["covr"] = [MP4Cover(picture, MP4Cover.FORMAT_PNG)]
    elif path.suffix.lower() in (".mp3", ".wav"):
        audio.add_tags()
        audio.tags.add(id3.TIT2(text=[title]))
        audio.tags.add(id3.TPE1(text=list(artists)))
        audio.tags.add(id3.TALB(text=[album]))
        if gain:
            audio.tags.add(id3.TXXX(desc="REPLAYGAIN_TRACK_GAIN", text=[gain]))
        if picture:
            audio.tags.add(id3.APIC(mime="image/png", type=3, data=picture))
    else:
        _write_comments(audio, path, title, artists, album, gain, picture)
    audio.save()


def _write_isrc(path: Path, isrc: str) -> None:
    audio: Any = mutagen.File(path)
    if isinstance(audio, MP4):
        audio["----:com.apple.iTunes:ISRC"] = [isrc.encode()]
    elif path.suffix.lower() in (".mp3", ".wav"):
        audio.tags.add(id3.TSRC(text=[isrc]))
    else:
        audio["ISRC"] = [isrc]
    audio.save()


def _write_comments(
    audio: Any,
    path: Path,
    title: str,
    artists: tuple[str, ...],
    album: str,
    gain: str,
    picture: bytes,
) -> None:
    audio["TITLE"], audio["ARTIST"], audio["ALBUM"] = [title], list(artists), [album]
    if gain:
        name = "R128_TRACK_GAIN" if path.suffix == ".opus" else "REPLAYGAIN_TRACK_GAIN"
        audio[name] = [gain]
    if picture:
        block = Picture()
        block.type, block.mime, block.data = 3, "image/png", picture
        if isinstance(audio, FLAC):
            audio.add_picture(block)
        else:
            audio["METADATA_BLOCK_PICTURE"] = [base64.b64encode(block.write()).decode()]
