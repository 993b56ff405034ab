"""The pages, and the plain forms on them: they work before scripts arrive, and without any."""

import html
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from channels.db import aclose_old_connections
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client

from beatsync import health
from music.models import Track
from rooms import access, actions, clock, limits
from rooms.codes import CODE_ALPHABET, find_code
from rooms.models import Member, Room
from tests.answers import Answer
from tests.conftest import browser_of
from tests.http import Party, refusal, text_of
from tests.live import connected

MARKUP = "<script>alert(1)</script>\"'&"
WRONG = "No room has that code"


@pytest.fixture
def party(host: Member, tracks: list[Track]) -> Party:
    return Party(host, tracks)


def form(page: Answer, field: str) -> str:
    """Where the form of a page with this field goes."""
    for found in re.finditer(r"<form.*?</form>", page.content.decode(), re.DOTALL):
        if f'name="{field}"' in found[0]:
            action = re.search(r'action="([^"]*)"', found[0])
            assert action
            return action[1]
    raise AssertionError(f"no form with {field}")


def open_room(client: Client, name: str) -> Answer:
    answer: Answer = client.post(form(client.get("/"), "name"), {"name": name})
    return answer


def enter_code(client: Client, code: str) -> Answer:
    answer: Answer = client.post(form(client.get("/"), "code"), {"code": code})
    return answer


# --- Opening a room -----------------------------------------------------------------------------


def test_the_form_opens_a_room_and_leads_there(client: Client, db: None) -> None:
    opened = open_room(client, "Friday")
    room = Room.objects.get()
    assert (opened.status_code, opened["Location"]) == (303, f"/r/{room.code}")
    assert client.get(opened["Location"]).context["boot"]["snapshot"]["me"]["role"] == "host"


def test_a_code_has_six_characters_without_look_alikes(client: Client, db: None) -> None:
    code = open_room(client, "Friday")["Location"].removeprefix("/r/")
    assert len(code) == 6
    assert set(code) <= set(CODE_ALPHABET)
    assert not set(CODE_ALPHABET) & set("0O1IL")


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\u202e"])
def test_a_refused_name_comes_back_with_the_reason_beside_it(
    client: Client, db: None, name: str
) -> None:
    page = open_room(client, name)
    assert page.status_code == 422
    assert page.context["name_value"] == name
    assert page.context["name_error"] in text_of(page)
    assert "A room name" in page.context["name_error"]
    assert not Room.objects.exists()


def test_a_name_that_was_too_long_can_be_shortened_not_typed_again(
    client: Client, db: None
) -> None:
    name = MARKUP + "x" * 60
    assert f'value="{html.escape(name)}"' in open_room(client, name).content.decode()


# --- Joining ------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["/r/{code}", "/r/{code}?utm=1"])
def test_looking_at_a_room_joins_nobody(client: Client, room: Room, link: str) -> None:
    page = client.get(link.format(code=room.code))
    assert page.status_code == 200
    assert (page.context["member"], page.context["boot"]["snapshot"]) == (False, None)
    assert client.head(link.format(code=room.code)).status_code == 200
    assert client.get(f"/r/{room.code}/join").status_code == 405
    assert client.get("/join", {"code": room.code}).status_code == 405
    assert room.members.count() == 1


def test_a_typed_code_joins_and_leads_to_the_room(client: Client, room: Room) -> None:
    joined = enter_code(client, f" {room.code[:3].lower()}-{room.code[3:]} ")
    assert (joined.status_code, joined["Location"]) == (303, f"/r/{room.code}")
    assert client.get(joined["Location"]).context["member"]
    assert room.members.count() == 2


def test_the_plain_button_joins_once_however_often_it_is_pressed(
    client: Client, room: Room
) -> None:
    page = client.get(f"/r/{room.code}")
    address = f"/r/{room.code}/join"
    assert f'action="{address}"' in page.content.decode()
    for _ in range(3):
        joined = client.post(address)
        assert (joined.status_code, joined["Location"]) == (303, f"/r/{room.code}?plain")
    assert room.members.count() == 2


