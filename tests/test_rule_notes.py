"""What the page of the rules says that each of them does at this moment."""

import pytest

from beatsync import rules_form
from music.actions.newcomers import SETTLED_AFTER_MS
from music.models import QueueItem, Track
from rooms import clock
from rooms.actions import change_rules
from rooms.models import Member, Room
from rooms.rules import declared_rules
from tests.conftest import arrived

MINUTE_MS = 60_000


def effect(host: Member, name: str, **changes: object) -> str:
    """What a rule does in the host's room, under these rules."""
    return rules_form.effect(declared_rules()[name], change_rules(by=host, changes=changes))


def started(track: Track, *, ago_min: int, by: Member | None, state: str = "played") -> None:
    """The track has played in the room of the tests."""
    started_at_ms = clock.now_ms() - ago_min * MINUTE_MS
    room = Room.objects.get()
    QueueItem.objects.create(
        room=room, track=track, added_by=by, state=state, started_at_ms=started_at_ms
    )


@pytest.mark.parametrize(
    ("mode", "said"),
    [
        ("votes", "The most votes play next. Rows say why."),
        ("fair", "Everyone gets turns, votes decide within them. Rows say why."),
        ("host", "The hosts arrange the queue, votes tell them what people want."),
    ],
)
def test_each_order_says_what_it_goes_by(host: Member, mode: str, said: str) -> None:
    assert effect(host, "mode", mode=mode) == said


def test_a_resting_track_is_named_with_the_minutes_left(host: Member, tracks: list[Track]) -> None:
    assert effect(host, "rest_min", rest_min=30) == "Nothing rests now."
    started(tracks[0], ago_min=20, by=host)
    assert effect(host, "rest_min", rest_min=30) == "Track 1 rests 10 min more."
    assert effect(host, "rest_min", rest_min=0) == "It may return at once."


def test_of_many_resting_tracks_the_one_that_is_free_first_is_named(
    host: Member, tracks: list[Track]
) -> None:
    for track, ago_min in zip(tracks, (5, 20, 10), strict=False):
        started(track, ago_min=ago_min, by=host)
    said = effect(host, "rest_min", rest_min=30)
    assert said == "3 tracks rest now. Free first, in 10 min: Track 2."


def test_what_the_shelf_played_or_nobody_heard_does_not_rest(
    host: Member, tracks: list[Track]
) -> None:
    started(tracks[0], ago_min=5, by=None)
    started(tracks[1], ago_min=5, by=host, state="failed")
    assert effect(host, "rest_min", rest_min=30) == "Nothing rests now."


def test_two_tracks_of_one_title_rest_as_two(host: Member, tracks: list[Track]) -> None:
    Track.objects.update(title="Intro")
    for track in tracks[:2]:
        started(track, ago_min=5, by=host)
    assert effect(host, "rest_min", rest_min=30).startswith("2 tracks rest now.")


def test_a_skip_is_told_of_those_who_may_ask(host: Member) -> None:
    long_ago = clock.now_ms() - SETTLED_AFTER_MS
    Room.objects.update(created_at_ms=long_ago)
    Member.objects.update(joined_at_ms=long_ago)
    for _ in range(9):
        arrived(host.room)
    Member.objects.filter(pk__gt=host.pk + 4).update(muted=True)
    assert effect(host, "skip_percent").startswith("With 1 person here who may ask: 1 vote.")
    Member.objects.update(joined_at_ms=long_ago)
    assert effect(host, "skip_percent").startswith("With 5 people here who may ask: 3 votes.")


def test_people_who_may_skip_are_not_counted_where_there_are_none(host: Member) -> None:
    Member.objects.update(seen_at_ms=0)
    assert effect(host, "skip_percent") == "Nobody who may ask is here now."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"artist_in_a_row": None}, "Whole albums may run."),
        ({"artist_in_a_row": 1}, "Another artist comes between where one waits."),
        ({"artist_in_a_row": 2}, "At most, so nobody runs an album."),
        ({"artist_in_a_row": 1, "mode": "host"}, "Not in host order."),
    ],
)
def test_the_same_artist_in_a_row_is_up_to_the_rules_except_in_host_order(
    host: Member, changes: dict[str, object], said: str
) -> None:
    assert effect(host, "artist_in_a_row", **changes) == said
