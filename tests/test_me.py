"""A person across devices: going on elsewhere, taking one's data along, being erased."""

import json
import uuid
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.core.cache import cache
from django.test import Client

from chat.actions.messages import post_message
from chat.models import ChatMessage
from music.actions import queue, voting
from music.actions.devices import Step, note_device
from music.models import Device, QueueItem, Track, Vote
from rooms import actions, clock
from rooms.access import COOKIE, guest_in
from rooms.actions.identity import LINK_FOR_MS
from rooms.actions.moderation import Terms
from rooms.close_codes import LEFT
from rooms.errors import Banned, Conflict, UnknownLink
from rooms.features import Feature
from rooms.models import IdentityLink, LogEntry, Member, Restriction
from rooms.personal_data import data_of_guest
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.conftest import browser_of
from tests.http import text_of
from tests.live import connected

SPAM = Terms(why="spam")
PHONE = Step("Ana's phone", True, "precise", 12, 3, 5, None)


def hand_over_to(guest: uuid.UUID) -> None:
    """What a host may do while a guest is being erased."""
    heir = Member.objects.get(guest=guest)
    host = Member.objects.get(room=heir.room, role=Role.HOST)
    actions.hand_over(by=host, member_id=heir.pk)


FEATURE = Feature(name="heirs", erase_guest=hand_over_to)


def link_of(member: Member) -> str:
    """A link that this member's browser is shown."""
    page = browser_of(member).post("/me/link")
    link: str = page.context["link"]
    return link.removeprefix("http://testserver")


def test_a_link_makes_another_device_the_same_person(guest: Member, client: Client) -> None:
    link = link_of(guest)
    assert "Go on here" in text_of(client.get(link))
    answer = client.post(link)
    assert (answer.status_code, answer["Location"]) == (303, "/")
    [room] = client.get("/").context["back_rooms"]
    assert room["code"] == guest.room.code


def test_a_link_works_once(guest: Member, client: Client) -> None:
    link = link_of(guest)
    assert client.post(link).status_code == 303
    again = Client().post(link)
    assert again.status_code == 404
    assert "too old or used" in text_of(again)


def test_a_link_is_too_old_after_ten_minutes(guest: Member) -> None:
    token, _ = actions.make_identity_link(guest=guest.guest)
    with clock.shifted(LINK_FOR_MS + 1), pytest.raises(UnknownLink):
        actions.use_identity_link(token=token)


def test_a_new_link_replaces_the_one_before(guest: Member) -> None:
    first, _ = actions.make_identity_link(guest=guest.guest)
    second, _ = actions.make_identity_link(guest=guest.guest)
    with pytest.raises(UnknownLink):
        actions.use_identity_link(token=first)
    assert actions.use_identity_link(token=second) == guest.guest


def test_opening_a_link_uses_nothing_up(guest: Member, client: Client) -> None:
    link = link_of(guest)
    for _ in range(3):
        client.get(link)
    assert client.post(link).status_code == 303


def test_no_token_is_kept_in_the_open(guest: Member) -> None:
    token, _ = actions.make_identity_link(guest=guest.guest)
    assert token not in str(IdentityLink.objects.values_list("token_hash", "guest"))
    with clock.shifted(LINK_FOR_MS + 1):
        actions.erase_old(retention_days=30)
    assert not IdentityLink.objects.exists()


def test_a_banned_person_is_banned_on_the_other_device_too(
    host: Member, guest: Member, client: Client
) -> None:
    actions.set_banned(by=host, member_id=guest.pk, banned=True)
    client.post(link_of(guest))
    assert client.get(f"/r/{guest.room.code}").status_code == 403


def test_erasing_takes_the_name_and_keeps_the_tallies(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=host, track=tracks[0])
    voting.cast_vote(member=guest, item_id=item.pk, value=1)
    assert actions.erase_person(guest=guest.guest) == 1
    assert "Ana" not in str(Member.objects.values_list("name", "guest"))
    item.refresh_from_db()
    assert (item.up, Vote.objects.filter(item=item).count()) == (2, 2)
    names = [each["name"] for each in read_snapshot(host)["members"]]
    assert "Ana" not in names


def test_erasing_takes_what_apps_keep_and_why_somebody_was_muted(
    host: Member, guest: Member
) -> None:
    note_device(member=guest, device="phone", step=PHONE)
    actions.set_muted(by=host, member_id=guest.pk, muted=True, terms=SPAM)
    actions.set_muted(by=host, member_id=guest.pk, muted=False)
    actions.erase_person(guest=guest.guest)
    assert not Device.objects.exists()
    assert {entry.why for entry in LogEntry.objects.all()} == {""}
    assert data_of_guest(guest.guest)["rooms"] == []


def test_a_person_reads_of_their_data_why_they_were_muted_in_words(
    host: Member, guest: Member
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True, terms=Terms(why="hate"))
    [room] = data_of_guest(guest.guest)["rooms"]
    assert room["restrictions"][0]["why"] == "insults or hate"


