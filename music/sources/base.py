"""What a source of music must be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from music.models import Track


@dataclass(frozen=True)
class Page:
    """Some tracks, and the cursor that asks for those after them (None at the end).

    They need not be saved: whoever adds one saves it. `skipped` counts what stands between them and
    cannot be queued, by reason: gone, local, episode, unplayable, market, product, explicit,
    restricted or broken. `stale_since_ms` is the moment that they are from, where the source could
    not be asked for newer ones.
    """

    tracks: Sequence[Track]
    next: str | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    stale_since_ms: int | None = None


@dataclass(frozen=True)
class Playlist:
    """Tracks that somebody has put together. `tracks` is how many, None where nobody says.

    `owner`, `cover` and `link` may be "". One that is not `readable` shows no tracks; `why_not` is
    the sentence that says why.
    """

    id: str
    name: str
    owner: str = ""
    tracks: int | None = None
    cover: str = ""
    link: str = ""
    readable: bool = True
    why_not: str = ""


@dataclass(frozen=True)
class Playlists:
    """Some playlists; the rest as in `Page`."""

    playlists: Sequence[Playlist]
    next: str | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    stale_since_ms: int | None = None


class Source(Protocol):
    """A place that tracks come from. `name` is the first part of its uris: `library:…`.

    `personal`: its playlists are somebody's own, and not for everybody's eyes. All methods raise
    `rooms.errors.Invalid` for a cursor that is not of this source, and `rooms.errors.Unavailable`
    while the source is away.
    """

    name: str
    personal: bool

    def search(self, query: str, *, cursor: str | None = None, limit: int = 20) -> Page:
        """Tracks that fit the query, best first; for an empty one, whatever there is to browse."""

    def track(self, uri: str) -> Track:
        """The track with this uri. Raises `rooms.errors.UnknownTrack`."""

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        """The playlists that there are."""

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        """What is in one of them, in its order. Raises `rooms.errors.UnknownPlaylist`."""
