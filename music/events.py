"""What can happen to a queue and a playback: one frozen dataclass per fact."""

from dataclasses import dataclass

from music.shapes import ItemShape, PlaybackShape
from rooms.events import Event


@dataclass(frozen=True)
class QueueAdded(Event):
    """A track waits now, at this place (0 is first) of the playing order."""

    type = "queue.added"
    item: ItemShape
    at: int


@dataclass(frozen=True)
class QueueTallied(Event):
    """The votes of an item now stand so. `item` is its id."""

    type = "queue.tallied"
    item: str
    up: int
    down: int
    score: int
    reason: str


@dataclass(frozen=True)
class QueueOrdered(Event):
    """The waiting items now stand in this order of ids."""

    type = "queue.ordered"
    items: list[str]


@dataclass(frozen=True)
class QueueRemoved(Event):
    """An item no longer waits: it was "removed", is "played" from now on, or has "failed"."""

    type = "queue.removed"
    item: str
    why: str


@dataclass(frozen=True)
class QueueLocked(Event):
    """That item is fixed as the next one, and stands first; None: nothing is fixed."""

    type = "queue.locked"
    item: str | None


@dataclass(frozen=True)
class PlaybackChanged(Event):
    """What plays, since when, on which device, with which shelf behind it."""

    type = "playback.changed"
    playback: PlaybackShape
