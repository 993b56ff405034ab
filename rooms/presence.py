"""Who is here: noise, not history. Unnumbered, batched, at most once a second in a room.

An open socket is the sign of life. Each process writes for its own sockets, in all rooms together,
and the members of a process that died fade out when their last sign of life grows old.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from channels.db import database_sync_to_async
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from rooms import clock
from rooms.features import installed_features
from rooms.group import send
from rooms.models import ACTIVE_FOR_MS, HERE_FOR_MS, HOST_AWAY_AFTER_MS, Member
from rooms.roles import Role

logger = logging.getLogger(__name__)

# People come and go in bursts, and a page that reloads is gone for a moment only.
SETTLE_S = 1.0
# Who moves to another process is noted there within 2 s, and has not left the room.
MOVING_S = 2.0
# A crowd (`settings.PRESENCE_CROWD`) ends a tenth below where it begins.
CROWD_MARGIN = 0.1
# A refresh well within `HERE_FOR_MS`, so that nobody who is connected fades out.
REFRESH_S = 7.0

# A page without a socket reads the snapshot every 3 s; one write in this time keeps it present.
POLLS_COUNT_EVERY_MS = 8_000

Summary = dict[str, Any]


@dataclass(frozen=True)
class InRoom:
    """Ids of the members who are `here` in a room; `active` are they and who left a minute ago.

    `hosts` has the host, unless away for 2 minutes. `tvs` are those who show the room on a TV.
    """

    here: set[int] = field(default_factory=set)
    active: set[int] = field(default_factory=set)
    hosts: set[int] = field(default_factory=set)
    tvs: set[int] = field(default_factory=set)

    @property
    def moves(self) -> tuple[set[int], set[int]]:
        """What features are told of when it is other than before."""
        return self.active, self.hosts


class Attendance:
    """The members of one room who are connected to this process, and who is here at all."""

    def __init__(
        self,
        connected: Callable[[], set[int]],
        wake: Callable[[], None],
        on_tv: Callable[[], set[int]] = set,
        is_observed: Callable[[], bool] = bool,
    ) -> None:
        self.connected = connected
        self.is_observed = is_observed
        self.on_tv = on_tv
        self.tvs: set[int] = set()  # members who show the room on a TV, as it was told
        self.tvs_seen: set[int] = set()  # those whose TV was connected when it was last written
        self.seen: set[int] = set()  # those who were connected when it was last written
        self.here: set[int] | None = None  # members here in any process, as this room was told
        self.last_read: InRoom | None = None  # who was there when that was last read
        self.has_changed = False
        self.deserted = asyncio.Event()
        self._is_crowd = False
        self._wake = wake

    def schedule_update(self) -> None:
        """Somebody came or went: the room hears of it within a second or so."""
        self.has_changed = True
        self._wake()

    def apply(self, message: Mapping[str, Any]) -> Summary | None:
        """Take in who came and left, as a process said; returns what that changes for clients.

        Another process may not know yet that somebody moved over to this one.
        """
        had_tvs, self.tvs = self.tvs, set(message.get("tvs", self.tvs))
        news = self._take_in(message)
        if self.tvs == had_tvs or (news is not None and "tvs" in news):
            return news
        return {**(news or {"came": [], "left": []}), "tvs": _ids(self.tvs)}

    def _take_in(self, message: Mapping[str, Any]) -> Summary | None:
        before = self.here
        if "here" in message:
            self.here = set(message["here"])
        elif before is None:
            return None  # a difference to what is not known here yet: this process writes soon
        else:
            self.here = before - {*message.get("left", ())} | {*message.get("came", ())}
        if self.connected() - self.here:
            self.schedule_update()
        was_crowd, self._is_crowd = self._is_crowd, is_crowd(len(self.here), self._is_crowd)
        if before is None or was_crowd != self._is_crowd:
            return self.summary
        if self._is_crowd:
            return None if len(before) == len(self.here) else self.summary
        came, left = self.here - before, before - self.here
        return {"came": _ids(came), "left": _ids(left)} if came or left else None

    @property
    def summary(self) -> Summary:
        """Who is here: `{"here": [ids]}`, or only `{"count": n}` in a crowd."""
        here = self.connected() if self.here is None else self.here
        return summary_of(here, is_crowd(len(here), self._is_crowd), self.tvs)


class Presence:
    """Keeps the members who are connected to this process present, in all its rooms together."""

    def __init__(self) -> None:
        self._rooms: dict[int, Attendance] = {}
        self._woken = asyncio.Event()
        self._left: set[int] = set()  # who has left, until the features have taken it in
        self._changed: set[int] = set()  # rooms in which others are active, until taken in
        self._notifying: asyncio.Task[None] | None = None

    def watch_room(
        self,
        room_id: int,
        connected: Callable[[], set[int]],
        on_tv: Callable[[], set[int]],
        *,
        is_observed: Callable[[], bool] = bool,
    ) -> Attendance:
        """Watch who is in a room. `connected` gives the members who have a socket here now, `on_tv`
        those of them who have one on a TV. While it `is_observed` by somebody who is no member, it
        is watched, too.

        It is `deserted`, and watched no more, when nobody has had one for a moment.
        """
        attendance = self._rooms[room_id] = Attendance(
            connected, self._woken.set, on_tv, is_observed
        )
        return attendance

    async def run_updates(self) -> None:
        """Write and tell who is here, for ever."""
        loop = asyncio.get_running_loop()
        refresh_at = loop.time() + REFRESH_S
        while True:
            # Nothing may change here for long, and others fade out all the same.
            with suppress(TimeoutError):
                async with asyncio.timeout_at(refresh_at):
                    await self._woken.wait()
            await asyncio.sleep(SETTLE_S)
            self._woken.clear()
            refreshes = loop.time() >= refresh_at
            if refreshes:
                refresh_at = loop.time() + REFRESH_S
            due = {pk: room for pk, room in self._rooms.items() if room.has_changed or refreshes}
            await self._write(due)

    async def _write(self, rooms: dict[int, Attendance]) -> None:
        present = {room_id: room.connected() for room_id, room in rooms.items()}
        gone = [room.seen - present[room_id] for room_id, room in rooms.items()]
        on_tv = {room_id: room.on_tv() for room_id, room in rooms.items()}
        tvs_gone = [room.tvs_seen - on_tv[room_id] for room_id, room in rooms.items()]
        tvs = dict.fromkeys(set().union(*tvs_gone), False) | dict.fromkeys(
            set().union(*on_tv.values()), True
        )
        for room in rooms.values():
            room.has_changed = False
        try:
            found = await database_sync_to_async(write_presence)(present, set().union(*gone), tvs)
        except DatabaseError:
            logger.warning("presence in %s rooms was not written", len(rooms))
            for room in rooms.values():
                room.schedule_update()
            return
        self._left = (self._left | set().union(*gone)) - set().union(*present.values())
        for room_id, room in rooms.items():
            room.seen, room.tvs_seen = present[room_id], on_tv[room_id]
            if message := _difference(room.here, found[room_id].here):
                send(room_id, {"kind": "presence", **message, "tvs": sorted(found[room_id].tvs)})
            elif room.tvs != found[room_id].tvs:
                tvs_told = sorted(found[room_id].tvs)
                send(room_id, {"kind": "presence", "came": [], "left": [], "tvs": tvs_told})
            before, room.last_read = room.last_read, found[room_id]
            if before is None or before.moves != found[room_id].moves:
                self._changed.add(room_id)
            if not room.seen and not room.has_changed and not room.is_observed():
                del self._rooms[room_id]
                room.deserted.set()
        if (self._left or self._changed) and self._notifying is None:
            self._notifying = asyncio.create_task(self._notify_features())

    async def _notify_features(self) -> None:
        """Let the features take in who has left and where others are active than before.

        Beside all else, since they may lock rooms.
        """
        await asyncio.sleep(MOVING_S)
        left, self._left = self._left, set()
        changed, self._changed = self._changed, set()
        try:
            notify = database_sync_to_async(notify_features, thread_sensitive=False)
            await notify(left, changed)
        except DatabaseError:
            logger.warning("the features were not told who has come and left")
            # They are with the next news, after `REFRESH_S` at the latest.
            self._left |= left
            self._changed |= changed
        except Exception:
            logger.exception("a feature did not take in who has come and left")
        finally:
            self._notifying = None


def notify_features(member_ids: Collection[int], room_ids: Collection[int]) -> None:
    """Let what follows in each app follow.

    For those of these members who are in no process here, and for rooms in which others are active.
    """
    try:
        here = Member.objects.present(clock.now_ms()).filter(pk__in=member_ids)
        left = {*member_ids} - {*here.values_list("pk", flat=True)}
        for feature in installed_features():
            if left and feature.after_members_left is not None:
                feature.after_members_left(left)
            if room_ids and feature.after_activity_change is not None:
                feature.after_activity_change(room_ids)
    finally:
        if not connection.in_atomic_block:
            connection.close()  # threads of the default pool come and go


def note_poll(member: Member) -> None:
    """Somebody reads the room, with or without a socket: a sign of life, written each 8 s."""
    now_ms = clock.now_ms()
    if member.room.is_live and (member.seen_at_ms or 0) < now_ms - POLLS_COUNT_EVERY_MS:
        _set({member.pk}, seen_at_ms=now_ms)


def write_presence(
    present: Mapping[int, set[int]], gone: set[int], tvs: Mapping[int, bool] | None = None
) -> dict[int, InRoom]:
    """Note who is here in these rooms and who has left, in as many queries for all as for one.

    A member whom somebody else writes just then costs one more. Returns, by room, who is there, in
    any process.
    """
    now_ms = clock.now_ms()
    _set(set().union(*present.values()), seen_at_ms=now_ms)
    for is_on, at_ms in ((True, now_ms), (False, now_ms - HERE_FOR_MS)):
        _set({pk for pk, on in (tvs or {}).items() if on == is_on}, screen_at_ms=at_ms)
    # Not "never seen": they were here until just now, which keeps the room awake.
    _set(gone, seen_at_ms=now_ms - HERE_FOR_MS)
    found = {room_id: InRoom() for room_id in present}
    recent = Q(seen_at_ms__gt=now_ms - ACTIVE_FOR_MS) | Q(role=Role.HOST)
    rows = Member.objects.inside().filter(recent, room__in=present)
    facts = rows.values_list("pk", "room_id", "seen_at_ms", "role", "screen_at_ms")
    for pk, room_id, seen_at_ms, role, screen_at_ms in facts:
        age_ms = now_ms - (seen_at_ms or 0)
        if age_ms < ACTIVE_FOR_MS:
            found[room_id].active.add(pk)
        if age_ms < HERE_FOR_MS:
            found[room_id].here.add(pk)
            if now_ms - (screen_at_ms or 0) < HERE_FOR_MS:
                found[room_id].tvs.add(pk)
        if role == Role.HOST and age_ms < HOST_AWAY_AFTER_MS:
            found[room_id].hosts.add(pk)
    return found


def presence_in(room_id: int, now_ms: int) -> Summary:
    """Who is in a room now, as the database has it: see `Attendance.summary`."""
    present = Member.objects.present(now_ms).filter(room_id=room_id)
    seen = dict(present.values_list("pk", "screen_at_ms"))
    tvs = {pk for pk, screen_at_ms in seen.items() if now_ms - (screen_at_ms or 0) < HERE_FOR_MS}
    return summary_of(seen, is_crowd(len(seen), False), tvs)


def is_crowd(count: int, was_crowd: bool) -> bool:
    """Whether so many are here that only their number is told.

    Who they are would be a message of some KB to each of them, whenever one comes or goes. A crowd
    ends below where it begins, so that a room at the limit does not change all the time.
    """
    begins: int = settings.PRESENCE_CROWD
    return count > (begins * (1 - CROWD_MARGIN) if was_crowd else begins)


def summary_of(here: Collection[int], is_crowd: bool, tvs: Collection[int] = ()) -> Summary:
    """The members who are here, or only their number; and who shows the room on a TV, if any."""
    summary: Summary = {"count": len(here)} if is_crowd else {"here": _ids(here)}
    return {**summary, "tvs": _ids(tvs)} if tvs else summary


def _difference(told: set[int] | None, here: set[int]) -> dict[str, list[int]] | None:
    """The message of a process to all about who is here; None when nothing has changed."""
    if told is None:
        return {"here": sorted(here)}
    came, left = sorted(here - told), sorted(told - here)
    return {"came": came, "left": left} if came or left else None


def _ids(members: Collection[int]) -> list[str]:
    return [str(member_id) for member_id in sorted(members)]


def _set(member_ids: set[int], **fields: int | bool) -> None:
    """Write many members without ever holding one while waiting for another.

    An action may write two members of its room in any order, and so may other processes here:
    whoever held one of them and waited for the next could stop all for good. What is free is
    locked and written together; what is not is waited for singly.
    """
    if not member_ids:
        return
    with transaction.atomic():
        # `no_key`: a vote that refers to a member is no reason to wait, on either side.
        free = Member.objects.select_for_update(skip_locked=True, no_key=True)
        written = set(free.filter(pk__in=member_ids).values_list("pk", flat=True))
        Member.objects.filter(pk__in=written).update(**fields)
    for member_id in member_ids - written:
        Member.objects.filter(pk=member_id).update(**fields)
