"""The page of a room's rules: who reads it, who changes it, and the plain forms on it."""

import html
import re

import pytest
from django.test import Client

from beatsync.rules_form import changed_words
from music.actions import queue
from music.models import Playback, Track
from music.room_rules import music_rules
from rooms import actions
from rooms.models import Member, Room
from rooms.roles import Role
from tests.answers import Answer
from tests.conftest import arrived, browser_of
from tests.http import Party, ask, refusal, text_of

NEW = {"mode": "fair", "open_requests": "none", "rest_min": "0", "explicit": None}


@pytest.fixture
def cohost(room: Room, host: Member) -> Member:
    joined = arrived(room, name="Cora")
    return actions.set_role(by=host, member_id=joined.pk, role=Role.COHOST)


def page_of(member: Member | None, room: Room) -> Answer:
    page: Answer = browser_of(member).get(f"/r/{room.code}/rules")
    return page


def form_of(page: Answer) -> dict[str, str]:
    """What a browser would send of the form with the rules, untouched."""
    found = re.search(r"<form[^>]*data-rules>(.*?)</form>", text_of(page), re.DOTALL)
    assert found
    fields = {}
    for name, options in re.findall(r'<select[^>]*name="(\w+)".*?>(.*?)</select>', found[1], re.S):
        (chosen,) = re.findall(r'<option value="([^"]*)" selected>', options)
        fields[name] = html.unescape(chosen)
    for control in re.findall(r'<input[^>]*name="\w+"[^>]*checked[^>]*>', found[1]):
        name, value = re.search(r'name="(\w+)" value="(\w+)"', control).groups()
        fields[name] = value
    return fields


def save(member: Member, room: Room, **changes: str | None) -> Answer:
    """Change some controls of the form and press Save; None: a switch that is turned off."""
    form = {**form_of(page_of(member, room)), **changes}
    sent = {name: value for name, value in form.items() if value is not None}
    answer: Answer = browser_of(member).post(f"/r/{room.code}/rules", sent)
    room.refresh_from_db()
    return answer


# --- Who reads it -------------------------------------------------------------------------------


def test_everybody_in_the_room_reads_the_same_rules(
    room: Room, host: Member, cohost: Member, guest: Member
) -> None:
    for member in (host, cohost, guest):
        page = page_of(member, room)
        assert page.status_code == 200
        assert page.context["rows"][0].said == "Votes"
        for sentence in page.context["reads"]:
            assert sentence in text_of(page)


def test_only_the_host_gets_controls(
    room: Room, host: Member, cohost: Member, guest: Member
) -> None:
    assert "<select" in text_of(page_of(host, room))
    for member in (cohost, guest):
        page = text_of(page_of(member, room)).partition("<main")[2].partition("</main>")[0]
        assert not re.search(r"<(select|input(?! type=.hidden)|button)", page)
        assert "End the room" not in page


def test_a_stranger_is_led_to_the_rooms_own_page(client: Client, room: Room) -> None:
    answer = client.get(f"/r/{room.code.lower()}/rules")
    assert (answer.status_code, answer["Location"]) == (302, f"/r/{room.code}")
    assert client.get("/r/ZZZZZZ/rules").status_code == 404


def test_a_room_that_is_over_has_no_rules(room: Room, host: Member) -> None:
    actions.end_room(by=host)
    assert page_of(host, room).status_code == 410
    answer = browser_of(host).post(f"/r/{room.code}/rules", {"preset": "office"})
    assert answer.status_code == 409


def test_somebody_removed_reads_that_they_are(room: Room, host: Member, guest: Member) -> None:
    actions.set_banned(by=host, member_id=guest.pk, banned=True)
    assert page_of(guest, room).status_code == 403


# --- The plain forms ----------------------------------------------------------------------------


def test_the_form_saves_every_kind_of_rule(room: Room, host: Member) -> None:
    answer = save(host, room, **NEW, may_pause="everyone", skip_percent="70")
    assert (answer.status_code, answer["Location"]) == (303, f"/r/{room.code}/rules")
    rules = music_rules(room)
    assert (rules.mode, rules.open_requests, rules.rest_min) == ("fair", None, 0)
    assert (rules.explicit, rules.may_pause, rules.skip_percent) == (False, "everyone", 70)


