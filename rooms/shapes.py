"""Rooms and members as plain JSON data, as they go over the wire."""

from __future__ import annotations

from typing import Any

# pydantic reads these for the published OpenAPI, and needs this TypedDict before Python 3.12.
from typing_extensions import TypedDict

from rooms.log import is_undoable
from rooms.models import LogEntry, Member, MemberQuerySet, Restriction, Room
from rooms.roles import MODERATES, permissions
from rooms.rules import RuleCode, Value, read_rules


class RoomShape(TypedDict):
    code: str
    name: str
    state: str
    preset: str
    rules: dict[str, Value]
    changed: list[str]
    reads: list[str]
    reads_as: list[RuleCode]
    url: str
    created_at: int
    ended_at: int | None
    host: str | None
    may: dict[str, list[str]]
    moderates: dict[str, list[str]]


class MemberShape(TypedDict):
    id: str
    name: str
    role: str
    acting: bool
    muted: bool
    banned: bool
    left: bool


class MeShape(TypedDict):
    id: str
    name: str
    role: str
    acting: bool
    muted: bool
    banned: bool
    left: bool
    named: bool


class MuteShape(TypedDict):
    why: str
    until_ms: int | None


class RestrictionShape(TypedDict):
    member: str
    kind: str
    why: str
    by: str | None
    at_ms: int
    until_ms: int | None
    reach: str


class LogEntryShape(TypedDict):
    id: str
    at_ms: int
    kind: str
    by: str | None
    by_name: str
    target: str | None
    why: str
    facts: dict[str, Any]
    undoable: bool
    undone_at_ms: int | None


def room_url(room: Room) -> str:
    return f"/r/{room.code}"


def room_shape(room: Room, *, host_id: int | None) -> RoomShape:
    """The room itself and its rules. Times are milliseconds UTC.

    `changed` names the rules that differ from the preset; `reads` is what listeners read of them,
    in English, and `reads_as` the same as codes and values.
    `may` has the acts of each role under these rules; `moderates` whom a role may mute or remove.
    """
    rules = room.rules
    return {
        "code": room.code,
        "name": room.name,
        "state": room.state,
        "preset": room.preset,
        "rules": dict(rules.values),
        "changed": sorted(rules.different_from(read_rules(room.preset, {}))),
        "reads": rules.sentences(),
        "reads_as": rules.codes(),
        "url": room_url(room),
        "created_at": room.created_at_ms,
        "ended_at": room.ended_at_ms,
        "host": None if host_id is None else str(host_id),
        "may": permissions(rules),
        "moderates": {str(role): [*map(str, below)] for role, below in MODERATES.items()},
    }


def member_shape(member: Member) -> MemberShape:
    """A member as everybody sees them."""
    return {
        "id": str(member.pk),
        "name": member.name,
        "role": member.role,
        "acting": member.acting,
        "muted": member.muted,
        "banned": member.banned,
        "left": member.left,
    }


def member_shapes(members: MemberQuerySet) -> list[MemberShape]:
    """Many members, as `member_shape` says each. Rows cost less than objects of a full room."""
    rows = members.values_list("pk", "name", "role", "acting", "muted", "banned", "left")
    return [
        {
            "id": str(pk),
            "name": name,
            "role": role,
            "acting": acting,
            "muted": muted,
            "banned": banned,
            "left": left,
        }
        for pk, name, role, acting, muted, banned, left in rows
    ]


def me_shape(member: Member) -> MeShape:
    """A member as they see themselves."""
    return {**member_shape(member), "named": member.named}


def mute_shape(mute: Restriction | None) -> MuteShape | None:
    """A mute as the muted member reads it; None for who has none."""
    return None if mute is None else {"why": mute.why, "until_ms": mute.until_ms}


def restriction_shape(restriction: Restriction) -> RestrictionShape:
    """A mute or a ban as host and co-hosts see it; `reach` is "newcomers" or "person"."""
    return {
        "member": str(restriction.member_id),
        "kind": restriction.kind,
        "why": restriction.why,
        "by": None if restriction.by_id is None else str(restriction.by_id),
        "at_ms": restriction.at_ms,
        "until_ms": restriction.until_ms,
        "reach": "newcomers" if restriction.origin else "person",
    }


def log_entry_shape(entry: LogEntry) -> LogEntryShape:
    """A line of the log; `by_name` is of staff and system, who are no members."""
    return {
        "id": str(entry.pk),
        "at_ms": entry.at_ms,
        "kind": entry.kind,
        "by": None if entry.by_id is None else str(entry.by_id),
        "by_name": entry.by_name,
        "target": None if entry.target_id is None else str(entry.target_id),
        "why": entry.why,
        "facts": entry.facts,
        "undoable": is_undoable(entry),
        "undone_at_ms": entry.undone_at_ms,
    }
