"""Genre, year, tempo, key and recording id, read from whatever taggers write into those fields.

Imports nothing of Django's: it runs in the reading process.
"""

import re
from collections.abc import Iterable

MOST_GENRES = 5
GENRE_LENGTH = 60
# What a tempo or a year can be; a tag with anything else says nothing.
_TEMPOS = range(30, 301)
_YEARS = range(1860, 2101)

_BETWEEN_GENRES = re.compile(r"[;/,|\x00]")
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_KEY = re.compile(r"([a-g])\s*(#|b|♯|♭|sharp|flat)?\s*(m|min|minor|moll|maj|major|dur)?", re.I)
_CAMELOT = re.compile(r"(1[0-2]|[1-9])\s*([ab])", re.I)
_MBID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOTES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_NATURALS = dict(zip("CDEFGAB", (0, 2, 4, 5, 7, 9, 11), strict=True))


def genres_of(values: Iterable[str]) -> list[str]:
    """The genres of a file in lower case, each once, five at most."""
    names = (" ".join(part.split()).lower() for text in values for part in _parts(text))
    return list(dict.fromkeys(name[:GENRE_LENGTH] for name in names if name))[:MOST_GENRES]


def year_of(text: str) -> int | None:
    """The year in a date as taggers write it, such as "2004-05-01" or "May 2004"."""
    years = (int(found) for found in _YEAR.findall(text))
    return next((year for year in years if year in _YEARS), None)


def tempo_of(text: str) -> int | None:
    """Whole beats a minute, from "128", "127.97" or "128 BPM"."""
    found = re.match(r"\s*(\d{1,3}(?:[.,]\d+)?)", text)
    tempo = round(float(found[1].replace(",", "."))) if found else 0
    return tempo if tempo in _TEMPOS else None


def musical_key(text: str) -> str:
    """The key as "C", "F#" or "Am", also from "A minor" or the Camelot wheel; "": unknown."""
    text = text.strip()
    if wheel := _CAMELOT.fullmatch(text):
        return _of_camelot(int(wheel[1]), is_minor=wheel[2].lower() == "a")
    found = _KEY.fullmatch(text)
    if not found:
        return ""
    note, sign, mode = found[1].upper(), (found[2] or "").lower(), found[3] or ""
    step = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get(sign, 0)
    is_minor = mode == "m" or mode.lower() in ("min", "minor", "moll")
    return _NOTES[(_NATURALS[note] + step) % 12] + ("m" if is_minor else "")


def mbid_of(text: str) -> str:
    """An id of MusicBrainz in lower case; "" for anything else."""
    text = text.strip().lower()
    return text if _MBID.fullmatch(text) else ""


def wheel_place(key: str) -> tuple[int, bool] | None:
    """Where a key stands on the circle of fifths: hour 0-11 and whether it is minor.

    Minor keys stand at the hour of their relative major, so neighbours on the circle sound well
    after each other. None for an unknown key.
    """
    name = key.removesuffix("m")
    if name not in _NOTES:
        return None
    is_minor = key.endswith("m")
    major = _NOTES.index(name) + (3 if is_minor else 0)
    return major * 7 % 12, is_minor


def _parts(text: str) -> list[str]:
    return _BETWEEN_GENRES.split(text)


def _of_camelot(hour: int, *, is_minor: bool) -> str:
    """8B is C major and 8A is A minor; each hour is a fifth up."""
    note = ((hour - 8) * 7 + (9 if is_minor else 0)) % 12
    return _NOTES[note] + ("m" if is_minor else "")
