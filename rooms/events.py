"""What can happen to a room and its members: one frozen dataclass per fact.

An event is in the past tense, carries absolute values, and is the same for everyone in the room.
"""

from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from rooms.shapes import MemberShape, RoomShape


@dataclass(frozen=True)
class Event:
    """Base of all events; `type` is its name on the wire."""

    type: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, **asdict(self)}


@dataclass(frozen=True)
class RoomChanged(Event):
    """The room has another name or other rules."""

    type = "room.changed"
    room: RoomShape


@dataclass(frozen=True)
class RoomEnded(Event):
    """The room is over: nothing plays, nothing waits."""

    type = "room.ended"
    room: RoomShape


@dataclass(frozen=True)
class MemberJoined(Event):
    """Somebody is a member now."""

    type = "member.joined"
    member: MemberShape


@dataclass(frozen=True)
class MemberChanged(Event):
    """A member has another name or role, or is muted or banned, or no longer."""

    type = "member.changed"
    member: MemberShape
