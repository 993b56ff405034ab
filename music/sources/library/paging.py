"""Pages of tracks in one order, with those that cannot be added now behind the others."""

import base64
import binascii
from collections.abc import Callable, Iterable
from heapq import nsmallest
from typing import Protocol

from music.errors import UnknownPage
from music.sources.library.catalog import Catalog, Entry
from music.sources.library.matching import WORST_RANK

MOST_PER_PAGE = 50
_LONGEST_CURSOR = 24


class Unfit(Protocol):
    """Tells whether a room refuses a track now, whoever adds it: see `music.add_checks`."""

    def __contains__(self, entry: Entry, /) -> bool: ...


def page_of(
    catalog: Catalog,
    matches: Iterable[tuple[int, int]],
    *,
    place: Callable[[int], int],
    unfit: Unfit,
    cursor: str | None,
    limit: int,
) -> tuple[list[int], str | None]:
    """The ids of the tracks of one page, and the cursor of the next.

    `matches`: rank and index of each track. What the room refuses now stands behind the rest;
    among equals the rank counts, then `place`, a number by index that no change of the library
    moves against another. So the next page begins behind the last track of this one, even if
    that is gone. Raises `Invalid` for a cursor that no answer gave.
    """
    last = None if cursor is None else _read_cursor(cursor, catalog, place)
    entries = catalog.entries
    keys = [(entries[at] in unfit, rank, place(at), at) for rank, at in matches]
    if last is not None:
        keys = [key for key in keys if key[:3] > last]
    shown = nsmallest(limit + 1, keys)
    del shown[limit:]
    following = _cursor(shown[-1], catalog) if len(keys) > limit else None
    return [entries[key[-1]].pk for key in shown], following


def _cursor(key: tuple[bool, int, int, int], catalog: Catalog) -> str:
    is_unfit, rank, _, at = key
    text = f"{int(is_unfit)}.{rank}.{catalog.entries[at].pk}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(
    cursor: str, catalog: Catalog, place: Callable[[int], int]
) -> tuple[bool, int, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        is_unfit, rank, pk = text.decode("ascii").split(".")
        at = (
            catalog.index_of.get(int(pk)) if pk.isdigit() and len(text) <= _LONGEST_CURSOR else None
        )
        if at is None or is_unfit not in ("0", "1") or not (rank.isdigit() and len(rank) == 1):
            raise UnknownPage()
        return is_unfit == "1", min(int(rank), WORST_RANK), place(at)
    except (binascii.Error, ValueError) as error:
        raise UnknownPage() from error
