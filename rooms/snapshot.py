"""The whole of a room as plain data: all that a client needs to draw it.

It is put together from the parts that the apps declare. Each process keeps what it has read of a
part for some seconds, or until an event changes that part, so a vote costs nothing for the list of
members. Only `me` differs from person to person.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cachetools import LRUCache, TTLCache
from django.db.models import F

from rooms import clock
from rooms.audience import EVERYONE, Audience, audiences_of
from rooms.errors import RoomEnded
from rooms.features import installed_parts
from rooms.frames import encode_json
from rooms.models import Member, Room, RoomState
from rooms.parts import Part
from rooms.presence import presence_in
from rooms.shapes import me_shape

Snapshot = dict[str, Any]

# Parts that are kept in this process: those of some 256 rooms. The parts of a full room with 2,000
# members and 500 items take about 500 KB.
KEPT_PARTS = 2048
# Parts also name what lies outside of the room, such as how much is on a shelf. No event tells of
# that, so nothing is kept for longer.
KEPT_MS = 30_000
# Stands for somebody of the site's staff who looks at a room and is no member: no id is 0.
OBSERVER = 0
# A part that is read while somebody changes it is read again, at most 3 times.
READS = 3


@dataclass(frozen=True)
class PartState:
    """A part at one revision, as data and, for sockets, as JSON."""

    revision: int
    data: Any

    @cached_property
    def encoded(self) -> str:
        return encode_json(self.data)


@dataclass(frozen=True)
class RoomView:
    """A room at one revision, with the parts that were asked for, by name."""

    room: Room
    parts: Mapping[str, PartState]

    def data(self) -> Snapshot:
        return {name: part.data for name, part in self.parts.items()}


@dataclass(frozen=True)
class SocketSnapshot:
    """One member's snapshot, encoded, and the audiences that it was made for."""

    revision: int
    audiences: frozenset[Audience]
    text: str


_kept: TTLCache[tuple[int, str], PartState] = TTLCache(
    maxsize=KEPT_PARTS, ttl=KEPT_MS, timer=lambda: clock.now_ms()
)
_lock = threading.Lock()
# Threads that need the same room at the same moment wait for one of them to read it.
_reading: LRUCache[int, threading.Lock] = LRUCache(maxsize=1024)


def read_snapshot(member: Member) -> Snapshot:
    """The room of a member, who was read together with it, as this member sees it now."""
    known_at = member.room.revision
    view = _read(member.room_id, _visible_to(audiences_of(member)))
    if view.room.revision != known_at:
        # The page goes on from the room's revision, so nothing of `me` may be older.
        member = Member.objects.filter(pk=member.pk).first() or member
    now_ms = clock.now_ms()
    return {
        "type": "snapshot",
        "revision": view.room.revision,
        "server_ms": now_ms,
        "me": _read_own(view.room, [member])[member.pk],
        "presence": presence_in(member.room_id, now_ms),
        **view.data(),
    }


def read_part(room_id: int, name: str) -> Any:
    """One part of a room, as everybody in its audience sees it."""
    return read_parts(room_id, name)[name]


def read_parts(room_id: int, *names: str) -> Snapshot:
    """These parts of a room, by name, all at one revision, as everybody in their audiences."""
    return _read(room_id, [part for part in installed_parts() if part.name in names]).data()


def read_snapshots(
    room_id: int, member_ids: Collection[int], presence: Any
) -> dict[int, SocketSnapshot]:
    """The room as each of these members sees it; in as many queries for all as for one.

    `presence` is who is here, as the relay of this process has told it. `OBSERVER` among the ids
    gets what everybody sees, and no `me`. Members who were removed get none; who gets another role
    meanwhile gets what both roles may see. Raises `RoomEnded`, `Room.DoesNotExist`.
    """
    there = Member.objects.inside().filter(room_id=room_id, pk__in=member_ids)
    asking = there.annotate(known_at=F("room__revision"))
    members = list(asking)
    before = {member.pk: audiences_of(member) for member in members}
    view = _read(room_id, _visible_to(frozenset().union(*before.values())))
    if view.room.state == RoomState.ENDED:
        raise RoomEnded
    # Django's types lose what a queryset of our own annotates.
    if any(member.known_at != view.room.revision for member in members):  # type: ignore[attr-defined]
        # Events up to the room's revision are told no more, so nothing of `me` may be older.
        members = [member for member in asking.all() if member.pk in before]
    views = {member.pk: audiences_of(member) & before[member.pk] for member in members}
    own: dict[int, Snapshot | None] = {**_read_own(view.room, members)}
    if OBSERVER in member_ids:
        views[OBSERVER], own[OBSERVER] = frozenset(), None
    shared: dict[tuple[str, ...], str] = {}
    snapshots = {}
    for member_id, audiences in views.items():
        names = tuple(part.name for part in _visible_to(audiences))
        if names not in shared:
            shared[names] = "".join(f',"{name}":{view.parts[name].encoded}' for name in names)
        head = (
            f'{{"type":"snapshot","revision":{view.room.revision},"server_ms":{clock.now_ms()},'
            f'"presence":{encode_json(presence)},"me":{encode_json(own[member_id])}'
        )
        text = f"{head}{shared[names]}}}"
        snapshots[member_id] = SocketSnapshot(view.room.revision, audiences, text)
    return snapshots


def clear_kept_parts() -> None:
    """Empty the cache of parts."""
    with _lock:
        _kept.clear()


def _visible_to(audiences: Collection[Audience]) -> list[Part]:
    return [part for part in installed_parts() if part.audience in (EVERYONE, *audiences)]


def _read_own(room: Room, members: Collection[Member]) -> dict[int, Snapshot]:
    """The personal facts of these members, by id: themselves, and what each part adds."""
    own: dict[int, Snapshot] = {member.pk: {**me_shape(member)} for member in members}
    for part in installed_parts():
        if part.read_own is not None:
            for member_id, fields in part.read_own(room, members).items():
                own[member_id].update(fields)
    return own


def _read(room_id: int, wanted: Collection[Part]) -> RoomView:
    """These parts of a room, all at one revision."""
    room = Room.objects.get(pk=room_id)
    states = _kept_parts(room, wanted)
    if len(states) == len(wanted):
        return RoomView(room, states)
    with _lock:
        one_at_a_time = _reading.setdefault(room_id, threading.Lock())
    with one_at_a_time:
        for _ in range(READS):
            states = _kept_parts(room, wanted)
            fresh = {
                part.name: PartState(part.revision_in(room), part.read(room))
                for part in wanted
                if part.name not in states
            }
            view = RoomView(room, {part.name: (states | fresh)[part.name] for part in wanted})
            room = Room.objects.get(pk=room_id) if fresh else room
            if room.revision == view.room.revision:
                with _lock:
                    _kept.update({(room_id, name): state for name, state in fresh.items()})
                break
        # A room that changed during all reads gives parts that are newer than the revision says.
        # The events that follow carry absolute values, so they lead to the same state.
        return view


def _kept_parts(room: Room, wanted: Collection[Part]) -> dict[str, PartState]:
    """Those of these parts that are kept as they are at the room's revision."""
    with _lock:
        kept = {part: _kept.get((room.pk, part.name)) for part in wanted}
    return {
        part.name: state
        for part, state in kept.items()
        if state is not None and state.revision == part.revision_in(room)
    }
