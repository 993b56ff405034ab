"""What the site's staff says to people in a room."""

from dataclasses import dataclass

from rooms.events import Event, PersonalEvent
from staff.shapes import NoticeShape


@dataclass(frozen=True)
class NoticePosted(Event):
    """The site says something to everybody in the room; None: it takes that back."""

    type = "notice.posted"
    parts = ("notice",)
    notice: NoticeShape | None


@dataclass(frozen=True)
class MemberWarned(PersonalEvent):
    """The site says something to one member: what was done to what is theirs, and why."""

    type = "notice.warned"
    parts = ("notice",)
    warning: NoticeShape