def test_erasing_takes_the_messages(host: Member, guest: Member) -> None:
    post_message(member=guest, text="hello")
    assert data_of_guest(guest.guest)["chat"]["messages"][0]["text"] == "hello"
    actions.erase_person(guest=guest.guest)
    assert ChatMessage.objects.get().text == ""
    assert "hello" not in str(read_snapshot(host)["chat"])


def test_who_was_erased_is_somebody_new_to_the_room(host: Member, guest: Member) -> None:
    actions.erase_person(guest=guest.guest)
    again = actions.join(room=host.room, guest=guest.guest)
    assert again.pk != guest.pk


def test_erasing_ends_no_ban(host: Member, guest: Member) -> None:
    actions.set_banned(by=host, member_id=guest.pk, banned=True, terms=SPAM)
    actions.erase_person(guest=guest.guest)
    with pytest.raises(Banned):
        actions.join(room=host.room, guest=guest.guest)
    assert Member.objects.get(pk=guest.pk).name == "Somebody"


def test_erasing_ends_no_mute_and_keeps_no_reason(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True, terms=SPAM)
    browser = browser_of(guest)
    assert "that holds until it is" in text_of(browser.post("/me/erase"))
    assert guest_in({COOKIE: browser.cookies[COOKIE].value}) == guest.guest
    again = actions.join(room=host.room, guest=guest.guest)
    assert (again.pk, again.muted, again.name) == (guest.pk, True, "Somebody")
    assert Restriction.objects.get(member=guest).why == ""


def test_a_mute_in_an_ended_room_keeps_nobody_known(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    actions.end_room(by=host)
    actions.erase_person(guest=guest.guest)
    assert not Member.objects.filter(guest=guest.guest).exists()


def test_names_go_from_ended_rooms_too(host: Member, guest: Member) -> None:
    actions.end_room(by=host)
    actions.erase_person(guest=guest.guest)
    assert Member.objects.get(pk=guest.pk).name == "Somebody"


def test_a_host_is_not_erased_from_under_a_live_room(host: Member) -> None:
    with pytest.raises(Conflict, match="You host Friday at Mika's"):
        actions.erase_person(guest=host.guest)
    page = browser_of(host).post("/me/erase")
    assert (page.status_code, Member.objects.get(pk=host.pk).guest) == (409, host.guest)


def test_who_is_made_host_while_being_erased_leaves_no_room_without_one(
    host: Member, guest: Member, settings: Any
) -> None:
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, "tests.test_me.FEATURE"]
    with pytest.raises(Conflict, match="You host"):
        actions.erase_person(guest=guest.guest)
    assert host.room.host_id() == guest.pk


@pytest.mark.django_db(transaction=True)
async def test_who_was_erased_listens_on_no_other_page(guest: Member) -> None:
    async with connected(guest) as page:
        await page.hear("snapshot")
        await database_sync_to_async(actions.erase_person)(guest=guest.guest)
        assert (await page.closed())[0] == LEFT


def test_the_page_erases_and_makes_the_browser_somebody_new(guest: Member) -> None:
    browser = browser_of(guest)
    assert "Erase me from 1 room" in text_of(browser.get("/me"))
    page = browser.post("/me/erase")
    assert "You are erased" in text_of(page)
    assert guest_in({COOKIE: browser.cookies[COOKIE].value}) != guest.guest


def test_my_data_is_a_file_with_all_that_is_kept(
    host: Member, guest: Member, other: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])
    note_device(member=guest, device="phone", step=PHONE)
    actions.set_muted(by=host, member_id=guest.pk, muted=True, terms=SPAM)
    answer = browser_of(guest).get("/me/data")
    assert "attachment" in answer["Content-Disposition"]
    kept = json.loads(answer.content)
    [room] = kept["rooms"]
    assert (room["your_name"], room["restrictions"][0]["why"]) == ("Ana", "spam")
    assert room["log"][0]["says"] == f"{host.name} muted Ana: spam."
    assert kept["music"]["added"][0]["title"] == item.track.title
    assert kept["music"]["votes"][0]["value"] == 1
    assert kept["music"]["devices"] == [{"room": host.room.code, "name": "Ana's phone"}]
    assert other.name not in answer.content.decode()


def test_my_data_costs_no_query_per_row(
    guest: Member, tracks: list[Track], django_assert_max_num_queries: Any
) -> None:
    for track in tracks[:3]:
        queue.add_track(member=guest, track=track)
    assert QueueItem.objects.count() == 3
    with django_assert_max_num_queries(13):
        data_of_guest(guest.guest)


def test_a_browser_without_an_identity_has_no_data(client: Client, db: None) -> None:
    cache.clear()
    assert client.get("/me/data").status_code == 401
    assert client.post("/me/link").status_code == 401


def test_the_page_of_the_log_is_for_host_and_cohosts(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True, terms=SPAM)
    address = f"/r/{host.room.code}/log"
    page = browser_of(host).get(address)
    assert f"{host.name} muted Ana: spam." in text_of(page)
    assert browser_of(guest).get(address).status_code == 403
    entry = LogEntry.objects.get()
    undone = browser_of(host).post(f"{address}/{entry.pk}/undo")
    assert (undone.status_code, undone["Location"]) == (303, address)
    assert not Member.objects.get(pk=guest.pk).muted
