"""Which tracks are the same recording, whatever their source or spelling: keys to compare by.

Pure functions over text, on nothing but the standard library. What two keys share is what a
listener at a party would call "that one again": a remaster, a mono pressing or a radio edit is the
same recording; live, remixed, acoustic, instrumental, extended or sung by somebody else it is not.
Where a text leaves doubt the keys differ: a second entry bothers less than a wrong one.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence

KEY_LENGTH = 300

# Between artist and title; no key of either has white space other than single blanks.
_BETWEEN = "\t"

_APOSTROPHES = dict.fromkeys(map(ord, "'\u2018\u2019\u02bc\u02b9`\u00b4\u2032\uff07"))
# Letters that Unicode does not take apart, as people type them on another keyboard.
_LOOKALIKES = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "\u0131": "i",
        "\u06cc": "\u064a",  # the Persian yeh and kaf
        "\u06a9": "\u0643",
        "\u0649": "\u064a",
    }
)
# Accents, Hebrew points, Arabic vowels and the like, which people leave out. Marks of other
# scripts stay: without them a Thai, Hindi or Japanese word is another word.
_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640"
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]"
)
_BLANKS_TO_DROP = re.compile(r"(?<!\d) | (?!\d)")

_BRACKETS = re.compile(r"[(\[{]([^()\[\]{}]*)[)\]}]")
_SEPARATOR = re.compile(r"\0|\s[-\u2010-\u2015]+\s")
# "6 ft under" measures something; "no small feat of ours" invites nobody.
_GUESTS_BEHIND = re.compile(r"(?<!\d)\s(?:feat|ft|featuring)\b(?!\.?\s+of\b)\.?\s+\S.*")
_GUESTS_OF_ARTIST = re.compile(r"\s[(\[]?(?:feat|ft|featuring|with)\b\.?\s+\S.*")
# "Stay (with me)" and "(with strings)" name no guest. What begins a bracket cannot be told better.
_GUESTS_ONLY = re.compile(
    r"(?:feat|ft|featuring|prod|produced by)\b.*"
    r"|(?:with\s|w/\s?)(?!(?:me|you|u|us|him|her|them|it|my|your|our|a|an|no|love|intro|strings|"
    r"orchestra|choir|piano|vocals?)\b).*"
)

# Words of which a bracket or a tail consists when it tells of the pressing, the cut for the radio
# or the upload. One of the first set at least; "version", "new" or a year alone tell nothing.
# "From …" is not among them: composers of films call many pieces "Theme".
_TELLING = set(
    """album anniversary audio bonus clean deluxe edit expanded explicit hd hq 4k lp lyric lyrics
    mono official original radio single stereo video visualiser visualizer""".split()
)
_ACCOMPANYING = set(
    """cut digital digitally edition en in limited mix music new newly recording release special
    super the track version versione with""".split()
)
_YEAR_OR_COUNT = re.compile(r"(?:19|20)\d\d|\d+(?:st|nd|rd|th)")

_NOBODY = set("noartist unknown unknownartist va various variousartists".split())
# As rippers of discs write it. By what artist soever, it says nothing about the recording.
_UNTITLED = re.compile(
    r"(?:notitle|unknowntitle|unknowntrack|untitled|untitledtrack|(?:audio)?track|titel|title|"
    r"piste|pista)\d*"
)
_DAMAGED = re.compile("[?\ufffd]+")
_ISRC = re.compile("[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")


def recording_key(artists: Sequence[str], title: str) -> str:
    """What all spellings of a recording have in common: first artist and title, normalised.

    "" when the artist or the title is unknown: such a track equals no other, so "" is never to be
    compared. At most `KEY_LENGTH` characters.
    """
    artist, named = artist_key(artists), _title_key(title)
    if not artist or not named:
        return ""
    # Tags in a lost encoding are question marks all over, and all songs of an artist alike.
    if _DAMAGED.fullmatch(artist) and _DAMAGED.fullmatch(named):
        return ""
    return _fitting(f"{artist}{_BETWEEN}{named}")


def artist_key(artists: Sequence[str]) -> str:
    """The first artist who is known, normalised; "" when none is, which equals nobody."""
    return next((key for artist in artists if (key := _one_artist_key(artist))), "")


def isrc_of(text: str) -> str:
    """The first ISRC in a tag, as twelve capitals and digits; "" when there is none."""
    for part in re.split(r"[;,/|\x00\n]", text.upper()):
        code = re.sub(r"[\s._\-\u2010-\u2015]|^\s*ISRC[\s:]*", "", part)
        # Some programs fill the field with noughts.
        if _ISRC.fullmatch(code) and not code.endswith("0000000"):
            return code
    return ""


def _one_artist_key(artist: str) -> str:
    text = _folded(artist.replace(" + ", " & "))
    text = _GUESTS_OF_ARTIST.sub("", text)
    text = re.sub(r"^the (?=\S)", "", re.sub(r"(?<=\S), the$", "", text))
    key = _words(text) or _signs(text)
    return "" if key in _NOBODY else _fitting(key)


def _title_key(title: str) -> str:
    text = _folded(title)
    parts = [part for part in map(str.strip, _SEPARATOR.split(_opened(text))) if part]
    base, asides = _GUESTS_BEHIND.sub("", "".join(parts[:1])), parts[1:]
    kept = [words for aside in asides if (words := _words(_without_packaging(aside)))]
    if _words(base):
        key = _words(" ".join((base, *kept)))
    elif signs := _signs(base):
        # "!!!" and "???" are two titles. In brackets, so that a key is its own key.
        key = signs + "".join(f"({words})" for words in kept if _without_packaging(words))
    else:
        key = _words(text) or _signs(text)
    return "" if _UNTITLED.fullmatch(key) else key


def _opened(text: str) -> str:
    """The text with NUL for every bracket, and without those that only name guests."""

    def open_one(found: re.Match[str]) -> str:
        inside = found[1]
        return "\0" if _GUESTS_ONLY.fullmatch(inside.strip(" \0")) else f"\0{inside}\0"

    while (opened := _BRACKETS.sub(open_one, text)) != text:  # from the innermost outwards
        text = opened
    return text


def _without_packaging(aside: str) -> str:
    """What a bracket or tail says about the recording: "live / remastered 2011" → "live"."""
    if _GUESTS_ONLY.fullmatch(aside):
        return ""
    parts = re.split("[/;,]", _GUESTS_BEHIND.sub("", aside))
    return " ".join(part for part in parts if not _is_packaging(part))


def _is_packaging(text: str) -> bool:
    words = _spaced(re.sub(r"\bre[- ]master", "remaster", text)).split()
    telling = [word for word in words if word in _TELLING or word.startswith("remaster")]
    return bool(telling) and all(
        word in telling or word in _ACCOMPANYING or _YEAR_OR_COUNT.fullmatch(word) for word in words
    )


def _folded(text: str) -> str:
    """Without case, accents and apostrophes, in compatible forms, blanks single."""
    text = text.translate(_APOSTROPHES)
    # Twice: a compatible form may have a case again, as "™" has.
    for _ in range(2):
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text.casefold()))
    text = text.translate(_APOSTROPHES).translate(_LOOKALIKES).replace("&", " and ")
    visible = (sign for sign in text if unicodedata.category(sign) not in ("Cf", "Cs"))
    return " ".join(
        "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in visible).split()
    )


def _words(text: str) -> str:
    """Letters and digits of a folded text, run together: "r.e.m." is "rem", "1 2" is not 12."""
    words = _spaced(text).split()
    words[1:-1] = ["and" if word == "n" else word for word in words[1:-1]]  # rock 'n' roll
    return unicodedata.normalize("NFC", _BLANKS_TO_DROP.sub("", " ".join(words)))


def _signs(text: str) -> str:
    return unicodedata.normalize("NFC", "".join(text.split()))


def _spaced(text: str) -> str:
    """With blanks for all that is neither letter, digit nor mark (re's \\w knows no marks)."""
    return "".join(sign if unicodedata.category(sign)[0] in "LNM" else " " for sign in text)


def _fitting(key: str) -> str:
    """The key, or a digest of one that is too long for its column."""
    return key if len(key) <= KEY_LENGTH else hashlib.sha256(key.encode()).hexdigest()
