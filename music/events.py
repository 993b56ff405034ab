"""What can happen to a queue and a playback: one frozen dataclass per fact."""

from dataclasses import dataclass

from music import acts
from music.shapes import (
    ExplanationShape,
    IncidentShape,
    ItemShape,
    PlaybackShape,
    SourceShape,
    WhyShape,
)
from rooms.audience import Audience, who_may
from rooms.events import Event, PersonalEvent

# Held votes look like a brigade's. Who sends them shall not see how many are held.
SEES_HELD_VOTES = who_may(acts.CURATE)


@dataclass(frozen=True)
class QueueAdded(Event):
    """A track waits now, at this place (0 is first) of the playing order."""

    type = "queue.added"
    parts = ("queue",)
    item: ItemShape
    at: int


@dataclass(frozen=True)
class QueueTallied(Event):
    """The counted votes of an item are now these. `item` is its id."""

    type = "queue.tallied"
    parts = ("queue",)
    item: str
    up: int
    down: int
    score: int
    reason: str
    why: WhyShape


@dataclass(frozen=True)
class QueueHeld(Event):
    """So many votes on an item do not count yet. `item` is its id."""

    type = "queue.held"
    parts = ("held",)
    item: str
    held: int

    @property
    def audience(self) -> Audience:
        return SEES_HELD_VOTES


@dataclass(frozen=True)
class MemberVoted(PersonalEvent):
    """A member's own votes on these items are now these, by item id; 0 is none any more."""

    type = "me.voted"
    votes: dict[str, int]


@dataclass(frozen=True)
class MemberAskedToSkip(PersonalEvent):
    """A member has asked to skip this play."""

    type = "me.skip_asked"
    play_id: str


@dataclass(frozen=True)
class AlongChanged(Event):
    """A member hears the music on a device of their own, or no longer. `member` is their id."""

    type = "along.changed"
    parts = ("along",)
    member: str
    along: bool


@dataclass(frozen=True)
class QueueOrdered(Event):
    """The waiting items now stand in this order of ids."""

    type = "queue.ordered"
    parts = ("queue",)
    items: list[str]


@dataclass(frozen=True)
class QueueExplained(Event):
    """These items stand where they stand for another reason than before."""

    type = "queue.explained"
    parts = ("queue",)
    items: list[ExplanationShape]


@dataclass(frozen=True)
class QueueRestored(Event):
    """An item that had been removed waits again, at this place (0 is first)."""

    type = "queue.restored"
    parts = ("queue",)
    item: ItemShape
    at: int


@dataclass(frozen=True)
class QueueRemoved(Event):
    """An item no longer waits: it was "removed", is "played" from now on, or has "failed"."""

    type = "queue.removed"
    parts = ("queue",)
    item: str
    why: str


@dataclass(frozen=True)
class QueueLocked(Event):
    """That item is fixed as the next one, and stands first; None: nothing is fixed."""

    type = "queue.locked"
    parts = ("queue",)
    item: str | None


@dataclass(frozen=True)
class PlaybackSkipAsked(Event):
    """So many ask to skip what plays, of so many that it takes."""

    type = "playback.skip_asked"
    parts = ("playback",)
    play_id: str
    asked: int
    needed: int


@dataclass(frozen=True)
class PlaybackTitled(Event):
    """The station that plays says that it has this on; None: it does not say any more."""

    type = "playback.titled"
    parts = ("playback",)
    play_id: str
    title: str | None


@dataclass(frozen=True)
class PlaybackChanged(Event):
    """What plays, since when, on which device, with which shelf behind it."""

    type = "playback.changed"
    parts = ("playback",)
    playback: PlaybackShape


@dataclass(frozen=True)
class IncidentNoted(Event):
    """Something stood in the way of the sound, or no longer does."""

    type = "incident.noted"
    parts = ("last_incident_ms",)
    incident: IncidentShape


@dataclass(frozen=True)
class SourceChanged(Event):
    """The sources that the room has beside the library, all of them, and how they are."""

    type = "source.changed"
    parts = ("sources",)
    sources: list[SourceShape]
