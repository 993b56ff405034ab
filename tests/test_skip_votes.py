"""Listeners skip together: enough of those who are here, and one alone if nobody else is."""

import json

import pytest
from django.db import IntegrityError, transaction

from music.actions.newcomers import NEW_FOR_MS, SETTLED_AFTER_MS, skips_from_ms
from music.actions.playback import ask_to_skip, pause, play, skip, update_skip_target
from music.actions.queue import add_track
from music.actions.skips import skip_needed, who_may_skip
from music.errors import JustJoined, NothingToPlay, StalePlay
from music.models import Playback, Track
from rooms import actions, clock
from rooms.actions import change_rules
from rooms.errors import Muted
from rooms.models import ACTIVE_FOR_MS, HERE_FOR_MS, Member, Room
from rooms.presence import write_presence
from rooms.snapshot import read_snapshot, read_snapshots
from tests.conftest import arrived, browser_of
from tests.http import ask


@pytest.fixture
def playing(host: Member, guest: Member, other: Member, tracks: list[Track]) -> Playback:
    """A track plays, another waits; three people are here."""
    for track in tracks[:2]:
        add_track(member=host, track=track)
    return play(by=host)


def crowd(host: Member, many: int) -> list[Member]:
    return [arrived(host.room) for _ in range(many)]


def test_a_track_is_skipped_when_half_of_those_here_ask(
    playing: Playback, guest: Member, other: Member
) -> None:
    asked = ask_to_skip(member=guest)
    assert (asked.skip_asked, asked.skip_needed) == (1, 2)
    assert ask_to_skip(member=other).play_id == playing.play_id + 1
    playing.item.refresh_from_db()
    assert playing.item.state == "skipped"


def test_asking_twice_is_asking_once(playing: Playback, guest: Member) -> None:
    ask_to_skip(member=guest)
    assert ask_to_skip(member=guest).skip_asked == 1


def leave(*members: Member) -> None:
    """These closed their pages more than a minute ago."""
    gone = clock.now_ms() - ACTIVE_FOR_MS
    Member.objects.filter(pk__in=[each.pk for each in members]).update(seen_at_ms=gone)


def test_one_person_never_skips_while_another_is_here(playing: Playback, guest: Member) -> None:
    change_rules(by=Member.objects.get(role="host"), changes={"skip_percent": 10})
    assert ask_to_skip(member=guest).play_id == playing.play_id


def test_who_is_here_alone_skips_alone(
    playing: Playback, host: Member, guest: Member, other: Member
) -> None:
    leave(host, other)
    assert ask_to_skip(member=guest).play_id == playing.play_id + 1


def test_the_share_is_of_those_who_are_here(playing: Playback, host: Member) -> None:
    people = crowd(host, 9)
    assert ask_to_skip(member=people[0]).skip_needed == 6
    leave(*people[4:])
    assert ask_to_skip(member=people[1]).skip_needed == 4


def test_a_phone_that_sleeps_for_a_moment_does_not_move_the_target(
    playing: Playback, host: Member
) -> None:
    people = crowd(host, 9)
    write_presence({host.room_id: set()}, {each.pk for each in people})
    assert skip_needed(host.room) == 6
    with clock.shifted(ACTIVE_FOR_MS - HERE_FOR_MS):
        assert skip_needed(host.room) < 6


def test_who_has_asked_counts_among_those_here(
    playing: Playback, host: Member, guest: Member, other: Member
) -> None:
    change_rules(by=host, changes={"skip_percent": 100})
    ask_to_skip(member=guest)
    leave(guest, other)
    assert (set(who_may_skip(host.room)), skip_needed(host.room)) == ({host, guest}, 2)


def test_the_target_follows_who_comes_and_goes_and_is_told_where_it_changes(
    playing: Playback, host: Member
) -> None:
    people = crowd(host, 9)
    assert update_skip_target(room_id=host.room_id)
    assert Playback.objects.get().skip_needed == 6
    revision = Room.objects.get().revision
    leave(people[0])
    assert not update_skip_target(room_id=host.room_id)
    assert Room.objects.get().revision == revision


def test_when_people_leave_and_enough_of_the_others_have_asked_the_track_is_skipped(
    playing: Playback, host: Member, guest: Member, other: Member
) -> None:
    people = crowd(host, 3)
    for member in (guest, other):
        ask_to_skip(member=member)
    assert Playback.objects.get().play_id == playing.play_id
    leave(*people)
    update_skip_target(room_id=host.room_id)
    assert Playback.objects.get().play_id == playing.play_id + 1


def test_a_page_without_a_socket_counts_while_it_polls(playing: Playback, guest: Member) -> None:
    leave(guest)
    assert guest not in who_may_skip(guest.room)
    ask(guest, "GET", f"/api/rooms/{guest.room.code}")
    assert guest in who_may_skip(guest.room)


def test_to_mute_somebody_changes_the_target_at_once(playing: Playback, host: Member) -> None:
    loud, _ = crowd(host, 2)
    update_skip_target(room_id=host.room_id)
    assert Playback.objects.get().skip_needed == 3
    actions.set_muted(by=host, member_id=loud.pk, muted=True)
    assert Playback.objects.get().skip_needed == 2


