"""Actors: a member of a room, the site's staff, or BeatSync itself.

Actions take an actor, so that all of them pass the same doors and a log can name them.
"""

from __future__ import annotations

from dataclasses import dataclass

from rooms.models import Member
from rooms.roles import Act


@dataclass(frozen=True)
class Staff:
    """Somebody who runs the site; may do everything in every room."""

    room_id: int
    name: str

    def __str__(self) -> str:
        return f"staff {self.name}"

    def may(self, act: Act) -> bool:
        return True

    def require(self, act: Act) -> None:
        """Never raises."""


@dataclass(frozen=True)
class System:
    """A part of BeatSync that acts by itself, such as the conductor; may do everything."""

    room_id: int
    name: str

    def __str__(self) -> str:
        return f"system {self.name}"

    def may(self, act: Act) -> bool:
        return True

    def require(self, act: Act) -> None:
        """Never raises."""


Actor = Member | Staff | System


def member_of(actor: Actor) -> Member | None:
    """The member who acts; None for staff and system."""
    return actor if isinstance(actor, Member) else None
