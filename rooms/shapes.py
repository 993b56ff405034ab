"""Rooms and members as plain JSON data, as they go over the wire."""

from __future__ import annotations

# pydantic reads these for the published OpenAPI, and needs this TypedDict before Python 3.12.
from typing_extensions import TypedDict

from rooms.models import Member, Room


class RoomShape(TypedDict):
    code: str
    name: str
    state: str
    mode: str
    url: str
    created_at: int
    ended_at: int | None
    host: str | None


class MemberShape(TypedDict):
    id: str
    name: str
    role: str
    muted: bool
    banned: bool
    here: bool
    along: bool


class MeShape(TypedDict):
    id: str
    name: str
    role: str
    muted: bool
    banned: bool
    named: bool


def room_url(room: Room) -> str:
    return f"/r/{room.code}"


def room_shape(room: Room, *, host_id: int | None) -> RoomShape:
    """The room itself. Times are milliseconds UTC."""
    return {
        "code": room.code,
        "name": room.name,
        "state": room.state,
        "mode": "votes",
        "url": room_url(room),
        "created_at": room.created_at_ms,
        "ended_at": room.ended_at_ms,
        "host": None if host_id is None else str(host_id),
    }


def member_shape(member: Member, *, now_ms: int) -> MemberShape:
    """A member as everybody sees them."""
    return {
        "id": str(member.pk),
        "name": member.name,
        "role": member.role,
        "muted": member.muted,
        "banned": member.banned,
        "here": member.is_here(now_ms),
        "along": False,
    }


def me_shape(member: Member) -> MeShape:
    """A member as they see themselves."""
    return {
        "id": str(member.pk),
        "name": member.name,
        "role": member.role,
        "muted": member.muted,
        "banned": member.banned,
        "named": member.named,
    }
