"""Looking at a room without being a member: seen by nobody, and able to do nothing."""

import time
from typing import Any
from unittest.mock import patch

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.test import Client

from beatsync.sockets import application
from chat.actions.messages import post_message
from rooms import actions
from rooms.models import Member, Room
from staff import observing
from staff.models import AuditEntry
from tests.live import PATIENCE_S, Socket, connected

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mara() -> User:
    user = User.objects.create_user("mara", password="x", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="watch_room"))
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


class Look:
    """The socket of an observer: with a token, a login, and the code of a room."""

    def __init__(self, room: Room, token: str, client: Client | None) -> None:
        path = f"/ws/rooms/{room.code}/?observe={token}"
        login = client.cookies["login"].value if client else ""
        headers = [(b"origin", b"http://localhost"), (b"cookie", f"login={login}".encode())]
        self._line = WebsocketCommunicator(application, path, headers=headers)
        self._line.scope["client"] = ["127.0.0.1", 50_000]

    async def __aenter__(self) -> Socket:
        await self._line.connect(PATIENCE_S)
        return Socket(self._line)

    async def __aexit__(self, *_: object) -> None:
        await self._line.disconnect()


def test_the_offer_is_audited_and_leads_to_the_room(mara: User, room: Room) -> None:
    browser = logged_in(mara)
    post = {"words": "Spam", "id": room.pk, "from": "/admin/"}
    answer = browser.post("/admin/offer/watch/", post)
    page = browser.get(answer.headers["Location"])
    assert (page.status_code, page.context["room"]) == (200, room)
    entry = AuditEntry.objects.get()
    assert (entry.act, entry.user, entry.room) == ("watch_room", mara, room)


def test_a_page_shows_queue_and_chat_and_makes_nobody_a_member(mara: User, guest: Member) -> None:
    post_message(member=guest, text="Hello there")
    before = Member.objects.count()
    browser = logged_in(mara)
    page = browser.get(f"/admin/watch/{observing.token_for(mara, guest.room)}/")
    assert "Hello there" in page.content.decode()
    assert Member.objects.count() == before


@pytest.mark.parametrize("who", ["another user", "no login", "no right", "closed account"])
def test_the_address_of_an_observer_opens_nothing_for_anybody_else(
    who: str, mara: User, room: Room
) -> None:
    path = f"/admin/watch/{observing.token_for(mara, room)}/"
    browser = logged_in(mara)
    if who == "another user":
        browser = logged_in(User.objects.create_superuser("root", password="x"))
    elif who == "no login":
        browser = Client()
    elif who == "no right":
        mara.user_permissions.clear()
    else:
        User.objects.filter(pk=mara.pk).update(is_active=False)
    assert browser.get(path).status_code in (302, 403)


def test_a_token_ends_after_an_hour_and_cannot_be_made_up(mara: User, room: Room) -> None:
    browser, token = logged_in(mara), observing.token_for(mara, room)
    later = time.time() + observing.TOKEN_S + 1
    with patch("django.core.signing.time.time", lambda: later):
        assert browser.get(f"/admin/watch/{token}/").status_code == 403
    assert browser.get(f"/admin/watch/{token}x/").status_code == 403
    assert browser.get(f"/admin/watch/{room.pk}.{mara.pk}/").status_code == 403


async def test_an_observer_gets_what_everybody_sees_and_what_changes(
    mara: User, host: Member, guest: Member
) -> None:
    client = await database_sync_to_async(logged_in)(mara)
    async with Look(host.room, observing.token_for(mara, host.room), client) as socket:
        shown = await socket.hear("snapshot")
        assert shown["me"] is None
        # What only hosts see is not in it.
        assert {"log", "restrictions", "reports", "blocked_words"}.isdisjoint(shown)
        await database_sync_to_async(post_message)(member=guest, text="Hello")
        assert (await socket.event("chat.posted"))["message"]["text"] == "Hello"


