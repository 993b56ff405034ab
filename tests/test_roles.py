"""Who may do what, by every door: HTTP, pages and sockets go by one table.

Every role and act is tried at each door, under rules that leave as much as possible to everybody
and under rules that leave it to the hosts. The table says what is expected.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from pytest_django import DjangoDbBlocker

from rooms import actions
from rooms.audience import EVERYONE, audiences_of, only, who_may
from rooms.models import Member, Room
from rooms.roles import Act, Role, installed_acts, permissions
from rooms.rules import OpenTo
from tests.conftest import browser_of
from tests.http import Party, ask, lasting_party
from tests.spotify import connected

# `stand_in`: a co-host while the host is away.
INSIDE = ("host", "stand_in", "cohost", "listener", "muted")
OUTSIDE = ("banned", "outsider", "stranger")


class Door(NamedTuple):
    """What asks for an act: over HTTP, or by a form or an address of a page."""

    door: str
    method: str
    address: str
    body: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.door} {self.method} {self.address or '/'}"


DOORS: dict[str, list[Door]] = {
    "browse": [Door("http", "GET", "/playlists?source=spotify", {})],
    "vote": [
        Door("http", "PUT", "/queue/{item}/vote", {"value": 1}),
        Door("page", "POST", "/queue/{item}/vote", {"value": "1"}),
    ],
    "add": [
        Door("http", "POST", "/queue", {"uri": "library:test5"}),
        Door("http", "POST", "/queue/restore", {"items": []}),
    ],
    "chat": [Door("http", "POST", "/chat", {"text": "hello"})],
    # There is no such message: the right to report is asked for first.
    "report": [Door("http", "PUT", "/chat/999999/report", {"reason": "rude"})],
    "react": [Door("http", "PUT", "/reactions/{playing}", {"reaction": "love"})],
    "skip_vote": [
        Door("http", "POST", "/playback/skip-vote", {}),
        Door("page", "POST", "/skip", {}),
    ],
    "pause": [Door("http", "POST", "/playback/pause", {})],
    "curate": [
        Door("http", "DELETE", "/queue/{item}", {}),
        Door("http", "PUT", "/queue/{item}/pin", {"pinned": True}),
    ],
    "control": [
        Door("http", "POST", "/playback/skip", {}),
        Door("http", "POST", "/playback/seek", {"position_ms": 1}),
    ],
    "stations": [
        Door("http", "GET", "/stations", {}),
        Door("page", "GET", "/radio", {}),
    ],
    "moderate": [
        Door("http", "PATCH", "/members/{member}", {"muted": True}),
        Door("http", "PATCH", "/members/{member}", {"banned": True}),
        Door("http", "GET", "/members/{member}/network", {}),
        Door("http", "PUT", "/members/{member}/chat", {"hidden": True}),
        Door("http", "PUT", "/chat/hidden", {"messages": ["{message}"], "hidden": True}),
        Door("http", "DELETE", "/chat/{message}/reports", {}),
        Door("http", "GET", "/log", {}),
        Door("http", "POST", "/log/{entry}/undo", {}),
        Door("page", "GET", "/log", {}),
        Door("page", "POST", "/log/{entry}/undo", {}),
    ],
    "govern": [
        Door("http", "PATCH", "", {"name": "Saturday"}),
        Door("http", "PATCH", "/members/{member}", {"role": "cohost"}),
        Door("http", "PUT", "/chat/blocked-words", {"words": ["spam"]}),
        Door("http", "POST", "/end", {}),
        Door("page", "POST", "/rules", {"preset": "office"}),
        Door("page", "POST", "/end", {}),
    ],
}
ACTS = {act.key: act for act in installed_acts()}
CASES = [
    pytest.param(ACTS[key], door, person, whom, id=f"{person}, {door}, {key} for {whom}")
    for key, doors in DOORS.items()
    for door in doors
    for person in (*INSIDE, *OUTSIDE)
    for whom in (OpenTo if ACTS[key].closing_rule else (OpenTo.EVERYONE,))
]


@pytest.fixture(scope="module")
def lasting(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Party]:
    with lasting_party(django_db_blocker, tmp_path_factory.mktemp("music")) as party:
        yield party


@pytest.fixture
def party(lasting: Party, db: None) -> Iterator[Party]:
    with lasting.as_it_began() as party:
        yield party


def member_of(party: Party, person: str) -> Member | None:
    if person != "stand_in":
        return party.who(person)
    Member.objects.filter(pk=party.cohost.pk).update(acting=True)
    return party.cohost


def allowed(table: dict[str, list[str]], person: str, key: str) -> bool:
    """What the table of a room says, as its page reads it."""
    if person in OUTSIDE:
        return False
    if person == "muted":
        return key in table["muted"] and key in table[Role.LISTENER]
    return key in table[Role.HOST if person == "stand_in" else person]


def may_enter(party: Party, door: Door, person: str) -> bool:
    """Whether somebody gets through a door: neither refused nor sent to the room's front page."""
    ids = {
        "item": party.item.pk,
        "playing": party.playing.pk,
        "member": party.other.pk,
        "message": party.message.pk,
        "entry": party.entry_id,
    }
    path = door.address.format(**ids)
    body = {name: _filled(value, ids) for name, value in door.body.items()}
    member, code = member_of(party, person), party.room.code
    if door.door == "http":
        return ask(member, door.method, f"/api/rooms/{code}{path}", body).status_code not in (
            401,
            403,
        )
    browser = browser_of(member)
    answer = (
        browser.get(f"/r/{code}{path}")
        if door.method == "GET"
        else browser.post(f"/r/{code}{path}", body)
    )
    return answer.status_code not in (302, 401, 403)


def _filled(value: Any, ids: dict[str, int]) -> Any:
    if isinstance(value, list):
        return [_filled(each, ids) for each in value]
    return value.format(**ids) if isinstance(value, str) else value


def test_every_act_has_a_door() -> None:
    assert DOORS.keys() == ACTS.keys()


@pytest.mark.parametrize(("act", "door", "person", "whom"), CASES)
def test_each_door_opens_to_those_whom_the_table_names(
    party: Party,
    act: Act,
    door: Door,
    person: str,
    whom: OpenTo,
    request: pytest.FixtureRequest,
) -> None:
    if act.key == "browse":  # the playlists of the account that the host has connected
        connected(request.getfixturevalue("spotify"), "ann", party.host)
    if act.closing_rule:
        party.room = actions.change_rules(by=party.host, changes={act.closing_rule: whom})
    may = allowed(permissions(party.room.rules), person, act.key)
    assert may_enter(party, door, person) == may


# --- Sockets ------------------------------------------------------------------------------------


def audiences_by_table(room: Room, person: str) -> set[str]:
    """Everyone, and those of the acts that the table names for this person."""
    table = permissions(room.rules)
    acts = [act for act in installed_acts() if not act.closing_rule]
    return {EVERYONE, *(who_may(act) for act in acts if allowed(table, person, act.key))}


@pytest.mark.parametrize("person", INSIDE)
def test_sockets_see_what_the_acts_of_their_member_show(party: Party, person: str) -> None:
    member = member_of(party, person)
    assert member is not None
    member.refresh_from_db()
    seen = audiences_of(member) - {only(member.pk)}
    assert seen == audiences_by_table(party.room, person) - {EVERYONE}
