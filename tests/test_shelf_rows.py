"""The next tracks of the shelf stand in the queue: for people to vote on, behind what they add."""

import uuid
from pathlib import Path

import pytest

from music.actions import playback, queue
from music.actions.folder_availability import note_folder_away
from music.actions.newcomers import MANY, SETTLED_AFTER_MS
from music.actions.speaker import claim_speaker
from music.actions.transport import LOCK_AHEAD_MS
from music.actions.voting import cast_vote
from music.conductor import advance_due
from music.errors import TooManyWaiting
from music.models import SHELF_ROWS, ItemState, Playback, QueueItem, Track, Turns
from music.queue_state import order_of
from music.shelf import OFFERED_AGAIN_AFTER_MS, shelves
from rooms import actions, clock
from rooms.errors import NotAllowed
from rooms.models import Member, Room
from tests.conftest import make_track
from tests.http import ask
from tests.test_newcomers import newcomers


@pytest.fixture
def shelf(music_folder: Path, db: None) -> list[Track]:
    """Nine tracks of the shelf, in the order of their files."""
    return [make_track(n, music_folder) for n in range(1, 10)]


@pytest.fixture
def started(host: Member, shelf: list[Track]) -> Member:
    """The host of a room that has just been started from the shelf: Track 1 plays."""
    playback.choose_shelf(by=host, key=key_of_shelf())
    playback.play(by=host)
    return host


def key_of_shelf() -> str:
    return next(shelf.key for shelf in shelves() if shelf.key.startswith("folder-"))


def waiting(member: Member) -> list[str]:
    """The titles of what waits, in playing order."""
    items = QueueItem.objects.select_related("track").in_bulk(order_of(member.room))
    return [items[pk].track.title for pk in order_of(member.room)]


def row(member: Member, title: str) -> QueueItem:
    return QueueItem.objects.waiting().get(room=member.room_id, track__title=title)


def tracks_of(*numbers: int) -> list[str]:
    return [f"Track {n}" for n in numbers]


def test_a_room_that_was_just_started_has_four_rows_of_the_shelf(started: Member) -> None:
    assert waiting(started) == tracks_of(2, 3, 4, 5)
    of_nobody = QueueItem.objects.waiting().filter(added_by=None, up=0)
    assert of_nobody.count() == 4


def test_a_room_that_was_not_started_has_none(host: Member, shelf: list[Track]) -> None:
    playback.choose_shelf(by=host, key=key_of_shelf())
    assert waiting(host) == []


def test_votes_order_the_rows_and_the_first_plays_next(started: Member, guest: Member) -> None:
    cast_vote(member=guest, item_id=row(started, "Track 5").pk, value=1)
    cast_vote(member=guest, item_id=row(started, "Track 2").pk, value=-1)
    assert waiting(started) == tracks_of(5, 3, 4, 2)
    assert playback.skip(by=started).item.track.title == "Track 5"
    assert waiting(started) == tracks_of(3, 4, 6, 2)


@pytest.mark.parametrize("mode", ["votes", "fair", "host"])
def test_the_rows_stand_behind_all_that_people_add_in_every_order(
    started: Member, guest: Member, other: Member, shelf: list[Track], mode: str
) -> None:
    actions.change_rules(by=started, changes={"mode": mode})
    for member in (started, other):
        cast_vote(member=member, item_id=row(started, "Track 3").pk, value=1)
    added, _ = queue.add_track(member=guest, track=shelf[8])
    for member in (started, other):
        cast_vote(member=member, item_id=added.pk, value=-1)
    assert waiting(started)[0] == "Track 9"


def test_a_row_is_nobodys_turn(started: Member) -> None:
    playback.skip(by=started)
    assert not Turns.objects.exists()


def test_a_row_is_never_fixed_as_the_next_one(started: Member) -> None:
    ends_at_ms = Playback.objects.get().ends_at_ms
    assert ends_at_ms is not None
    with clock.shifted(ends_at_ms - LOCK_AHEAD_MS + 1_000 - clock.now_ms()):
        assert advance_due() == 1
    assert not QueueItem.objects.filter(locked=True).exists()


def test_adding_the_track_of_a_row_makes_it_ones_own_with_its_votes(
    started: Member, guest: Member, other: Member, shelf: list[Track]
) -> None:
    third = row(started, "Track 3")
    for member in (started, other):
        cast_vote(member=member, item_id=third.pk, value=1)
    mine, is_new = queue.add_track(member=guest, track=shelf[2])
    third.refresh_from_db()
    assert (mine.pk, is_new, third.added_by, third.up) == (third.pk, True, guest, 3)
    assert waiting(started) == tracks_of(3, 2, 4, 5, 6)


def test_who_voted_on_a_row_before_adding_it_has_one_vote(
    started: Member, guest: Member, shelf: list[Track]
) -> None:
    cast_vote(member=guest, item_id=row(started, "Track 3").pk, value=-1)
    mine, _ = queue.add_track(member=guest, track=shelf[2])
    assert (mine.up, mine.down) == (1, 0)


def test_votes_held_on_a_row_stay_held_when_somebody_adds_it(
    started: Member, guest: Member, shelf: list[Track]
) -> None:
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS - 1)
    Member.objects.update(joined_at_ms=0)
    third = row(started, "Track 3")
    for member in newcomers(started):
        cast_vote(member=member, item_id=third.pk, value=1)
    held = row(started, "Track 3").held
    mine, _ = queue.add_track(member=guest, track=shelf[2])
    assert (mine.up + held, mine.held) == (MANY + 1, held)


