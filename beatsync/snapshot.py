"""The whole of a room as plain data: what a client needs to draw everything.

The shared part is computed once per room and revision in each process, however many people ask;
only `me` differs from person to person.
"""

import json
import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cachetools import LRUCache

from music.actions.newcomers import skips_from_ms
from music.actions.transport import shape_of
from music.models import ItemState, Playback, RoomSource, SkipVote, Vote
from music.queue import in_order, standing
from music.shapes import playback_shape, queue_shape, source_shapes
from rooms import clock
from rooms.errors import RoomEnded
from rooms.models import Member, Room, RoomState
from rooms.roles import Role
from rooms.shapes import me_shape, member_shapes, room_shape

Snapshot = dict[str, Any]

# Rooms whose present snapshot is kept in this process; one of a full room takes about 300 KB.
KEPT_ROOMS = 256
# A snapshot read while somebody changes the room is read again, this often at the most.
READS = 3


@dataclass(frozen=True)
class Shared:
    """What everybody in a room sees at one revision, as data and, for who needs it, as JSON."""

    data: Snapshot

    @cached_property
    def encoded(self) -> str:
        return _encode(self.data)


_kept: LRUCache[int, Shared] = LRUCache(maxsize=KEPT_ROOMS)
_lock = threading.Lock()
# Whoever needs the same room's snapshot at the same moment waits for one computation.
_computing: LRUCache[int, threading.Lock] = LRUCache(maxsize=4 * KEPT_ROOMS)


def read_snapshot(member: Member) -> Snapshot:
    """The member's room at its present revision, as this member sees it."""
    shared, now_ms = _shared(member.room_id).data, clock.now_ms()
    return {
        "type": "snapshot",
        **shared,
        "members": _with_presence(shared["members"], member.room_id, now_ms),
        "server_ms": now_ms,
        "me": _own([member], opened_at_ms=member.room.created_at_ms)[member.pk],
    }


def read_queue(member: Member) -> list[Snapshot]:
    """The waiting items in playing order, each with the member's own vote."""
    shared = _shared(member.room_id).data
    votes = _votes_of([member.pk])[member.pk]
    return [{**item, "my_vote": votes.get(item["id"], 0)} for item in shared["queue"]]


def read_members(member: Member) -> list[Snapshot]:
    """Everybody in the member's room, in the order of joining."""
    shared = _shared(member.room_id).data
    return _with_presence(shared["members"], member.room_id, clock.now_ms())


def read_snapshots(room_id: int, member_ids: Collection[int]) -> dict[int, str]:
    """The room as each of these members sees it, encoded. Five queries, however many they are.

    Who has been removed gets none. Raises `RoomEnded`.
    """
    shared = _shared(room_id)
    if shared.data["room"]["state"] == RoomState.ENDED:
        raise RoomEnded
    rest = shared.encoded.removeprefix("{")
    members = Member.objects.filter(room_id=room_id, pk__in=member_ids, banned=False)
    snapshots = {}
    for pk, own in _own(list(members), opened_at_ms=shared.data["room"]["created_at"]).items():
        head = f'{{"type":"snapshot","server_ms":{clock.now_ms()},"me":{_encode(own)},'
        snapshots[pk] = head + rest
    return snapshots


def forget() -> None:
    """Keep no snapshot any more."""
    with _lock:
        _kept.clear()


def _with_presence(members: list[Snapshot], room_id: int, now_ms: int) -> list[Snapshot]:
    """The members with who is here now: that has no revision, so it is read anew."""
    present = Member.objects.present(now_ms).filter(room_id=room_id)
    here = {str(pk): along for pk, along in present.values_list("pk", "along")}
    return [
        {**other, "here": other["id"] in here, "along": here.get(other["id"], False)}
        for other in members
    ]


def _own(members: Collection[Member], *, opened_at_ms: int) -> dict[int, Snapshot]:
    """What only each of these members sees, by id: themselves, their votes, what they ask."""
    ids = [member.pk for member in members]
    votes = _votes_of(ids)
    asking = SkipVote.objects.filter(member__in=ids, item__state=ItemState.PLAYING)
    plays = dict(asking.values_list("member_id", "item__room__playback__play_id"))
    return {
        member.pk: {
            **me_shape(member),
            "votes": votes[member.pk],
            "skip": str(plays[member.pk]) if member.pk in plays else None,
            "skips_from_ms": skips_from_ms(member, opened_at_ms=opened_at_ms),
        }
        for member in members
    }


def _votes_of(member_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The members' votes on what waits, by item id."""
    votes: dict[int, dict[str, int]] = {member_id: {} for member_id in member_ids}
    rows = Vote.objects.filter(member__in=member_ids, item__state=ItemState.WAITING)
    for member_id, item_id, value in rows.values_list("member_id", "item_id", "value"):
        votes[member_id][str(item_id)] = value
    return votes


def _shared(room_id: int) -> Shared:
    """The room at its present revision, from memory if it is kept."""
    revision = Room.objects.values_list("revision", flat=True).get(pk=room_id)
    with _lock:
        one_at_a_time = _computing.setdefault(room_id, threading.Lock())
    with one_at_a_time:
        with _lock:
            kept = _kept.get(room_id)
        if kept is not None and kept.data["revision"] >= revision:
            return kept
        for _ in range(READS):
            computed = _compute(room_id)
            after = Room.objects.values_list("revision", flat=True).get(pk=room_id)
            if after == computed["revision"]:
                break
        shared = Shared(computed)
        with _lock:
            _kept[room_id] = shared
        return shared


def _compute(room_id: int) -> Snapshot:
    room = Room.objects.get(pk=room_id)
    now_ms = clock.now_ms()
    # In the order in which their events told of them.
    members = member_shapes(
        Member.objects.filter(room=room).arrived().order_by("joined_at_ms", "pk"), now_ms=now_ms
    )
    host = next((int(member["id"]) for member in members if member["role"] == Role.HOST), None)
    playback = Playback.objects.of(room)
    stands = standing(room)
    away = RoomSource.objects.of(room).away()
    waiting = in_order(room, stands) if room.is_live else []
    queue = queue_shape(waiting, stands, playback, away=away)
    if room.is_live:
        plays = shape_of(playback)
    else:
        silence = Playback(room=room, play_id=playback.play_id)
        plays = playback_shape(silence, next_item=None, shelf=None)
    return {
        "revision": room.revision,
        "room": room_shape(room, host_id=host),
        "members": members,
        "queue": queue,
        "playback": plays,
        "sources": source_shapes(room),
    }


def _encode(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)
