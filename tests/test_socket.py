"""The socket of a room: who gets in, what they hear, and what nonsense does."""

import asyncio
import threading
from collections.abc import Collection
from contextlib import AsyncExitStack
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from daphne.ws_protocol import WebSocketProtocol
from django.db import OperationalError

from beatsync.server import Server
from beatsync.sockets import application
from bench.messages import change_message
from chat.actions.messages import post_message
from music.actions import playback, queue, voting
from music.models import Track
from rooms import access, actions, relay
from rooms.features import Feature
from rooms.group import send
from rooms.models import Member, Room, new_guest
from rooms.parts import Part
from rooms.room_socket import FRAMES_PER_WINDOW
from rooms.snapshot import read_snapshot
from tests.conftest import arrived
from tests.live import PATIENCE_S, Socket, connected

pytestmark = pytest.mark.django_db(transaction=True)


def news(revision: int) -> dict[str, Any]:
    """A message as another process would send it."""
    event = {"type": "queue.locked", "item": None}
    return change_message({"from": revision, "to": revision, "events": [event]})


async def settled(socket: Socket) -> int:
    """Hear the first snapshot: its revision."""
    revision: int = (await socket.hear("snapshot"))["revision"]
    return revision


async def test_the_first_frame_is_the_snapshot(guest: Member) -> None:
    async with connected(guest) as socket:
        first = await socket.hear()
    expected = await database_sync_to_async(read_snapshot)(guest)
    expected.pop("presence")
    assert first.pop("presence") == {"here": [str(guest.pk)]}
    assert {**first, "server_ms": 0} == {**expected, "server_ms": 0}


async def test_a_socket_that_asks_to_join_makes_its_guest_a_member(host: Member) -> None:
    newcomer = Member(room=host.room, guest=new_guest())
    async with connected(host) as others:
        await settled(others)
        async with connected(newcomer, knows="?join") as socket:
            me = (await socket.hear("snapshot"))["me"]
            assert (await others.event("member.joined"))["member"]["id"] == me["id"]
    async with connected(newcomer, knows="?join") as again:
        assert (await again.hear("snapshot"))["me"]["id"] == me["id"]


async def test_a_socket_joins_nobody_who_has_no_cookie_or_does_not_ask(host: Member) -> None:
    newcomer = Member(room=host.room, guest=new_guest())
    for guest, asks in ((None, "?join"), (newcomer, "")):
        async with connected(guest, code=host.room.code, knows=asks) as socket:
            assert (await socket.closed())[0] == 4401
    assert await host.room.members.acount() == 1


