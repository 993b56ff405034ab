"""Who may see a fact: everyone, who may do something, or one member; and when that changes."""

import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from music.actions import queue, voting
from music.actions.newcomers import MANY, SETTLED_AFTER_MS
from music.acts import CURATE, VOTE
from music.models import QueueItem, Track
from rooms import actions, clock
from rooms.audience import audiences_of, only, who_may
from rooms.group import send
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.http import ask
from tests.live import Socket, connected
from tests.test_newcomers import newcomers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def item(host: Member, guest: Member, other: Member, tracks: list[Track]) -> QueueItem:
    """A waiting item of a settled room, for which a crowd of newcomers is about to vote."""
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS - 1)
    Member.objects.update(joined_at_ms=0)
    return queue.add_track(member=host, track=tracks[0])[0]


def vote_as_a_crowd(host: Member, item: QueueItem) -> None:
    for who in newcomers(host):
        voting.cast_vote(member=who, item_id=item.pk, value=1)


async def events(socket: Socket, until: int) -> list[dict[str, Any]]:
    """The events that a socket may see, up to a revision."""
    frames = await socket.hear_until(until)
    return [event for frame in frames for event in frame["events"] if event is not None]


def revision(host: Member) -> int:
    return Room.objects.get(pk=host.room_id).revision


async def test_only_host_and_cohosts_are_sent_how_many_votes_are_held(
    host: Member, guest: Member, item: QueueItem
) -> None:
    async with connected(host) as hosts, connected(guest) as guests:
        assert (await hosts.hear("snapshot"))["held"] == {}
        assert "held" not in await guests.hear("snapshot")
        await database_sync_to_async(vote_as_a_crowd)(host, item)
        last = await database_sync_to_async(revision)(host)
        seen = [event["type"] for event in await events(hosts, last)]
        hidden = json.dumps(await events(guests, last))
    assert "queue.held" in seen
    assert "held" not in hidden


def test_no_answer_over_http_tells_a_listener_how_many_votes_are_held(
    host: Member, guest: Member, item: QueueItem
) -> None:
    vote_as_a_crowd(host, item)
    base = f"/api/rooms/{host.room.code}"
    answers = [
        ask(guest, "GET", base),
        ask(guest, "GET", f"{base}/queue"),
        ask(guest, "PUT", f"{base}/queue/{item.pk}/vote", {"value": 1}),
    ]
    assert not any('"held"' in answer.content.decode() for answer in answers)
    assert ask(host, "GET", base).json()["held"] == {str(item.pk): MANY}


async def test_a_frame_is_made_once_for_all_who_may_see_the_same(
    host: Member, guest: Member, other: Member, item: QueueItem
) -> None:
    async with connected(host) as hosts, connected(guest) as one, connected(other) as two:
        for socket in (hosts, one, two):
            await socket.hear("snapshot")
        await database_sync_to_async(vote_as_a_crowd)(host, item)
        of_host = await hosts.message_with("queue.held")
        last = json.loads(of_host["text"])["to"]
        of_one = await one.message_with(f'"to":{last},')
        assert of_one is await two.message_with(f'"to":{last},')
        assert of_one is not of_host


async def test_a_member_who_is_made_cohost_sees_at_once_what_cohosts_see(
    host: Member, guest: Member, item: QueueItem
) -> None:
    await database_sync_to_async(vote_as_a_crowd)(host, item)
    async with connected(guest) as socket:
        assert "held" not in await socket.hear("snapshot")
        await promote(host, guest)
        assert (await socket.hear("snapshot"))["held"] == {str(item.pk): MANY}


async def test_a_cohost_who_is_made_listener_is_sent_nothing_more_of_it(
    host: Member, guest: Member, item: QueueItem
) -> None:
    await promote(host, guest)
    async with connected(guest) as socket:
        assert "held" in await socket.hear("snapshot")
        await database_sync_to_async(actions.set_role)(
            by=host, member_id=guest.pk, role=Role.LISTENER
        )
        assert "held" not in await socket.hear("snapshot")
        await database_sync_to_async(vote_as_a_crowd)(host, item)
        last = await database_sync_to_async(revision)(host)
        assert "queue.held" not in [event["type"] for event in await events(socket, last)]


async def test_a_role_that_is_heard_of_late_shows_nothing_to_who_lost_it_since(
    host: Member, guest: Member
) -> None:
    for role in (Role.COHOST, Role.LISTENER):
        await database_sync_to_async(actions.set_role)(by=host, member_id=guest.pk, role=role)
    async with connected(guest) as socket:
        now = (await socket.hear("snapshot"))["revision"]
        cohost = {str(guest.pk): [only(guest.pk), who_may(CURATE)]}
        late = {"kind": "change", "from": now - 3, "to": now - 2, "events": [], "removed": {}}
        send(guest.room_id, {**late, "audiences": cohost})
        held = [who_may(CURATE), {"type": "queue.held", "item": "1", "held": 2}]
        news = {**late, "from": now + 1, "to": now + 1, "events": [held], "audiences": {}}
        send(guest.room_id, news)
        assert (await socket.hear("events"))["events"] == [None]


async def promote(host: Member, guest: Member) -> None:
    await database_sync_to_async(actions.set_role)(by=host, member_id=guest.pk, role=Role.COHOST)


async def test_what_one_member_is_told_is_healed_after_a_loss(
    host: Member, guest: Member, item: QueueItem, lost_messages: list[dict[str, Any]]
) -> None:
    """The next message shows that a revision is missing, whoever that was for."""
    async with connected(guest) as socket:
        assert (await socket.hear("snapshot"))["me"]["votes"] == {}
        lost_messages.append({})
        await database_sync_to_async(voting.cast_vote)(member=guest, item_id=item.pk, value=1)
        lost_messages.clear()
        await database_sync_to_async(actions.rename_room)(by=host, name="Later")
        assert (await socket.hear("snapshot"))["me"]["votes"] == {str(item.pk): 1}


@pytest.fixture
def lost_messages(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """While this list is not empty, the channel layer loses what is sent to it."""
    losing: list[dict[str, Any]] = []
    layer = get_channel_layer()
    send = layer.group_send

    async def lose_or_send(group: str, message: dict[str, Any]) -> None:
        if not losing:
            await send(group, message)

    monkeypatch.setattr(layer, "group_send", lose_or_send)
    return losing


def test_a_muted_cohost_sees_what_listeners_see(guest: Member) -> None:
    guest.role = Role.COHOST
    assert who_may(CURATE) in audiences_of(guest)
    guest.muted = True
    assert audiences_of(guest) == {only(guest.pk)}


def test_an_act_that_a_rule_can_close_is_no_audience() -> None:
    with pytest.raises(ValueError, match="vote depends on the rules"):
        who_may(VOTE)


def test_a_snapshot_has_the_parts_of_its_audience_alone(host: Member, guest: Member) -> None:
    assert read_snapshot(host).keys() - read_snapshot(guest).keys() == {
        "blocked_words",
        "held",
        "log",
        "reports",
        "restrictions",
    }