def test_saving_the_form_untouched_changes_nothing(room: Room, host: Member) -> None:
    before = (room.rules, room.revision)
    save(host, room)
    assert (room.rules, room.revision) == before


def test_the_shelf_for_a_dry_queue_is_chosen_in_the_same_form(
    room: Room, host: Member, tracks: list[Track]
) -> None:
    assert "Silence" in text_of(page_of(host, room))
    save(host, room, shelf="")
    assert Playback.objects.get(room=room).shelf == ""


def test_a_preset_puts_all_rules_in_one_go(room: Room, host: Member) -> None:
    save(host, room, **NEW)
    browser_of(host).post(f"/r/{room.code}/rules", {"preset": "office"})
    room.refresh_from_db()
    assert room.preset == "office"
    page = page_of(host, room)
    assert page.context["changed"] == ""
    assert not any(row.changed for row in page.context["rows"])


def test_changed_rules_are_named_and_say_what_the_preset_says(room: Room, host: Member) -> None:
    usual = form_of(page_of(host, room))["rest_min"]
    save(host, room, mode="fair", rest_min="0")
    page = text_of(page_of(host, room))
    assert "You changed 2 rules of Party: order and rest." in page
    assert f"Party says {usual} min." in page


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "random"),
        ("open_requests", "-1"),
        ("open_requests", "some"),
        ("rest_min", "none"),
        ("longest_min", ""),
        ("skip_percent", "101"),
        ("may_add", "<b>nobody</b>"),
        ("open_requests", "9" * 5000),
    ],
)
def test_a_bad_value_is_answered_beside_it_with_everything_else_still_there(
    room: Room, host: Member, name: str, value: str
) -> None:
    before = room.rules
    typed = NEW | {"may_pause": "everyone"} | {name: value}
    page = save(host, room, **typed)
    assert (page.status_code, room.rules) == (422, before)
    row = next(row for row in (*page.context["rows"], *page.context["who"]) if row.name == name)
    assert row.wrong
    assert f'id="{name}-wrong"' in page.content.decode()
    kept = form_of(page)
    assert "explicit" not in kept
    assert {one: kept[one] for one in typed if typed[one]} == {
        one: said for one, said in typed.items() if said
    }


def test_a_form_without_its_rules_is_refused_whole(room: Room, host: Member) -> None:
    before = room.rules
    assert browser_of(host).post(f"/r/{room.code}/rules", {"mode": "fair"}).status_code == 422
    room.refresh_from_db()
    assert room.rules == before


@pytest.mark.parametrize("role", ["cohost", "listener", "muted", "banned", "outsider", "stranger"])
def test_nobody_but_the_host_changes_or_ends_anything(
    host: Member, tracks: list[Track], role: str
) -> None:
    party = Party(host, tracks)
    sent = form_of(page_of(host, party.room)) | {"mode": "fair"}
    facts = party.facts()
    browser = browser_of(party.who(role))
    for form in (sent, {"preset": "office"}):
        answer = browser.post(f"/r/{party.room.code}/rules", form)
        assert answer.status_code in (401, 403)
    assert browser.post(f"/r/{party.room.code}/end").status_code in (401, 403)
    assert party.facts() == facts


def test_the_form_needs_the_token_of_the_page(room: Room, host: Member) -> None:
    browser = browser_of(host, enforce_csrf_checks=True)
    assert browser.post(f"/r/{room.code}/rules", {"preset": "office"}).status_code == 403
    room.refresh_from_db()
    assert room.preset == "party"


def test_ending_the_room_asks_with_the_consequence_on_the_key(
    room: Room, host: Member, guest: Member
) -> None:
    assert "End it for 2 people" in text_of(page_of(host, room))
    answer = browser_of(host).post(f"/r/{room.code}/end")
    assert (answer.status_code, answer["Location"]) == (303, f"/r/{room.code}")
    room.refresh_from_db()
    assert not room.is_live


# --- What rules do now --------------------------------------------------------------------------


def test_rules_say_what_they_do_in_this_room_now(
    room: Room, host: Member, guest: Member, tracks: list[Track]
) -> None:
    save(host, room, open_requests="1")
    assert "Nobody has so many now." in text_of(page_of(guest, room))
    queue.add_track(member=guest, track=tracks[0])
    assert "1 person has so many now." in text_of(page_of(guest, room))


