"""Rooms and members over HTTP."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Protocol

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import parse_etags
from ninja import Field, Router
from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from rooms import access, actions, clock
from rooms.auth import guest_of
from rooms.errors import NotAllowed, UnknownMember
from rooms.models import Member, Room
from rooms.receipts import once, repeated
from rooms.roles import Role
from rooms.rules import DEFAULT_PRESET
from rooms.shapes import MemberShape, RoomShape, me_shape, member_shape, room_shape

ReadSnapshot = Callable[[Member], dict[str, Any]]
ReadMembers = Callable[[Member], list[dict[str, Any]]]


class ChangeRules(Protocol):
    """Gives a room other rules, and its queue the order that follows from them."""

    def __call__(
        self, *, by: Member, preset: str | None, changes: Mapping[str, Any] | None
    ) -> Room: ...


class ChangeMember(Protocol):
    """Changes what a member may do, and what follows from it for the room's sound."""

    def __call__(
        self,
        *,
        by: Member,
        member_id: int,
        role: Role | None,
        muted: bool | None,
        banned: bool | None,
    ) -> Member: ...


# Far longer than any name may be: the action says how long that is, in its own words.
Typed = Annotated[StrictStr, Field(max_length=1000)]


# Bodies are models of pydantic itself: a `Schema` of django-ninja reads the attributes of whatever
# it gets, so that [] would pass for an object whose fields may all be absent.


class NewRoom(BaseModel):
    name: Typed
    preset: Typed = DEFAULT_PRESET


class Joining(BaseModel):
    name: Typed | None = None


class RoomChange(BaseModel):
    name: Typed | None = None
    preset: Typed | None = None
    # What is right for each, and the words about it, are the rules' own business.
    rules: dict[Typed, StrictBool | StrictInt | Typed | None] | None = None


class MemberChange(BaseModel):
    name: Typed | None = None
    role: Role | None = None
    muted: StrictBool | None = None
    banned: StrictBool | None = None


def router(
    read_snapshot: ReadSnapshot,
    read_members: ReadMembers,
    change_rules: ChangeRules,
    moderate: ChangeMember,
) -> Router:
    """The operations on rooms, given those that reach beyond them: into what waits and plays."""

    def snapshot(request: HttpRequest, code: str) -> HttpResponse:
        return _snapshot(request, access.member(request, code), read_snapshot)

    def members(request: HttpRequest, code: str) -> HttpResponse:
        items = read_members(access.member(request, code))
        return JsonResponse({"items": items, "next": None})

    def change_room(request: HttpRequest, code: str, body: RoomChange) -> HttpResponse:
        room = _change_room(access.changer(request, code), body, change_rules)
        return JsonResponse({**room_shape(room, host_id=room.host_id())})

    def change_member(
        request: HttpRequest, code: str, member_id: str, body: MemberChange
    ) -> HttpResponse:
        by, target = access.changer(request, code), whole_number(member_id, UnknownMember())
        changed = _change_member(by, target, body, moderate)
        return JsonResponse({**member_shape(changed, now_ms=clock.now_ms())})

    rooms = Router(tags=["rooms"])
    rooms.post("", response={201: RoomShape}, summary="Open a room; the caller hosts it")(open_room)
    rooms.post("/{code}/join", summary="Become a member; again is the same member")(join)
    rooms.get("/{code}", summary="The snapshot; its ETag is the revision and who asks")(snapshot)
    rooms.patch("/{code}", response=RoomShape, summary="Rename the room, change its rules (host)")(
        change_room
    )
    rooms.post("/{code}/end", response=RoomShape, summary="End the room (host)")(end_room)
    rooms.get("/{code}/members", summary="Everybody in the room")(members)
    rooms.patch(
        "/{code}/members/{member_id}",
        response=MemberShape,
        summary="Rename oneself; change a role, mute or remove somebody (host, co-host)",
    )(change_member)
    return rooms


def open_room(request: HttpRequest, body: NewRoom) -> HttpResponse:
    guest = guest_of(request)
    if answer := repeated(request, guest):
        return _remembering(answer, guest)
    access.count_by_guest(request, "ROOMS")

    def perform() -> HttpResponse:
        address = access.address_of(request)
        host = actions.open_room(guest=guest, name=body.name, preset=body.preset, address=address)
        return JsonResponse({**room_shape(host.room, host_id=host.pk)}, status=201)

    return _remembering(once(request, guest, perform), guest)


def join(request: HttpRequest, code: str, body: Joining) -> HttpResponse:
    guest = guest_of(request)
    if answer := repeated(request, guest):
        return _remembering(answer, guest)
    address = access.address_of(request)
    known = access.guest_in(request.COOKIES)
    room = access.room(code, guest=known, address=address)
    access.count_join(request)

    def perform() -> HttpResponse:
        member = actions.join(room=room, guest=guest, name=body.name, address=address)
        return JsonResponse({"me": me_shape(member)})

    return _remembering(once(request, guest, perform), guest)


def end_room(request: HttpRequest, code: str) -> HttpResponse:
    member = access.changer(request, code)

    def perform() -> HttpResponse:
        room = actions.end_room(by=member)
        return JsonResponse({**room_shape(room, host_id=member.pk)})

    return once(request, member.guest, perform)


def whole_number(text: str, otherwise: Exception) -> int:
    """An id from an address; ids are opaque to clients, so one that cannot be is simply unknown."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise otherwise


def _snapshot(request: HttpRequest, member: Member, read_snapshot: ReadSnapshot) -> HttpResponse:
    actions.arrive(member=member)
    tag = f'"{member.room.revision}-{member.pk}"'
    if _knows(request, tag):
        response = HttpResponse(status=304)
    else:
        read = read_snapshot(member)
        tag = f'"{read["revision"]}-{member.pk}"'
        response = JsonResponse(read)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


def _knows(request: HttpRequest, tag: str) -> bool:
    """Whether the client has what the tag names (proxies that compress make tags weak)."""
    told = parse_etags(request.headers.get("If-None-Match", ""))
    return tag in [each.removeprefix("W/") for each in told]


@transaction.atomic  # what is refused in part is refused whole
def _change_room(by: Member, body: RoomChange, change_rules: ChangeRules) -> Room:
    room = by.room
    if body.name is not None:
        room = actions.rename_room(by=by, name=body.name)
    if body.preset is not None or body.rules is not None:
        room = change_rules(by=by, preset=body.preset, changes=body.rules)
    return room


@transaction.atomic  # what is refused in part is refused whole
def _change_member(by: Member, target: int, body: MemberChange, moderate: ChangeMember) -> Member:
    changed = None
    if body.name is not None:
        if target != by.pk:
            raise NotAllowed("Everybody chooses their own name.")
        changed = actions.rename(member=by, name=body.name)
    if (body.role, body.muted, body.banned) != (None, None, None):
        changed = moderate(
            by=by, member_id=target, role=body.role, muted=body.muted, banned=body.banned
        )
    if changed is None:
        changed = by.room.members.arrived().filter(pk=target).first()
        if changed is None:
            raise UnknownMember
    return changed


def _remembering(response: HttpResponse, guest: uuid.UUID) -> HttpResponse:
    access.remember(response, guest)
    return response
