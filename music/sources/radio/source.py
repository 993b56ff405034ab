"""Radio as a source of music: the stations that a host has added to the room."""

from __future__ import annotations

from django.db.models import QuerySet

from music.errors import UnknownPage, UnknownPlaylist, UnknownTrack
from music.models import Track
from music.models.tracks import LIVE_TURN_MS
from music.sources.base import Page, Playlist, Playlists
from music.sources.library.reach import FileReach
from music.sources.radio.models import NAME, Station
from music.titles import Title, own_title
from rooms.api import whole_number
from rooms.models import Room

MOST_PER_PAGE = 50
# A playlist of all stations of the room; each station is one of its own, too, by its key.
STATIONS = "stations"


class RadioSource:
    """The stations of a room."""

    name = NAME
    personal = False

    def __init__(self, room: Room) -> None:
        self._room = room

    def search(self, query: str, *, cursor: str | None = None, limit: int = 20) -> Page:
        """The stations whose names have every word of the query, by name; all, when it is empty."""
        found = self._stations()
        for word in query.split():
            found = found.filter(name__icontains=word.replace("\0", ""))
        return _page(found, cursor, max(1, min(limit, MOST_PER_PAGE)))

    def track(self, uri: str) -> Track:
        """The station with this uri, as a track. Raises `UnknownTrack`."""
        key = uri.removeprefix(f"{NAME}:")
        is_key = key.isascii() and key.isalnum() and key != uri
        station = self._stations().filter(key=key).first() if is_key else None
        if station is None:
            raise UnknownTrack
        return track_of(station)

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        """All stations of the room as one playlist, and each by itself."""
        if cursor is not None:
            raise UnknownPage()
        stations = list(self._stations())
        each = [Playlist(station.key, Title(station.name), tracks=1) for station in stations]
        return Playlists([Playlist(STATIONS, own_title("stations"), tracks=len(stations)), *each])

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        """All stations, 50 at a time, or the one with that key. Raises `UnknownPlaylist`."""
        found = self._stations()
        if playlist_id != STATIONS:
            found = found.filter(key=playlist_id.replace("\0", ""))
            if not found.exists():
                raise UnknownPlaylist
        return _page(found, cursor, MOST_PER_PAGE)

    def _stations(self) -> QuerySet[Station]:
        return Station.objects.filter(room=self._room).order_by("name", "pk")


def reach_of(track: Track) -> FileReach:
    """Whether the station of a track is in its room still; whether it answers is a `RoomSource`."""
    there = Station.objects.filter(key=track.uri.removeprefix(f"{NAME}:")).exists()
    return FileReach.THERE if there else FileReach.GONE


def title_of(group: str) -> str:
    """The name of the station that a room notes under this key; "" once it was removed."""
    found = Station.objects.filter(key=group.removeprefix(f"{NAME}-"))
    return found.values_list("name", flat=True).first() or ""


def track_of(station: Station) -> Track:
    """A station as a track that plays live; it need not be saved."""
    track = Track(
        uri=station.uri,
        source=NAME,
        title=station.name,
        duration_ms=LIVE_TURN_MS,  # a turn like another
        live=True,
        folder=station.group,
    )
    track.identify()
    return track


def _page(stations: QuerySet[Station], cursor: str | None, limit: int) -> Page:
    first = 0 if cursor is None else whole_number(cursor, UnknownPage())
    found = list(stations[first : first + limit + 1])
    following = str(first + limit) if len(found) > limit else None
    return Page([track_of(station) for station in found[:limit]], following)
