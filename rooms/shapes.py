"""Rooms and members as plain JSON data, as they go over the wire."""

from __future__ import annotations

# pydantic reads these for the published OpenAPI, and needs this TypedDict before Python 3.12.
from typing_extensions import TypedDict

from rooms.models import Member, MemberQuerySet, Room
from rooms.rules import Rules, preset, sentences


class RulesShape(TypedDict):
    mode: str
    open_requests: int | None
    rest_min: int
    artist_in_a_row: int | None
    longest_min: int | None
    explicit: bool
    downvotes: bool
    skip_percent: int
    may_add: str
    may_vote: str
    may_skip: str
    may_pause: str
    speaker_gone: str


class RoomShape(TypedDict):
    code: str
    name: str
    state: str
    mode: str
    preset: str
    rules: RulesShape
    changed: list[str]
    reads: list[str]
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
    """The room itself and its rules. Times are milliseconds UTC.

    `changed` names the rules that differ from the preset; `reads` is what listeners read of them.
    """
    rules = room.rules
    return {
        "code": room.code,
        "name": room.name,
        "state": room.state,
        "mode": rules.mode,
        "preset": room.preset,
        "rules": rules_shape(rules),
        "changed": sorted(rules.different_from(preset(room.preset).rules)),
        "reads": sentences(rules),
        "url": room_url(room),
        "created_at": room.created_at_ms,
        "ended_at": room.ended_at_ms,
        "host": None if host_id is None else str(host_id),
    }


def rules_shape(rules: Rules) -> RulesShape:
    return {
        "mode": str(rules.mode),
        "open_requests": rules.open_requests,
        "rest_min": rules.rest_min,
        "artist_in_a_row": rules.artist_in_a_row,
        "longest_min": rules.longest_min,
        "explicit": rules.explicit,
        "downvotes": rules.downvotes,
        "skip_percent": rules.skip_percent,
        "may_add": str(rules.may_add),
        "may_vote": str(rules.may_vote),
        "may_skip": str(rules.may_skip),
        "may_pause": str(rules.may_pause),
        "speaker_gone": str(rules.speaker_gone),
    }


def member_shape(member: Member, *, now_ms: int) -> MemberShape:
    """A member as everybody sees them. Whoever is not here hears nothing along."""
    return _member_shape(
        member.pk, member.name, member.role, member.muted, member.banned, member.along,
        here=member.is_here(now_ms),
    )  # fmt: skip


def member_shapes(members: MemberQuerySet, *, now_ms: int) -> list[MemberShape]:
    """Many members, as `member_shape` says each. Rows cost less than objects of a full room."""
    present = set(members.present(now_ms).values_list("pk", flat=True))
    rows = members.values_list("pk", "name", "role", "muted", "banned", "along")
    return [_member_shape(*row, here=row[0] in present) for row in rows]


def _member_shape(
    pk: int, name: str, role: str, muted: bool, banned: bool, along: bool, *, here: bool
) -> MemberShape:
    return {
        "id": str(pk),
        "name": name,
        "role": role,
        "muted": muted,
        "banned": banned,
        "here": here,
        "along": here and along,
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
