"""What can happen to a queue and a playback: one frozen dataclass per fact."""

from dataclasses import dataclass

from music.shapes import (
    ExplanationShape,
    IncidentShape,
    ItemShape,
    PlaybackShape,
    SourceShape,
    WhyShape,
)
from rooms.events import Event


@dataclass(frozen=True)
class QueueAdded(Event):
    """A track waits now, at this place (0 is first) of the playing order."""

    type = "queue.added"
    item: ItemShape
    at: int


@dataclass(frozen=True)
class QueueTallied(Event):
    """The votes of an item now stand so, `held` of them not counted yet. `item` is its id."""

    type = "queue.tallied"
    item: str
    up: int
    down: int
    score: int
    held: int
    reason: str
    why: WhyShape


@dataclass(frozen=True)
class QueueOrdered(Event):
    """The waiting items now stand in this order of ids."""

    type = "queue.ordered"
    items: list[str]


@dataclass(frozen=True)
class QueueExplained(Event):
    """These items stand where they stand for another reason than before."""

    type = "queue.explained"
    items: list[ExplanationShape]


@dataclass(frozen=True)
class QueueRestored(Event):
    """An item that had been removed waits again, at this place (0 is first)."""

    type = "queue.restored"
    item: ItemShape
    at: int


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
class PlaybackSkipAsked(Event):
    """So many ask to skip what plays, of so many that it takes."""

    type = "playback.skip_asked"
    play_id: str
    asked: int
    needed: int


@dataclass(frozen=True)
class PlaybackChanged(Event):
    """What plays, since when, on which device, with which shelf behind it."""

    type = "playback.changed"
    playback: PlaybackShape


@dataclass(frozen=True)
class IncidentNoted(Event):
    """Something stood in the way of the sound, or no longer does."""

    type = "incident.noted"
    incident: IncidentShape


@dataclass(frozen=True)
class SourceChanged(Event):
    """The sources that the room has beside the library, all of them, and how they are."""

    type = "source.changed"
    sources: list[SourceShape]
