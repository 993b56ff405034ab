"""What Spotify knows, as we use it: plain facts, unchangeable, that can lie in a cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from music.models import Track

T = TypeVar("T")

SOURCE = "spotify"
TRACK_URI = "spotify:track:"


@dataclass(frozen=True)
class Song:
    """A track that could be played. Texts fit their columns; `isrc`, `cover`, `link` may be ""."""

    id: str
    title: str
    artists: tuple[str, ...]
    album: str
    duration_ms: int
    explicit: bool
    isrc: str
    cover: str
    link: str
    year: int | None

    @property
    def uri(self) -> str:
        return TRACK_URI + self.id

    def as_track(self) -> Track:
        """As a track of ours, not saved, with the keys that its other spellings have too."""
        track = Track(
            uri=self.uri,
            source=SOURCE,
            title=self.title,
            artists=list(self.artists),
            album=self.album,
            duration_ms=self.duration_ms,
            explicit=self.explicit,
            isrc=self.isrc,
            cover=self.cover,
            link=self.link,
        )
        track.identify()
        return track


@dataclass(frozen=True)
class ListedPlaylist:
    """A playlist as a list of them shows it. `owner` may be nameless; `tracks` is None if unsaid.

    `snapshot` changes with what is in it. `shared`: those who edit it are not only its owner.
    """

    id: str
    name: str
    owner: str
    owner_id: str
    tracks: int | None
    cover: str
    link: str
    shared: bool
    snapshot: str

    def readable_by(self, user_id: str) -> bool:
        """Whether Spotify shows this person what is in it."""
        return self.shared or self.owner_id == user_id


@dataclass(frozen=True)
class Sheet(Generic[T]):
    """One answer of a list: what could be read, how much was skipped why, where it goes on.

    `next` is Spotify's own address of what follows, `following` its offset; None at the end.
    """

    items: tuple[T, ...]
    skipped: Mapping[str, int] = field(default_factory=dict)
    next: str | None = None
    following: int | None = None


@dataclass(frozen=True)
class SpotifyUser:
    """Whose account it is. `account_id` never changes; playlists name their owner by `user_id`."""

    account_id: str
    user_id: str
    name: str


@dataclass(frozen=True)
class SpotifyDevice:
    """Something that Spotify can sound on. One without an id takes no commands."""

    id: str | None
    name: str
    kind: str
    active: bool
    restricted: bool
    private: bool
    volume: int | None
    has_volume: bool


@dataclass(frozen=True)
class Player:
    """What sounds in an account, and since when we know (`at_ms`, the middle of the call).

    `kind` is track, episode, ad or unknown; `disallowed` names what it will not do now. While it
    plays, its position is `position_ms` + now − `at_ms`.
    """

    device: SpotifyDevice | None
    playing: bool
    uri: str | None
    isrc: str
    title: str
    artists: tuple[str, ...]
    position_ms: int | None
    duration_ms: int | None
    kind: str
    repeats: bool
    shuffles: bool
    disallowed: frozenset[str]
    at_ms: int