def test_search_offers_to_add_the_track_of_a_row(started: Member, guest: Member) -> None:
    path = f"/api/rooms/{started.room.code}/search?q=track&source=library"
    found = {track["title"]: track for track in ask(guest, "GET", path).json()["items"]}
    assert (found["Track 3"]["waiting_item"], found["Track 3"]["refusal"]) == (None, None)


def test_the_limits_hold_for_the_track_of_a_row_and_the_rows_count_towards_none(
    started: Member, guest: Member, shelf: list[Track]
) -> None:
    actions.change_rules(by=started, changes={"open_requests": 2})
    for track in shelf[6:8]:
        queue.add_track(member=guest, track=track)
    with pytest.raises(TooManyWaiting):
        queue.add_track(member=guest, track=shelf[2])


def test_the_rows_take_no_place_in_a_full_queue(
    started: Member, guest: Member, shelf: list[Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "QUEUE_LENGTH", SHELF_ROWS)
    assert queue.add_track(member=guest, track=shelf[8])[1]


def test_another_track_takes_the_place_of_a_row_that_is_taken_out(started: Member) -> None:
    queue.remove_item(by=started, item_id=row(started, "Track 2").pk)
    assert waiting(started) == tracks_of(3, 4, 5, 6)
    for _ in range(4):
        playback.skip(by=started)
    assert "Track 2" not in waiting(started)
    with clock.shifted(OFFERED_AGAIN_AFTER_MS + 1_000):
        playback.skip(by=started)
        assert "Track 2" in waiting(started)


def test_only_who_may_curate_takes_a_row_out(started: Member, guest: Member) -> None:
    with pytest.raises(NotAllowed):
        queue.remove_item(by=guest, item_id=row(started, "Track 2").pk)


def test_a_row_comes_back_by_undo(started: Member) -> None:
    second = row(started, "Track 2")
    queue.remove_item(by=started, item_id=second.pk)
    assert queue.restore_items(by=started, item_ids=[second.pk]) == [second.pk]
    assert len(waiting(started)) == SHELF_ROWS + 1
    playback.skip(by=started)
    assert len(waiting(started)) == SHELF_ROWS


def test_clearing_the_queue_leaves_the_rows(
    started: Member, guest: Member, shelf: list[Track]
) -> None:
    added, _ = queue.add_track(member=guest, track=shelf[8])
    assert queue.clear_queue(by=started) == [added.pk]
    assert waiting(started) == tracks_of(2, 3, 4, 5)


def test_without_a_shelf_the_rows_are_gone(
    started: Member, guest: Member, shelf: list[Track]
) -> None:
    queue.add_track(member=guest, track=shelf[8])
    playback.choose_shelf(by=started, key=None)
    assert waiting(started) == tracks_of(9)


def test_what_was_taken_out_does_not_come_back_from_another_shelf(started: Member) -> None:
    second = row(started, "Track 2")
    queue.remove_item(by=started, item_id=second.pk)
    playback.choose_shelf(by=started, key=None)
    assert queue.restore_items(by=started, item_ids=[second.pk]) == []


def test_a_device_does_not_start_the_rows_by_itself(started: Member) -> None:
    Playback.objects.update(
        state="idle", item=None, starts_at_ms=None, ends_at_ms=None, wake_at_ms=None
    )
    QueueItem.objects.filter(state=ItemState.PLAYING).delete()
    claim_speaker(member=started, device="device-1", name="Mika's laptop")
    assert advance_due() == 0
    assert Playback.objects.get().state == "idle"


def test_nobody_there_for_half_a_day_lets_the_rows_rest(started: Member) -> None:
    with clock.shifted(13 * 60 * 60_000):
        advance_due()
    assert Playback.objects.get().state == "idle"
    assert waiting(started) == tracks_of(2, 3, 4, 5)


def test_a_row_whose_file_is_gone_gives_way_to_another(started: Member, shelf: list[Track]) -> None:
    Path(shelf[1].file.path).unlink()
    assert playback.skip(by=started).item.track.title == "Track 3"
    assert waiting(started) == tracks_of(4, 5, 6, 7)


def test_rows_of_a_folder_that_is_away_wait_with_their_votes(
    started: Member, guest: Member, music_folder: Path
) -> None:
    third = row(started, "Track 3")
    cast_vote(member=guest, item_id=third.pk, value=1)
    music_folder.rename(music_folder.parent / "away")
    note_folder_away(room_id=started.room_id, key=key_of_shelf())
    playback.skip(by=started)
    third.refresh_from_db()
    assert (third.state, third.up) == (ItemState.WAITING, 1)


def test_a_small_shelf_has_as_many_rows_as_tracks_that_do_not_play(
    host: Member, tracks: list[Track]
) -> None:
    Track.objects.filter(pk__in=[track.pk for track in tracks[2:]]).update(available=False)
    playback.choose_shelf(by=host, key=key_of_shelf())
    playback.play(by=host)
    assert waiting(host) == tracks_of(2)


def test_a_recording_in_two_files_is_one_row(host: Member, shelf: list[Track]) -> None:
    same = uuid.uuid4().hex
    Track.objects.filter(title__in=tracks_of(2, 3)).update(recording=same)
    playback.choose_shelf(by=host, key=key_of_shelf())
    playback.play(by=host)
    assert waiting(host) == tracks_of(2, 4, 5, 6)
