"""The tracks of the library as suggestions look for them, in memory, as of one catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from discovery.name_matching import THRESHOLD, are_same, is_same_length
from music.recordings import artist_key, recording_key
from music.sources.library.catalog import Catalog, Entry, catalog


class LibraryIndex:
    """The tracks that can be played, by what they have in common. What is asked first is built."""

    def __init__(self, known: Catalog) -> None:
        self.entries: Sequence[Entry] = [known.entries[at] for at in known.available]

    @cached_property
    def by_pk(self) -> Mapping[int, Entry]:
        return {entry.pk: entry for entry in self.entries}

    @cached_property
    def by_recording(self) -> Mapping[str, Entry]:
        return {entry.recording: entry for entry in reversed(self.entries) if entry.recording}

    @cached_property
    def by_isrc(self) -> Mapping[str, Entry]:
        return {entry.isrc: entry for entry in self.entries if entry.isrc}

    @cached_property
    def by_mbid(self) -> Mapping[str, Entry]:
        return {entry.mbid: entry for entry in self.entries if entry.mbid}

    @cached_property
    def by_artist(self) -> Mapping[str, Sequence[Entry]]:
        """By the key of the first artist."""
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.artist:
                found[entry.artist].append(entry)
        return found

    @cached_property
    def by_genre(self) -> Mapping[str, Sequence[Entry]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            for genre in entry.genres or ():
                found[genre].append(entry)
        return found

    @cached_property
    def by_decade(self) -> Mapping[int, Sequence[Entry]]:
        found: dict[int, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            if entry.year:
                found[entry.year // 10 * 10].append(entry)
        return found

    @cached_property
    def has_tempos(self) -> bool:
        return any(entry.tempo for entry in self.entries)

    @cached_property
    def _artists(self) -> Sequence[str]:
        return list(self.by_artist)

    def named(self, artist: str, title: str, *, duration_ms: int = 0) -> Entry | None:
        """The track that these names mean: the same recording, else one near enough to be it."""
        exact = self.by_recording.get(recording_key([artist], title))
        if exact is not None:
            return exact
        # 4 MB, which an idle process need not hold.
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        cutoff = 1 - THRESHOLD
        near = process.extract(
            artist_key([artist]),
            self._artists,
            scorer=Indel.normalized_distance,
            score_cutoff=cutoff,
            limit=3,
        )
        for key, _, _ in near:
            for entry in self.by_artist[key]:
                is_length = is_same_length(entry.duration_ms, duration_ms)
                if is_length and are_same((entry.artists[0], entry.title), (artist, title)):
                    return entry
        return None


def library_index() -> LibraryIndex:
    """The index of the library as it is now: one query, and more after a scan."""
    return _index_of(catalog())


# Of a catalog there is one object in a process as long as it holds.
@lru_cache(maxsize=1)
def _index_of(known: Catalog) -> LibraryIndex:
    return LibraryIndex(known)
