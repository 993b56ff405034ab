"""Names: making one up for somebody without, and checking one that was typed."""

import random
import unicodedata
from collections.abc import Callable

from django.utils.translation import gettext_noop as _

from rooms.errors import Invalid, SaidValue

ADJECTIVES = (
    "Amber Bold Brave Bright Calm Clever Cosmic Curious Dapper Early Eager Gentle Golden Happy "
    "Humble Jolly Kind Late Lively Lucky Mellow Merry Misty Noble Patient Polite Proud Quick Quiet "
    "Rapid Royal Rusty Silent Silver Sleepy Sly Smooth Snappy Sunny Swift Tiny Velvet Warm Wild "
    "Wise Witty"
).split()
ANIMALS = (
    "Badger Bear Beaver Bison Cat Crane Crow Deer Dolphin Duck Eagle Falcon Ferret Finch Fox Frog "
    "Gecko Goose Hare Hawk Hedgehog Heron Ibis Jackal Koala Lark Lemur Lynx Magpie Marten Mole "
    "Moose Newt Ocelot Otter Owl Panda Pigeon Puffin Rabbit Raven Robin Seal Sparrow Stork "
    "Squirrel Swan Tapir Tiger Toad Turtle Weasel Whale Wolf Wombat Wren"
).split()

# Embeddings, overrides and isolates would let a name turn the words around it; line and paragraph
# separators would break it apart. Plain direction marks and joiners belong to many scripts.
_UNWANTED = {*"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"}
# Letters and symbols that nobody sees: the fillers of Hangul, and Braille's empty cell.
_INVISIBLE = {*"\u115f\u1160\u3164\uffa0\u2800"}
# Marks on one letter. Hebrew and Vietnamese need up to three; dozens grow over the lines around.
MARKS_PER_LETTER = 4


# How a refusal calls what was typed.
WHAT = {
    "name": _("A name"),
    "room_name": _("A room name"),
    "reason": _("A reason"),
    "word": _("The word in line {line}"),
    "notice": _("A notice"),
}


class UnfitText(Invalid):
    """A name or another short text that is empty or too long; `what` is a key of `WHAT`."""

    def filling(self, translate: Callable[[str], str]) -> dict[str, SaidValue]:
        return self.values | {
            "what": translate(WHAT[str(self.values["what"])]).format(**self.values)
        }


def made_up_name() -> str:
    """Such as "Quiet Otter"."""
    return f"{random.choice(ADJECTIVES)} {random.choice(ANIMALS)}"


def cleaned(typed: str, *, what: str, length: int, cut: bool = False, **place: int) -> str:
    """A name as it is kept: `normalised`, and readable.

    Raises `Invalid` when nothing readable is left or when it is longer than `length` characters,
    unless those after that are to be `cut`. `what` begins the sentence: a key of `WHAT`, which
    may name where it stands: its `line`.
    """
    name = normalised(typed)
    if cut:
        name = name[:length].rstrip()
    if not any(is_visible(character) for character in name):
        raise UnfitText(
            _("{what} needs at least one character."), detail="text_empty", what=what, **place
        )
    if len(name) > length:
        raise UnfitText(
            _("{what} has up to {most} characters. This one has {length}."),
            detail="text_long",
            what=what,
            most=length,
            length=len(name),
            **place,
        )
    return name


def normalised(typed: str) -> str:
    """What was typed, in one line: without control characters, white space folded and trimmed.

    It cannot turn, break or cover the words around it: a letter keeps at most `MARKS_PER_LETTER`
    marks. Half a character (a lone surrogate) is dropped.
    """
    # No database or socket could carry a lone surrogate.
    text = unicodedata.normalize("NFC", typed.encode("utf-8", "ignore").decode())
    kept = "".join(
        " " if unicodedata.category(character) == "Cc" else character
        for character in text
        if character not in _UNWANTED
    )
    return _with_few_marks(" ".join(kept.split()))


def is_visible(character: str) -> bool:
    """Whether a reader sees the character: no white space, control character or lone mark."""
    return unicodedata.category(character)[0] not in "CZM" and character not in _INVISIBLE


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
        elif category != "Cf":  # a joiner between marks begins no other letter
            marks = 0
        if marks <= MARKS_PER_LETTER:
            kept.append(character)
    return "".join(kept)
