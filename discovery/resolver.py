"""From a candidate to a track that plays here: of the library, else of a source outside.

The library is looked through in memory. A source is only asked where that is allowed, for a few at
a time: first by an id from ListenBrainz, which needs no search, then by a search for both names.
What was found is kept for a week, that there was nothing for two days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from discovery.candidate import Candidate
from discovery.errors import ServiceAway
from discovery.library_index import LibraryIndex
from discovery.name_matching import are_same, cleaned_title, is_same_length
from discovery.services import labs
from discovery.suggestion import Suggestion, library_tracks
from music.cache import Drawer
from music.errors import UnknownTrack
from music.models import Track
from music.sources import registry
from music.sources.base import Lookup
from rooms.errors import RoomError, Unavailable
from rooms.models import Room

_DAY = 86_400.0
# Uris by a source and the names that were sought there; "": there is no such track.
RESOLVED: Drawer[str] = Drawer(
    "discovery.resolved",
    soft_s=7 * _DAY,
    hard_s=7 * _DAY,
    empty_soft_s=2 * _DAY,
    outages=(Unavailable,),
)


class Resolver:
    """Finds the tracks of candidates for one room.

    `most_asked`: so many at most that take a question to a source; 0: nothing outside is asked.
    `may_ask_labs`: whether ids may be asked for, too.
    """

    def __init__(
        self, room: Room, index: LibraryIndex, *, most_asked: int = 0, may_ask_labs: bool = True
    ) -> None:
        self._room, self._index = room, index
        self._may_ask_labs = may_ask_labs
        self._left = most_asked
        there = (kind for kind in registry.offered() if kind.lookup and kind.of_room(room))
        kind = next(there, None)
        # The first source of the room in which recordings can be looked for, and how.
        self._outside, self._lookup = (kind.name, kind.lookup) if kind else ("", None)

    def suggestions(self, candidates: Sequence[Candidate]) -> list[Suggestion]:
        """Those of the candidates that play here, in their order."""
        ids = {candidate.key: self._library_id(candidate) for candidate in candidates}
        tracks = library_tracks(pk for pk in ids.values() if pk is not None)
        found = []
        for candidate in candidates:
            pk = ids[candidate.key]
            track = tracks.get(pk) if pk is not None else self._from_outside(candidate)
            if track is not None:
                found.append(Suggestion(track, candidate.reason, candidate.link, candidate.page))
        return found

    def _library_id(self, candidate: Candidate) -> int | None:
        if candidate.track_id is not None:
            return candidate.track_id
        entry = self._index.by_mbid.get(candidate.mbid) if candidate.mbid else None
        entry = entry or self._index.named(
            candidate.artist, candidate.title, duration_ms=candidate.duration_ms
        )
        return None if entry is None else entry.pk

    def _from_outside(self, candidate: Candidate) -> Track | None:
        lookup = self._lookup
        if lookup is None:
            return None
        name = candidate.key
        if not RESOLVED.is_fresh(self._outside, name):
            if self._left <= 0:
                return None
            self._left -= 1
        try:
            uri = RESOLVED.get(
                self._outside, name, load=lambda: self._sought(candidate, lookup)
            ).value
            return registry.resolve(uri, self._room) if uri and self._left >= 0 else None
        except UnknownTrack:  # it has gone since
            return None
        except RoomError:
            # It is away, limited or not connected any more: what is known has to do.
            self._left = 0
            self._lookup = None
            return None

    def _sought(self, candidate: Candidate, lookup: Lookup) -> str:
        """The uri of a candidate there, "" if there is none. Raises what the source raises."""
        for id in self._ids_from_labs(candidate, lookup.service):
            with suppress(UnknownTrack):  # it is gone there, or not to be had in this country
                return registry.resolve(lookup.uri_of(id), self._room).uri
        source = registry.source(self._outside, self._room)
        artist, title = candidate.artist, cleaned_title(candidate.title)
        for query in (lookup.query(artist, title), f"{artist} {title}"):
            found = source.search(query, limit=10).tracks
            for track in found:
                if self._is_meant(track, candidate):
                    return track.uri
            if found:
                break
        return ""

    def _ids_from_labs(self, candidate: Candidate, service: str) -> Iterable[str]:
        if not candidate.mbid or not (self._may_ask_labs and labs.is_configured()):
            return ()
        mbid = candidate.mbid
        try:
            return labs.SOURCE_IDS.get(
                service, mbid, load=lambda: labs.load_source_ids(service, mbid)
            ).value
        except ServiceAway:
            return ()

    def _is_meant(self, track: Track, candidate: Candidate) -> bool:
        names = (candidate.artist, candidate.title)
        return is_same_length(track.duration_ms, candidate.duration_ms) and any(
            are_same((artist, track.title), names) for artist in track.artists
        )