def test_two_taps_at_once_are_one_person(client: Client, room: Room) -> None:
    """Both leave the browser before either answer has brought a cookie."""
    page = client.get(f"/r/{room.code}")
    for _ in range(2):
        tap = Client()
        tap.cookies[access.COOKIE] = page.cookies[access.COOKIE].value
        tap.post(f"/r/{room.code}/join")
    assert room.members.count() == 2


@pytest.mark.parametrize(
    ("typed", "status"),
    [("ZZZZZZ", 404), ("", 422), ("ABC", 422), ("ABCDEFG", 422), ("      ", 422)],
)
def test_a_wrong_code_stays_in_the_field_with_the_reason_beside_it(
    client: Client, db: None, typed: str, status: int
) -> None:
    page = enter_code(client, typed)
    assert (page.status_code, page.context["code_value"]) == (status, typed)
    assert page.context["code_error"] in text_of(page)


def test_the_server_finds_codes_in_text_as_the_page_does() -> None:
    texts = json.loads((Path(__file__).parent / "codes.json").read_text())
    assert {text: find_code(text) for text in texts} == texts


def test_a_pasted_link_or_message_joins(room: Room) -> None:
    for words in ("https://party.example/r/{}/", "Join my room {} tonight", "HTTPS://X/R/{})."):
        joined = enter_code(Client(), words.format(room.code))
        assert joined["Location"] == f"/r/{room.code}", words


def test_what_is_no_code_counts_as_no_guess(settings: Any, room: Room) -> None:
    settings.LIMITS = {**settings.LIMITS, "WRONG_CODES": "1/60"}
    limits.forget()
    for typed in ("hello", "see you on Friday", "KQ7F0M", "https://party.example/"):
        assert enter_code(Client(), typed).status_code in (404, 422), typed
    assert enter_code(Client(), room.code).status_code == 303


def test_a_refused_form_can_be_sent_again(room: Room) -> None:
    """The page that comes back has a token of its own."""
    browser = Client(enforce_csrf_checks=True)
    typed = {"code": "ZZZZZZ", "csrfmiddlewaretoken": token_of(browser.get("/"))}
    again = browser.post("/join", typed)
    assert again.status_code == 404
    corrected = {"code": room.code, "csrfmiddlewaretoken": token_of(again)}
    assert browser.post("/join", corrected).status_code == 303


@pytest.mark.parametrize("code", ["ZZZZZZ", "x", "%00", "%3Cb%3E", "A" * 300, "%E2%80%AE"])
def test_the_address_of_no_room_is_the_start_page_with_a_sentence(
    client: Client, db: None, code: str
) -> None:
    page = client.get(f"/r/{code}")
    assert page.status_code == 404
    assert WRONG in text_of(page)
    assert form(page, "code") == "/join"
    assert client.post(f"/r/{code}/join").status_code == 404


@pytest.mark.parametrize("link", ["/r/{}/", "/r/{}.", "/r/{})", "/R/{}", "/r/{}).%20See"])
def test_a_link_as_messages_carry_it_leads_to_the_room(
    client: Client, room: Room, link: str
) -> None:
    for code in (room.code, room.code.lower()):
        answer = client.get(link.format(code))
        assert (answer.status_code, answer["Location"]) == (302, f"/r/{room.code}")


