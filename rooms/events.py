"""What can happen to a room and its members: one frozen dataclass per fact.

An event is in the past tense and carries absolute values. It says which parts of the room it
changes (`rooms.parts`) and who may see it (`rooms.audience`).
"""

from dataclasses import dataclass, fields
from typing import Any, ClassVar

from rooms.acts import MODERATE
from rooms.audience import EVERYONE, Audience, only, who_may
from rooms.shapes import (
    LogEntryShape,
    MemberShape,
    MeShape,
    MuteShape,
    RestrictionShape,
    RoomShape,
)


@dataclass(frozen=True)
class Event:
    """Base of all events.

    `type` is its name on the wire. `parts` are the snapshot parts that it changes, by name; an
    event with `changes_all_parts` changes every one. Facts that no snapshot holds change none.
    `can_wait`: many of them may be told together, a moment later than others (`rooms.relay`).
    """

    type: ClassVar[str]
    parts: ClassVar[tuple[str, ...]] = ()
    changes_all_parts: ClassVar[bool] = False
    can_wait: ClassVar[bool] = False

    @property
    def audience(self) -> Audience:
        """Who may see it; all others learn only that a revision has passed."""
        return EVERYONE

    def as_json(self) -> dict[str, Any]:
        """The event as it goes over the wire."""
        return {"type": self.type, **{name: getattr(self, name) for name in self._names()}}

    def _names(self) -> list[str]:
        return [field.name for field in fields(self)]


@dataclass(frozen=True)
class PersonalEvent(Event):
    """Base of the facts that only one member sees; changes what `Part.read_own` reads of them."""

    member_id: int

    @property
    def audience(self) -> Audience:
        return only(self.member_id)

    def _names(self) -> list[str]:
        return [name for name in super()._names() if name != "member_id"]


@dataclass(frozen=True)
class RoomChanged(Event):
    """The room has another name or other rules."""

    type = "room.changed"
    parts = ("room",)
    room: RoomShape


@dataclass(frozen=True)
class RoomHasEnded(Event):
    """The room is over: nothing plays, nothing waits."""

    type = "room.ended"
    changes_all_parts = True
    room: RoomShape


@dataclass(frozen=True)
class MemberJoined(Event):
    """Somebody is a member now."""

    type = "member.joined"
    parts = ("members",)
    member: MemberShape


@dataclass(frozen=True)
class MemberChanged(Event):
    """A member has another name or role, or is muted or banned, or no longer."""

    type = "member.changed"
    parts = ("members",)
    member: MemberShape


@dataclass(frozen=True)
class MeChanged(PersonalEvent):
    """A member's own name, role, or standing in the room has changed."""

    type = "me.changed"
    me: MeShape


@dataclass(frozen=True)
class MeMuted(PersonalEvent):
    """A member's own mute has these words and this end; None: it is lifted."""

    type = "me.muted"
    mute: MuteShape | None


@dataclass(frozen=True)
class ModeratorsEvent(Event):
    """Base of the facts that only host and co-hosts see."""

    @property
    def audience(self) -> Audience:
        return who_may(MODERATE)


@dataclass(frozen=True)
class RestrictionSet(ModeratorsEvent):
    """A member is muted or banned, or the words or the end of that changed."""

    type = "restriction.set"
    parts = ("restrictions",)
    restriction: RestrictionShape


@dataclass(frozen=True)
class RestrictionLifted(ModeratorsEvent):
    """A member is muted, or banned (`kind`), no longer."""

    type = "restriction.lifted"
    parts = ("restrictions",)
    member: str
    kind: str


@dataclass(frozen=True)
class LogAdded(ModeratorsEvent):
    """Somebody did something that the log keeps."""

    type = "log.added"
    parts = ("log",)
    entry: LogEntryShape


@dataclass(frozen=True)
class LogChanged(ModeratorsEvent):
    """An entry of the log is another now: the site hid what it tells of, so it has no undo."""

    type = "log.changed"
    parts = ("log",)
    entry: LogEntryShape


@dataclass(frozen=True)
class LogUndone(ModeratorsEvent):
    """What an entry of the log tells of was taken back."""

    type = "log.undone"
    parts = ("log",)
    entry: str
    undone_at_ms: int
