"""What can be done to a room itself: open it, name it, set its rules, end it."""

import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from typing import Any

from django.db import IntegrityError, transaction

from rooms import clock, rules
from rooms.actions.facts import check_entry, origin_of
from rooms.actors import Actor
from rooms.acts import GOVERN
from rooms.changes import Change, changing
from rooms.codes import new_code
from rooms.events import RoomChanged, RoomHasEnded
from rooms.features import installed_features
from rooms.models import ROOM_NAME_LENGTH, LogEntry, Member, Room, RoomState
from rooms.names import cleaned, made_up_name
from rooms.roles import Role
from rooms.rules import DEFAULT_PRESET
from rooms.shapes import RoomShape, room_shape

# 31^6 codes: two rooms drawing the same one is rare, several times in a row is a fault elsewhere.
CODE_DRAWS = 5


def open_room(
    *, guest: uuid.UUID, name: str, preset: str = DEFAULT_PRESET, address: str = ""
) -> Member:
    """Open a live room under a fresh code; the guest, at this network address, hosts it.

    Raises `Invalid`, and what features have against it.
    """
    check_entry(guest, address)
    if preset != DEFAULT_PRESET:
        preset = rules.preset(preset).key
    name = cleaned(name, what="room_name", length=ROOM_NAME_LENGTH)
    for draw in range(1, CODE_DRAWS + 1):
        try:
            with transaction.atomic():
                room = Room.objects.create(name=name, code=new_code(), preset=preset)
                return Member.objects.create(
                    room=room,
                    guest=guest,
                    name=made_up_name(),
                    role=Role.HOST,
                    origin=origin_of(room, address),
                    seen_at_ms=clock.now_ms(),
                )
        except IntegrityError:
            if draw == CODE_DRAWS:
                raise
    raise AssertionError("unreachable: the last draw returns or raises")


def rename_room(*, by: Actor, name: str) -> Room:
    """Raises `NotAllowed`, `Invalid`."""
    name = cleaned(name, what="room_name", length=ROOM_NAME_LENGTH)
    with changing(by) as change:
        by.require(GOVERN)
        room = change.room
        if name != room.name:
            change.log("room.renamed", by=by, facts={"name": name, "was": room.name})
            room.name = name
            room.save(update_fields=["name"])
            change.publish(RoomChanged(_shape(room)))
        return room


def undo_rename_room(by: Actor, entry: LogEntry) -> None:
    """Give the room the name that it had before that entry."""
    rename_room(by=by, name=entry.facts["was"])


def change_rules(
    *, by: Actor, preset: str | None = None, changes: Mapping[str, Any] | None = None
) -> Room:
    """Give a room a preset's rules as they are, other rules, or both in this order.

    What follows from them in each app happens in the same change. Raises `NotAllowed`, `Invalid`.
    """
    with changing(by) as change:
        by.require(GOVERN)
        set_rules(change, actor=by, preset=preset, changes=changes)
        return change.room


def set_rules(
    change: Change,
    *,
    actor: Actor,
    preset: str | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """As `change_rules`, in a locked room, for a caller that has checked what the actor may."""
    with ExitStack() as stack:
        for feature in installed_features():
            if feature.around_rules_change is not None:
                stack.enter_context(feature.around_rules_change(change))
        _set_rules(change, actor, preset, changes or {})


def undo_change_rules(by: Actor, entry: LogEntry) -> None:
    """Give the room the rules that it had before that entry."""
    change_rules(by=by, preset=entry.facts["preset"], changes=entry.facts["own_rules"])


def _set_rules(change: Change, by: Actor, preset: str | None, changes: Mapping[str, Any]) -> None:
    room = change.room
    wanted = room.rules if preset is None else rules.preset(preset).rules
    wanted = wanted.with_changes(changes)
    preset = preset or room.preset
    own_rules = wanted.different_from(rules.read_rules(preset, {}))
    if (preset, own_rules) != (room.preset, room.own_rules):
        before = {"preset": room.preset, "own_rules": room.own_rules}
        change.log("rules.changed", by=by, facts=before)
        room.preset, room.own_rules = preset, own_rules
        room.save(update_fields=["preset", "own_rules"])
        change.publish(RoomChanged(_shape(room)))


def end_room(*, by: Actor, why: str = "") -> Room:
    """Close the room for good: it can still be read, but nothing in it changes any more.

    The reason is in the room's log. Raises `NotAllowed`, or `RoomEnded` when it already has.
    """
    with changing(by) as change:
        by.require(GOVERN)
        end_locked_room(change, actor=by, why=why)
        return change.room


def end_locked_room(
    change: Change, *, actor: Actor, log: str = "room.ended", why: str = ""
) -> None:
    """Close a locked room for good, and note it in the log as this kind."""
    room = change.room
    room.state = RoomState.ENDED
    room.ended_at_ms = clock.now_ms()
    room.save(update_fields=["state", "ended_at_ms"])
    change.publish(RoomHasEnded(_shape(room)))
    change.log(log, by=actor, why=why)


def _shape(room: Room) -> RoomShape:
    return room_shape(room, host_id=room.host_id())
