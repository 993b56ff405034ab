"""A faithful fake of Spotify over real HTTP: accounts, Web API, player and Web Playback SDK.

with FakeSpotify() as spotify:
    ann = spotify.person("Ann")
    with spotify.fail("search", status=429, retry_after=3, times=1):
        ...
"""

from tests.fakes.spotify.calls import CallRecord
from tests.fakes.spotify.catalogue import Album, Artist, Episode, LocalFile, Track
from tests.fakes.spotify.fake import FakeSpotify
from tests.fakes.spotify.faults import Fault, Faults
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.playlists import Playlist
from tests.fakes.spotify.tokens import SCOPES

__all__ = [
    "SCOPES",
    "Album",
    "Artist",
    "CallRecord",
    "Episode",
    "FakeSpotify",
    "Fault",
    "Faults",
    "LocalFile",
    "Person",
    "Playlist",
    "Track",
]
