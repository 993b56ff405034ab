"""The parts of a room: what a snapshot consists of, each declared by the app that knows it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rooms.audience import EVERYONE, Audience

if TYPE_CHECKING:
    from rooms.models import Member, Room

Read = Callable[["Room"], Any]
# By member id, the fields of `me` that only this member sees.
ReadOwn = Callable[["Room", Collection["Member"]], Mapping[int, Mapping[str, Any]]]


@dataclass(frozen=True)
class Part:
    """One part of a room, under `name` in its snapshot.

    `read` gives what everybody in the `audience` sees of it, as JSON-safe data; it is read again
    when an event has changed this part or one that it `depends_on`, and kept in between. `read_own`
    gives what differs from member to member; it is read for each snapshot, in a fixed number of
    queries however many members ask.
    """

    name: str
    read: Read
    audience: Audience = EVERYONE
    depends_on: tuple[str, ...] = ()
    read_own: ReadOwn | None = None

    def revision_in(self, room: Room) -> int:
        """The revision of the room with which this part last changed."""
        names = (self.name, *self.depends_on)
        return max(int(room.part_revisions.get(name, 0)) for name in names)
