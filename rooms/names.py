"""Names: making one up for somebody without, and checking one that was typed."""

import random
import unicodedata

from rooms.errors import Invalid

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


def made_up_name() -> str:
    """Such as "Quiet Otter"."""
    return f"{random.choice(ADJECTIVES)} {random.choice(ANIMALS)}"


def cleaned(typed: str, *, what: str, length: int, cut: bool = False) -> str:
    """A name as it is kept: normalised, without control characters, white space folded.

    Raises `Invalid` when nothing readable is left or when it is longer than `length` characters,
    unless those after that are to be `cut`. `what` begins the sentence, such as "A name".
    """
    # A lone surrogate is half a character: no database or socket could carry it.
    text = unicodedata.normalize("NFC", typed.encode("utf-8", "ignore").decode())
    kept = "".join(
        " " if unicodedata.category(character) == "Cc" else character
        for character in text
        if character not in _UNWANTED
    )
    name = " ".join(kept.split())
    if cut:
        name = name[:length].rstrip()
    if not any(_is_visible(character) for character in name):
        raise Invalid(f"{what} needs at least one character.")
    if len(name) > length:
        raise Invalid(f"{what} has up to {length} characters. This one has {len(name)}.")
    return name


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "CZM" and character not in _INVISIBLE