async def test_everybody_hears_what_one_person_does(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    async with connected(host) as one, connected(guest) as other:
        await settled(one)
        await settled(other)
        await database_sync_to_async(queue.add_track)(member=guest, track=tracks[0])
        assert await one.event("queue.added") == await other.event("queue.added")


async def test_nobody_is_told_who_voted_how(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = await database_sync_to_async(queue.add_track)(member=host, track=tracks[0])
    async with connected(host) as socket:
        await settled(socket)
        await database_sync_to_async(voting.cast_vote)(member=guest, item_id=item.pk, value=1)
        tallied = await socket.event("queue.tallied")
    assert set(tallied) == {"type", "item", "up", "down", "score", "reason", "why"}


async def test_my_vote_from_another_tab_reaches_only_me(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = await database_sync_to_async(queue.add_track)(member=host, track=tracks[0])
    async with connected(guest) as mine, connected(host) as others:
        await settled(mine)
        revision = await settled(others)
        await database_sync_to_async(voting.cast_vote)(member=guest, item_id=item.pk, value=-1)
        assert (await mine.event("me.voted"))["votes"] == {str(item.pk): -1}
        [frame] = await others.hear_until(revision + 2)
    assert [event and event["type"] for event in frame["events"]] == ["queue.tallied", None]


async def test_a_room_hears_nothing_of_another(
    guest: Member, outsider: Member, tracks: list[Track]
) -> None:
    async with connected(guest) as here, connected(outsider) as elsewhere:
        await settled(here)
        await settled(elsewhere)
        await database_sync_to_async(queue.add_track)(member=guest, track=tracks[0])
        await here.event("queue.added")
        assert await elsewhere.quiet()


async def test_resync_is_answered_with_a_fresh_snapshot(guest: Member) -> None:
    async with connected(guest) as socket:
        revision = await settled(socket)
        await database_sync_to_async(actions.rename)(member=guest, name="Ana B.")
        await socket.hear_until(revision + 2)
        await socket.say({"type": "resync"})
        snapshot = await socket.hear("snapshot")
    assert snapshot["revision"] == revision + 2
    assert snapshot["me"]["name"] == "Ana B."


async def test_the_clock_answers_with_what_was_sent(guest: Member) -> None:
    async with connected(guest) as socket:
        await settled(socket)
        await socket.say({"type": "clock", "sent": 12.5})
        answer = await socket.hear("clock")
    assert answer["sent"] == 12.5
    assert answer["received"] <= answer["replied"]


async def test_revisions_that_overtake_each_other_arrive_in_order(guest: Member) -> None:
    async with connected(guest) as socket:
        revision = await settled(socket)
        for number in (revision + 2, revision + 3, revision + 1):
            send(guest.room_id, news(number))
        frames = await socket.hear_until(revision + 3)
    seen = [number for frame in frames for number in range(frame["from"], frame["to"] + 1)]
    assert seen == [revision + 1, revision + 2, revision + 3]


async def test_a_message_of_another_version_does_not_deafen_a_room(guest: Member) -> None:
    async with connected(guest) as socket:
        revision = await settled(socket)
        for kind in ("change", "presence", "of the next version"):
            send(guest.room_id, {"kind": kind})
        send(guest.room_id, news(revision + 1))
        assert (await socket.hear())["to"] == revision + 1


async def test_a_snapshot_heals_a_lost_revision(guest: Member) -> None:
    async with connected(guest) as socket:
        revision = await settled(socket)
        await Member.objects.filter(pk=guest.pk).aupdate(name="Lost on the way")
        send(guest.room_id, news(revision + 2))
        assert (await socket.hear("snapshot"))["me"]["name"] == "Lost on the way"


async def test_what_comes_quickly_comes_together(host: Member, guest: Member) -> None:
    async with connected(host) as socket:
        revision = await settled(socket)
        for number in range(20):
            await database_sync_to_async(actions.rename)(member=guest, name=f"Name {number}")
        frames = await socket.hear_until(revision + 40)
    assert len(frames) < 20
    assert sum(len(frame["events"]) for frame in frames) == 40


async def test_messages_wait_for_each_other_and_nothing_else_waits_for_them(
    host: Member, guest: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "PATIENT_BATCH_S", 3600)
    async with connected(host) as socket:
        revision = await settled(socket)
        for number in range(4):
            await database_sync_to_async(post_message)(member=guest, text=f"Message {number}")
        await database_sync_to_async(actions.rename)(member=guest, name="Ben")
        frames = await socket.hear_until(revision + 6)
    kinds = [event["type"] for event in frames[-1]["events"] if event]
    assert kinds[-4:] == ["chat.posted"] * 3 + ["member.changed"]
    assert len(frames) <= 2


@pytest.mark.parametrize(
    "nonsense",
    [
        {"text": "not json"},
        {"text": "[]"},
        {"text": "null"},
        {"text": '{"type": "vote", "item": "1"}'},
        {"text": '{"type": "clock"}'},
        {"text": '{"type": "clock", "sent": "now"}'},
        {"text": '{"type": "clock", "sent": NaN}'},
        {"text": '{"type": "clock", "sent": %s}' % ("9" * 400)},
        {"text": "[" * 5_000},
        {"text": "9" * 15_000},
        {"text": "x" * 17_000},
        {"data": b"\x00\xff"},
    ],
)
async def test_nonsense_is_answered_and_the_line_stays_open(
    guest: Member, nonsense: dict[str, Any]
) -> None:
    async with connected(guest) as socket:
        await settled(socket)
        await socket.say(**nonsense)
        assert (await socket.hear("error"))["code"] == "malformed"
        await socket.say({"type": "resync"})
        assert await socket.hear("snapshot")


async def test_a_flood_of_frames_is_cut_off(guest: Member) -> None:
    async with connected(guest) as socket:
        await settled(socket)
        for _ in range(FRAMES_PER_WINDOW + 40):
            await socket.say({"type": "pulse"})
        code, frames = await socket.closed()
    assert code == 4400
    assert frames[-1]["type"] == "error"


async def test_who_was_cut_off_waits_before_the_next_socket_and_nobody_else_does(
    host: Member, guest: Member
) -> None:
    async with connected(guest) as socket:
        for _ in range(FRAMES_PER_WINDOW + 1):
            await socket.say({"type": "pulse"})
        assert (await socket.closed())[0] == 4400
    async with connected(guest) as again, connected(host) as other:
        code, frames = await again.closed()
        await settled(other)
    assert (code, frames[-1]["code"]) == (4429, "rate_limited")
    assert 0 < frames[-1]["retry_after"] <= 30


async def test_a_browser_has_so_many_sockets_open_and_no_more(guest: Member, settings: Any) -> None:
    settings.SOCKETS_PER_MEMBER = 2
    async with connected(guest) as first:
        await settled(first)
        async with connected(guest) as second, connected(guest) as third:
            await settled(second)
            assert (await third.closed())[0] == 4429
    async with connected(guest) as later:
        await settled(later)


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        ("192.0.2.1", "192.0.2.1", 4429),
        ("2001:db8::1", "2001:db8::ffff:2", 4429),
        ("192.0.2.1", "::ffff:192.0.2.1", 4429),
        ("192.0.2.1", "192.0.2.2", None),
        ("2001:db8::1", "2001:db8:0:1::1", None),
    ],
)
async def test_a_network_has_so_many_sockets_open_and_no_more(
    host: Member, guest: Member, settings: Any, one: str, other: str, code: int | None
) -> None:
    settings.SOCKETS_PER_ADDRESS = 1
    async with connected(host, address=one) as first, connected(guest, address=other) as second:
        await settled(first)
        if code is None:
            await settled(second)
        else:
            assert (await second.closed())[0] == code


async def test_sockets_that_are_opened_too_often_are_refused(guest: Member, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "SOCKETS": "2/60"}
    for code in (None, None, 4429):
        async with connected(guest) as socket:
            if code is None:
                await settled(socket)
            else:
                assert (await socket.closed())[0] == code


class Unreadable:
    """A part of a room that cannot be read."""

    failure: Exception = Exception()

    def read(self, room: Room) -> None:
        raise self.failure


unreadable = Unreadable()
UNREADABLE = Feature(name="unreadable", parts=(Part("unreadable", unreadable.read),))


@pytest.mark.parametrize("failure", [OperationalError("away"), KeyError("a fault")])
async def test_without_a_snapshot_each_socket_is_closed_although_one_cannot_be_written_to(
    guest: Member, failure: Exception, settings: Any
) -> None:
    unreadable.failure = failure
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, "tests.test_socket.UNREADABLE"]

    async def fails_to_write(scope: Any, receive: Any, send: Any) -> None:
        async def send_nothing(message: dict[str, Any]) -> None:
            if message["type"] != "websocket.accept":
                raise RuntimeError("as servers raise when they are asked for what they cannot do")
            await send(message)

        await application(scope, receive, send_nothing)

    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(connected(guest, to=to))
            for to in [application, fails_to_write] * 3
        ]
        for socket in sockets[::2]:
            code, frames = await socket.closed()
            assert (code, frames[-1]["code"]) == (4503, "unavailable")


