"""Words that are not used: whether a text has one of them, in whatever spelling.

Texts and words are folded by NFKC and by case, without marks and unseen characters, and a letter
may be repeated: "spam" is found in "SPAAAM" and "ｓｐａｍ", not in "spammer".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings
from django.utils.translation import gettext_noop as _

from rooms.errors import Invalid
from rooms.names import cleaned

WORD_LENGTH = 40
MOST_WORDS = 100
# A space with the signs up to the next letter; or one character, however often.
_RUN = re.compile(r" [\W_]*(?=[^\W_])|(.)\1*")


def cleaned_words(lines: Sequence[str]) -> list[str]:
    """A list of words, one a line, as it is kept: each readable, and once. Empty lines are none.

    Raises `Invalid`, which says what is wrong with which line, the first of which is line 1.
    """
    by_folded: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        kept = cleaned(line, what="word", length=WORD_LENGTH, line=number)
        folded = _folded(kept)  # one sign may be many letters, or none
        if not folded:
            raise Invalid(
                _("“{word}” in line {line} has no letter to look for."),
                detail="word_empty",
                word=kept,
                line=number,
            )
        if len(folded) > WORD_LENGTH:
            raise Invalid(
                _("A word has up to {most} letters. “{word}” in line {line} stands for {length}."),
                detail="word_length",
                most=WORD_LENGTH,
                word=kept,
                line=number,
                length=len(folded),
            )
        by_folded.setdefault(folded, kept)
        if len(by_folded) > MOST_WORDS:
            raise Invalid(
                _("The list has up to {most} words. Line {line} is one more."),
                detail="words_many",
                most=MOST_WORDS,
                line=number,
            )
    return list(by_folded.values())


def operators_words() -> tuple[str, ...]:
    """The words that the operator blocks in every room."""
    return tuple(settings.CHAT_BLOCKED_WORDS)


def first_blocked(text: str, words: Sequence[str]) -> str | None:
    """The first of these words that the text has, as the list writes it."""
    pattern = _pattern(tuple(words))
    found = None if pattern is None else pattern.search(_folded(text))
    return None if found is None or found.lastindex is None else words[found.lastindex - 1]


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern with a group for each word, so that a text is gone through once."""
    pieces = [f"({_one(_folded(word) or word)})" for word in words]
    return re.compile("|".join(pieces)) if pieces else None


def _one(word: str) -> str:
    """A folded word in which each letter may be repeated, and spaces may be other signs.

    No piece gives back what it has taken (`++`): tries would multiply, and stop the process.
    """
    letters = "".join(
        f"{re.escape(run[1])}{{{len(run[0])},}}+" if run[1] else r"[\W_]++"
        for run in _RUN.finditer(word)
    )
    begins = rf"(?<!{re.escape(word[0])})"  # at its first letter, not at each that repeats it
    return f"{begins}{_edge(word[0], '(?<!')}{letters}{_edge(word[-1], '(?!')}"


def _edge(letter: str, look: str) -> str:
    """Where a word has to end. Scripts without case, such as Han, write words without spaces."""
    return "" if unicodedata.category(letter) == "Lo" else rf"{look}\w)"


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    seen = "".join(one for one in plain if unicodedata.category(one) not in ("Mn", "Me", "Cf"))
    return " ".join(seen.split())
