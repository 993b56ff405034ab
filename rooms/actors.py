"""Actors: a member of a room, the site's staff, or BeatSync itself.

Actions take an actor, so that all of them pass the same doors and a log can name them.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooms.models import Member
from rooms.roles import Act


@dataclass(frozen=True)
class _MayEverything:
    room_id: int
    name: str

    def may(self, act: Act) -> bool:
        return True

    def require(self, act: Act) -> None:
        """Never raises."""


class Staff(_MayEverything):
    """Somebody who runs the site; may do everything in every room."""

    def __str__(self) -> str:
        return f"staff {self.name}"


class System(_MayEverything):
    """A part of BeatSync that acts by itself, such as the conductor; may do everything."""

    def __str__(self) -> str:
        return f"system {self.name}"


Actor = Member | Staff | System


def member_of(actor: Actor) -> Member | None:
    """The member who acts; None for staff and system."""
    return actor if isinstance(actor, Member) else None