def test_a_page_at_an_address_of_another_server_says_so_and_the_log_what_to_set(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Client(enforce_csrf_checks=True)
    token = token_of(browser.get("/"))
    foreign = {"Origin": "https://party.example"}
    page = browser.post("/join", {"code": room.code, "csrfmiddlewaretoken": token}, headers=foreign)
    call = browser.post(
        f"/api/rooms/{room.code}/join",
        {},
        content_type="application/json",
        headers=foreign | {"X-CSRFToken": token},
    )
    assert (page.status_code, call.status_code) == (403, 403)
    assert call.json()["error"]["code"] == "wrong_origin"
    assert "Tell its operator" in text_of(page)
    assert caplog.text.count("set PUBLIC_URL=https://party.example and HTTPS=true") == 1


def test_an_address_in_lower_case_leads_to_the_room(client: Client, room: Room) -> None:
    answer = client.get(f"/r/{room.code.lower()}")
    assert (answer.status_code, answer["Location"]) == (302, f"/r/{room.code}")


def test_an_ended_room_says_so_to_everybody(client: Client, party: Party) -> None:
    actions.end_room(by=party.host)
    for browser in (client, browser_of(party.listener), browser_of(party.host)):
        page = browser.get(f"/r/{party.room.code}")
        assert page.status_code == 410
        assert party.room.name in text_of(page)
    members = party.room.members.count()
    assert client.post(f"/r/{party.room.code}/join").status_code == 409
    assert enter_code(client, party.room.code).status_code == 409
    assert party.room.members.count() == members


def test_somebody_removed_sees_that_and_cannot_come_back_in(party: Party) -> None:
    browser = browser_of(party.banned)
    page = browser.get(f"/r/{party.room.code}")
    assert page.status_code == 403
    assert page.context["reason"] == f"{party.host.name} removed you from this room."
    assert "boot" not in page.context
    assert browser.post(f"/r/{party.room.code}/join").status_code == 403
    assert party.room.name not in text_of(browser.get("/"))


def test_the_start_page_leads_back_to_ones_rooms_and_to_nobody_elses(
    client: Client, guest: Member, outsider: Member
) -> None:
    assert not client.get("/").context["back_rooms"]
    (back,) = browser_of(guest).get("/").context["back_rooms"]
    assert (back["code"], back["here"]) == (guest.room.code, 2)


def test_the_start_page_leads_into_no_room_that_has_ended(host: Member) -> None:
    actions.end_room(by=host)
    assert host.room.name not in text_of(browser_of(host).get("/"))


def test_the_start_page_says_where_nobody_is_and_asks_once_for_all_rooms(
    host: Member, django_assert_num_queries: Any
) -> None:
    for name in ("Saturday", "Sunday"):
        actions.open_room(name=name, guest=host.guest)
    Member.objects.update(seen_at_ms=0)
    with django_assert_num_queries(1):
        page = browser_of(host).get("/")
    assert text_of(page).count("nobody here now") == 3


def test_before_it_is_known_who_comes_the_room_says_nothing_that_may_be_wrong(
    client: Client, room: Room
) -> None:
    page = text_of(client.get(f"/r/{room.code}"))
    start = page[page.index("data-start>") : page.index("</form>", page.index("data-start>"))]
    words = [text.strip() for text in re.findall(r">([^<>]*)<", start)]
    shown = ["The shelf to start from", "Nothing plays yet", "Start the music"]
    assert sorted(filter(None, words)) == sorted(shown)


# --- Voting without scripts ---------------------------------------------------------------------


@pytest.mark.parametrize(("value", "up", "down"), [("1", 2, 0), ("-1", 1, 1), ("0", 1, 0)])
def test_the_plain_vote_counts_and_leads_back(party: Party, value: str, up: int, down: int) -> None:
    browser = browser_of(party.listener)
    address = f"/r/{party.room.code}/queue/{party.item.pk}/vote?plain"
    assert f'action="{address}"' in browser.get(f"/r/{party.room.code}?plain").content.decode()
    answer = browser.post(address, {"value": value})
    assert (answer.status_code, answer["Location"]) == (303, f"/r/{party.room.code}?plain")
    party.item.refresh_from_db()
    assert (party.item.up, party.item.down) == (up, down)


def test_a_plain_vote_is_shown_pressed_and_withdrawn_by_its_own_key(party: Party) -> None:
    browser = browser_of(party.listener)
    page = f"/r/{party.room.code}?plain"
    keys = r'name="value" value="(-?\d)" data-\w+\s+aria-pressed="(\w+)"'
    for sent, shown in (
        ("1", [("0", "true"), ("-1", "false")]),
        ("-1", [("1", "false"), ("0", "true")]),
        ("0", [("1", "false"), ("-1", "false")]),
    ):
        browser.post(f"/r/{party.room.code}/queue/{party.item.pk}/vote", {"value": sent})
        strip = browser.get(page).content.decode().split(f"/queue/{party.item.pk}/vote")[1]
        assert re.findall(keys, strip.split("</form>")[0]) == shown, sent


def test_a_plain_vote_key_says_its_votes(party: Party) -> None:
    browser, page = browser_of(party.listener), f"/r/{party.room.code}?plain"
    for said in ("Vote up, 1 vote", "Vote up, 2 votes"):
        keys = browser.get(page).content.decode().split(f"/queue/{party.item.pk}/vote")[1]
        assert re.findall(r'aria-label="([^"]*)"', keys)[:2] == [said, "Vote down"]
        browser.post(f"/r/{party.room.code}/queue/{party.item.pk}/vote", {"value": "1"})


@pytest.mark.parametrize("value", ["", "2", "-2", "1.0", "one", "١", "1\x00", " 1", "9" * 400])
def test_a_plain_vote_out_of_range_is_refused(party: Party, value: str) -> None:
    before = party.facts()
    address = f"/r/{party.room.code}/queue/{party.item.pk}/vote"
    page = browser_of(party.listener).post(address, {"value": value})
    assert page.status_code == 422
    assert "A vote is 1, -1 or 0." in text_of(page)
    assert party.facts() == before


@pytest.mark.parametrize(
    ("role", "item", "status"),
    [
        ("stranger", None, 401),
        ("outsider", None, 401),
        ("banned", None, 403),
        ("listener", "0", 404),
        ("listener", "%00", 404),
        ("listener", "9" * 40, 404),
    ],
)
def test_a_plain_vote_that_cannot_count_says_why(
    party: Party, role: str, item: str | None, status: int
) -> None:
    before = party.facts()
    address = f"/r/{party.room.code}/queue/{item or party.item.pk}/vote"
    assert browser_of(party.who(role)).post(address, {"value": "1"}).status_code == status
    assert party.facts() == before


def test_a_plain_vote_for_what_plays_already_is_closed(party: Party) -> None:
    address = f"/r/{party.room.code}/queue/{party.playing.pk}/vote"
    assert browser_of(party.listener).post(address, {"value": "1"}).status_code == 409


def test_the_way_back_from_a_refusal_is_never_another_site(party: Party) -> None:
    address = f"/r/{party.room.code}/queue/0/vote"
    browser = browser_of(party.listener)
    for referer, back in (
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        (f"http://testserver/r/{party.room.code}", f"http://testserver/r/{party.room.code}"),
    ):
        page = browser.post(address, {"value": "1"}, headers={"Referer": referer})
        assert page.context["back"] == back


# --- Forms of other sites -----------------------------------------------------------------------


def token_of(page: Answer) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}])
def test_a_form_without_its_token_or_from_another_site_does_nothing(
    party: Party, headers: dict[str, str]
) -> None:
    browser = browser_of(party.listener, enforce_csrf_checks=True)
    token = {"csrfmiddlewaretoken": token_of(browser.get("/"))} if headers else {}
    before = party.facts()
    for address, typed in (
        (form(browser.get("/"), "name"), {"name": "Mine"}),
        ("/join", {"code": party.room.code}),
        (f"/r/{party.room.code}/join", {}),
        (f"/r/{party.room.code}/queue/{party.item.pk}/vote", {"value": "-1"}),
    ):
        page = browser.post(address, {**typed, **token}, headers=headers)
        assert page.status_code == 403
        foreign = "https" in headers.get("Origin", "")
        assert ("Tell its operator" if foreign else "Load it again") in text_of(page)
    assert party.facts() == before


