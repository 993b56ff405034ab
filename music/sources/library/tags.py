"""What an audio file says of itself."""

import base64
import math
import os
import re
import struct
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import mutagen
from mutagen.flac import FLAC, Picture
from mutagen.id3 import ID3
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE

from music.recordings import isrc_of
from music.sources.library.folders import why
from music.sources.library.paths import shown

TITLE_LENGTH = 300
_ARTIST_LENGTH = 200
_MOST_ARTISTS = 20
_LONGEST_MS = 24 * 60 * 60 * 1000
_LOUDEST_GAIN_DB = 60.0
# R128 gains aim at -23 LUFS, ReplayGain (and this project) at -18.
_R128_TO_REPLAYGAIN_DB = 5.0
_FRONT_COVER = 3

_KINDS = [MP3, FLAC, OggVorbis, OggOpus, OggFLAC, MP4, WAVE]
_ID3_NAMES = {
    "TIT2": "title",
    "TPE1": "artist",
    "TPE2": "albumartist",
    "TALB": "album",
    "TSRC": "isrc",
}
_MP4_NAMES = {"©nam": "title", "©ART": "artist", "aART": "albumartist", "©alb": "album"}
# Lone surrogates, control codes and marks that turn the direction of the text around them.
_UNTIDY = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_SEPARATORS = re.compile(r"\x00|;| / ")
_NUMBER_BEFORE = re.compile(r"^(?:\d{1,3}\s*[._-]+\s*|0\d{1,2}\s+)+(?=.*[^\W\d_])")

Fields = dict[str, list[str]]


class UnreadableFile(Exception):
    """The file cannot be played; the message says why, in plain words."""


@dataclass(frozen=True)
class Tags:
    """A track as its file describes it. `gain_db` is relative to -18 LUFS, 0 if unknown."""

    title: str
    artists: list[str]
    album: str
    duration_ms: int
    gain_db: float
    explicit: bool
    picture: bytes
    isrc: str


def read(path: str) -> Tags:
    """Read one audio file. Raises `UnreadableFile`, whatever is wrong with it."""
    audio = _opened(path)
    fields, pictures = _contents(audio)
    title, artists = _names(path, fields)
    return Tags(
        title=title,
        artists=artists,
        album=_tidy(_first(fields, "album"))[:TITLE_LENGTH],
        duration_ms=_duration_ms(audio),
        gain_db=_gain_db(fields),
        explicit=_first(fields, "itunesadvisory") in ("1", "4"),
        picture=_front(pictures),
        isrc=next(filter(None, map(isrc_of, fields.get("isrc", []))), ""),
    )


def _opened(path: str) -> Any:
    """The file as mutagen understands it, known to hold sound that browsers play."""
    try:
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size == 0:
                raise UnreadableFile("The file is empty.")
            audio = mutagen.File(file, options=_KINDS)
    except OSError as error:
        raise UnreadableFile(why(error)) from error
    except UnreadableFile:
        raise
    except Exception as error:
        # A broken file can surprise a parser in any way; mutagen's own errors are only some.
        raise UnreadableFile("It is damaged, or not the format its name says.") from error
    if audio is None or getattr(audio.info, "sketchy", False):
        raise UnreadableFile("It is damaged, or not the format its name says.")
    codec = getattr(audio.info, "codec", "")
    if codec.startswith("drm"):
        raise UnreadableFile("It is copy-protected.")
    if codec.startswith("alac"):
        raise UnreadableFile("It is Apple Lossless, which most browsers cannot play.")
    return audio


def _duration_ms(audio: Any) -> int:
    seconds = float(audio.info.length)
    if not math.isfinite(seconds) or round(seconds * 1000) <= 0:
        raise UnreadableFile("There is no sound in it.")
    if seconds * 1000 > _LONGEST_MS:
        raise UnreadableFile("It claims to be longer than a day.")
    return round(seconds * 1000)


