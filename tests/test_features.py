"""A new app declares what it adds to a room, without a change of `rooms`: notes, as a toy."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from beatsync.api import answer
from beatsync.openapi_errors import codes_by_status
from beatsync.rules_form import form_text
from rooms import actions, features, limits
from rooms.acts import GOVERN
from rooms.errors import Conflict, Invalid, Muted, NotAllowed, RateLimited
from rooms.features import Feature
from rooms.limits import Limit
from rooms.models import Member, Room, new_guest
from rooms.roles import EVERYONE, Act, Role, permissions
from rooms.rules import OpenTo, RuleSentence, RuleSet, declared_rules, read_rules, rule
from rooms.shapes import room_shape
from tests.conftest import arrived, browser_of
from tests.http import text_of


class TooShort(Conflict):
    code = "too_short"
    message = "That line says nothing."


@dataclass(frozen=True)
class NoteRules(RuleSet):
    may_note: OpenTo = rule(OpenTo.EVERYONE, title="Note", presets={"stream": OpenTo.HOSTS})
    pause_s: int = rule(
        0,
        least=0,
        most=600,
        title="Slow notes",
        unit="s",
        reads=(
            RuleSentence(
                "slow_notes",
                "One line in {s} s.",
                when=lambda rules: rules.pause_s,
                values=lambda rules: {"s": rules.pause_s},
            ),
        ),
    )


NOTE = Act(
    key="note",
    description="leave notes",
    roles=EVERYONE,
    refusal="Only the host and co-hosts leave notes in this room.",
    closing_rule="may_note",
    is_open_to_muted=False,
)
FEATURE = Feature(
    name="notes",
    acts=(NOTE,),
    rules=NoteRules,
    limits={"LINES": Limit("2/60", "Easy: {count} lines {window}. Try again in {wait} s.")},
)
HERE = "tests.test_features.FEATURE"


@pytest.fixture(autouse=True)
def notes_are_installed(settings: Any) -> None:
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, HERE]


def set_rules(host: Member, **changes: object) -> Room:
    return actions.change_rules(by=host, changes=changes)


def test_the_room_tells_who_has_an_act_of_a_new_app(host: Member) -> None:
    assert "note" in room_shape(host.room, host_id=host.pk)["may"]["listener"]
    closed = room_shape(set_rules(host, may_note="hosts"), host_id=host.pk)["may"]
    assert ("note" in closed["listener"], "note" in closed["cohost"]) == (False, True)


def test_an_act_of_a_new_app_is_refused_with_its_own_sentence(host: Member, guest: Member) -> None:
    assert guest.may(NOTE)
    guest.room = set_rules(host, may_note="hosts")
    with pytest.raises(NotAllowed, match=NOTE.refusal):
        guest.require(NOTE)


def test_a_muted_member_reads_what_stays_open_to_them(guest: Member) -> None:
    guest.muted = True
    with pytest.raises(Muted, match=r"^You are muted. You can still vote.$"):
        guest.require(NOTE)


def test_a_rule_of_a_new_app_is_stored_read_and_sent_like_all_others(host: Member) -> None:
    room = set_rules(host, pause_s=30, explicit=False)
    said = room_shape(room, host_id=host.pk)
    assert room.own_rules == {"pause_s": 30, "explicit": False}
    assert (said["rules"]["pause_s"], said["changed"]) == (30, ["explicit", "pause_s"])
    assert said["reads"][-1] == "One line in 30 s."
    assert room.rules.of(NoteRules).pause_s == 30


def test_a_preset_gives_a_rule_of_a_new_app_its_value() -> None:
    assert read_rules("stream", {}).of(NoteRules).may_note == OpenTo.HOSTS
    assert read_rules("office", {}).of(NoteRules).may_note == OpenTo.EVERYONE


def test_a_wrong_value_for_a_rule_of_a_new_app_is_refused_by_its_range(host: Member) -> None:
    with pytest.raises(Invalid, match=r"^pause_s is a whole number from 0 to 600.$"):
        set_rules(host, pause_s=601)


def test_a_limit_of_a_new_app_counts_and_is_the_operators_to_choose(settings: Any) -> None:
    assert limits.rate_of("LINES") == "2/60"
    settings.LIMITS = {"LINES": "1/60"}
    limits.hit("LINES", "somebody")
    with pytest.raises(RateLimited, match=r"^Easy: 1 lines a minute\."):
        limits.hit("LINES", "somebody")


def test_a_refusal_of_a_new_app_is_answered_and_published() -> None:
    assert answer(TooShort()).status_code == 409
    assert "too_short" in codes_by_status()[409]


def test_a_room_without_music_has_the_rules_and_acts_of_what_is_installed(
    settings: Any, db: None
) -> None:
    settings.ROOM_FEATURES = ["rooms.feature.FEATURE", HERE]
    host = actions.open_room(guest=new_guest(), name="Quiet")
    room = set_rules(host, pause_s=5)
    assert permissions(room.rules)[Role.HOST] == ["moderate", "govern", "note"]
    assert room_shape(room, host_id=host.pk)["rules"] == {"may_note": "everyone", "pause_s": 5}
    assert not arrived(room).may(GOVERN)


def test_a_rule_that_is_stored_for_an_app_no_longer_installed_is_passed_over(
    host: Member, settings: Any
) -> None:
    room = set_rules(host, pause_s=30, explicit=False)
    settings.ROOM_FEATURES = settings.ROOM_FEATURES[:-1]
    assert "pause_s" not in declared_rules()
    assert room.rules.different_from(read_rules("party", {})) == {"explicit": False}


def test_two_apps_that_declare_the_same_name_are_refused(settings: Any) -> None:
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, HERE]
    assert len(features.installed_features()) == len(settings.ROOM_FEATURES)
    for read in (limits.names, declared_rules, lambda: permissions(read_rules("party", {}))):
        with pytest.raises(ImproperlyConfigured, match=r"^Two features declare "):
            read()


def test_a_declared_rule_stands_on_the_page_and_is_saved_by_its_form(
    room: Room, host: Member
) -> None:
    browser, address = browser_of(host), f"/r/{room.code}/rules"
    assert "Slow notes" in text_of(browser.get(address))
    form = {name: form_text(value) for name, value in room.rules.values.items()}
    assert browser.post(address, {**form, "pause_s": "30"}).status_code == 303
    room.refresh_from_db()
    assert room.rules.values["pause_s"] == 30
    assert "One line in 30 s." in room.rules.sentences()
