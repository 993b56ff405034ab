"""The music goes on by the server's clock: exactly once, also after a restart."""

import pytest

from music.actions import playback
from music.actions.queue import add_track, remove_item
from music.actions.transport import LOCK_AHEAD_MS
from music.actions.turns import LEAD_MS
from music.actions.voting import cast_vote
from music.conductor import advance_due
from music.models import Playback, QueueItem, Track
from music.queue_state import order_of
from music.shelf import shelves
from rooms import actions, clock
from rooms.models import Member

MINUTE_MS = 60_000


def now_playing(member: Member) -> Playback:
    return Playback.objects.select_related("item__track").get(room=member.room_id)


def states(member: Member) -> dict[str, str]:
    items = QueueItem.objects.filter(room=member.room_id).select_related("track")
    return {item.track.title: item.state for item in items}


def before_the_end(member: Member, ms: int) -> int:
    """By how much to shift the clock so that the track has this long to go."""
    ends_at_ms = now_playing(member).ends_at_ms
    assert ends_at_ms is not None
    return ends_at_ms - ms - clock.now_ms()


@pytest.fixture
def silent(host: Member) -> Member:
    """The host of a room without a shelf, where something has played before."""
    playback.choose_shelf(by=host, key=None)
    Playback.objects.filter(room=host.room).update(play_id=1)
    return host


def test_the_first_added_track_starts_by_itself(silent: Member, tracks: list[Track]) -> None:
    add_track(member=silent, track=tracks[0])
    assert now_playing(silent).state == "idle"
    assert advance_due() == 1
    assert now_playing(silent).item.track == tracks[0]


def test_the_next_track_starts_where_the_last_one_ends(silent: Member, tracks: list[Track]) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    advance_due()
    ends_at_ms = now_playing(silent).ends_at_ms
    with clock.shifted(before_the_end(silent, LEAD_MS)):
        advance_due()
        assert now_playing(silent).item.track == tracks[1]
        assert now_playing(silent).starts_at_ms == ends_at_ms
        assert clock.now_ms() < ends_at_ms


def test_a_track_is_advanced_once_however_often_the_conductor_looks(
    silent: Member, tracks: list[Track]
) -> None:
    for track in tracks[:3]:
        add_track(member=silent, track=track)
    advance_due()
    with clock.shifted(before_the_end(silent, LEAD_MS)):
        assert [advance_due() for _ in range(3)] == [1, 0, 0]
    assert sorted(states(silent).values()) == ["played", "playing", "waiting"]


def test_nothing_advances_before_its_time(silent: Member, tracks: list[Track]) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    advance_due()
    with clock.shifted(before_the_end(silent, LOCK_AHEAD_MS + 1_000)):
        assert advance_due() == 0


