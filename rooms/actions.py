"""What can be done to a room and its members. Nothing else changes them."""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from rooms import clock, errors, rules
from rooms.codes import new_code
from rooms.errors import Banned, Invalid, NotAllowed, UnknownMember
from rooms.events import MemberChanged, RoomChanged, RoomEnded
from rooms.models import (
    NAME_LENGTH,
    ROOM_NAME_LENGTH,
    Member,
    Receipt,
    Room,
    RoomState,
)
from rooms.names import cleaned, made_up_name
from rooms.publish import changing, changing_by, dismiss, publish, tell
from rooms.roles import Act, Role
from rooms.rules import DEFAULT_PRESET
from rooms.shapes import RoomShape, me_shape, member_shape, room_shape

DAY_MS = 24 * 60 * 60 * 1000
# A member who has not opened the room an hour after joining is deleted.
NOT_ARRIVED_FOR_MS = 60 * 60 * 1000
# At most 500 members of one network wait in a room for their page to open, which takes seconds.
NOT_ARRIVED_KEPT = 500
# 31^6 codes: two rooms drawing the same one is rare, several times in a row is a fault elsewhere.
CODE_DRAWS = 5


def open_room(
    *, guest: uuid.UUID, name: str, preset: str = DEFAULT_PRESET, address: str = ""
) -> Member:
    """Open a live room under a fresh code; the guest, at this network address, hosts it.

    Raises `Invalid`.
    """
    preset = rules.preset(preset).key
    name = cleaned(name, what="A room name", length=ROOM_NAME_LENGTH)
    for draw in range(1, CODE_DRAWS + 1):
        try:
            with transaction.atomic():
                room = Room.objects.create(name=name, code=new_code(), preset=preset)
                return Member.objects.create(
                    room=room,
                    guest=guest,
                    name=made_up_name(),
                    role=Role.HOST,
                    origin=_origin(room, address),
                    seen_at_ms=clock.now_ms(),
                )
        except IntegrityError:
            if draw == CODE_DRAWS:
                raise
    raise AssertionError("unreachable: the last draw returns or raises")


def join(*, room: Room, guest: uuid.UUID, name: str | None = None, address: str = "") -> Member:
    """Make the guest, at this network address, a member; joining again is the same member.

    Nobody is told before they arrive: by opening the room (`arrive`), or by doing something.

    Raises `RoomEnded`, `Banned`, or `Invalid` for the name.
    """
    chosen = None if not name else cleaned(name, what="A name", length=NAME_LENGTH)
    with changing(room.pk) as room:
        member = Member.objects.filter(room=room, guest=guest).first()
        if member is not None and member.banned:
            raise Banned
        if member is None:
            origin = _origin(room, address)
            _drop_surplus(room, origin)
            member = Member.objects.create(
                room=room,
                guest=guest,
                name=chosen or made_up_name(),
                named=bool(chosen),
                origin=origin,
            )
        elif chosen and chosen != member.name:
            _rename(room, member, chosen)
        member.room = room
        return member


def arrive(*, member: Member) -> None:
    """Note that a member has opened the room, the first time, and tell the others."""
    if member.has_arrived or not member.room.is_live:
        return
    with suppress(errors.RoomEnded), changing_by(member):
        pass  # whatever a member does lets them arrive


def rename(*, member: Member, name: str) -> Member:
    """Give oneself another name. Raises `Invalid`."""
    name = cleaned(name, what="A name", length=NAME_LENGTH)
    with changing_by(member) as room:
        if name != member.name or not member.named:
            _rename(room, member, name)
        return member


def set_role(*, by: Member, member_id: int, role: Role) -> Member:
    """Make a member co-host or listener. Raises `NotAllowed`, `UnknownMember`, `Invalid`."""
    if role not in (Role.COHOST, Role.LISTENER):
        raise Invalid('A role is "cohost" or "listener".')
    with changing_by(by) as room:
        by.require(Act.GOVERN)
        member = _someone(room, member_id)
        if member.role == Role.HOST:
            raise NotAllowed("The host stays the host.")
        return _set(room, member, role=role)


def set_muted(*, by: Member, member_id: int, muted: bool) -> Member:
    """Let a member only vote, or no longer. Raises `NotAllowed`, `UnknownMember`."""
    with changing_by(by) as room:
        return _set(room, _below(room, by, member_id), muted=muted)


def set_banned(*, by: Member, member_id: int, banned: bool) -> Member:
    """Remove a member from the room, or let them back in. Their votes stay counted.

    Raises `NotAllowed`, `UnknownMember`.
    """
    with changing_by(by) as room:
        member = _set(room, _below(room, by, member_id), banned=banned)
        if banned:
            dismiss(room, member_id=member.pk)
        return member