def test_a_form_of_more_than_64_kb_is_refused(room: Room) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.get("/")
    assert browser.post(f"/r/{room.code}/join", {"x": "x" * 70_000}).status_code in (400, 403)
    assert room.members.count() == 1


# --- What a page carries ------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/r/{code}", "/r/ZZZZZZ", "/nothing", "/api/docs"])
def test_pages_run_no_inline_scripts_or_styles(party: Party, address: str) -> None:
    page = browser_of(party.listener).get(address.format(code=party.room.code))
    policy = page["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*(\bsrc=|application/json))", page.content.decode())
    assert not re.search(r"<style|\sstyle=|\son\w+=\"", page.content.decode())


def test_pages_forbid_guessing_types_framing_and_telling_other_sites(
    client: Client, room: Room
) -> None:
    page = client.get(f"/r/{room.code}")
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["X-Frame-Options"] == "DENY"
    assert page["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ["/", "/r/{code}"])
def test_the_identity_is_a_cookie_that_scripts_and_other_sites_do_not_get(
    client: Client, room: Room, address: str
) -> None:
    cookies = client.get(address.format(code=room.code)).cookies
    assert cookies[access.COOKIE]["httponly"]
    assert cookies[access.COOKIE]["samesite"] == "Lax"
    assert cookies["csrftoken"]["samesite"] == "Lax"
    assert access.guest_in({access.COOKIE: cookies[access.COOKIE].value}) is not None


def test_cookies_stay_on_https_where_there_is_https(
    client: Client, db: None, settings: Any
) -> None:
    settings.GUEST_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    cookies = client.get("/").cookies
    assert cookies[access.COOKIE]["secure"]
    assert cookies["csrftoken"]["secure"]


def test_one_keeps_ones_identity_from_page_to_page(client: Client, room: Room) -> None:
    # The signature has the time in it, the guest has not.
    pages = [client.get(address) for address in ("/", f"/r/{room.code}")]
    first, second = (
        access.guest_in({access.COOKIE: page.cookies[access.COOKIE].value}) for page in pages
    )
    assert first is not None
    assert second == first


@pytest.mark.parametrize("address", ["/", "/r/{code}"])
def test_personal_pages_are_not_kept_by_shared_caches(
    client: Client, room: Room, address: str
) -> None:
    caching = client.get(address.format(code=room.code))["Cache-Control"]
    assert "private" in caching
    assert "no-cache" in caching


def test_names_and_titles_with_markup_are_only_words(party: Party) -> None:
    Track.objects.update(title=MARKUP, artists=[MARKUP])
    actions.rename_room(by=party.host, name=MARKUP)
    actions.rename(member=party.listener, name=MARKUP)
    for browser in (browser_of(party.listener), Client()):
        for address in ("/", f"/r/{party.room.code}"):
            assert "<script>alert" not in browser.get(address).content.decode()
    page = browser_of(party.listener).get(f"/r/{party.room.code}")
    assert page.context["boot"]["snapshot"]["room"]["name"] == MARKUP
    actions.end_room(by=party.host)
    assert (
        "<script>alert" not in browser_of(party.host).get(f"/r/{party.room.code}").content.decode()
    )


@pytest.mark.parametrize("code", [MARKUP, '"><img src=x onerror=alert(1)>'])
def test_a_typed_code_with_markup_is_only_words(client: Client, db: None, code: str) -> None:
    for page in (enter_code(client, code), client.get("/r/" + code.replace("/", "%2F"))):
        assert page.status_code in (404, 422)
        assert "<script>alert" not in page.content.decode()
        assert "<img src=x" not in page.content.decode()


def test_a_room_shows_its_code_as_a_picture_and_as_text(client: Client, room: Room) -> None:
    page = client.get(f"/r/{room.code}")
    assert re.search(r'<svg[^>]*class="qr"', page.content.decode())
    assert page.context["join_url"] == f"http://testserver/r/{room.code}"
    assert "".join(page.context["code_parts"]) == room.code


def test_the_picture_leads_where_the_operator_says(
    client: Client, room: Room, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://party.example"
    page = client.get(f"/r/{room.code}")
    assert page.context["join_url"] == f"https://party.example/r/{room.code}"
    assert page.context["boot"]["public_host"] == "party.example"


def test_a_host_name_that_is_not_ours_gets_no_page(client: Client, room: Room) -> None:
    page = client.get(f"/r/{room.code}", headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert "evil.example" not in page.content.decode()


def test_a_stranger_learns_nothing_of_the_members_from_the_page(
    client: Client, party: Party
) -> None:
    page = client.get(f"/r/{party.room.code}")
    said = page.content.decode()
    assert "Otto" not in said
    assert str(party.host.guest) not in said


# --- Guessing codes -----------------------------------------------------------------------------


def test_the_eleventh_wrong_code_in_a_minute_waits(client: Client, room: Room) -> None:
    for _ in range(10):
        assert enter_code(client, "ZZZZZZ").status_code == 404
    refused = enter_code(client, "ZZZZZZ")
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert f"Wait {refused['Retry-After']} s" in text_of(refused)
    assert refused.context["code_value"] == "ZZZZZZ"


def test_every_way_in_counts_the_same_wrong_codes(client: Client, room: Room) -> None:
    for _ in range(3):
        enter_code(client, "ZZZZZZ")
        client.get("/r/ZZZZZZ")
        client.post("/r/ZZZZZZ/join")
    assert refusal(client.get("/api/rooms/ZZZZZZ"))[0] == 404
    assert refusal(client.get("/api/rooms/ZZZZZZ")) == (429, "rate_limited")


def test_after_too_many_guesses_a_right_one_looks_like_a_wrong_one(
    client: Client, room: Room
) -> None:
    for _ in range(11):  # the first brings a cookie
        client.get("/r/ZZZZZZ")
    answers = [client.get(f"/r/{code}") for code in (room.code, "ZZZZZZ")]
    assert [answer.status_code for answer in answers] == [429, 429]
    assert room.name not in text_of(answers[0])


def test_nobody_is_held_up_by_a_guesser_beside_them(guest: Member) -> None:
    for _ in range(11):
        Client().get("/r/ZZZZZZ")
    for browser in (browser_of(guest), Client()):
        assert browser.get(f"/r/{guest.room.code}").status_code == 200


@pytest.mark.django_db(transaction=True)
async def test_sockets_count_as_guesses_and_tell_a_guesser_nothing(
    host: Member, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "ADDRESS_WRONG_CODES": "10/60"}
    closes = []
    for code in ["ZZZZZZ"] * 10 + ["ZZZZZZ", host.room.code]:
        async with connected(None, code=code) as socket:
            close, frames = await socket.closed()
            closes.append((close, frames[0]["code"]))
    await aclose_old_connections()  # Channels keeps them open while it tests
    assert set(closes[:10]) == {(4404, "unknown_room")}
    assert closes[10:] == [(4429, "rate_limited")] * 2


# --- What else is at the edge -------------------------------------------------------------------


def test_an_address_where_nothing_is_says_so(client: Client, db: None) -> None:
    page = client.get("/nothing")
    assert page.status_code == 404
    assert "<html" in page.content.decode()


def test_a_fault_shows_a_calm_page_and_in_the_api_the_shape_of_all_errors(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: Any, **__: Any) -> None:
        raise RuntimeError("the secret of the house")

    browser = Client(raise_request_exception=False)
    monkeypatch.setattr(access, "find_member", fault)
    page = browser.get(f"/r/{room.code}")
    assert page.status_code == 500
    assert "secret" not in text_of(page)
    assert refusal(browser.get(f"/api/rooms/{room.code}")) == (500, "server_error")


def test_alive_means_that_this_process_answers(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}


def test_ready_names_each_part_that_answers(client: Client, db: None) -> None:
    answer = client.get("/readyz")
    parts = {"database": "ok", "cache": "ok", "channel_layer": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", **parts})


@pytest.mark.parametrize(
    ("part", "place", "name", "fault"),
    [
        ("database", connection, "cursor", OperationalError("password of 10.0.0.7")),
        ("cache", cache, "get", OSError("10.0.0.7")),
        ("channel_layer", health, "get_channel_layer", OSError("10.0.0.7")),
    ],
    ids=["database", "cache", "channel_layer"],
)
def test_a_part_that_is_away_makes_the_server_not_ready(
    client: Client,
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    place: Any,
    name: str,
    fault: Exception,
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise fault

    with monkeypatch.context() as patched:
        patched.setattr(place, name, away)
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    assert (answer.status_code, answer.json()[part]) == (503, "away")
    assert "10.0.0.7" not in answer.content.decode()


def test_a_room_that_everybody_left_long_ago_still_opens(guest: Member) -> None:
    with clock.shifted(30 * 24 * 60 * 60 * 1000):
        page = browser_of(guest).get(f"/r/{guest.room.code}")
        assert page.status_code == 200
        assert (
            browser_of(Member(guest=uuid.uuid4())).get(f"/r/{guest.room.code}").status_code == 200
        )
