"""Whatever is sent: an answer of the protocol in its one shape, and nothing lost or changed."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoDbBlocker

from music.actions import playback
from music.models import QueueItem, Track
from rooms import access, actions, clock, receipts
from rooms.models import Member, Receipt, Room
from tests.conftest import browser_of
from tests.http import (
    NOTHING,
    OPERATIONS,
    POSTS,
    WITH_BODY,
    WRITES,
    Operation,
    Party,
    ask,
    lasting_party,
    perform,
    refusal,
    strange_cookie,
)

RIGHT_TO_LEFT, NUL, HALF_A_CHARACTER = "\u202e", "\x00", "\ud800"
HUGE = 10**40


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


# --- Addresses ----------------------------------------------------------------------------------

IN_A_ROOM = [operation for operation in OPERATIONS if "{code}" in operation.path]
STRANGE_CODES = ["ZZZZZZ", "x", "0" * 6, "A" * 500, "%00%00%00%00%00%00", "%F0%9F%8E%B5", "%20"]
STRANGE_IDS = ["0", "-1", "1.0", "1e3", "abc", "9" * 30, "%00", "%D9%A1", "null", "%20", "²"]


@pytest.mark.parametrize("operation", IN_A_ROOM, ids=str)
def test_a_room_that_is_not_there_is_unknown_to_every_operation(
    party: Party, operation: Operation
) -> None:
    path = party.operation(operation.path).replace(party.room.code, "ZZZZZZ")
    answer = ask(party.host, operation.method, path, operation.body)
    assert refusal(answer) == (404, "unknown_room")


@pytest.mark.parametrize("code", STRANGE_CODES)
def test_what_cannot_be_a_code_is_an_unknown_room(host: Member, code: str) -> None:
    for path in (f"/api/rooms/{code}", f"/api/rooms/{code}/queue"):
        assert refusal(ask(host, "GET", path)) == (404, "unknown_room")
    assert refusal(ask(host, "POST", f"/api/rooms/{code}/join", {})) == (404, "unknown_room")


@pytest.mark.parametrize("item", STRANGE_IDS)
def test_what_cannot_be_an_item_is_unknown(party: Party, item: str) -> None:
    path = f"/api/rooms/{party.room.code}/queue/{item}"
    before = party.facts()
    assert refusal(ask(party.host, "DELETE", path)) == (404, "unknown_item")
    assert refusal(ask(party.host, "PUT", f"{path}/vote", {"value": 1})) == (404, "unknown_item")
    assert party.facts() == before


@pytest.mark.parametrize("member_id", STRANGE_IDS)
def test_what_cannot_be_a_member_is_unknown(party: Party, member_id: str) -> None:
    path = f"/api/rooms/{party.room.code}/members/{member_id}"
    for change in ({}, {"muted": True}, {"banned": True}, {"role": "cohost"}):
        assert refusal(ask(party.host, "PATCH", path, change)) == (404, "unknown_member")


def test_items_and_members_of_another_room_are_unknown(party: Party, outsider: Member) -> None:
    path = f"/api/rooms/{outsider.room.code}"
    before = party.facts()
    vote = ask(outsider, "PUT", f"{path}/queue/{party.item.pk}/vote", {"value": 1})
    assert refusal(vote) == (404, "unknown_item")
    removal = ask(outsider, "DELETE", f"{path}/queue/{party.item.pk}")
    assert refusal(removal) == (404, "unknown_item")
    ban = ask(outsider, "PATCH", f"{path}/members/{party.other.pk}", {"banned": True})
    assert refusal(ban) == (404, "unknown_member")
    assert party.facts() == before


@pytest.mark.parametrize(
    "address", ["/api/", "/api/nothing", "/api/rooms/ZZZZZZ/chat/1/2", "/api/%00", "/api/rooms/"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_address_where_nothing_is_says_so(
    client: Client, db: None, method: str, address: str
) -> None:
    assert refusal(ask(client, method, address)) == (404, "unknown")


@pytest.mark.parametrize("path", sorted({operation.path for operation in OPERATIONS}))
def test_a_method_that_an_address_does_not_take_is_refused(party: Party, path: str) -> None:
    taken = {operation.method for operation in OPERATIONS if operation.path == path}
    before = party.facts()
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - taken:
        answer = ask(party.host, method, party.operation(path))
        if (answer.status_code, method) == (404, "GET"):
            continue
        assert refusal(answer) == (405, "wrong_method")
        assert set(answer["Allow"].split(", ")) == taken
    assert party.facts() == before


# --- Bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"name=Friday",
        b"\xff\xfe\x00",
        b"\x00",
        b'{"a":' * 12_000,
        b"[" * 60_000,
        b'{"value": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut", "a form", "binary", "NUL", "deep objects", "deep lists", "endless number"],
)
@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_that_is_no_json_is_malformed(
    party: Party, operation: Operation, body: bytes
) -> None:
    before = party.facts()
    answer = ask(party.host, operation.method, party.operation(operation.path), body)
    assert refusal(answer) == (400, "malformed")
    assert party.facts() == before


@pytest.mark.parametrize(
    "body",
    [NOTHING, None, [], [{}], "text", 1, True],
    ids=lambda body: "nothing" if body is NOTHING else repr(body),
)
@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_that_is_no_object_is_invalid(party: Party, operation: Operation, body: Any) -> None:
    before = party.facts()
    answer = ask(party.host, operation.method, party.operation(operation.path), body)
    assert refusal(answer) == (422, "invalid")
    assert party.facts() == before


@pytest.mark.parametrize("operation", WITH_BODY, ids=str)
def test_a_body_of_more_than_64_kb_is_refused_unread(party: Party, operation: Operation) -> None:
    before = party.facts()
    body = json.dumps({**operation.body, "padding": "x" * 65_536}).encode()
    answer = ask(party.host, operation.method, party.operation(operation.path), body)
    assert refusal(answer) == (413, "too_large")
    assert "64 KB" in answer.json()["error"]["message"]
    assert party.facts() == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", b"name=" + b"x" * 70_000),
        ("application/x-www-form-urlencoded; charset=utf-16", b"name=x"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 2000)),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data"),
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=\xc3\xa4".encode("latin-1").decode("latin-1"), b"x"),
    ],
    ids=["too big", "utf-16", "too many fields", "cut", "no boundary", "strange boundary"],
)
def test_a_form_sent_to_the_api_is_no_fault_of_the_server(
    party: Party, kind: str, body: bytes
) -> None:
    """Also from a browser whose CSRF token is looked for in that form."""
    browser = browser_of(party.host, enforce_csrf_checks=True)
    browser.get("/")
    before = party.facts()
    for path in ("/api/rooms", f"/api/rooms/{party.room.code}/playback/pause"):
        answer = browser.generic("POST", path, body, content_type=kind)
        assert refusal(answer) == (415, "unsupported_media_type")
    assert party.facts() == before


NUMBERS = [True, False, "1", 1.0, 0.5, None, [], [1], {}, HUGE, -HUGE, "", "up"]
TEXTS = [True, 1, 1.5, [], ["x"], {}, {"x": 1}, HALF_A_CHARACTER]
FLAGS = [1, 0, "true", "", [], {}, 1.0]


def with_values(name: str, *values: object) -> list[dict[str, Any]]:
    """Bodies in which one field has each of these values."""
    return [{name: value} for value in values]


STEP: dict[str, Any] = {
    "device": "phone-of-somebody",
    "name": "Phone",
    "along": False,
    "mode": "pocket",
    "offset_ms": 0,
    "jitter_ms": 0,
    "uncertainty_ms": 0,
    "corrected_ms": None,
}
WRONG: list[tuple[str, str, dict[str, Any]]] = [
    *(("PUT", "/queue/{item}/vote", {"value": value}) for value in [*NUMBERS, 2, -2, 10**9]),
    ("PUT", "/queue/{item}/vote", {}),
    ("PUT", "/queue/{item}/vote", {"vote": 1}),
    *(("POST", "/playback/seek", {"position_ms": value}) for value in [*NUMBERS, -1, 60_001]),
    ("POST", "/playback/seek", {}),
    *(
        ("POST", f"/playback/{act}", {"play_id": value, "position_ms": 1})
        for act in ("play", "pause", "seek", "skip")
        for value in [*TEXTS, "1" * 41]
    ),
    *(("POST", "/queue", {"uri": value}) for value in [*TEXTS, None, "", "x" * 201]),
    *(("PATCH", "", {"name": value}) for value in [*TEXTS, "", " \t\n", "x" * 61, "é" * 61]),
    *(("PATCH", "", {"name": value}) for value in ["\u200b", RIGHT_TO_LEFT, NUL, "x" * 5000]),
    *(("POST", "/join", {"name": value}) for value in [*TEXTS, "   ", "x" * 41, "\u2066\u2069"]),
    *(
        ("PATCH", "/members/{member_id}", {field: value})
        for field in ("muted", "banned")
        for value in FLAGS
    ),
    *(
        ("PATCH", "/members/{member_id}", {"role": value})
        for value in ["host", "admin", "", "COHOST", 1, True, [], ["cohost"], {}]
    ),
    *(("PUT", "/playback/shelf", {"shelf": value}) for value in [*TEXTS, "nothing", NUL, "x" * 41]),
    ("PUT", "/playback/shelf", {}),
    *(
        ("PUT", "/playback/speaker", {"action": "claim", "device": "another-device", **wrong})
        for wrong in (
            *with_values("action", "steal", "", None, 1, []),
            *with_values("device", *TEXTS, None, "", "short", "x" * 65),
            *with_values("device", "device" + NUL, "device of mine", "dévice-dévice"),
            *with_values("name", *TEXTS, None, "", " ", "x" * 61, NUL, RIGHT_TO_LEFT),
            *with_values("takeover", *FLAGS, None),
        )
    ),
    *(
        (
            "POST",
            "/playback/report",
            {"play_id": "1", "device": "device-of-the-host", "state": "error", **wrong},
        )
        for wrong in (
            *with_values("play_id", *TEXTS, None, "1" * 41),
            *with_values("device", *TEXTS, None, "", NUL * 9),
            *with_values("state", "broken", "", None, 1, [], True),
            *with_values("position_ms", "1", 1.0, True, None, -1, HUGE, [], {}),
            *with_values("cause", "bored", "", 1, True, [], {}),
        )
    ),
    *(
        ("PUT", "/playback/device", {**STEP, **wrong})
        for wrong in (
            *with_values("device", *TEXTS, None, "", "short", "x" * 65, NUL * 9),
            *with_values("name", *TEXTS, None, "", " ", "x" * 61, NUL),
            *with_values("along", *FLAGS, None),
            *with_values("mode", "loud", "", None, 1, [], True),
            *(
                wrong
                for name in ("offset_ms", "jitter_ms", "uncertainty_ms", "corrected_ms")
                for wrong in with_values(name, 600_001, -600_001, HUGE, "1", 1.5, True, [], {})
            ),
            *({name: None} for name in ("offset_ms", "jitter_ms", "uncertainty_ms")),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [pytest.param(*each, id=f"{n}-{each[0]}{each[1]}") for n, each in enumerate(WRONG)],
)
def test_a_value_out_of_range_or_of_another_type_is_invalid(
    party: Party, method: str, path: str, body: Any
) -> None:
    before = party.facts()
    answer = ask(party.host, method, party.operation(f"/api/rooms/{{code}}{path}"), body)
    assert refusal(answer) == (422, "invalid")
    assert party.facts() == before


@pytest.mark.parametrize(
    "name", [*TEXTS, None, "", " ", "x" * 61, "\u200d\u200b", RIGHT_TO_LEFT, NUL, "\u3164"]
)
def test_a_room_needs_a_name_that_can_be_read(client: Client, db: None, name: Any) -> None:
    before = Room.objects.count()
    assert refusal(ask(client, "POST", "/api/rooms", {"name": name})) == (422, "invalid")
    assert Room.objects.count() == before


@pytest.mark.parametrize(
    "uri",
    [
        *("nothing", ":", "library:", "library:unknown", "library:\x00", "library:é"),
        *("LIBRARY:test5", "library:../../etc/passwd", "file:///etc/passwd", "radio:track:1"),
    ],
)
def test_a_uri_that_no_source_knows_is_an_unknown_track(party: Party, uri: str) -> None:
    before = party.facts()
    answer = ask(party.host, "POST", f"/api/rooms/{party.room.code}/queue", {"uri": uri})
    assert refusal(answer) == (404, "unknown_track")
    assert party.facts() == before


def test_a_track_that_is_gone_cannot_be_added(party: Party) -> None:
    Track.objects.filter(uri="library:test5").update(available=False)
    path = f"/api/rooms/{party.room.code}/queue"
    answer = ask(party.host, "POST", path, {"uri": "library:test5"})
    assert refusal(answer) == (404, "unknown_track")


# --- Names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana \t Maria\n", "Ana Maria"),
        (f"Ana{NUL}", "Ana"),
        (f"{RIGHT_TO_LEFT}anA\u202c", "anA"),
        ("\u2066Ana\u2069\u2028!", "Ana!"),
        ("Ame\u0301lie", "Am\u00e9lie"),
        ("Z" + "\u0335" * 39, "Z" + "\u0335" * 4),
        ("<b>Ana</b>", "<b>Ana</b>"),
        ("ليلى", "ليلى"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("x" * 40, "x" * 40),
        ("🎵" * 40, "🎵" * 40),
    ],
)
def test_a_name_is_kept_without_what_would_break_the_words_around_it(
    guest: Member, typed: str, kept: str
) -> None:
    path = f"/api/rooms/{guest.room.code}"
    renamed = ask(guest, "PATCH", f"{path}/members/{guest.pk}", {"name": typed})
    assert renamed.json()["name"] == kept
    assert ask(guest, "GET", path).json()["me"]["name"] == kept


def test_a_refused_name_does_not_keep_a_newcomer_half_inside(client: Client, room: Room) -> None:
    answer = ask(client, "POST", f"/api/rooms/{room.code}/join", {"name": "x" * 41})
    assert refusal(answer) == (422, "invalid")
    assert room.members.count() == 1


# --- Forged roles, extra fields, strange cookies ------------------------------------------------


def test_fields_that_nobody_asked_for_change_nothing(client: Client, room: Room) -> None:
    forged = {"name": "Eve", "role": "host", "banned": False, "id": 1, "guest": str(uuid.uuid4())}
    me = ask(client, "POST", f"/api/rooms/{room.code}/join", forged).json()["me"]
    assert (me["name"], me["role"]) == ("Eve", "listener")


@pytest.mark.parametrize("field", ["role", "muted", "banned"])
def test_nobody_gives_themselves_a_role_or_frees_themselves(party: Party, field: str) -> None:
    path = f"/api/rooms/{party.room.code}/members"
    change = {field: {"role": "cohost", "muted": False, "banned": False}[field]}
    before = party.facts()
    for member in (party.listener, party.muted):
        answer = ask(member, "PATCH", f"{path}/{member.pk}", change)
        assert refusal(answer) == (403, "not_allowed")
    assert party.facts() == before


def test_a_room_cannot_be_opened_with_somebody_elses_code(client: Client, room: Room) -> None:
    forged = {"name": "Mine", "code": room.code, "state": "ended", "host": 1}
    opened = ask(client, "POST", "/api/rooms", forged).json()
    assert opened["code"] != room.code
    assert opened["state"] == "live"


FOREIGN_COOKIES = {
    "empty": "",
    "words": "garbage",
    "colon": ":",
    "three parts": "a:b:c",
    "long": "x" * 4000,
    "accents": "\u00e9\u00e9",
    "unsigned": str(uuid.uuid4()),
    "badly signed": f"{uuid.uuid4()}:AAAA",
    "cut": access.cookie_of(uuid.uuid4())[:-1],
    "changed": access.cookie_of(uuid.uuid4()).replace("-", "_"),
    "no guest": access._signer.sign("not a uuid"),
}


@pytest.mark.parametrize("cookie", FOREIGN_COOKIES.values(), ids=FOREIGN_COOKIES)
def test_a_cookie_that_is_not_ours_is_a_stranger(room: Room, cookie: str) -> None:
    path = f"/api/rooms/{room.code}"
    assert refusal(ask(strange_cookie(cookie), "GET", path)) == (401, "no_membership")
    joined = ask(strange_cookie(cookie), "POST", f"{path}/join", {})
    assert joined.status_code == 200
    assert access.guest_in({"guest": joined.cookies[access.COOKIE].value}) is not None


def test_the_identity_of_another_member_cannot_be_made_from_what_is_public(party: Party) -> None:
    for value in (party.host.pk, f"{party.host.pk}:{party.host.name}", party.host.guest):
        answer = ask(strange_cookie(str(value)), "GET", f"/api/rooms/{party.room.code}")
        assert refusal(answer) == (401, "no_membership")


# --- Other sites --------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", WRITES, ids=str)
def test_a_write_without_the_csrf_token_is_refused(party: Party, operation: Operation) -> None:
    browser = browser_of(party.host, enforce_csrf_checks=True)
    browser.get("/")
    before = party.facts()
    assert refusal(perform(browser, party, operation)) == (403, "csrf")
    assert party.facts() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://testserver.evil.example"},
        {"X_CSRFToken": "x" * 32},
        {"X_CSRFToken": ""},
    ],
    ids=str,
)
def test_a_write_from_another_site_or_with_another_token_is_refused(
    party: Party, headers: dict[str, str]
) -> None:
    browser = browser_of(party.host, enforce_csrf_checks=True)
    browser.get("/")
    before = party.facts()
    told = {"X_CSRFToken": browser.cookies["csrftoken"].value, **headers}
    path = f"/api/rooms/{party.room.code}/playback/pause"
    code = "wrong_origin" if "http" in told.get("Origin", "") else "csrf"
    assert refusal(ask(browser, "POST", path, {}, **told)) == (403, code)
    assert party.facts() == before


def test_a_write_with_the_token_of_ones_own_page_is_done(party: Party) -> None:
    browser = browser_of(party.host, enforce_csrf_checks=True)
    browser.get("/")
    token = browser.cookies["csrftoken"].value
    path = f"/api/rooms/{party.room.code}/playback/pause"
    answer = ask(browser, "POST", path, {}, X_CSRFToken=token, Origin="http://testserver")
    assert answer.status_code == 200


# --- Queries and cursors ------------------------------------------------------------------------

STRANGE_CURSORS = ["", "x", "-1", "1.5", "MC4", "%00", "%FF%FE", "9" * 18, "9" * 20, "é", "My4x"]


@pytest.mark.parametrize("cursor", STRANGE_CURSORS)
@pytest.mark.parametrize("what", ["search", "history"])
def test_a_cursor_that_no_answer_gave_is_invalid(party: Party, what: str, cursor: str) -> None:
    path = f"/api/rooms/{party.room.code}/{what}?cursor={cursor}"
    assert refusal(ask(party.listener, "GET", path)) == (422, "invalid")


def test_a_cursor_of_another_room_is_invalid(party: Party, outsider: Member) -> None:
    playback.skip(by=party.host)
    path = f"/api/rooms/{outsider.room.code}/history?cursor={party.playing.pk}"
    assert refusal(ask(outsider, "GET", path)) == (422, "invalid")


@pytest.mark.parametrize(
    "query",
    [
        *("q=%00", "q=%FF%FE", "q=%25_", "q='%20OR%201=1--", "q=%ED%A0%80", "q=%E2%80%AE"),
        *("q=\\", "q[]=1", "q=" + "%20" * 200, "q=" + "a%20" * 50),
    ],
)
def test_any_words_can_be_searched_for(party: Party, query: str) -> None:
    answer = ask(party.listener, "GET", f"/api/rooms/{party.room.code}/search?{query}")
    assert answer.status_code == 200


@pytest.mark.parametrize("query", ["q=" + "x" * 201, "source=radio", "source=", "source=%00"])
def test_a_search_that_no_source_can_answer_is_invalid(party: Party, query: str) -> None:
    path = f"/api/rooms/{party.room.code}/search?{query}"
    assert refusal(ask(party.listener, "GET", path)) == (422, "invalid")


# --- Receipts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "x" * 101, "a\tb", "a\x00b"], ids=repr)
@pytest.mark.parametrize("operation", POSTS, ids=str)
def test_a_key_that_cannot_be_kept_is_invalid(party: Party, operation: Operation, key: str) -> None:
    before = party.facts()
    path = party.operation(operation.path)
    answer = ask(party.host, "POST", path, operation.body, Idempotency_Key=key)
    assert refusal(answer) == (422, "invalid")
    assert party.facts() == before


def test_a_key_cannot_be_carried_to_another_address(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback"
    ask(party.host, "POST", f"{path}/pause", {}, Idempotency_Key="once")
    answer = ask(party.host, "POST", f"{path}/skip", {}, Idempotency_Key="once")
    assert refusal(answer) == (422, "invalid")


def test_a_request_that_was_never_understood_leaves_no_receipt(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/queue"
    for body, status in (({"uri": 5}, 422), ({"uri": "library:test5"}, 201)):
        answer = ask(party.listener, "POST", path, body, Idempotency_Key="once")
        assert answer.status_code == status


def test_a_key_may_be_used_anew_after_a_day(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/playback"
    ask(party.host, "POST", f"{path}/pause", {}, Idempotency_Key="once")
    with clock.shifted(receipts.KEPT_MS + 1):
        answer = ask(party.host, "POST", f"{path}/play", {}, Idempotency_Key="once")
    assert answer.json()["state"] == "playing"
    assert Receipt.objects.count() == 1


def test_a_replayed_add_does_not_bring_back_what_was_taken_out(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/queue"
    body = {"uri": "library:test5"}
    item = ask(party.listener, "POST", path, body, Idempotency_Key="once").json()
    ask(party.host, "DELETE", f"{path}/{item['id']}")
    again = ask(party.listener, "POST", path, body, Idempotency_Key="once")
    assert again.json() == item
    assert not QueueItem.objects.waiting().filter(track__uri="library:test5").exists()


def test_a_replay_does_not_reach_a_room_that_one_was_removed_from(party: Party) -> None:
    path = f"/api/rooms/{party.room.code}/queue"
    body = {"uri": "library:test5"}
    ask(party.other, "POST", path, body, Idempotency_Key="once")
    actions.set_banned(by=party.host, member_id=party.other.pk, banned=True)
    again = ask(party.other, "POST", path, body, Idempotency_Key="once")
    assert refusal(again) == (403, "banned")
