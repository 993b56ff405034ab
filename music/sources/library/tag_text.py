"""The text of tags: entities decoded, wrong encodings mended if that is certain, artists parted."""

import html
import re
from collections.abc import Iterable

# Lone surrogates, control codes and marks that turn the direction of the text around them.
_UNTIDY = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
# Only with its semicolon: "AT&T" and "R&Bread" are names.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8}\d{0,2});")
# A bare semicolon is part of a name: "Stein;Tor" is one artist.
_BETWEEN_ARTISTS = re.compile(r"\x00|;\s+| / ")
_WORDS = re.compile(r"[^\W\d_]+")

# Ten letters make up more than half of a Russian, Bulgarian or Ukrainian text, and less than half
# of what Greek, Hebrew or Western European bytes become when they are read as Cyrillic.
_FREQUENT_CYRILLIC = set("оеаинтсрвл")
_FREQUENT_SHARE = 0.5
_ENOUGH_LETTERS = 5
_LONG_WORD = 4


def tidy(text: str) -> str:
    """Without control codes and the like, and with single blanks."""
    return " ".join(_UNTIDY.sub(" ", text).split())


def decode_entities(text: str) -> str:
    """`Salt &amp; Pepper` → "Salt & Pepper", once: what that leaves is the text."""
    return _ENTITY.sub(lambda found: html.unescape(found.group()), text)


def split_artists(written: Iterable[str]) -> list[str]:
    """The artists in these values, each once, parted where tags part them."""
    parts = [tidy(part) for text in written for part in _BETWEEN_ARTISTS.split(text)]
    return list(dict.fromkeys(part for part in parts if part))


def mend_encoding(texts: list[str]) -> list[str]:
    """Texts of one file that are declared Latin-1, as they were meant.

    UTF-8 is certain: bytes above 127 follow each other by its rules, as they hardly do in any other
    text. Cyrillic (cp1251) is taken for certain if every word with such bytes consists of nothing
    else, if upper and lower case come as in words, and if its frequent letters are frequent. All
    texts of a file count together, because a short one proves nothing. Where there is doubt
    everything stays.
    """
    mended = [_from_utf8(text) for text in texts]
    rest = [text for text, better in zip(texts, mended, strict=True) if text == better]
    if not _is_cyrillic(" ".join(rest)):
        return mended
    return [
        _read_as("cp1251", text) or better if text == better else better
        for text, better in zip(texts, mended, strict=True)
    ]


def _from_utf8(text: str) -> str:
    return text if text.isascii() else _read_as("utf-8", text) or text


def _read_as(encoding: str, text: str) -> str | None:
    """What the bytes of a text that was read as Latin-1 are in another encoding, if they are."""
    try:
        return text.encode("latin-1").decode(encoding)
    except UnicodeError:
        return None


def _is_cyrillic(text: str) -> bool:
    read = _read_as("cp1251", text)
    if read is None or text.isascii():
        return False
    words = [word for word in _WORDS.findall(read) if not word.isascii()]
    letters = "".join(words)
    if len(letters) < _ENOUGH_LETTERS or max(map(len, words)) < _LONG_WORD:
        return False
    if not all(_is_word(word) for word in words):
        return False
    share = _share_of_frequent(letters)
    other = _share_of_frequent(_read_as("koi8-r", text) or "")
    return share >= _FREQUENT_SHARE and share > other


def _is_word(word: str) -> bool:
    """Whether it is Cyrillic throughout, and cased like a word."""
    return all("\u0400" <= letter <= "\u04ff" for letter in word) and (
        word.islower() or word.isupper() or word.istitle()
    )


def _share_of_frequent(text: str) -> float:
    letters = [letter for letter in text.lower() if "\u0400" <= letter <= "\u04ff"]
    return sum(letter in _FREQUENT_CYRILLIC for letter in letters) / max(1, len(letters))
