"""The library in the memory of a process, as of one revision: searched and browsed without a query.

20,000 tracks take about 25 MB. A scan that has changed something raises `LibraryRevision`, and
the next question builds the catalog anew.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from django.db.models import F

from music.models import LibraryRevision, Track

SOURCE = "library"
# A scan raises the revision several times a second. What takes longer than this to build is built
# for a twentieth of the time at most; a smaller library is always as of now.
_QUICKLY_BUILT_S = 0.05
_BUILD_SHARE = 20


class Entry(NamedTuple):
    """What finding a track takes; `path` and `root` are stored paths, None without a file.

    `artist` is the key of the first one; from `genres` on, what its file says of the music.
    """

    pk: int
    title: str
    artists: list[str]
    album: str
    sought: str
    duration_ms: int
    explicit: bool
    recording: str
    isrc: str
    cover: str
    available: bool
    path: str | None
    root: str | None
    uri: str
    artist: str
    genres: list[str] | None
    year: int | None
    tempo: int | None
    key: str | None
    mbid: str | None


class Catalog:
    """All tracks that the library has ever had, by title; those that are away are not `available`.

    An entry is named by its index. What hangs on them is computed when it is first asked for.
    """

    def __init__(self, revision: int, entries: Sequence[Entry]) -> None:
        self.revision = revision
        self.entries = entries
        self.index_of: Mapping[int, int] = {entry.pk: at for at, entry in enumerate(entries)}

    @cached_property
    def available(self) -> Sequence[int]:
        """The indexes of the tracks that can be played, by title."""
        return [at for at, entry in enumerate(self.entries) if entry.available]

    @cached_property
    def places_by_path(self) -> Sequence[int]:
        """For each entry, where its file stands among all files."""
        by_path = sorted(range(len(self.entries)), key=lambda at: self.entries[at].path or "")
        places = [0] * len(by_path)
        for place, at in enumerate(by_path):
            places[at] = place
        return places

    @cached_property
    def by_word(self) -> Mapping[str, Sequence[int]]:
        """Each word of a title, an artist or an album, and the available tracks that have it."""
        found: dict[str, list[int]] = defaultdict(list)
        for at in self.available:
            for word in set(self.entries[at].sought.split()):
                found[word].append(at)
        return found

    @cached_property
    def joined(self) -> Sequence[tuple[int, str]]:
        """The available tracks, and what a search looks through without its spaces."""
        return [(at, self.entries[at].sought.replace(" ", "")) for at in self.available]


def bump_revision() -> None:
    """Say that tracks of the library have changed: the last statement of the transaction.

    It locks the one row that all scans write; a lock of a track after it could be a deadlock.
    """
    rows = LibraryRevision.objects.filter(pk=1)
    if not rows.update(number=F("number") + 1):
        # Two first scans may come here at once.
        LibraryRevision.objects.bulk_create([LibraryRevision(pk=1)], ignore_conflicts=True)
        rows.update(number=F("number") + 1)


_lock = threading.Lock()
_catalog: Catalog | None = None
_built_at_s = 0.0
_build_took_s = 0.0


def catalog() -> Catalog:
    """The library as it is now: one query, and a second one after a change.

    During a scan it may be older, by twenty times what building it takes.
    """
    found = LibraryRevision.objects.values_list("number", flat=True).first() or 0
    known = _catalog
    if known is not None and (known.revision == found or _is_rebuilt_too_soon()):
        return known
    return _built(found)


def forget() -> None:
    """Let the next question build it."""
    global _catalog
    with _lock:
        _catalog = None


def _is_rebuilt_too_soon() -> bool:
    """Whether the one that is there has to do for a moment."""
    if _build_took_s < _QUICKLY_BUILT_S:
        return False
    return time.monotonic() - _built_at_s < _BUILD_SHARE * _build_took_s


def _built(revision: int) -> Catalog:
    """Build it in one thread, while the others wait."""
    global _catalog, _built_at_s, _build_took_s
    with _lock:
        if _catalog is not None and _catalog.revision >= revision:
            return _catalog
        began_s = time.monotonic()
        _catalog = Catalog(revision, list(_entries()))
        _built_at_s = time.monotonic()
        _build_took_s = _built_at_s - began_s
        return _catalog


def _entries() -> Iterator[Entry]:
    """Every track of the library by title, then by age, alike on all databases."""
    rows = Track.objects.filter(source=SOURCE).values_list(
        *("pk", "title", "artists", "album", "sought", "duration_ms", "explicit"),
        *("recording", "isrc", "cover", "available", "file__path", "file__root", "uri", "artist"),
        *("file__genres", "file__year", "file__tempo", "file__key", "file__mbid"),
    )
    yield from sorted(map(Entry._make, rows), key=lambda entry: (entry.sought, entry.pk))
