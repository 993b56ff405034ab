"""How often is too often: by member or guest first, by address only far above."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from limits.errors import StorageError

from music.actions.queue import add_track
from music.models import QueueItem, Track, Vote
from rooms import actions, limits
from rooms.models import Member, Room
from rooms.roles import Role
from tests.answers import Answer
from tests.conftest import arrived, browser_of
from tests.http import ask, refusal


@pytest.fixture
def item(guest: Member, tracks: list[Track]) -> QueueItem:
    return add_track(member=guest, track=tracks[0])[0]


def waits(answer: Answer, most: int) -> bool:
    """Whether it is a refusal that says, twice, when to try again."""
    assert refusal(answer) == (429, "rate_limited")
    error = answer.json()["error"]
    assert f"{error['retry_after']} s" in error["message"]
    retry_after: int = error["retry_after"]
    return 1 <= retry_after == int(answer["Retry-After"]) <= most


def vote(member: Member, item: QueueItem, n: int = 0) -> Answer:
    path = f"/api/rooms/{member.room.code}/queue/{item.pk}/vote"
    return ask(member, "PUT", path, {"value": n % 2 * 2 - 1})


def add(member: Member, track: Track, **headers: str) -> Answer:
    path = f"/api/rooms/{member.room.code}/queue"
    return ask(member, "POST", path, {"uri": track.uri}, **headers)


def search(member: Member) -> Answer:
    return ask(member, "GET", f"/api/rooms/{member.room.code}/search")


def join(room: Room, client: Client | None = None, /, **headers: str) -> Answer:
    return ask(client or Client(), "POST", f"/api/rooms/{room.code}/join", {}, **headers)


# --- Per member ---------------------------------------------------------------------------------


def test_thirty_votes_in_ten_seconds_count_and_the_next_one_waits(
    other: Member, item: QueueItem
) -> None:
    assert [vote(other, item, n).status_code for n in range(30)] == [200] * 30
    assert waits(vote(other, item, 30), 10)
    assert Vote.objects.get(member=other).value == 1  # the thirtieth, not the one refused


def test_the_plain_form_and_the_api_count_the_same_votes(other: Member, item: QueueItem) -> None:
    for n in range(30):
        vote(other, item, n)
    form = f"/r/{other.room.code}/queue/{item.pk}/vote"
    assert browser_of(other).post(form, {"value": "-1"}).status_code == 429


def test_somebody_who_votes_too_often_holds_up_nobody_else(
    host: Member, other: Member, item: QueueItem
) -> None:
    for n in range(31):
        vote(other, item, n)
    assert vote(host, item, 1).status_code == 200


def test_a_whole_venue_behind_one_address_is_not_locked_out_by_voting(
    room: Room, item: QueueItem
) -> None:
    people = [arrived(room) for _ in range(50)]
    answers = {vote(person, item, n).status_code for person in people for n in range(4)}
    assert answers == {200}


def test_who_pretends_to_be_many_from_one_address_meets_a_ceiling(
    room: Room, item: QueueItem, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS": "3/60"}
    people = [arrived(room) for _ in range(4)]
    answers = [vote(person, item) for person in people]
    assert [answer.status_code for answer in answers[:3]] == [200] * 3
    assert waits(answers[3], 60)


def test_six_tracks_a_minute_are_added_and_the_next_one_waits(
    guest: Member, tracks: list[Track]
) -> None:
    for n in range(6):
        assert add(guest, tracks[n % 2]).status_code in (200, 201)
    assert waits(add(guest, tracks[2]), 60)
    assert not QueueItem.objects.filter(track=tracks[2]).exists()


@pytest.mark.parametrize("role", [Role.HOST, Role.COHOST])
def test_host_and_co_hosts_may_add_ten_times_as_many(
    host: Member, guest: Member, tracks: list[Track], role: Role
) -> None:
    if role == Role.COHOST:
        actions.set_role(by=host, member_id=guest.pk, role=role)
    member = host if role == Role.HOST else guest
    for n in range(60):
        assert add(member, tracks[n % 2]).status_code in (200, 201)
    assert waits(add(member, tracks[2]), 60)


def test_a_repeated_add_costs_nothing(guest: Member, tracks: list[Track]) -> None:
    first = add(guest, tracks[0], Idempotency_Key="once")
    for _ in range(10):
        assert add(guest, tracks[0], Idempotency_Key="once").content == first.content
    assert add(guest, tracks[1]).status_code == 201


def test_a_refusal_that_time_heals_is_not_kept_as_the_answer(
    guest: Member, tracks: list[Track], settings: Any
) -> None:
    for _ in range(6):
        add(guest, tracks[0])
    assert waits(add(guest, tracks[1], Idempotency_Key="once"), 60)
    limits.forget()  # as if the minute had passed
    assert add(guest, tracks[1], Idempotency_Key="once").status_code == 201


def test_sixty_searches_a_minute_are_answered_and_the_next_one_waits(guest: Member) -> None:
    assert {search(guest).status_code for _ in range(60)} == {200}
    assert waits(search(guest), 60)


def test_taking_out_and_bringing_back_for_ever_is_refused(guest: Member, item: QueueItem) -> None:
    base = f"/api/rooms/{guest.room.code}/queue"
    for _ in range(30):
        assert ask(guest, "DELETE", f"{base}/{item.pk}").status_code == 204
        assert ask(guest, "POST", f"{base}/restore", {"items": [str(item.pk)]}).status_code == 200
    assert waits(ask(guest, "DELETE", f"{base}/{item.pk}"), 10)


def test_what_somebody_does_in_one_room_does_not_count_in_another(
    guest: Member, outsider: Member
) -> None:
    there = actions.join(room=outsider.room, guest=guest.guest)
    for _ in range(21):
        search(guest)
    assert search(there).status_code == 200


def test_four_reads_a_second_are_answered_whatever_is_read_and_the_next_one_waits(
    guest: Member, other: Member
) -> None:
    base, page = f"/api/rooms/{guest.room.code}", f"/r/{guest.room.code}"
    paths = [base, f"{base}/queue", f"{base}/members", f"{page}?plain", f"{page}/rules"]
    assert {ask(guest, "GET", path).status_code for path in paths * 48} == {200}
    assert waits(ask(guest, "GET", base), 60)
    assert browser_of(guest).get(page).status_code == 429
    assert vote_on_nothing(guest) == 404  # what is no read goes on
    assert ask(other, "GET", base).status_code == 200


def vote_on_nothing(member: Member) -> int:
    path = f"/api/rooms/{member.room.code}/queue/0/vote"
    return ask(member, "PUT", path, {"value": 1}).status_code


def test_a_page_that_polls_every_three_seconds_is_far_below_the_limit() -> None:
    count, seconds = map(int, limits.rate_of("READS").split("/"))
    assert seconds / 3 * 5 < count / 2  # five tabs of one person


def test_a_whole_venue_polls_from_one_address() -> None:
    count, seconds = map(int, limits.rate_of("ADDRESS_READS").split("/"))
    assert seconds / 3 * 500 < count


# --- Wrong codes --------------------------------------------------------------------------------


def visitor(room: Room, **network: Any) -> Client:
    """A browser that has opened the link of a room, and has a cookie of its own with that."""
    browser = Client(**network)
    assert browser.get(f"/r/{room.code}", follow=True).status_code == 200
    return browser


def guess(client: Client, **headers: str) -> Answer:
    return ask(client, "GET", "/api/rooms/ZZZZZZ", **headers)


def test_ten_wrong_codes_a_minute_then_one_waits_and_a_right_one_too(room: Room) -> None:
    browser = visitor(room)
    for _ in range(10):
        assert refusal(guess(browser)) == (404, "unknown_room")
    assert waits(guess(browser), 60)
    assert waits(join(room, browser), 60)


def test_who_guesses_keeps_nobody_else_in_the_network_out(room: Room, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_WRONG_CODES": "20/60"}
    before, guesser = visitor(room), visitor(room)
    for client in [guesser] * 20 + [Client()] * 40:
        guess(client)
    assert waits(guess(guesser), 60)
    assert waits(guess(Client()), 60)
    for newcomer in (before, visitor(room)):
        assert join(room, newcomer).status_code == 200
    typing = Client()
    typing.get("/")
    assert typing.post("/join", {"code": room.code}).status_code == 303
    assert room.members.count() == 4


def test_past_the_ceiling_of_an_address_each_guess_takes_a_cookie_that_has_not_guessed(
    room: Room, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_WRONG_CODES": "3/60"}
    browsers = [visitor(room) for _ in range(4)]
    assert [guess(browser).status_code for browser in browsers] == [404] * 4
    assert [guess(browser).status_code for browser in browsers] == [429] * 4
    for code in (room.code, "ZZZZZZ"):  # without a cookie, right and wrong look the same
        assert waits(ask(Client(), "GET", f"/api/rooms/{code}"), 60)
        first = Client().get(f"/r/{code}")
        assert (first.status_code, first["Location"]) == (303, f"/r/{code}?again")
        assert Client().get(first["Location"]).status_code == 429


def test_no_number_of_cookies_buys_more_codes_than_an_address_may_try(
    room: Room, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_CODES": "5/60"}
    answers = [guess(browser) for browser in [visitor(room) for _ in range(3)]]
    assert [answer.status_code for answer in answers] == [404, 404, 429]


def test_an_address_has_its_own_ceiling_and_an_ipv6_household_is_one(
    room: Room, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_WRONG_CODES": "10/60"}
    for n in range(10):
        guess(Client(REMOTE_ADDR=f"2001:db8:1:2::{n}"))
    assert waits(join(room, Client(REMOTE_ADDR="2001:db8:1:2:3::4")), 60)
    for elsewhere in ("2001:db8:1:3::1", "198.51.100.7"):
        assert join(room, Client(REMOTE_ADDR=elsewhere)).status_code == 200


@pytest.mark.parametrize("header", ["X_Forwarded_For", "X_Real_IP", "Forwarded"])
def test_an_address_that_the_client_makes_up_buys_no_more_guesses(
    room: Room, settings: Any, header: str
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_WRONG_CODES": "10/60"}
    for n in range(10):
        guess(Client(), **{header: f"198.51.100.{n}"})
    assert waits(join(room, **{header: "198.51.100.99"}), 60)


# --- Opening and joining ------------------------------------------------------------------------


def test_twenty_rooms_an_hour_are_opened_by_one_person_and_others_go_on(
    client: Client, db: None
) -> None:
    client.get("/")
    for _ in range(20):
        assert ask(client, "POST", "/api/rooms", {"name": "Mine"}).status_code == 201
    assert waits(ask(client, "POST", "/api/rooms", {"name": "Mine"}), 3600)
    page = client.post(reverse("open-room"), {"name": "Mine"})
    assert (page.status_code, page.context["name_value"]) == (429, "Mine")
    assert ask(Client(), "POST", "/api/rooms", {"name": "Theirs"}).status_code == 201
    assert Room.objects.count() == 21


def test_who_opens_rooms_as_many_people_meets_the_ceiling_of_the_address(
    db: None, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_ROOMS": "3/3600"}
    answers = [ask(Client(), "POST", "/api/rooms", {"name": "Mine"}) for _ in range(4)]
    assert [answer.status_code for answer in answers[:3]] == [201] * 3
    assert waits(answers[3], 3600)


def test_a_program_without_a_cookie_uses_up_nothing_of_the_browsers_beside_it(
    guest: Member, settings: Any
) -> None:
    tight = {"ADDRESS_ROOMS": "2/3600", "ADDRESS_READS": "2/60"}
    settings.LIMITS = {**settings.LIMITS, **tight}
    asks = [
        ("POST", "/api/rooms", {"name": "Mine"}),
        ("GET", f"/api/rooms/{guest.room.code}", None),
    ]
    for method, path, body in asks:
        answers = [ask(Client(), method, path, body) for _ in range(3)]
        assert waits(answers[-1], 3600)
        assert ask(guest, method, path, body).status_code in (200, 201), path


def test_a_repeated_opening_costs_nothing(client: Client, db: None) -> None:
    client.get("/")
    codes = {
        ask(client, "POST", "/api/rooms", {"name": "Mine"}, Idempotency_Key="once").json()["code"]
        for _ in range(30)
    }
    assert len(codes) == Room.objects.count() == 1


def test_whoever_has_opened_the_page_joins_however_many_others_join_from_the_address(
    room: Room, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_JOINS": "3/60"}
    assert {join(room).status_code for _ in range(3)} == {200}
    assert waits(join(room), 60)  # a program, which has no cookie
    assert {join(room, visitor(room)).status_code for _ in range(5)} == {200}


def test_one_guest_who_joins_without_end_waits(room: Room, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "JOINS": "3/60"}
    browser = visitor(room)
    assert {join(room, browser).status_code for _ in range(3)} == {200}
    assert waits(join(room, browser), 60)
    assert join(room, visitor(room)).status_code == 200


def test_joining_again_costs_nothing_when_it_is_a_repeat(room: Room, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "JOINS": "1/60"}
    browser = visitor(room)
    first = join(room, browser, Idempotency_Key="once")
    assert join(room, browser, Idempotency_Key="once").content == first.content
    assert first.status_code == 200


# --- The counting itself ------------------------------------------------------------------------


def test_every_limit_is_the_operators_to_choose(guest: Member, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "SEARCHES": "2/5"}
    limits.forget()
    assert [search(guest).status_code for _ in range(2)] == [200, 200]
    assert waits(search(guest), 5)


@pytest.mark.parametrize(
    ("limit", "said"),
    [("1/60", "1 searches a minute."), ("2/3600", "2 searches an hour."), ("1/7", "1 searches in")],
)
def test_a_refusal_names_the_limit_that_the_operator_chose(
    guest: Member, settings: Any, limit: str, said: str
) -> None:
    settings.LIMITS = {**settings.LIMITS, "SEARCHES": limit}
    limits.forget()
    answers = [search(guest) for _ in range(3)]
    assert said in answers[-1].json()["error"]["message"]


def test_being_refused_does_not_make_one_wait_longer(guest: Member, settings: Any) -> None:
    settings.LIMITS = {**settings.LIMITS, "SEARCHES": "1/60"}
    limits.forget()
    search(guest)
    told = [int(search(guest)["Retry-After"]) for _ in range(20)]
    assert told == sorted(told, reverse=True)


@pytest.mark.parametrize("what", ["hit", "test"])
def test_people_go_on_when_nothing_can_count(
    guest: Member, item: QueueItem, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    def away(*_: Any) -> bool:
        raise StorageError(ConnectionError("10.0.0.7"))

    monkeypatch.setattr(limits._shared(), what, away)
    assert vote(guest, item).status_code == 200
    assert refusal(ask(guest, "GET", "/api/rooms/ZZZZZZ")) == (404, "unknown_room")


def test_a_storage_that_goes_away_in_between_makes_one_wait_the_whole_window(
    guest: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(60):
        search(guest)

    def away(*_: Any) -> Any:
        raise StorageError(ConnectionError("10.0.0.7"))

    monkeypatch.setattr(limits._shared(), "get_window_stats", away)
    assert waits(refused := search(guest), 60)
    assert refused["Retry-After"] == "60"