def test_one_rule_many_rules_and_none_read_as_sentences() -> None:
    assert changed_words([], "Party") == ""
    assert changed_words(["mode"], "Party") == "1 rule of Party: order."
    assert changed_words(["rest_min", "mode", "explicit"], "Party") == (
        "3 rules of Party: order, rest and explicit tracks."
    )


def test_the_room_leads_to_its_rules(room: Room, guest: Member) -> None:
    page = browser_of(guest).get(f"/r/{room.code}").content.decode()
    assert page.count(f'href="/r/{room.code}/rules"') >= 3


# --- Blocked words ------------------------------------------------------------------------------


def test_the_host_sets_the_blocked_words_by_a_plain_form(room: Room, host: Member) -> None:
    typed = {"blocked_words": "spam\r\n\r\n  free money \r\nSPAM"}
    answer = browser_of(host).post(f"/r/{room.code}/rules", typed)
    assert answer.status_code == 303
    assert page_of(host, room).context["blocked_words"] == "spam\nfree money"
    browser_of(host).post(f"/r/{room.code}/rules", {"blocked_words": ""})
    assert page_of(host, room).context["blocked_words"] == ""


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (["spam", "", "\N{COMBINING ACUTE ACCENT}"], "The word in line 3 needs"),
        (
            ["spam", "\N{ZERO WIDTH JOINER}x\N{ACUTE ACCENT}", "\N{ACUTE ACCENT}"],
            "in line 3 has no letter",
        ),
        (["", "spam", "x" * 41], "The word in line 3 has up to 40 characters. This one has 41."),
        (["spam", "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 3], "in line 2 stands for"),
        ([f"word{n}" for n in range(101)], "The list has up to 100 words. Line 101 is one more."),
    ],
    ids=["a mark alone", "nothing to look for", "too long", "too long when folded", "too many"],
)
def test_a_refused_list_of_blocked_words_names_the_line_and_is_not_lost(
    room: Room, host: Member, lines: list[str], why: str
) -> None:
    browser_of(host).post(f"/r/{room.code}/rules", {"blocked_words": "kept"})
    typed = "\r\n".join(lines)
    page = browser_of(host).post(f"/r/{room.code}/rules", {"blocked_words": typed})
    assert page.status_code == 422
    assert why in page.context["words_error"]
    assert page.context["blocked_words"] == typed
    assert 'aria-invalid="true"' in page.content.decode()
    answer = ask(host, "PUT", f"/api/rooms/{room.code}/chat/blocked-words", {"words": lines})
    assert (refusal(answer), why in answer.content.decode()) == ((422, "invalid"), True)
    assert page_of(host, room).context["blocked_words"] == "kept"


def test_the_host_hands_the_room_over_by_a_plain_form(
    room: Room, host: Member, guest: Member, other: Member
) -> None:
    actions.set_muted(by=host, member_id=other.pk, muted=True)
    assert page_of(host, room).context["heirs"] == [guest]
    answer = browser_of(host).post(f"/r/{room.code}/host", {"member": str(guest.pk)})
    assert (answer.status_code, answer["Location"]) == (303, f"/r/{room.code}/rules")
    assert room.host_id() == guest.pk
    assert page_of(host, room).context["heirs"] == []


def test_a_room_is_handed_over_to_a_fit_member_of_it_alone(
    room: Room, host: Member, other: Member, outsider: Member
) -> None:
    actions.set_muted(by=host, member_id=other.pk, muted=True)
    stranger = browser_of(outsider).post(f"/r/{room.code}/host", {"member": str(other.pk)})
    assert stranger.status_code == 401
    for member, status in ((str(other.pk), 422), (str(outsider.pk), 404), ("", 404)):
        answer = browser_of(host).post(f"/r/{room.code}/host", {"member": member})
        assert answer.status_code == status
    assert room.host_id() == host.pk


def test_nobody_but_the_host_reads_or_sets_the_blocked_words(
    room: Room, host: Member, cohost: Member, guest: Member
) -> None:
    browser_of(host).post(f"/r/{room.code}/rules", {"blocked_words": "mulberry"})
    for member in (cohost, guest):
        assert "mulberry" not in text_of(page_of(member, room))
        answer = browser_of(member).post(f"/r/{room.code}/rules", {"blocked_words": ""})
        assert answer.status_code == 403
    assert "mulberry" in text_of(page_of(host, room))
