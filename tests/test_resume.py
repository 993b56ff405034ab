"""A page that was away for a moment gets the events that it missed, not the whole room."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from channels.db import database_sync_to_async

from music.actions import queue, voting
from music.models import QueueItem, Track
from rooms import actions
from rooms.group import send
from rooms.models import Member, Room
from rooms.revision_order import KEPT_ENTRIES, KEPT_MESSAGES
from rooms.roles import Role
from tests.live import Socket, connected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def item(host: Member, guest: Member, other: Member, tracks: list[Track]) -> QueueItem:
    return queue.add_track(member=host, track=tracks[0])[0]


@pytest.fixture
async def in_the_room(other: Member, item: QueueItem) -> AsyncIterator[Socket]:
    """Somebody else, for whom this process goes on listening to the room."""
    async with connected(other) as socket:
        await socket.hear("snapshot")
        yield socket


def point(of: Member, **changes: int) -> str:
    """What a page says that has everything up to now."""
    room = Room.objects.get(pk=of.room_id)
    known = {"revision": room.revision, "member": of.pk} | changes
    return f"?revision={known['revision']}&member={known['member']}"


async def first_frame(member: Member, knows: str) -> dict[str, Any]:
    async with connected(member, knows=knows) as socket:
        return await socket.hear()


async def test_a_page_that_missed_votes_gets_them_in_place_of_a_snapshot(
    host: Member, guest: Member, item: QueueItem, in_the_room: Socket
) -> None:
    knows = await database_sync_to_async(point)(guest)
    for who in (host, guest):
        await database_sync_to_async(voting.cast_vote)(member=who, item_id=item.pk, value=-1)
    await in_the_room.event("queue.tallied")
    frame = await first_frame(guest, knows)
    kinds = [event and event["type"] for event in frame["events"]]
    # The vote of the host is theirs alone.
    assert kinds == ["queue.tallied", None, "queue.tallied", "me.voted"]


async def test_a_page_that_missed_nothing_is_told_only_who_is_here(
    guest: Member, in_the_room: Socket
) -> None:
    knows = await database_sync_to_async(point)(guest)
    async with connected(guest, knows=knows) as socket:
        assert str(guest.pk) in (await socket.hear("presence"))["here"]
        await socket.say({"type": "clock", "sent": 1})
        assert (await socket.hear())["type"] == "clock"


@pytest.mark.parametrize(
    "changes",
    [{"revision": 0}, {"revision": 10**9}, {"member": 0}],
    ids=["from before this process listened", "from the future", "of somebody else"],
)
async def test_a_page_whose_past_is_not_known_here_gets_a_snapshot(
    guest: Member, in_the_room: Socket, changes: dict[str, int]
) -> None:
    knows = await database_sync_to_async(point)(guest, **changes)
    assert (await first_frame(guest, knows))["type"] == "snapshot"


@pytest.mark.parametrize("said", ["?revision=x", "?revision=-1&member=1", "?revision=%00", "?"])
async def test_nonsense_about_what_is_known_gets_a_snapshot(guest: Member, said: str) -> None:
    assert (await first_frame(guest, said))["type"] == "snapshot"


async def test_who_was_away_too_long_gets_a_snapshot(
    guest: Member, other: Member, in_the_room: Socket
) -> None:
    knows = await database_sync_to_async(point)(guest)
    for number in range(KEPT_MESSAGES + 1):
        await database_sync_to_async(actions.rename)(member=other, name=f"Name {number}")
    revision = (await Room.objects.aget(pk=guest.room_id)).revision
    await in_the_room.hear_until(revision)
    assert (await first_frame(guest, knows))["type"] == "snapshot"


async def test_long_lists_are_remembered_up_to_a_limit(guest: Member, in_the_room: Socket) -> None:
    knows = await database_sync_to_async(point)(guest)
    revision = (await Room.objects.aget(pk=guest.room_id)).revision
    order = ["", {"type": "queue.ordered", "items": ["1"] * (KEPT_ENTRIES // 2)}]
    for number in range(revision + 1, revision + 4):
        message = {"from": number, "to": number, "events": [order], "audiences": {}, "removed": {}}
        send(guest.room_id, {"kind": "change", **message})
    await in_the_room.hear_until(revision + 3)
    assert (await first_frame(guest, knows))["type"] == "snapshot"


async def test_who_got_another_role_meanwhile_gets_a_snapshot(
    host: Member, guest: Member, in_the_room: Socket
) -> None:
    knows = await database_sync_to_async(point)(guest)
    await database_sync_to_async(actions.set_role)(by=host, member_id=guest.pk, role=Role.COHOST)
    await in_the_room.event("member.changed")
    assert "held" in await first_frame(guest, knows)
