"""Who is here, as a room is told: differences, and in a crowd only how many."""

import json
from typing import Any

import pytest

from beatsync.server import PING_EVERY_S, PONG_WITHIN_S
from rooms import clock
from rooms.models import HERE_FOR_MS, Member
from rooms.presence import (
    CROWD_MARGIN,
    POLLS_COUNT_EVERY_MS,
    REFRESH_S,
    SETTLE_S,
    Attendance,
    note_poll,
    presence_in,
    write_presence,
)
from tests.conftest import arrived
from tests.live import connected

CROWD = 500


@pytest.fixture
def room() -> Attendance:
    """A room in which this process has said that members 1 and 2 are here."""
    room = Attendance(lambda: {1, 2}, lambda: None)
    room.apply({"here": [1, 2]})
    return room


def test_a_room_is_told_the_difference_when_somebody_comes_or_goes(room: Attendance) -> None:
    assert room.apply({"came": [3], "left": [2]}) == {"came": ["3"], "left": ["2"]}
    assert room.summary == {"here": ["1", "3"]}


def test_what_is_known_already_is_not_told_again(room: Attendance) -> None:
    assert room.apply({"here": [1, 2]}) is None
    assert room.apply({"came": [2], "left": [9]}) is None


def test_who_moved_over_to_this_process_is_not_gone(room: Attendance) -> None:
    """Another process has not seen them come here: this one says so within a second."""
    room.apply({"came": [], "left": [2]})
    assert room.has_changed


def test_a_process_that_has_not_looked_yet_tells_no_difference() -> None:
    room = Attendance(lambda: {1}, lambda: None)
    assert room.apply({"came": [2], "left": []}) is None
    assert room.apply({"here": [1, 2]}) == {"here": ["1", "2"]}


def test_of_a_crowd_only_the_number_is_told(room: Attendance) -> None:
    everybody = list(range(1, CROWD + 2))
    assert room.apply({"here": everybody}) == {"count": CROWD + 1}
    assert room.apply({"came": [9_000], "left": [2]}) is None
    assert room.apply({"came": [9_001], "left": []}) == {"count": CROWD + 2}
    assert room.summary == {"count": CROWD + 2}


def test_who_is_here_is_told_again_when_the_crowd_has_gone(room: Attendance) -> None:
    room.apply({"here": list(range(1, CROWD + 2))})
    fewer = list(range(1, round(CROWD * (1 - CROWD_MARGIN)) + 1))
    assert room.apply({"here": [*fewer, CROWD]}) == {"count": len(fewer) + 1}
    told = room.apply({"here": fewer})
    assert told == {"here": [str(pk) for pk in fewer]}


def test_one_who_comes_into_a_full_room_costs_its_phones_some_bytes(room: Attendance) -> None:
    room.apply({"here": list(range(1, CROWD))})
    assert len(json.dumps(room.apply({"came": [CROWD], "left": []}))) < 40


def test_a_snapshot_over_http_tells_who_is_here(host: Member, settings: Any) -> None:
    assert presence_in(host.room_id, host.joined_at_ms) == {"here": [str(host.pk)]}
    settings.PRESENCE_CROWD = 1
    guest = arrived(host.room)
    assert presence_in(host.room_id, guest.joined_at_ms) == {"count": 2}


def test_the_members_of_a_process_that_died_are_gone_within_30_s(
    host: Member,
) -> None:
    """The others write at most so long after, and see who gave no sign of life since."""
    guest = arrived(host.room)
    write_presence({host.room_id: {host.pk, guest.pk}}, set())
    with clock.shifted(30_000 - round((REFRESH_S + SETTLE_S) * 1000)):
        assert write_presence({host.room_id: {host.pk}}, set())[host.room_id].here == {host.pk}


def test_who_is_connected_does_not_fade_out_between_two_writes() -> None:
    assert HERE_FOR_MS > 2 * (REFRESH_S + SETTLE_S) * 1000
    assert HERE_FOR_MS > 2 * POLLS_COUNT_EVERY_MS


def test_a_line_that_is_gone_without_a_word_is_cut_within_30_s() -> None:
    looked_at_every_s = 2
    assert PONG_WITHIN_S <= PING_EVERY_S
    assert PING_EVERY_S + PONG_WITHIN_S + looked_at_every_s + SETTLE_S < 30


def test_who_says_goodbye_is_gone_with_the_next_write(host: Member) -> None:
    guest = arrived(host.room)
    write_presence({host.room_id: {host.pk, guest.pk}}, set())
    found = write_presence({host.room_id: {host.pk}}, {guest.pk})
    assert found[host.room_id].here == {host.pk}


def test_who_polls_stays_here(host: Member) -> None:
    for _ in range(4):
        with clock.shifted(HERE_FOR_MS // 2):
            note_poll(Member.objects.select_related("room").get(pk=host.pk))
            assert presence_in(host.room_id, clock.now_ms()) == {"here": [str(host.pk)]}


def test_who_shows_the_room_on_a_tv_is_told_until_the_tv_is_off(host: Member) -> None:
    present = {host.room_id: {host.pk}}
    assert write_presence(present, set(), {host.pk: True})[host.room_id].tvs == {host.pk}
    assert presence_in(host.room_id, clock.now_ms())["tvs"] == [str(host.pk)]
    assert write_presence(present, set(), {host.pk: False})[host.room_id].tvs == set()
    assert "tvs" not in presence_in(host.room_id, clock.now_ms())


def test_a_tv_changes_what_is_told_of_nobody_else(room: Attendance) -> None:
    assert room.apply({"came": [], "left": [], "tvs": [2]}) == {
        "came": [],
        "left": [],
        "tvs": ["2"],
    }
    assert room.apply({"came": [3], "left": [], "tvs": [2]}) == {"came": ["3"], "left": []}
    assert room.summary == {"here": ["1", "2", "3"], "tvs": ["2"]}
    assert room.apply({"came": [], "left": [], "tvs": []}) == {"came": [], "left": [], "tvs": []}


def test_in_a_crowd_tvs_are_told_all_the_same(room: Attendance) -> None:
    room.apply({"here": list(range(1, CROWD + 2)), "tvs": []})
    assert room.apply({"came": [], "left": [], "tvs": [2]})["tvs"] == ["2"]  # type: ignore[index]


@pytest.mark.django_db(transaction=True)
async def test_a_socket_of_a_tv_shows_in_the_presence_of_all(host: Member) -> None:
    async with connected(host, knows="?screen=tv"), connected(host) as page:
        while not (frame := await page.hear("presence")).get("tvs"):
            pass
        assert frame["tvs"] == [str(host.pk)]