def _contents(audio: Any) -> tuple[Fields, list[tuple[int, bytes]]]:
    """The tags under common names, and the pictures as (kind, bytes), of any format."""
    fields: Fields = defaultdict(list)
    pictures: list[tuple[int, bytes]] = []
    tags = audio.tags
    if isinstance(tags, ID3):
        for frame, name in _ID3_NAMES.items():
            fields[name] += [str(text) for found in tags.getall(frame) for text in found.text]
        for found in tags.getall("TXXX"):
            fields[found.desc.lower()] += [str(text) for text in found.text]
        pictures += [(int(found.type), bytes(found.data)) for found in tags.getall("APIC")]
    elif isinstance(audio, MP4):
        for key, values in (tags or {}).items():
            if key == "covr":
                pictures += [(_FRONT_COVER, bytes(data)) for data in values]
            elif key == "rtng":
                fields["itunesadvisory"] += [str(value) for value in values]
            elif key.startswith("----:"):
                name = key.rpartition(":")[2].lower()
                fields[name] += [bytes(value).decode("utf-8", "replace") for value in values]
            elif key in _MP4_NAMES:
                fields[_MP4_NAMES[key]] += [str(value) for value in values]
    elif tags is not None:
        for key, value in tags:
            fields[key.lower()].append(value)
        pictures += [(picture.type, picture.data) for picture in getattr(audio, "pictures", [])]
        pictures += _ogg_pictures(fields.pop("metadata_block_picture", []))
    return fields, pictures


def _ogg_pictures(blocks: Iterable[str]) -> list[tuple[int, bytes]]:
    pictures = []
    for block in blocks:
        try:
            picture = Picture(base64.b64decode(block))
        except (ValueError, struct.error, mutagen.MutagenError):
            continue  # a broken picture does not make the sound unplayable
        pictures.append((picture.type, picture.data))
    return pictures


def _front(pictures: list[tuple[int, bytes]]) -> bytes:
    """The front cover if there is one, else the first picture, else nothing."""
    ranked = sorted(pictures, key=lambda picture: picture[0] != _FRONT_COVER)
    return ranked[0][1] if ranked else b""


def _names(path: str, fields: Fields) -> tuple[str, list[str]]:
    """Title and artists; what the tags leave open, the file's name tells."""
    title = _tidy(_first(fields, "title"))
    written = fields.get("artists") or fields.get("artist") or fields.get("albumartist") or []
    parts = [_tidy(part) for text in written for part in _SEPARATORS.split(text)]
    artists = list(dict.fromkeys(part[:_ARTIST_LENGTH] for part in parts if part))[:_MOST_ARTISTS]
    if not title:
        title = _title_of_name(path)
        before, dash, after = title.partition(" - ")
        if dash and after and not artists:
            title, artists = after, [before[:_ARTIST_LENGTH]]
    return title[:TITLE_LENGTH], artists


def _title_of_name(path: str) -> str:
    """`01-night-bus.mp3` → "night bus"; "99 Luftballons" keeps its number."""
    stem = _tidy(os.path.splitext(shown(os.path.basename(path)))[0])
    name = _NUMBER_BEFORE.sub("", stem).replace("_", " ")
    if " " not in name:
        name = name.replace("-", " ")
    return _tidy(name) or stem or "Untitled"


def _gain_db(fields: Fields) -> float:
    """Track gain relative to -18 LUFS, from either way of writing it."""
    try:
        if r128 := _first(fields, "r128_track_gain"):
            gain = int(r128) / 256 + _R128_TO_REPLAYGAIN_DB  # signed Q7.8
        else:
            words = _first(fields, "replaygain_track_gain").split()
            gain = float(words[0]) if words else 0.0
    except (ValueError, OverflowError):
        return 0.0
    return gain if abs(gain) <= _LOUDEST_GAIN_DB else 0.0


def _first(fields: Fields, name: str) -> str:
    return next((text for text in fields.get(name, []) if text.strip()), "")


def _tidy(text: str) -> str:
    return " ".join(_UNTIDY.sub(" ", text).split())
