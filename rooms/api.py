"""Rooms and members over HTTP."""

from __future__ import annotations

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import parse_etags
from django.utils.translation import gettext_noop as _
from ninja import Field, Router
from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from rooms import access, actions, clock, presence
from rooms.actions.moderation import Reach, Terms, count_others_of_network
from rooms.acts import MODERATE
from rooms.auth import guest_of
from rooms.changes import changing
from rooms.errors import Invalid, NotAllowed, UnknownLogEntry, UnknownMember
from rooms.log import log_in_english
from rooms.models import LogEntry, Member, Room
from rooms.receipts import once, repeated
from rooms.roles import Role
from rooms.rules import DEFAULT_PRESET
from rooms.shapes import (
    MemberShape,
    RoomShape,
    log_entry_shape,
    me_shape,
    member_shape,
    room_shape,
)
from rooms.snapshot import read_part, read_snapshot

LOG_PAGE = 50
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


class NewHost(BaseModel):
    member: Typed


class MemberChange(BaseModel):
    name: Typed | None = None
    role: Role | None = None
    muted: StrictBool | None = None
    banned: StrictBool | None = None
    # Of a mute or a ban: the reason that the person reads, for how long, whom a ban meets.
    why: Typed = ""
    minutes: StrictInt | None = None
    reach: Reach = Reach.NEWCOMERS


router = Router(tags=["rooms"])


@router.post("", response={201: RoomShape}, summary="Open a room; the caller hosts it")
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


@router.post("/{code}/join", summary="Become a member; again is the same member")
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


@router.get("/{code}", summary="The snapshot; its ETag is the revision and who asks")
def snapshot(request: HttpRequest, code: str) -> HttpResponse:
    return _snapshot(request, access.member(request, code))


@router.patch("/{code}", response=RoomShape, summary="Rename the room, change its rules (host)")
def change_room(request: HttpRequest, code: str, body: RoomChange) -> HttpResponse:
    room = _change_room(access.changer(request, code), body)
    return JsonResponse({**room_shape(room, host_id=room.host_id())})


@router.post("/{code}/end", response=RoomShape, summary="End the room (host)")
def end_room(request: HttpRequest, code: str) -> HttpResponse:
    member = access.changer(request, code)

    def perform() -> HttpResponse:
        room = actions.end_room(by=member)
        return JsonResponse({**room_shape(room, host_id=member.pk)})

    return once(request, member.guest, perform)


@router.post("/{code}/leave", response={204: None}, summary="Leave the room for good")
def leave(request: HttpRequest, code: str) -> HttpResponse:
    guest = guest_of(request)
    if answer := repeated(request, guest):
        return answer
    member = access.changer(request, code)

    def perform() -> HttpResponse:
        actions.leave(member=member)
        return HttpResponse(status=204)

    return once(request, guest, perform)


@router.put("/{code}/host", response=RoomShape, summary="Hand the room over for good (host)")
def hand_over(request: HttpRequest, code: str, body: NewHost) -> HttpResponse:
    by, target = access.changer(request, code), whole_number(body.member, UnknownMember())
    room = actions.hand_over(by=by, member_id=target)
    return JsonResponse({**room_shape(room, host_id=room.host_id())})


@router.get("/{code}/members", summary="Everybody in the room, and who of them is here")
def members(request: HttpRequest, code: str) -> HttpResponse:
    room_id = access.member(request, code).room_id
    here = set(
        Member.objects.present(clock.now_ms()).filter(room=room_id).values_list("pk", flat=True)
    )
    items = [
        {**member, "here": int(member["id"]) in here} for member in read_part(room_id, "members")
    ]
    return JsonResponse({"items": items, "next": None})


@router.patch(
    "/{code}/members/{member_id}",
    response=MemberShape,
    summary="Rename oneself; change a role, mute or remove somebody (host, co-host)",
)
def change_member(
    request: HttpRequest, code: str, member_id: str, body: MemberChange
) -> HttpResponse:
    by, target = access.changer(request, code), whole_number(member_id, UnknownMember())
    return JsonResponse({**member_shape(_change_member(by, target, body))})


@router.get(
    "/{code}/members/{member_id}/network",
    summary="How many others came from somebody's network (host, co-host)",
)
def network(request: HttpRequest, code: str, member_id: str) -> HttpResponse:
    by, target = access.member(request, code), whole_number(member_id, UnknownMember())
    others = count_others_of_network(by=by, room=by.room, member_id=target)
    return JsonResponse({"others": others})


@router.get("/{code}/log", summary="Who did what to whom and why, the latest first (host, co-host)")
def log(request: HttpRequest, code: str, cursor: str = "") -> HttpResponse:
    member = access.member(request, code)
    member.require(MODERATE)
    entries = LogEntry.objects.filter(room=member.room).select_related("by", "target")
    if cursor:
        entries = entries.filter(pk__lt=whole_number(cursor, Invalid(_("That is no cursor."))))
    page = list(entries.order_by("-pk")[: LOG_PAGE + 1])
    items = [{**log_entry_shape(entry), "says": log_in_english(entry)} for entry in page[:LOG_PAGE]]
    return JsonResponse({"items": items, "next": items[-1]["id"] if len(page) > LOG_PAGE else None})


@router.post(
    "/{code}/log/{entry_id}/undo", summary="Take back what the log tells of (host, co-host)"
)
def undo(request: HttpRequest, code: str, entry_id: str) -> HttpResponse:
    member, target = access.changer(request, code), whole_number(entry_id, UnknownLogEntry())

    def perform() -> HttpResponse:
        return JsonResponse({**log_entry_shape(actions.undo_logged(by=member, entry_id=target))})

    return once(request, member.guest, perform)


def whole_number(text: str, otherwise: Exception) -> int:
    """An id from an address; ids are opaque to clients, so one that cannot be is simply unknown."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    raise otherwise


def _snapshot(request: HttpRequest, member: Member) -> HttpResponse:
    actions.arrive(member=member)
    presence.note_poll(member)
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


def _change_room(by: Member, body: RoomChange) -> Room:
    with changing(by) as change:  # what is refused in part is refused whole
        if body.name is not None:
            actions.rename_room(by=by, name=body.name)
        if body.preset is not None or body.rules is not None:
            actions.change_rules(by=by, preset=body.preset, changes=body.rules)
        return change.room


def _change_member(by: Member, target: int, body: MemberChange) -> Member:
    with changing(by) as change:  # what is refused in part is refused whole
        changed = None
        if body.name is not None:
            if target != by.pk:
                raise NotAllowed(_("Everybody chooses their own name."), detail="own_name")
            changed = actions.rename(member=by, name=body.name)
        if (body.role, body.muted, body.banned) != (None, None, None):
            changed = actions.change_member(
                by=by,
                member_id=target,
                role=body.role,
                muted=body.muted,
                banned=body.banned,
                terms=Terms(body.why, body.minutes, body.reach),
            )
        if changed is None:
            changed = Member.objects.arrived().filter(room=change.room, pk=target).first()
        if changed is None:
            raise UnknownMember
        return changed


def _remembering(response: HttpResponse, guest: uuid.UUID) -> HttpResponse:
    access.remember(response, guest)
    return response
