"""Which tracks a query finds: those that have its words, else those that have nearly them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from music.sources.library.catalog import Catalog
from music.sources.library.folding import is_long_enough, words

# A word that begins with the query, one in which each word begins one, any other.
_BEGINS, _WORDS_BEGIN, _HAS = 0, 1, 2
WORST_RANK = 9
# From how many letters on a word may be wrong, and in how many; shorter ones are other words.
_ONE_WRONG, _TWO_WRONG = 4, 8
# So long a word may also be the beginning of a longer one, wrongly typed.
_MAY_BEGIN = 5
_NEAR_WORDS = 20
_JOINED = 4


class Matches(NamedTuple):
    """Found tracks: rank (0 is best) and index of each. `near`: none of them has all the words."""

    found: Sequence[tuple[int, int]]
    near: bool


def find_matches(catalog: Catalog, query: str) -> Matches:
    """The available tracks that contain every word of a query; all of them for an empty one.

    Where there are none, those with a near spelling of each word: another, missing, additional or
    swapped letter, two of them in long words, or spaces in other places. A query that is not
    `is_long_enough` finds whole words, and nothing near them.
    """
    wanted = words(query)
    if not wanted:
        return Matches([(0, at) for at in catalog.available], near=False)
    if not is_long_enough(query):
        whole = [dict.fromkeys(catalog.by_word.get(word, ()), 0) for word in wanted]
        return Matches(_ranked(catalog, wanted, _in_all(whole)), near=False)
    if exact := _in_all([_tracks_with(catalog, _containing(catalog, word)) for word in wanted]):
        return Matches(_ranked(catalog, wanted, exact), near=False)
    near = _in_all([_tracks_with(catalog, _near_words(catalog, word)) for word in wanted])
    for at in _differently_spaced(catalog, "".join(wanted)):
        near[at] = min(1, near.get(at, 1))
    return Matches([(min(cost, WORST_RANK), at) for at, cost in near.items()], near=bool(near))


def _ranked(catalog: Catalog, wanted: list[str], found: Iterable[int]) -> list[tuple[int, int]]:
    query = " " + " ".join(wanted)
    return [(_rank(catalog.entries[at].sought, query, wanted), at) for at in found]


def _rank(sought: str, query: str, wanted: list[str]) -> int:
    if sought.startswith(query):
        return _BEGINS
    return _WORDS_BEGIN if all(f" {word}" in sought for word in wanted) else _HAS


def _containing(catalog: Catalog, word: str) -> dict[str, int]:
    """The words of the library that contain this one; it costs nothing to take them for it."""
    return {known: 0 for known in catalog.by_word if word in known}


def _near_words(catalog: Catalog, word: str) -> dict[str, int]:
    """The words of the library that may be meant, and how many letters each is off."""
    # 4 MB, which a process that nobody searches in need not hold.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    near = _containing(catalog, word)
    known = list(catalog.by_word)
    for choices, further, least in (
        (known, 0, _ONE_WRONG),
        ([each[: len(word)] for each in known], 1, _MAY_BEGIN),
    ):
        if len(word) < least:
            continue
        wrong = 1 if len(word) < _TWO_WRONG else 2
        hits = process.extract(
            word, choices, scorer=OSA.distance, score_cutoff=wrong, limit=_NEAR_WORDS
        )
        for _, distance, at in hits:
            near.setdefault(known[at], int(distance) + further)
    return near


def _tracks_with(catalog: Catalog, costs: dict[str, int]) -> dict[int, int]:
    """The tracks that have one of these words, and the least that it costs."""
    found: dict[int, int] = {}
    for word, cost in sorted(costs.items(), key=lambda each: each[1]):
        for at in catalog.by_word[word]:
            found.setdefault(at, cost)
    return found


def _in_all(found: list[dict[int, int]]) -> dict[int, int]:
    """What is in each of them, and the sum of its costs."""
    first, *others = sorted(found, key=len)
    return {
        at: cost + sum(other[at] for other in others)
        for at, cost in first.items()
        if all(at in other for other in others)
    }


def _differently_spaced(catalog: Catalog, joined: str) -> Iterator[int]:
    """As "acdc" for "AC/DC", or the other way."""
    if len(joined) < _JOINED:
        return
    for at, text in catalog.joined:
        if joined in text:
            yield at
