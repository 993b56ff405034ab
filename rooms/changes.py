"""Changing a room: the lock, the revision, and the message to everybody after the commit.

Every action works inside `changing(actor)`, which locks the room and yields a `Change`. Only a
change can publish, and only while it is open.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db import transaction

from rooms import clock
from rooms.actors import Actor, member_of
from rooms.audience import Audience, audiences_of
from rooms.errors import NoMembership, RoomEnded, RoomError, UnknownRoom
from rooms.events import Event, LogAdded, MemberJoined
from rooms.features import installed_parts
from rooms.group import send
from rooms.log import installed_log_kinds
from rooms.models import LogEntry, Member, Room
from rooms.shapes import log_entry_shape, member_shape

# Fields of a member that may have changed since they were looked up.
MEMBER_FACTS = ["name", "named", "role", "acting", "muted", "banned", "left", "seen_at_ms"]


class ChangeIsOver(RuntimeError):
    """A fact was published after its change had ended: a fault in the action that did it."""


class AnotherRoomIsOpen(RuntimeError):
    """A second room was to be changed inside a change: a fault in the action that did it.

    Each of two who lock the same rooms in opposite order would wait for the other.
    """


class Change:
    """A locked room, who changes it, and what will be published about it after the commit."""

    def __init__(self, room: Room, actor: Actor) -> None:
        self.room = room
        self.actor = actor
        self._events: list[Event] = []
        self._audiences: dict[int, frozenset[Audience]] = {}
        self._removed: dict[int, RoomError] = {}
        self._admitted: list[Member] = []
        self._is_open = True

    def publish(self, *events: Event) -> None:
        """Note facts about the room. They get the next revisions at the end of the change.

        Raises `ChangeIsOver` outside of `with changing(…)`.
        """
        self._require_open()
        self._events += events

    def log(
        self,
        kind: str,
        *,
        by: Actor,
        target: Member | None = None,
        why: str = "",
        facts: dict[str, Any] | None = None,
    ) -> LogEntry:
        """Note in the room's log who did what to whom and why; host and co-hosts see it.

        `facts` are JSON-safe: what the sentence and the undo of this kind need (`rooms.log`).
        """
        if kind not in installed_log_kinds():
            raise ValueError(f"No feature declares {kind} as a kind of log entry.")
        member = member_of(by)
        entry = LogEntry.objects.create(
            room=self.room,
            at_ms=clock.now_ms(),
            kind=kind,
            by=member,
            by_name="" if member else str(by),
            target=target,
            why=why,
            facts=facts or {},
        )
        self.publish(LogAdded(log_entry_shape(entry)))
        return entry

    def move_sockets_of(self, member: Member) -> None:
        """Give a member's open sockets the audiences of the role that they have now."""
        self._require_open()
        self._audiences[member.pk] = audiences_of(member)

    def close_sockets_of(self, member_id: int, why: RoomError) -> None:
        """Close a member's sockets after the commit: they may no longer be here, and read why."""
        self._require_open()
        self._removed[member_id] = why

    def publish_arrivals(self, members: Collection[Member]) -> None:
        """Tell everybody of those of these members who had not arrived yet.

        They are members from now on: how long they have been here is counted from this moment.
        """
        arriving = {member.pk: member for member in members if not member.has_arrived}
        if not arriving:
            return
        now_ms = clock.now_ms()
        Member.objects.filter(pk__in=arriving).update(joined_at_ms=now_ms, seen_at_ms=now_ms)
        for _, member in sorted(arriving.items()):
            member.joined_at_ms = member.seen_at_ms = now_ms
            self.publish(MemberJoined(member_shape(member)))

    def revisions_of(self, *part_names: str) -> tuple[int, ...] | None:
        """The revisions of these parts; None if this change has published about any of them."""
        touched = {name for event in self._events for name in _parts_of(event)}
        if touched & set(part_names):
            return None
        return tuple(self.room.part_revisions.get(name, 0) for name in part_names)

    def _require_open(self) -> None:
        if not self._is_open:
            raise ChangeIsOver

    def _close(self) -> None:
        """Number what was published, and send it once the transaction has been committed."""
        self._is_open = False
        room = self.room
        first = room.revision + 1
        for event in self._events:
            room.revision += 1
            room.part_revisions.update(dict.fromkeys(_parts_of(event), room.revision))
        if self._events:
            Room.objects.filter(pk=room.pk).update(
                revision=room.revision, part_revisions=room.part_revisions
            )
        if not (self._events or self._audiences or self._removed):
            return
        message = {
            "kind": "change",
            "from": first,
            "to": room.revision,
            "events": [[event.audience, event.as_json()] for event in self._events],
            "can_wait": all(event.can_wait for event in self._events),
            "audiences": {str(pk): [*names] for pk, names in self._audiences.items()},
            # The last release reads why from this alone: a code and a sentence.
            "removed": {str(pk): [why.code, why.message] for pk, why in self._removed.items()},
            "refusals": {str(pk): why.as_facts() for pk, why in self._removed.items()},
        }
        # Robust: a channel layer that is away must not turn a counted vote into an error. A lost
        # message shows as a gap in the revisions, and a snapshot heals it.
        transaction.on_commit(partial(send, room.pk, message), robust=True)


class _OpenChanges(threading.local):
    """The changes that this thread has open, by room."""

    def __init__(self) -> None:
        self.by_room: dict[int, Change] = {}


_open = _OpenChanges()


@contextmanager
def changing(actor: Actor) -> Iterator[Change]:
    """Lock the actor's room, let the caller change it, and publish the facts after the commit.

    The row is the lock: there is one writer per room, and rooms do not wait for each other (on
    SQLite the whole database is the lock). Inside an open change of the same room this joins it:
    the room is locked, numbered and told once. A member acts by the role that they have under the
    lock, and arrives by their first act. Raises `UnknownRoom`, `RoomEnded`, `Banned`,
    `NoMembership`.
    """
    outer = _open.by_room.get(actor.room_id)
    if outer is not None:
        # Without a savepoint: an action that fails takes the whole change with it.
        with transaction.atomic(savepoint=False):
            _admit(outer, actor)
            yield outer
        return
    if _open.by_room:
        raise AnotherRoomIsOpen
    with transaction.atomic():
        room = Room.objects.select_for_update().filter(pk=actor.room_id).first()
        if room is None:
            raise UnknownRoom
        if not room.is_live:
            raise RoomEnded
        change = Change(room, actor)
        _open.by_room[room.pk] = change
        try:
            _admit(change, actor)
            yield change
        finally:
            del _open.by_room[room.pk]
        change._close()


def _admit(change: Change, actor: Actor) -> None:
    """Let a member act by what holds under the lock. Raises `Banned`, `NoMembership`."""
    if not isinstance(actor, Member) or any(actor is known for known in change._admitted):
        return
    change._admitted.append(actor)
    try:
        actor.refresh_from_db(fields=MEMBER_FACTS)
    except Member.DoesNotExist:  # had only joined, and was deleted since they were looked up
        raise NoMembership from None
    actor.room = change.room
    if actor.left:
        raise NoMembership
    if actor.banned:
        raise actor.ban_refusal()
    change.publish_arrivals([actor])


def _parts_of(event: Event) -> Collection[str]:
    return [part.name for part in installed_parts()] if event.changes_all_parts else event.parts