def test_the_next_track_starts_with_nobody_asking(
    playing: Playback, host: Member, guest: Member
) -> None:
    ask_to_skip(member=guest)
    assert skip(by=host).skip_asked == 0


def test_the_host_chooses_the_share(playing: Playback, host: Member, guest: Member) -> None:
    change_rules(by=host, changes={"skip_percent": 100})
    assert ask_to_skip(member=guest).skip_needed == 3


def test_a_lower_share_skips_what_enough_have_asked_to_skip_already(
    playing: Playback, host: Member, guest: Member, other: Member
) -> None:
    change_rules(by=host, changes={"skip_percent": 100})
    for member in (guest, other):
        ask_to_skip(member=member)
    change_rules(by=host, changes={"skip_percent": 50})
    assert Playback.objects.get().play_id == playing.play_id + 1


def test_who_has_asked_sees_at_once_how_many_it_takes_by_other_rules(
    playing: Playback, host: Member, guest: Member
) -> None:
    ask_to_skip(member=guest)
    change_rules(by=host, changes={"skip_percent": 100})
    after = Playback.objects.get()
    assert (after.skip_asked, after.skip_needed, after.play_id) == (1, 3, playing.play_id)


def test_a_muted_member_cannot_ask(playing: Playback, host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    with pytest.raises(Muted):
        ask_to_skip(member=guest)


def test_the_share_is_of_those_who_may_ask(playing: Playback, host: Member) -> None:
    people = crowd(host, 9)
    Member.objects.filter(pk__in=[each.pk for each in people[:6]]).update(muted=True)
    assert ask_to_skip(member=people[8]).skip_needed == 3
    change_rules(by=host, changes={"may_skip": "hosts"})
    assert skip_needed(Room.objects.get()) == 1


def test_asking_for_a_track_that_is_over_skips_nothing(playing: Playback, guest: Member) -> None:
    with pytest.raises(StalePlay):
        ask_to_skip(member=guest, play_id=str(playing.play_id - 1))


def test_in_silence_there_is_nothing_to_skip(guest: Member) -> None:
    with pytest.raises(NothingToPlay):
        ask_to_skip(member=guest)


def test_a_paused_track_is_not_skipped_by_asking(
    playing: Playback, host: Member, guest: Member
) -> None:
    pause(by=host)
    with pytest.raises(NothingToPlay):
        ask_to_skip(member=guest)
    assert Playback.objects.get().state == "paused"


def test_who_has_just_come_neither_asks_nor_is_counted(playing: Playback, host: Member) -> None:
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS)
    Member.objects.update(joined_at_ms=clock.now_ms() - NEW_FOR_MS)
    newcomer, *_ = crowd(host, 9)
    with pytest.raises(JustJoined) as refused:
        ask_to_skip(member=newcomer)
    assert refused.value.until_ms == newcomer.joined_at_ms + NEW_FOR_MS
    assert skip_needed(newcomer.room) == 2


def test_a_snapshot_says_from_when_a_newcomer_may_ask(playing: Playback, host: Member) -> None:
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS)
    newcomer, *_ = crowd(Member.objects.get(pk=host.pk), 1)
    newcomer.refresh_from_db()
    assert read_snapshot(newcomer)["me"]["skips_from_ms"] == newcomer.joined_at_ms + NEW_FOR_MS
    told = json.loads(read_snapshots(host.room_id, [newcomer.pk], {})[newcomer.pk].text)["me"]
    assert told == read_snapshot(newcomer)["me"]
    with clock.shifted(NEW_FOR_MS):
        assert read_snapshot(newcomer)["me"]["skips_from_ms"] is None


def test_the_page_without_scripts_lets_only_those_ask_who_may(
    playing: Playback, host: Member, guest: Member
) -> None:
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS)
    Member.objects.update(joined_at_ms=0)
    newcomer = crowd(host, 1)[0]
    for member, offered in ((guest, True), (newcomer, False)):
        page = browser_of(member).get(f"/r/{host.room.code}?plain").content.decode()
        assert ("Ask to skip, 0 of 2" in page) == offered


def test_who_came_before_the_room_was_settled_may_always_ask(
    playing: Playback, guest: Member
) -> None:
    with clock.shifted(SETTLED_AFTER_MS - 60_000):
        late = crowd(Member.objects.get(role="host"), 1)[0]
        assert read_snapshot(late)["me"]["skips_from_ms"] is None
    with clock.shifted(SETTLED_AFTER_MS):
        assert skips_from_ms(late, opened_at_ms=late.room.created_at_ms) is None
        assert late in who_may_skip(late.room)


def test_the_database_refuses_a_second_skip_vote(playing: Playback, guest: Member) -> None:
    ask_to_skip(member=guest)
    with pytest.raises(IntegrityError), transaction.atomic():
        playing.item.skip_votes.create(member=guest)


def test_the_answer_says_how_many_ask_and_when_it_skipped(
    playing: Playback, guest: Member, other: Member
) -> None:
    path = f"/api/rooms/{guest.room.code}/playback/skip-vote"
    body = {"play_id": str(playing.play_id)}
    first, second = (ask(who, "POST", path, body).json() for who in (guest, other))
    assert (first["asked"], first["needed"], first["skipped"]) == (1, 2, False)
    assert second["skipped"]
