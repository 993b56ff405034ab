"""Names as services know them, and how alike two of them are.

A title is asked for without what tells of its pressing or its guests. Two names are the same above
`THRESHOLD`, compared as the queue compares recordings (`music.recordings`).
"""

from __future__ import annotations

import re

from music.recordings import artist_key, recording_key

# Of artist and of title: 1 is the same. Chosen so that a letter may be wrong in a word of seven.
THRESHOLD = 0.85
LENGTH_TOLERANCE_MS = 5_000
LENGTH_TOLERANCE = 0.05

_BRACKETS = re.compile(r"\s*[(\[{][^()\[\]{}]*[)\]}]")
_TAIL = re.compile(
    r"\s[-\u2010-\u2015]\s(?:.*\b)?(?:remaster(?:ed)?|edit|version|mix|mono|stereo|live)\b.*", re.I
)
_GUESTS = re.compile(r"\s(?:feat|ft|featuring)\b\.?\s.*", re.I)
# What is somebody else's recording of a song. Only suggested where a seed is such a one.
_IMITATIONS = re.compile(
    r"\b(?:karaoke|tribute|cover version|in the style of|made famous by)\b", re.I
)
_OTHER_TAKES = re.compile(r"\b(?:live|remix|acoustic|instrumental|unplugged|demo)\b", re.I)

# "Symphony No. 5", "Part II": a letter or two, and another recording.
_NUMBERS = re.compile(r"\d+|(?<=\s)(?:II|III|IV|V|VI{1,3}|IX|X)$")


def cleaned_title(title: str) -> str:
    """The title without brackets, guests and the tail that names a pressing."""
    bare = _TAIL.sub("", _GUESTS.sub("", _BRACKETS.sub("", title))).strip()
    return bare or title.strip()


def is_nobody(artist: str) -> bool:
    """Whether an artist's name says that nobody knows the artist: "[unknown]", or nothing."""
    return not artist_key([artist]) or artist.strip().startswith("[")


def is_imitation(title: str) -> bool:
    """Whether a title says that somebody imitates the artist."""
    return bool(_IMITATIONS.search(title))


def are_same(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two pairs of artist and title name one recording: both at least `THRESHOLD` alike.

    A live take, a remix or the like is another recording than one without that word, and so is one
    with another number.
    """
    if {*map(str.lower, _OTHER_TAKES.findall(one[1]))} != {
        *map(str.lower, _OTHER_TAKES.findall(other[1]))
    }:
        return False
    if _NUMBERS.findall(cleaned_title(one[1])) != _NUMBERS.findall(cleaned_title(other[1])):
        return False
    artists = similarity(artist_key([one[0]]), artist_key([other[0]]))
    return artists >= THRESHOLD and similarity(_title(one), _title(other)) >= THRESHOLD


def similarity(one: str, other: str) -> float:
    """How alike two keys are, 0 to 1, by the letters that have to change."""
    # 4 MB, which an idle process need not hold.
    from rapidfuzz import fuzz

    return fuzz.ratio(one, other) / 100 if one and other else 0.0


def is_same_length(one_ms: int, other_ms: int) -> bool:
    """Whether two lengths may be of one recording; an unknown one, 0, may."""
    if not one_ms or not other_ms:
        return True
    return abs(one_ms - other_ms) <= max(LENGTH_TOLERANCE_MS, LENGTH_TOLERANCE * one_ms)


def _title(names: tuple[str, str]) -> str:
    """The title as the queue compares it, without the artist: that would count for short ones."""
    return recording_key(["x"], cleaned_title(names[1]))[2:]
