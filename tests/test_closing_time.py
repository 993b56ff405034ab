"""A closing time: nothing starts after it, and with its last track the room ends."""

import pytest

from music.actions import playback
from music.actions.queue import add_track
from music.actions.turns import LEAD_MS
from music.actions.voting import cast_vote
from music.conductor import advance_due
from music.errors import ClosingTime
from music.models import Playback, QueueItem, Track
from rooms import clock
from rooms.actions import change_rules
from rooms.errors import Invalid
from rooms.models import LogEntry, Member, Room

HOUR_MS = 60 * 60_000


@pytest.fixture
def closing(host: Member) -> Member:
    """The host of a room that closes an hour after it opened, where something has played."""
    playback.choose_shelf(by=host, key=None)
    Playback.objects.filter(room=host.room).update(play_id=1)
    change_rules(by=host, changes={"closes_after_min": 60})
    return host


def now_playing(member: Member) -> Playback:
    return Playback.objects.select_related("item__track").get(room=member.room_id)


def until(moment_ms: int | None) -> int:
    assert moment_ms is not None
    return moment_ms - clock.now_ms()


def closing_ms(member: Member) -> int:
    return Room.objects.get(pk=member.room_id).created_at_ms + HOUR_MS


def begin_the_last(member: Member, track: Track) -> None:
    """The track plays a minute before closing time, and ends after it."""
    Track.objects.filter(pk=track.pk).update(duration_ms=3 * 60_000)
    add_track(member=member, track=track)
    advance_due()


def is_live(member: Member) -> bool:
    return Room.objects.get(pk=member.room_id).is_live


def test_what_cannot_start_any_more_is_refused_with_the_reason(
    closing: Member, guest: Member, tracks: list[Track]
) -> None:
    with clock.shifted(until(closing_ms(closing) - 60_000)):
        begin_the_last(closing, tracks[0])
        with pytest.raises(ClosingTime):
            add_track(member=guest, track=tracks[1])
    assert QueueItem.objects.waiting().count() == 0


def test_the_last_track_plays_to_its_end_and_the_room_ends_with_it(
    closing: Member, tracks: list[Track]
) -> None:
    with clock.shifted(until(closing_ms(closing) - 60_000)):
        begin_the_last(closing, tracks[0])
        ends_at_ms = now_playing(closing).ends_at_ms
    with clock.shifted(until(ends_at_ms) - LEAD_MS):
        advance_due()
        assert is_live(closing)
    with clock.shifted(until(ends_at_ms)):
        advance_due()
    assert not is_live(closing)
    assert LogEntry.objects.filter(room=closing.room_id, kind="room.closed").exists()


def test_a_room_in_which_nothing_plays_ends_at_its_closing_time(closing: Member) -> None:
    with clock.shifted(until(closing_ms(closing) - 1_000)):
        assert advance_due() == 0
    with clock.shifted(until(closing_ms(closing))):
        advance_due()
    assert not is_live(closing)


def test_the_last_track_is_chosen_by_votes_whatever_the_order(
    closing: Member, guest: Member, tracks: list[Track]
) -> None:
    change_rules(by=closing, changes={"mode": "host"})
    with clock.shifted(until(closing_ms(closing) - 60_000)):
        for track in tracks[:3]:
            add_track(member=closing, track=track)
        wanted = QueueItem.objects.get(track=tracks[2])
        cast_vote(member=guest, item_id=wanted.pk, value=1)
        Track.objects.update(duration_ms=3 * 60_000)
        advance_due()
    assert now_playing(closing).item == wanted


def test_where_the_shelf_goes_on_the_room_stays_and_what_waits_does_not_start(
    host: Member, tracks: list[Track]
) -> None:
    change_rules(by=host, changes={"closes_after_min": 60, "at_closing": "shelf"})
    Playback.objects.filter(room=host.room).update(play_id=1)
    add_track(member=host, track=tracks[0])
    with clock.shifted(until(closing_ms(host))):
        advance_due()
    assert is_live(host)
    assert QueueItem.objects.get(track=tracks[0], added_by=host).state == "waiting"


def test_a_closing_time_in_the_past_is_refused_and_nothing_changes(host: Member) -> None:
    with clock.shifted(2 * HOUR_MS), pytest.raises(Invalid):
        change_rules(by=host, changes={"closes_after_min": 60})
    assert Room.objects.get(pk=host.room_id).own_rules == {}


def test_after_closing_time_the_other_rules_can_still_be_changed(host: Member) -> None:
    change_rules(by=host, changes={"closes_after_min": 60, "at_closing": "shelf"})
    with clock.shifted(2 * HOUR_MS):
        change_rules(by=host, changes={"explicit": False})
        with pytest.raises(Invalid):
            change_rules(by=host, changes={"at_closing": "end"})
    assert is_live(host)


def test_a_later_closing_time_counts_from_the_same_opening(
    closing: Member, tracks: list[Track]
) -> None:
    with clock.shifted(until(closing_ms(closing) - 60_000)):
        change_rules(by=closing, changes={"closes_after_min": 120})
    with clock.shifted(until(closing_ms(closing))):
        advance_due()
        add_track(member=closing, track=tracks[0])
    assert is_live(closing)