def test_a_restart_in_the_middle_of_a_track_changes_nothing(
    silent: Member, tracks: list[Track]
) -> None:
    add_track(member=silent, track=tracks[0])
    advance_due()
    before = now_playing(silent)
    with clock.shifted(MINUTE_MS // 2):  # a new process finds only what is in the database
        assert advance_due() == 0
        assert now_playing(silent).state == "playing"
    assert now_playing(silent).starts_at_ms == before.starts_at_ms


def test_what_became_due_while_no_conductor_ran_starts_now(
    silent: Member, tracks: list[Track]
) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    advance_due()
    with clock.shifted(10 * MINUTE_MS):
        advance_due()
        playing = now_playing(silent)
        assert playing.item.track == tracks[1]
        assert playing.starts_at_ms >= clock.now_ms() - 1_000


def test_an_empty_queue_without_a_shelf_falls_silent(silent: Member, tracks: list[Track]) -> None:
    add_track(member=silent, track=tracks[0])
    advance_due()
    with clock.shifted(before_the_end(silent, LEAD_MS)):
        advance_due()
    assert now_playing(silent).state == "idle"
    assert states(silent) == {"Track 1": "played"}


def test_the_shelf_fills_the_silence_one_track_at_a_time(host: Member, tracks: list[Track]) -> None:
    playback.choose_shelf(by=host, key=folder_key())
    playback.play(by=host)
    assert now_playing(host).item.added_by is None
    with clock.shifted(before_the_end(host, LEAD_MS)):
        advance_due()
        assert now_playing(host).item.added_by is None
    started = QueueItem.objects.filter(started_at_ms__isnull=False)
    assert sorted(started.values_list("state", flat=True)) == ["played", "playing"]


def test_the_shelf_yields_to_what_a_member_adds(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    playback.choose_shelf(by=host, key=folder_key())
    playback.play(by=host)
    with clock.shifted(before_the_end(host, LOCK_AHEAD_MS - 1_000)):
        advance_due()
        added, _ = add_track(member=guest, track=tracks[4])
        with clock.shifted(before_the_end(host, LEAD_MS)):
            advance_due()
            assert now_playing(host).item == added


def test_a_down_voted_track_of_a_member_still_comes_before_the_shelf(
    host: Member, guest: Member, other: Member, tracks: list[Track]
) -> None:
    playback.choose_shelf(by=host, key=folder_key())
    playback.play(by=host)
    added, _ = add_track(member=guest, track=tracks[4])
    for member in (guest, other, host):
        cast_vote(member=member, item_id=added.pk, value=-1)
    playback.skip(by=host)
    assert now_playing(host).item == added


def test_the_next_track_is_locked_before_it_starts_and_late_votes_count_after_it(
    silent: Member, guest: Member, tracks: list[Track]
) -> None:
    _, locked, late = (add_track(member=silent, track=track)[0] for track in tracks[:3])
    advance_due()
    with clock.shifted(before_the_end(silent, LOCK_AHEAD_MS)):
        advance_due()
        cast_vote(member=guest, item_id=late.pk, value=1)
        assert QueueItem.objects.get(locked=True) == locked
        with clock.shifted(LOCK_AHEAD_MS - LEAD_MS):
            advance_due()
            assert now_playing(silent).item == locked


def test_removing_the_locked_track_locks_another(silent: Member, tracks: list[Track]) -> None:
    _, locked, third = (add_track(member=silent, track=track)[0] for track in tracks[:3])
    advance_due()
    with clock.shifted(before_the_end(silent, LOCK_AHEAD_MS)):
        advance_due()
        remove_item(by=silent, item_id=locked.pk)
        advance_due()
    assert QueueItem.objects.get(locked=True) == third


def test_a_paused_track_stays_paused(silent: Member, tracks: list[Track]) -> None:
    add_track(member=silent, track=tracks[0])
    advance_due()
    with clock.shifted(10_000):
        playback.pause(by=silent)
    with clock.shifted(10 * MINUTE_MS):
        assert advance_due() == 0
        playback.play(by=silent)
        assert now_playing(silent).position_at(clock.now_ms() + 1_000) == pytest.approx(
            11_000, abs=1_500
        )


def test_a_seek_moves_the_end(silent: Member, tracks: list[Track]) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    advance_due()
    playback.seek(by=silent, position_ms=59_000)
    with clock.shifted(2_000):
        advance_due()
    assert now_playing(silent).item.track == tracks[1]


def test_a_track_whose_file_is_gone_is_set_aside(silent: Member, tracks: list[Track]) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    tracks[0].file.delete()
    advance_due()
    assert now_playing(silent).item.track == tracks[1]
    assert states(silent) == {"Track 1": "failed", "Track 2": "playing"}


def test_an_ended_room_plays_no_more(silent: Member, tracks: list[Track]) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    advance_due()
    actions.end_room(by=silent)
    with clock.shifted(10 * MINUTE_MS):
        assert advance_due() == 0


def test_a_room_nobody_has_seen_for_half_a_day_lets_its_shelf_rest(
    host: Member, tracks: list[Track]
) -> None:
    playback.choose_shelf(by=host, key=folder_key())
    playback.play(by=host)
    with clock.shifted(13 * 60 * MINUTE_MS):
        advance_due()
    assert now_playing(host).state == "idle"


def test_the_shelf_never_repeats_while_others_have_rested_longer(
    host: Member, tracks: list[Track]
) -> None:
    playback.choose_shelf(by=host, key=folder_key())
    playback.play(by=host)
    for _ in range(4):
        playback.skip(by=host)
    started = QueueItem.objects.filter(started_at_ms__isnull=False).select_related("track")
    titles = [item.track.title for item in started]
    assert sorted(titles) == [track.title for track in tracks]


def folder_key() -> str:
    return next(shelf.key for shelf in shelves() if shelf.key.startswith("folder-"))


def test_a_room_that_cannot_be_advanced_holds_up_no_other(
    silent: Member, outsider: Member, tracks: list[Track], caplog: pytest.LogCaptureFixture
) -> None:
    Playback.objects.create(room=outsider.room, play_id=1)
    for member in (silent, outsider):
        add_track(member=member, track=tracks[0])
    broken = QueueItem.objects.get(room=silent.room_id)
    QueueItem.objects.create(room=silent.room, track=tracks[1], state="playing")
    advance_due()  # the database refuses a second playing track there
    assert f"room {broken.room_id} could not be advanced" in caplog.text
    assert now_playing(outsider).item.track == tracks[0]


def test_after_a_jump_back_votes_count_again_for_what_had_been_locked(
    silent: Member, guest: Member, tracks: list[Track]
) -> None:
    _, _, third = (add_track(member=silent, track=track)[0] for track in tracks[:3])
    advance_due()
    with clock.shifted(before_the_end(silent, LOCK_AHEAD_MS)):
        advance_due()
        playback.seek(by=silent, position_ms=0)
        cast_vote(member=guest, item_id=third.pk, value=1)
    assert order_of(silent.room)[0] == third.pk


def test_after_a_jump_back_in_a_pause_votes_count_again_from_the_next_play(
    silent: Member, guest: Member, tracks: list[Track]
) -> None:
    _, _, third = (add_track(member=silent, track=track)[0] for track in tracks[:3])
    advance_due()
    with clock.shifted(before_the_end(silent, LOCK_AHEAD_MS)):
        advance_due()
        playback.pause(by=silent)
        playback.seek(by=silent, position_ms=0)
        playback.play(by=silent)
        cast_vote(member=guest, item_id=third.pk, value=1)
    assert order_of(silent.room)[0] == third.pk