async def test_a_stranger_is_told_to_join_first(host: Member) -> None:
    async with connected(None, code=host.room.code) as socket:
        code, frames = await socket.closed()
    assert (code, frames[0]["code"]) == (4401, "no_membership")


async def test_an_unknown_room_is_said_to_be_unknown(guest: Member) -> None:
    async with connected(guest, code="ZZZZZZ") as socket:
        code, frames = await socket.closed()
    assert (code, frames[0]["code"]) == (4404, "unknown_room")


async def test_a_socket_to_nowhere_is_closed_politely(db: None) -> None:
    line = WebsocketCommunicator(
        application, "/ws/elsewhere/", headers=[(b"origin", b"http://localhost")]
    )
    await line.connect()
    code, frames = await Socket(line).closed()
    assert (code, frames[0]["code"]) == (4404, "unknown_room")


async def test_another_site_cannot_open_a_socket_here(guest: Member) -> None:
    with pytest.raises(AssertionError):
        async with connected(guest, origin="http://evil.example"):
            pass


async def test_a_forged_cookie_is_nobody(host: Member) -> None:
    forged = f"guest={host.guest}:forged"
    line = WebsocketCommunicator(
        application,
        f"/ws/rooms/{host.room.code}/",
        headers=[(b"origin", b"http://localhost"), (b"cookie", forged.encode())],
    )
    await line.connect()
    code, _ = await Socket(line).closed()
    assert code == 4401


async def test_who_connects_without_end_keeps_no_neighbour_out(
    host: Member, guest: Member, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "SOCKETS": "1/60", "ADDRESS_SOCKETS": "3/60"}
    for member in (guest, None):
        for _ in range(5):
            async with connected(member, code=host.room.code) as socket:
                last = await socket.hear()
        assert last["code"] == "rate_limited"
    async with connected(host) as socket:
        await settled(socket)


@pytest.mark.parametrize("foreign", ["a[b]=1", 'a={"b": 1}', "a=J\xfcrgen", "a b", "=", "\xff"])
async def test_cookies_of_other_servers_on_this_machine_hide_nobody(
    guest: Member, foreign: str
) -> None:
    cookies = f"{foreign}; guest={access.cookie_of(guest.guest)}; {foreign}"
    headers = [(b"origin", b"http://localhost"), (b"cookie", cookies.encode("latin-1"))]
    line = WebsocketCommunicator(application, f"/ws/rooms/{guest.room.code}/", headers=headers)
    await line.connect()
    await settled(Socket(line))
    await line.disconnect()