def set_along(*, room: Room, member: Member, along: bool) -> None:
    """Note in a locked room whether a member hears the music on a device of their own."""
    _set(room, member, along=along)


def rename_room(*, by: Member, name: str) -> Room:
    """Raises `NotAllowed`, `Invalid`."""
    name = cleaned(name, what="A room name", length=ROOM_NAME_LENGTH)
    with changing_by(by) as room:
        by.require(Act.GOVERN)
        if name != room.name:
            room.name = name
            room.save(update_fields=["name"])
            publish(room, RoomChanged(_shape(room)))
        return room


def set_rules(
    *, room: Room, by: Member, preset: str | None = None, changes: Mapping[str, Any] | None = None
) -> None:
    """Give a locked room other rules: first those of the preset as it is, then the changes.

    Raises `NotAllowed`, `Invalid`. What follows from them for the queue is up to the caller.
    """
    by.require(Act.GOVERN)
    wanted = rules.preset(preset).rules if preset is not None else room.rules
    wanted = wanted.with_changes(changes or {})
    preset = preset or room.preset
    own_rules = wanted.different_from(rules.preset(preset).rules)
    if (preset, own_rules) != (room.preset, room.own_rules):
        room.preset, room.own_rules = preset, own_rules
        room.save(update_fields=["preset", "own_rules"])
        publish(room, RoomChanged(_shape(room)))


def end_room(*, by: Member) -> Room:
    """Close the room for good: it can still be read, but nothing in it changes any more.

    Raises `NotAllowed`, or `RoomEnded` when it already has.
    """
    with changing_by(by) as room:
        by.require(Act.GOVERN)
        room.state = RoomState.ENDED
        room.ended_at_ms = clock.now_ms()
        room.save(update_fields=["state", "ended_at_ms"])
        publish(room, RoomEnded(_shape(room)))
        return room


def erase_old(*, retention_days: int) -> int:
    """Delete what is kept for a while only.

    Ended rooms go past their retention; receipts, and the origins of who is gone, in a day; members
    who have not arrived, in an hour.

    Returns how many rooms were erased.
    """
    now_ms = clock.now_ms()
    Receipt.objects.filter(created_at_ms__lt=now_ms - DAY_MS).delete()
    Member.objects.not_arrived().filter(joined_at_ms__lt=now_ms - NOT_ARRIVED_FOR_MS).delete()
    gone = Member.objects.filter(seen_at_ms__lt=now_ms - DAY_MS)
    gone.exclude(origin="").update(origin="")
    old = Room.objects.ended_before(now_ms - retention_days * DAY_MS)
    ids = list(old.values_list("pk", flat=True))
    for room_id in ids:  # each in a transaction of its own: nobody waits for all of them
        Room.objects.filter(pk=room_id).delete()
    return len(ids)


def _origin(room: Room, address: str) -> str:
    """A short keyed hash of an address, to tell who came from the same one into this room.

    Its salt is the room's own: it leads back to no address, and into no other room.
    """
    if not address:
        return ""
    return salted_hmac(f"rooms.origin.{room.pk}", address, algorithm="sha256").hexdigest()[:16]


def _drop_surplus(room: Room, origin: str) -> None:
    """Make place for one more who has only joined: the longest-standing of this network go.

    So that one who joins under a thousand names fills neither the table nor the way in for others.
    """
    waiting = Member.objects.filter(room=room, origin=origin).not_arrived().order_by("-pk")
    surplus = waiting.values_list("pk", flat=True)[NOT_ARRIVED_KEPT - 1 :].first()
    if surplus is not None:
        waiting.filter(pk__lte=surplus).delete()


def _rename(room: Room, member: Member, name: str) -> None:
    _set(room, member, name=name, named=True)


def _someone(room: Room, member_id: int) -> Member:
    member = Member.objects.arrived().filter(room=room, pk=member_id).first()
    if member is None:
        raise UnknownMember
    return member


def _below(room: Room, by: Member, member_id: int) -> Member:
    """A member whom `by` may mute or remove: the host all others, a co-host only listeners."""
    by.require(Act.MODERATE)
    member = _someone(room, member_id)
    if member.role == Role.HOST or (member.role == Role.COHOST and by.role != Role.HOST):
        raise NotAllowed("A co-host can do that to listeners only.")
    return member


def _set(room: Room, member: Member, **fields: str | bool) -> Member:
    """Write the fields that differ, and publish if any did."""
    changed = [name for name, value in fields.items() if getattr(member, name) != value]
    if changed:
        for name in changed:
            setattr(member, name, fields[name])
        member.save(update_fields=changed)
        if member.has_arrived:
            publish(room, MemberChanged(member_shape(member, now_ms=clock.now_ms())))
        tell(room, member.pk, **me_shape(member))
    return member


def _shape(room: Room) -> RoomShape:
    return room_shape(room, host_id=room.host_id())