async def test_an_observer_hears_a_room_in_which_nobody_else_is(mara: User, guest: Member) -> None:
    """Longer than the room of a process is given up that no member is in: 1 s after the last."""
    client = await database_sync_to_async(logged_in)(mara)
    async with Look(guest.room, observing.token_for(mara, guest.room), client) as socket:
        await socket.hear("snapshot")
        await socket.hear("presence")
        await database_sync_to_async(post_message)(member=guest, text="Hello")
        assert (await socket.event("chat.posted"))["message"]["text"] == "Hello"


async def test_an_observer_is_not_among_those_who_are_here(
    mara: User, host: Member, guest: Member
) -> None:
    client = await database_sync_to_async(logged_in)(mara)
    token = observing.token_for(mara, guest.room)
    async with connected(guest) as page, Look(guest.room, token, client) as socket:
        await socket.hear("snapshot")
        await page.hear("snapshot")
        assert (await page.hear("presence"))["here"] == [str(host.pk), str(guest.pk)]


async def refused(room: Room, token: str, client: Client | None) -> int:
    async with Look(room, token, client) as socket:
        code, _ = await socket.closed()
        return code


async def test_a_socket_without_the_login_of_the_same_user_shows_nothing(
    mara: User, host: Member, outsider: Member
) -> None:
    token = observing.token_for(mara, host.room)
    client = await database_sync_to_async(logged_in)(mara)
    root = await database_sync_to_async(User.objects.create_superuser)("root", password="x")
    other = await database_sync_to_async(logged_in)(root)
    assert await refused(host.room, token, None) == 4401
    assert await refused(host.room, token, other) == 4401
    assert await refused(host.room, f"{token}x", client) == 4401
    # A token is for one room.
    assert await refused(outsider.room, token, client) == 4401


async def test_an_observer_who_lost_the_right_is_let_in_no_more(mara: User, host: Member) -> None:
    client = await database_sync_to_async(logged_in)(mara)
    token = observing.token_for(mara, host.room)
    await database_sync_to_async(mara.user_permissions.clear)()
    assert await refused(host.room, token, client) == 4401


async def test_an_observer_has_to_connect_again_after_a_time(
    mara: User, host: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.room_socket.OBSERVED_S", 0.1)
    client = await database_sync_to_async(logged_in)(mara)
    assert await refused(host.room, observing.token_for(mara, host.room), client) == 4503


@pytest.mark.parametrize("lost", ["right", "account", "session"])
async def test_who_loses_the_right_while_observing_sees_nothing_more(
    mara: User, host: Member, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr("rooms.room_socket.LOOK_AT_RIGHT_S", 0.1)
    client = await database_sync_to_async(logged_in)(mara)
    acts: dict[str, Any] = {
        "right": mara.user_permissions.clear,
        "account": lambda: User.objects.update(is_active=False),
        "session": Session.objects.all().delete,
    }
    async with Look(host.room, observing.token_for(mara, host.room), client) as socket:
        await socket.hear("snapshot")
        await database_sync_to_async(acts[lost])()
        assert (await socket.closed())[0] == 4401


def test_the_page_of_an_observer_shows_nothing_of_a_room_that_has_ended(
    mara: User, host: Member, guest: Member
) -> None:
    post_message(member=guest, text="Hello there")
    browser, path = logged_in(mara), f"/admin/watch/{observing.token_for(mara, host.room)}/"
    actions.end_room(by=host)
    answer = browser.get(path)
    assert (answer.status_code, answer["Location"]) == (303, "/admin/")
    assert "Hello there" not in answer.content.decode()


async def test_who_observes_a_room_that_ends_is_told_so(mara: User, host: Member) -> None:
    client = await database_sync_to_async(logged_in)(mara)
    async with Look(host.room, observing.token_for(mara, host.room), client) as socket:
        await socket.hear("snapshot")
        await database_sync_to_async(actions.end_room)(by=host)
        assert (await socket.closed())[0] == 4410
