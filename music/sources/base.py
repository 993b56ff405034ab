"""What a source of music must be able to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from music.models import Track


@dataclass(frozen=True)
class Page:
    """Some tracks, and the cursor that asks for those after them (None at the end)."""

    tracks: Sequence[Track]
    next: str | None = None


class Source(Protocol):
    """A place that tracks come from. `name` is the first part of its uris: `library:…`."""

    name: str

    def search(self, query: str, *, cursor: str | None = None, limit: int = 20) -> Page:
        """Tracks that fit the query, best first; all by title when it is empty.

        Raises `rooms.errors.Invalid` for a cursor that is not of this source.
        """

    def track(self, uri: str) -> Track:
        """The saved track with this uri. Raises `rooms.errors.UnknownTrack`."""

    def playable(self, track: Track) -> bool:
        """Whether a device could play it now (its file is still there, for instance)."""
