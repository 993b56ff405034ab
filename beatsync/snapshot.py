"""The whole of a room as plain data: what a client needs to draw everything.

The shared part is computed once per room and revision in each process, however many people ask;
only `me` differs from person to person.
"""

import threading
from typing import Any

from cachetools import LRUCache

from music.actions.playback import shape_of
from music.models import ItemState, Playback, Vote
from music.queue import shapes_of
from rooms import clock
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.shapes import me_shape, member_shape, room_shape

Snapshot = dict[str, Any]

# Rooms whose present snapshot is kept in this process; one of a full room takes about 300 KB.
KEPT_ROOMS = 256
# A snapshot read while somebody changes the room is read again, this often at the most.
READS = 3

_kept: LRUCache[int, Snapshot] = LRUCache(maxsize=KEPT_ROOMS)
_lock = threading.Lock()
# Whoever needs the same room's snapshot at the same moment waits for one computation.
_computing: LRUCache[int, threading.Lock] = LRUCache(maxsize=4 * KEPT_ROOMS)


def read_snapshot(member: Member) -> Snapshot:
    """The member's room at its present revision, as this member sees it."""
    revision = Room.objects.values_list("revision", flat=True).get(pk=member.room_id)
    return {
        "type": "snapshot",
        **_shared(member.room_id, revision),
        "server_ms": clock.now_ms(),
        "me": {**me_shape(member), "votes": votes_of(member)},
    }


def forget() -> None:
    """Keep no snapshot any more."""
    with _lock:
        _kept.clear()


def votes_of(member: Member) -> dict[str, int]:
    """The member's votes on what waits, by item id."""
    votes = Vote.objects.filter(member=member, item__state=ItemState.WAITING)
    return {str(item): value for item, value in votes.values_list("item_id", "value")}


def _shared(room_id: int, revision: int) -> Snapshot:
    with _lock:
        one_at_a_time = _computing.setdefault(room_id, threading.Lock())
    with one_at_a_time:
        with _lock:
            kept = _kept.get(room_id)
        if kept is not None and kept["revision"] >= revision:
            return kept
        for _ in range(READS):
            computed = _compute(room_id)
            after = Room.objects.values_list("revision", flat=True).get(pk=room_id)
            if after == computed["revision"]:
                break
        with _lock:
            _kept[room_id] = computed
        return computed


def _compute(room_id: int) -> Snapshot:
    room = Room.objects.get(pk=room_id)
    now_ms = clock.now_ms()
    members = list(room.members.order_by("pk"))
    host = next((member.pk for member in members if member.role == Role.HOST), None)
    playback = Playback.objects.select_related("item__track").filter(room=room).first()
    playback = playback or Playback(room=room)
    if not room.is_live:
        playback = Playback(room=room, play_id=playback.play_id, shelf="")
    queue = shapes_of(room, playback) if room.is_live else []
    return {
        "revision": room.revision,
        "room": room_shape(room, host_id=host),
        "members": [member_shape(member, now_ms=now_ms) for member in members],
        "queue": queue,
        "playback": shape_of(playback),
    }
