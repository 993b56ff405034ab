"""Each operation of the API: what it answers, to whom, and how often it happens."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import DjangoDbBlocker

from music.actions import playback, queue, voting
from music.models import ItemState, QueueItem, Track
from rooms import actions
from rooms.models import Member, Receipt, Room
from tests.conftest import browser_of
from tests.http import (
    OPERATIONS,
    POSTS,
    READS,
    WRITES,
    Operation,
    Party,
    ask,
    lasting_party,
    perform,
    refusal,
    strange_cookie,
)


@pytest.fixture(scope="module")
def lasting(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Party]:
    """Made once: several hundred of these tests begin with it."""
    with lasting_party(django_db_blocker, tmp_path_factory.mktemp("music")) as party:
        yield party


@pytest.fixture
def party(lasting: Party, db: None) -> Iterator[Party]:
    with lasting.as_it_began() as party:
        yield party


@pytest.fixture
def tracks(lasting: Party) -> list[Track]:
    """The tracks of the party are in the library anyway."""
    return lasting.tracks


def published(client: Client) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.status_code == 200
    schema: dict[str, Any] = answer.json()
    return schema


def test_the_document_names_every_rule_with_what_it_may_be(client: Client) -> None:
    room = client.get("/api/openapi.json").json()["components"]["schemas"]["RoomShape"]
    rules = room["properties"]["rules"]["properties"]
    assert rules["mode"]["enum"] == ["votes", "fair", "host"]
    assert rules["rest_min"] == {"type": "integer", "minimum": 0, "maximum": 1440}
    assert {"type": "null"} in rules["longest_min"]["anyOf"]


# --- What is published, and who may do it -------------------------------------------------------


def test_every_published_operation_is_among_those_tested_here(client: Client) -> None:
    paths = published(client)["paths"]
    offered = {(method.upper(), path) for path in paths for method in paths[path]}
    assert offered == {(operation.method, operation.path) for operation in OPERATIONS}


def test_every_published_operation_says_what_it_does(client: Client) -> None:
    for path, methods in published(client)["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], (method, path)


@pytest.mark.parametrize("role", ["host", "cohost", "listener", "muted", "outsider", "banned"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_each_role_may_do_what_the_table_of_roles_says(
    party: Party, operation: Operation, role: str
) -> None:
    answer = perform(party.who(role), party, operation)
    assert answer.status_code == getattr(operation, role)
    if answer.status_code >= 400:
        assert refusal(answer)[1] in (
            "no_membership",
            "not_allowed",
            "muted",
            "banned",
            "other_order",
            "spotify_not_connected",
            "spotify_no_device",
            "station_private",
            "unknown_station",
            "unknown",
            "unknown_member",
            "conflict",
        )


@pytest.mark.parametrize(
    ("operation", "role"),
    [
        pytest.param(operation, role, id=f"{operation}-{role}")
        for operation in WRITES
        for role in ("cohost", "listener", "muted", "outsider", "banned")
        if getattr(operation, role) >= 400
    ],
)
def test_a_refused_role_changes_nothing(party: Party, operation: Operation, role: str) -> None:
    before = party.facts()
    perform(party.who(role), party, operation)
    assert party.facts() == before


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.outsider == 401], ids=str
)
def test_a_browser_without_a_cookie_is_told_to_join_first(
    party: Party, operation: Operation
) -> None:
    assert refusal(perform(None, party, operation)) == (401, "no_membership")


def test_a_muted_member_is_told_so_and_a_removed_one_too(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/queue"
    assert refusal(ask(party.muted, "POST", path, {"uri": "library:test5"})) == (403, "muted")
    assert refusal(ask(party.banned, "GET", path)) == (403, "banned")


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_an_ended_room_takes_no_more_writes(party: Party, operation: Operation) -> None:
    actions.end_room(by=party.host)
    before = party.facts()
    answer = perform(party.host, party, operation)
    if operation.path == "/api/rooms":
        assert answer.status_code == 201
    else:
        assert refusal(answer) == (409, "room_ended")
        assert party.facts() == before


@pytest.mark.parametrize("operation", READS, ids=str)
def test_an_ended_room_can_still_be_read_by_its_members(party: Party, operation: Operation) -> None:
    actions.end_room(by=party.host)
    if operation.path.endswith("/spotify/devices"):  # those are not of the room, but of its host
        assert refusal(perform(party.host, party, operation)) == (409, "room_ended")
        return
    assert perform(party.host, party, operation).status_code == operation.host
    assert perform(party.listener, party, operation).status_code == operation.listener


def test_nothing_waits_in_an_ended_room(party: Party) -> None:
    actions.end_room(by=party.host)
    path = f"/api/rooms/{party.room.code}"
    assert ask(party.listener, "GET", path).json()["queue"] == []
    assert ask(party.listener, "GET", path + "/queue").json()["items"] == []


# --- Rooms and members --------------------------------------------------------------------------


def test_who_opens_a_room_hosts_it(client: Client, db: None) -> None:
    opened = ask(client, "POST", "/api/rooms", {"name": "Friday"})
    room = opened.json()
    assert room["url"] == f"/r/{room['code']}"
    me = ask(client, "GET", f"/api/rooms/{room['code']}").json()["me"]
    assert (me["id"], me["role"]) == (room["host"], "host")


def test_joining_again_is_the_same_member(client: Client, room: Room) -> None:
    path = f"/api/rooms/{room.code}/join"
    first = ask(client, "POST", path, {"name": "Ana"}).json()["me"]
    assert ask(client, "POST", path, {}).json()["me"] == first
    assert (first["name"], first["role"], first["named"]) == ("Ana", "listener", True)


def test_a_typed_code_is_found_in_any_case_with_spaces_and_dashes(room: Room, host: Member) -> None:
    typed = f"{room.code[:3].lower()}-{room.code[3:]}"
    assert ask(host, "GET", f"/api/rooms/{typed}").json()["room"]["code"] == room.code


def test_everybody_names_themselves_and_nobody_else(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/members"
    renamed = ask(party.listener, "PATCH", f"{path}/{party.listener.pk}", {"name": "Ana B."})
    assert renamed.json()["name"] == "Ana B."
    by_host = ask(party.host, "PATCH", f"{path}/{party.listener.pk}", {"name": "Silly"})
    assert refusal(by_host) == (403, "not_allowed")


def test_a_change_that_is_refused_in_part_is_refused_whole(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/members/{party.listener.pk}"
    before = party.facts()
    answer = ask(party.listener, "PATCH", path, {"name": "Boss", "role": "cohost"})
    assert refusal(answer) == (403, "not_allowed")
    assert party.facts() == before


def test_a_co_host_cannot_mute_or_remove_host_or_co_hosts(party: Party) -> None:
    for target in (party.host, party.cohost):
        path = f"/api/rooms/{party.room.code}/members/{target.pk}"
        for change in ({"muted": True}, {"banned": True}, {"role": "listener"}):
            assert refusal(ask(party.cohost, "PATCH", path, change)) == (403, "not_allowed")


def test_the_host_stays_the_host(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/members/{party.host.pk}"
    before = party.facts()
    for change in ({"role": "listener"}, {"banned": True}, {"muted": True}):
        assert refusal(ask(party.host, "PATCH", path, change)) == (403, "not_allowed")
    assert party.facts() == before


def test_members_are_listed_without_their_secret_identity(party: Party) -> None:
    answer = ask(party.listener, "GET", f"/api/rooms/{party.room.code}/members")
    assert [member["name"] for member in answer.json()["items"]][1:3] == ["Ana", "Cora"]
    assert str(party.host.guest) not in answer.content.decode()


# --- The snapshot and its ETag ------------------------------------------------------------------


def test_an_unchanged_snapshot_is_not_sent_again(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}"
    tag = ask(party.listener, "GET", path)["ETag"]
    again = ask(party.listener, "GET", path, If_None_Match=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)


@pytest.mark.parametrize("told", ["W/{tag}", '"other", {tag}', '"other",W/{tag}'])
def test_a_tag_is_recognised_as_proxies_rewrite_it(party: Party, told: str) -> None:
    path = f"/api/rooms/{party.room.code}"
    tag = ask(party.listener, "GET", path)["ETag"]
    again = ask(party.listener, "GET", path, If_None_Match=told.format(tag=tag))
    assert again.status_code == 304


def test_a_changed_room_is_sent_again(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}"
    tag = ask(party.listener, "GET", path)["ETag"]
    voting.cast_vote(member=party.other, item_id=party.item.pk, value=1)
    again = ask(party.listener, "GET", path, If_None_Match=tag)
    assert again.status_code == 200
    assert again["ETag"] != tag


def test_the_tag_of_one_person_says_nothing_to_another(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}"
    tag = ask(party.listener, "GET", path)["ETag"]
    assert ask(party.other, "GET", path, If_None_Match=tag).status_code == 200


def test_a_tag_does_not_open_a_room_to_somebody_removed(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}"
    tag = ask(party.other, "GET", path)["ETag"]
    actions.set_banned(by=party.host, member_id=party.other.pk, banned=True)
    assert refusal(ask(party.other, "GET", path, If_None_Match=tag)) == (403, "banned")


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_no_answer_is_kept_by_shared_caches(party: Party, operation: Operation) -> None:
    for member in (party.host, None):
        caching = perform(member, party, operation)["Cache-Control"]
        assert "private" in caching
        assert "no-store" in caching or "no-cache" in caching


# --- The queue ----------------------------------------------------------------------------------


def test_adding_answers_201_with_the_item_and_ones_vote(guest: Member, tracks: list[Track]) -> None:
    path = f"/api/rooms/{guest.room.code}/queue"
    added = ask(guest, "POST", path, {"uri": tracks[0].uri})
    item = added.json()
    assert added.status_code == 201
    assert (item["track"]["uri"], item["added_by"]) == (tracks[0].uri, str(guest.pk))
    assert (item["up"], item["my_vote"]) == (1, 1)


def test_adding_what_waits_answers_200_and_counts_as_a_vote(
    guest: Member, other: Member, tracks: list[Track]
) -> None:
    path = f"/api/rooms/{guest.room.code}/queue"
    first = ask(guest, "POST", path, {"uri": tracks[0].uri}).json()
    again = ask(other, "POST", path, {"uri": tracks[0].uri})
    assert again.status_code == 200
    assert (again.json()["id"], again.json()["up"]) == (first["id"], 2)


def test_the_queue_comes_in_playing_order_with_ones_own_votes(party: Party) -> None:
    voting.cast_vote(member=party.listener, item_id=party.third.pk, value=1)
    voting.cast_vote(member=party.other, item_id=party.item.pk, value=-1)
    answer = ask(party.listener, "GET", f"/api/rooms/{party.room.code}/queue").json()
    order = [party.third, party.second, party.item]
    assert [item["id"] for item in answer["items"]] == [str(item.pk) for item in order]
    assert [item["my_vote"] for item in answer["items"]] == [1, 0, 0]
    assert answer["next"] is None


def test_a_vote_is_absolute_and_says_how_the_item_stands(party: Party) -> None:
    path = party.operation("/api/rooms/{code}/queue/{item}/vote")
    for value, up, down in ((1, 2, 0), (1, 2, 0), (-1, 1, 1), (0, 1, 0)):
        voted = ask(party.listener, "PUT", path, {"value": value}).json()
        assert voted == {
            "item": str(party.item.pk),
            "up": up,
            "down": down,
            "score": up - down,
            "my_vote": value,
        }


def test_a_vote_for_what_has_started_is_refused(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/queue/{party.playing.pk}/vote"
    assert refusal(ask(party.listener, "PUT", path, {"value": 1})) == (409, "already_started")


def test_one_takes_out_ones_own_track_once(guest: Member, tracks: list[Track]) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])
    path = f"/api/rooms/{guest.room.code}/queue/{item.pk}"
    removed = ask(guest, "DELETE", path)
    assert (removed.status_code, removed.content) == (204, b"")
    assert refusal(ask(guest, "DELETE", path)) == (404, "unknown_item")


def test_a_full_queue_takes_no_more(party: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "QUEUE_LENGTH", 3)
    path = f"/api/rooms/{party.room.code}/queue"
    answer = ask(party.listener, "POST", path, {"uri": "library:test5"})
    assert refusal(answer) == (409, "queue_full")


# --- The playback -------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["play", "pause", "seek", "skip"])
def test_acting_on_a_track_that_has_just_changed_is_refused(party: Party, act: str) -> None:
    playback.skip(by=party.host)
    before = party.facts()
    body = {"position_ms": 5, "play_id": "1"}
    answer = ask(party.host, "POST", f"/api/rooms/{party.room.code}/playback/{act}", body)
    assert refusal(answer) == (409, "stale_play")
    assert party.facts() == before


def test_pause_seek_and_play_say_where_the_track_stands(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback"
    assert ask(party.host, "POST", f"{path}/pause", {}).json()["state"] == "paused"
    sought = ask(party.host, "POST", f"{path}/seek", {"position_ms": 30_000}).json()
    assert (sought["state"], sought["position_ms"]) == ("paused", 30_000)
    played = ask(party.host, "POST", f"{path}/play", {}).json()
    assert (played["state"], played["item"]["id"]) == ("playing", str(party.playing.pk))


def test_skipping_and_auto_play_start_the_top_item(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}"
    skipped = ask(party.host, "POST", f"{path}/playback/skip", {}).json()
    assert skipped["item"]["id"] == str(party.item.pk)
    voting.cast_vote(member=party.other, item_id=party.third.pk, value=1)
    started = ask(party.cohost, "POST", f"{path}/queue/auto-play").json()
    assert started["item"]["id"] == str(party.third.pk)


def test_a_silent_room_says_that_nothing_is_there_to_play(host: Member) -> None:
    path = f"/api/rooms/{host.room.code}"
    for act in ("playback/play", "playback/skip", "queue/auto-play"):
        answer = ask(host, "POST", f"{path}/{act}", {})
        assert refusal(answer) == (409, "nothing_to_play")


def test_a_second_device_asks_before_it_takes_the_sound(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback/speaker"
    claim = {"action": "claim", "device": "phone-of-cora", "name": "Phone"}
    assert refusal(ask(party.cohost, "PUT", path, claim)) == (409, "speaker_taken")
    taken = ask(party.cohost, "PUT", path, {**claim, "takeover": True}).json()["speaker"]
    assert taken == {"member": str(party.cohost.pk), "device": "phone-of-cora", "name": "Phone"}
    released = ask(party.cohost, "PUT", path, {**claim, "action": "release"})
    assert released.json() == {"speaker": None}


def test_a_speaker_that_cannot_play_a_track_lets_the_next_begin(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback/report"
    report = {"play_id": "1", "device": "device-of-the-host", "state": "error"}
    assert ask(party.host, "POST", path, report).status_code == 204
    party.playing.refresh_from_db()
    assert party.playing.state == ItemState.FAILED


# --- Sources and the past -----------------------------------------------------------------------


def test_search_finds_tracks_and_names_the_item_that_waits(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/search"
    found = ask(party.listener, "GET", f"{path}?q=track+2").json()
    assert [track["uri"] for track in found["items"]] == ["library:test2"]
    assert found["items"][0]["waiting_item"] == str(party.item.pk)
    assert (
        ask(party.listener, "GET", f"{path}?q=track+5").json()["items"][0]["waiting_item"] is None
    )


def test_an_empty_search_browses_page_by_page(guest: Member, tracks: list[Track]) -> None:
    for n in range(6, 48):
        facts = {"source": "library", "title": f"More {n}", "sought": f" more {n}"}
        Track.objects.create(uri=f"library:more{n}", duration_ms=1000, **facts)
    path = f"/api/rooms/{guest.room.code}/search"
    seen, cursor = [], ""
    while cursor is not None:
        page = ask(guest, "GET", path + cursor).json()
        seen += [track["uri"] for track in page["items"]]
        cursor = page["next"] and f"?cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 47


def test_shelves_say_how_much_they_hold(guest: Member, tracks: list[Track]) -> None:
    answer = ask(guest, "GET", f"/api/rooms/{guest.room.code}/shelves").json()
    assert [(shelf["tracks"], shelf["duration_ms"]) for shelf in answer["items"]] == [(5, 300_000)]
    assert answer["next"] is None


def test_history_tells_what_played_the_latest_first(party: Party) -> None:
    playback.skip(by=party.host)
    playback.skip(by=party.host)
    answer = ask(party.listener, "GET", f"/api/rooms/{party.room.code}/history").json()
    ids = [str(party.item.pk), str(party.playing.pk)]
    assert [played["id"] for played in answer["items"]] == ids
    assert {played["outcome"] for played in answer["items"]} == {"skipped"}


def test_history_pages_back_over_everything_once(party: Party) -> None:
    """Also over tracks that started in the same millisecond, or failed before they could start."""
    played = [
        QueueItem(
            room=party.room,
            track=party.tracks[4],
            state=ItemState.FAILED if n % 5 == 0 else ItemState.PLAYED,
            started_at_ms=None if n % 5 == 0 else n // 4,
            ended_at_ms=n // 4 + 1,
        )
        for n in range(120)
    ]
    expected = {str(item.pk) for item in QueueItem.objects.bulk_create(played)}
    path = f"/api/rooms/{party.room.code}/history"
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(party.listener, "GET", path + cursor).json()
        seen += [item["id"] for item in page["items"]]
        cursor = page["next"] and f"?cursor={page['next']}"
    assert len(seen) == 120
    assert set(seen) == expected


# --- Receipts: the same POST twice --------------------------------------------------------------


@pytest.mark.parametrize("operation", POSTS, ids=str)
def test_a_repeated_post_gets_the_first_answer_and_does_nothing(
    party: Party, operation: Operation
) -> None:
    path = party.operation(operation.path)
    first = ask(party.host, "POST", path, operation.body, Idempotency_Key="once")
    after, receipts = party.facts(), Receipt.objects.count()
    again = ask(party.host, "POST", path, operation.body, Idempotency_Key="once")
    assert first.status_code == operation.host
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert party.facts() == after
    assert Receipt.objects.count() == receipts > 0


@pytest.mark.parametrize("operation", POSTS, ids=str)
def test_a_key_cannot_be_used_for_another_body(party: Party, operation: Operation) -> None:
    path = party.operation(operation.path)
    ask(party.host, "POST", path, operation.body, Idempotency_Key="once")
    before = party.facts()
    body = operation.body if isinstance(operation.body, dict) else {}
    answer = ask(party.host, "POST", path, {**body, "more": 1}, Idempotency_Key="once")
    assert refusal(answer) == (422, "invalid")
    assert party.facts() == before


def test_a_repeated_pause_does_not_undo_what_came_between(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback"
    first = ask(party.host, "POST", f"{path}/pause", {}, Idempotency_Key="tap-1")
    playback.play(by=party.host)
    again = ask(party.host, "POST", f"{path}/pause", {}, Idempotency_Key="tap-1")
    assert again.content == first.content
    assert ask(party.host, "GET", f"/api/rooms/{party.room.code}").json()["playback"]["state"] == (
        "playing"
    )


def test_a_repeated_add_is_answered_even_when_the_track_is_gone(
    guest: Member, tracks: list[Track]
) -> None:
    path = f"/api/rooms/{guest.room.code}/queue"
    first = ask(guest, "POST", path, {"uri": tracks[0].uri}, Idempotency_Key="once")
    Track.objects.update(available=False)
    again = ask(guest, "POST", path, {"uri": tracks[0].uri}, Idempotency_Key="once")
    assert (again.status_code, again.content) == (201, first.content)


def test_a_refusal_is_an_answer_that_is_kept(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback/skip"
    first = ask(party.listener, "POST", path, {}, Idempotency_Key="once")
    assert refusal(first) == (403, "not_allowed")
    again = ask(party.listener, "POST", path, {}, Idempotency_Key="once")
    assert (again.status_code, again.content) == (first.status_code, first.content)


def test_two_people_may_use_the_same_key(guest: Member, other: Member, tracks: list[Track]) -> None:
    path = f"/api/rooms/{guest.room.code}/queue"
    for member, status in ((guest, 201), (other, 200)):
        answer = ask(member, "POST", path, {"uri": tracks[0].uri}, Idempotency_Key="once")
        assert answer.status_code == status


# --- When something breaks ----------------------------------------------------------------------


def test_an_unforeseen_fault_is_one_calm_sentence(
    host: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(**_: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(actions, "rename_room", fault)
    answer = ask(host, "PATCH", f"/api/rooms/{host.room.code}", {"name": "New"})
    assert refusal(answer) == (500, "server_error")
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content


def test_a_database_that_does_not_answer_is_worth_another_try(
    host: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: Any) -> None:
        raise OperationalError("could not connect to 10.0.0.7")

    monkeypatch.setattr(actions, "rename_room", away)
    answer = ask(host, "PATCH", f"/api/rooms/{host.room.code}", {"name": "New"})
    assert refusal(answer) == (503, "unavailable")
    assert b"10.0.0.7" not in answer.content


def test_nothing_that_the_api_says_names_a_secret_or_a_path(party: Party, settings: Any) -> None:
    secrets = [str(party.host.guest), settings.SECRET_KEY, str(settings.BASE_DIR), "/tmp/"]
    for operation in READS:
        said = perform(party.cohost, party, operation).content.decode()
        assert not [secret for secret in secrets if secret in said]


def test_the_docs_come_from_this_server_without_inline_scripts(client: Client) -> None:
    page = client.get("/api/docs")
    html = page.content.decode()
    assert page.status_code == 200
    assert "//cdn" not in html
    assert 'src="/static/ninja/swagger-ui-bundle.js"' in html
    assert "<script>" not in html
    assert "'unsafe-inline'" not in page["Content-Security-Policy"]


def test_an_identity_signed_by_another_server_is_a_stranger(room: Room, host: Member) -> None:
    forged = strange_cookie(f"{host.guest}:not-our-signature")
    assert refusal(ask(forged, "GET", f"/api/rooms/{room.code}")) == (401, "no_membership")
    assert ask(browser_of(host), "GET", f"/api/rooms/{room.code}").status_code == 200