async def test_a_removed_member_hears_why_and_gets_no_more_events(
    host: Member, guest: Member
) -> None:
    async with connected(guest) as socket:
        await settled(socket)
        await database_sync_to_async(actions.set_banned)(by=host, member_id=guest.pk, banned=True)
        code, frames = await socket.closed()
    assert (code, frames[-1]["code"]) == (4403, "banned")
    async with connected(guest) as again:
        assert (await again.closed())[0] == 4403


async def test_a_removal_that_is_heard_late_does_not_remove_who_was_let_in_again(
    host: Member, guest: Member
) -> None:
    set_banned = database_sync_to_async(actions.set_banned)
    for banned in (True, False):
        await set_banned(by=host, member_id=guest.pk, banned=banned)
    async with connected(guest) as socket:
        revision = await settled(socket)
        send(guest.room_id, {**news(revision - 2), "removed": {str(guest.pk): ["banned", "Out."]}})
        send(guest.room_id, news(revision + 1))
        assert (await socket.hear("events"))["to"] == revision + 1


async def test_the_end_of_the_room_closes_every_socket_after_saying_so(
    host: Member, guest: Member
) -> None:
    async with connected(guest) as socket:
        await settled(socket)
        await database_sync_to_async(actions.end_room)(by=host)
        code, frames = await socket.closed()
    kinds = [frame["events"][0]["type"] if "events" in frame else frame["code"] for frame in frames]
    assert (code, kinds) == (4410, ["room.ended", "room_ended"])


async def test_presence_follows_open_sockets(host: Member, guest: Member) -> None:
    async with connected(host) as socket:
        here = set((await socket.hear("snapshot"))["presence"]["here"])
        async with connected(guest) as other:
            await settled(other)
            here = await heard_here(socket, here, {str(host.pk), str(guest.pk)})
        await heard_here(socket, here, {str(host.pk)})


failed = threading.Event()


def fail(member_ids: Collection[int]) -> None:
    failed.set()
    raise LookupError("This feature is broken.")


BROKEN = Feature(name="broken", after_members_left=fail)


async def test_a_feature_that_fails_when_somebody_leaves_does_not_end_presence(
    host: Member, guest: Member, settings: Any
) -> None:
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, "tests.test_socket.BROKEN"]
    async with connected(host) as socket:
        here = set((await socket.hear("snapshot"))["presence"]["here"])
        for _ in range(2):
            async with connected(guest) as other:
                await settled(other)
                here = await heard_here(socket, here, {str(host.pk), str(guest.pk)})
            here = await heard_here(socket, here, {str(host.pk)})
            assert await asyncio.to_thread(failed.wait, PATIENCE_S)


async def heard_here(socket: Socket, here: set[str], expected: set[str]) -> set[str]:
    """Apply presence frames until exactly these members are here (times out otherwise)."""
    while here != expected:
        frame = await socket.hear("presence")
        here = set(frame.get("here", here)) - {*frame.get("left", [])} | {*frame.get("came", [])}
    return here


async def test_nothing_between_snapshot_and_first_event_is_lost(
    host: Member, tracks: list[Track]
) -> None:
    await database_sync_to_async(playback.choose_shelf)(by=host, key=None)
    async with connected(host) as socket:
        added = [
            (await database_sync_to_async(queue.add_track)(member=host, track=track))[0]
            for track in tracks[:3]
        ]
        first = await socket.hear("snapshot")
        last = (await database_sync_to_async(read_snapshot)(host))["revision"]
        frames = await socket.hear_until(last) if first["revision"] < last else []
    told = {item["id"] for item in first["queue"]} | {
        event["item"]["id"]
        for frame in frames
        for event in frame["events"]
        if event is not None and event["type"] == "queue.added"
    }
    assert told == {str(item.pk) for item in added}


async def test_a_newcomer_is_announced(host: Member) -> None:
    async with connected(host) as socket:
        await settled(socket)
        await database_sync_to_async(arrived)(host.room, name="Noor")
        assert (await socket.event("member.joined"))["member"]["name"] == "Noor"


async def test_a_socket_that_has_closed_meanwhile_is_gone_and_no_fault_of_the_server() -> None:
    closed = WebSocketProtocol()
    closed.state, closed.client_addr = WebSocketProtocol.STATE_CLOSED, None
    server = Server(None, endpoints=["tcp:0"])
    server.connections = {closed: {}}
    with pytest.raises(ConnectionResetError):
        await server.handle_reply(closed, {"type": "websocket.send", "text": "News"})
