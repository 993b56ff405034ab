"""The sources of music that a room has, and the way from a uri to its track."""

from django.conf import settings

from music.models import Track
from music.sources.base import Source
from music.sources.library.reach import Reach
from music.sources.library.source import LibrarySource
from music.sources.spotify.errors import NotConnected
from music.sources.spotify.links import find_link
from music.sources.spotify.models import Account
from music.sources.spotify.source import SpotifySource
from rooms import limits
from rooms.errors import Invalid, RoomEnded, UnknownTrack
from rooms.models import Room

_LIBRARY = LibrarySource()


def sources(room: Room) -> list[Source]:
    """What this room can choose from, the library first; Spotify if its host has connected it."""
    spotify = _spotify(room)
    return [_LIBRARY] if spotify is None else [_LIBRARY, spotify]


def source(name: str, room: Room) -> Source:
    """The source of this name.

    Raises `Invalid`; of Spotify `NotConnected` without an account, and `RoomEnded`.
    """
    found = _find(name, room)
    if found is None:
        known = ", ".join(each.name for each in sources(room))
        raise Invalid(f"There is no source of that name; there are: {known}.")
    return found


def resolve(uri: str, room: Room) -> Track:
    """The track that a uri or a link to Spotify names, if it can be had now; it need not be saved.

    It may ask the world outside: never call it while a room is held. Raises `UnknownTrack`, and
    what the source raises that cannot be asked, and `SpotifyLink` for a link to no track.
    """
    if link := find_link(uri):
        uri = link.track_uri()
    known = _find(uri.partition(":")[0], room)
    if known is None:
        raise UnknownTrack
    track = known.track(uri)
    if not track.available:
        raise UnknownTrack("That track is not available any more.")
    return track


def reach(track: Track) -> Reach:
    """How the file of a library track stands now.

    What is of another source plays where the room has that source and it is there (`RoomSource`).
    """
    return _LIBRARY.reach(track) if track.source == _LIBRARY.name else Reach.GONE


def _find(name: str, room: Room) -> Source | None:
    if name == _LIBRARY.name:
        return _LIBRARY
    if name != SpotifySource.name or not settings.SPOTIFY_CLIENT_ID:
        return None
    if not room.is_live:
        raise RoomEnded
    if (spotify := _spotify(room)) is None:
        raise NotConnected
    return spotify


def _spotify(room: Room) -> SpotifySource | None:
    """Spotify through the account of the room's host, who lends it until the room ends."""
    if not settings.SPOTIFY_CLIENT_ID:
        return None
    account = Account.objects.of_room(room).first()
    if account is None:
        return None

    def count() -> None:
        # All of a room ask through one account, which Spotify counts.
        limits.hit("ROOM_SPOTIFY_SEARCHES", str(room.pk))

    return SpotifySource(account, before_asking=count)
