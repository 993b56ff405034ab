"""Votes: one per member and item, absolute, and always equal to the tallies."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from music.actions.ballots import Ballot, count
from music.actions.playback import play
from music.actions.queue import add_track, remove_item
from music.actions.voting import cast_vote
from music.errors import AlreadyStarted, UnknownItem
from music.models import QueueItem, Track, Vote
from music.queue_state import order_of
from rooms import actions
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import Invalid
from rooms.models import Member, Room
from tests.conftest import arrived


def tallies(item: QueueItem) -> tuple[int, int]:
    item.refresh_from_db()
    return item.up, item.down


def counted(item: QueueItem) -> tuple[int, int]:
    votes = Vote.objects.filter(item=item)
    return votes.filter(value=1).count(), votes.filter(value=-1).count()


def test_adding_a_track_is_an_up_vote_for_it(guest: Member, tracks: list[Track]) -> None:
    item, created = add_track(member=guest, track=tracks[0])
    assert created
    assert tallies(item) == counted(item) == (1, 0)


def test_adding_a_waiting_track_votes_for_it_instead(
    guest: Member, other: Member, tracks: list[Track]
) -> None:
    first, _ = add_track(member=guest, track=tracks[0])
    again, created = add_track(member=other, track=tracks[0])
    assert (again.pk, created) == (first.pk, False)
    assert tallies(first) == counted(first) == (2, 0)


@pytest.mark.parametrize("values", [(1, -1), (-1, 0), (1, 1), (0, 0), (-1, 1, 0, -1)])
def test_tallies_equal_the_votes_whatever_is_voted(
    guest: Member, other: Member, tracks: list[Track], values: tuple[int, ...]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    for value in values:
        cast_vote(member=other, item_id=item.pk, value=value)
    assert tallies(item) == counted(item)
    assert counted(item) == (1 + (values[-1] == 1), int(values[-1] == -1))


def test_a_repeated_vote_changes_and_publishes_nothing(
    guest: Member, other: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    cast_vote(member=other, item_id=item.pk, value=1)
    guest.room.refresh_from_db()
    before = guest.room.revision
    cast_vote(member=other, item_id=item.pk, value=1)
    guest.room.refresh_from_db()
    assert guest.room.revision == before
    assert tallies(item) == (2, 0)


def test_the_database_refuses_a_second_vote_on_an_item(guest: Member, tracks: list[Track]) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    with pytest.raises(IntegrityError, match=r"vote|item_id"), transaction.atomic():
        Vote.objects.create(item=item, member=guest, value=-1)


def test_the_database_refuses_a_vote_that_is_not_up_or_down(
    guest: Member, other: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    with pytest.raises(IntegrityError, match="up_or_down"), transaction.atomic():
        Vote.objects.create(item=item, member=other, value=2)


def test_the_database_refuses_two_playing_items_in_a_room(
    guest: Member, tracks: list[Track]
) -> None:
    for track in tracks[:2]:
        add_track(member=guest, track=track)
    with pytest.raises(IntegrityError), transaction.atomic():
        QueueItem.objects.filter(room=guest.room).update(state="playing")


def test_the_highest_score_is_first_then_the_earlier_arrival(
    guest: Member, other: Member, tracks: list[Track]
) -> None:
    first, second, third = (add_track(member=guest, track=track)[0] for track in tracks[:3])
    assert order_of(guest.room) == [first.pk, second.pk, third.pk]
    cast_vote(member=other, item_id=third.pk, value=1)
    assert order_of(guest.room) == [third.pk, first.pk, second.pk]
    cast_vote(member=other, item_id=first.pk, value=-1)
    assert order_of(guest.room) == [third.pk, second.pk, first.pk]


def test_among_equals_the_requester_with_fewer_plays_is_first(
    host: Member, guest: Member, other: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    play(by=host)
    frequent, _ = add_track(member=guest, track=tracks[1])
    newcomer, _ = add_track(member=other, track=tracks[2])
    assert order_of(host.room) == [newcomer.pk, frequent.pk]


def test_a_vote_for_an_item_that_just_started_is_refused(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    play(by=host)
    with pytest.raises(AlreadyStarted):
        cast_vote(member=host, item_id=item.pk, value=1)


def test_a_vote_for_an_item_of_another_room_is_unknown(
    guest: Member, outsider: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    with pytest.raises(UnknownItem):
        cast_vote(member=outsider, item_id=item.pk, value=1)
    assert tallies(item) == (1, 0)


def test_a_vote_beyond_one_is_invalid(guest: Member, tracks: list[Track]) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    with pytest.raises(Invalid):
        cast_vote(member=guest, item_id=item.pk, value=2)


def test_a_muted_member_may_vote_but_not_add(
    host: Member, guest: Member, other: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    muted = actions.set_muted(by=host, member_id=other.pk, muted=True)
    muted.room = host.room
    assert cast_vote(member=muted, item_id=item.pk, value=1).up == 2
    with pytest.raises(Exception, match="muted"):
        add_track(member=muted, track=tracks[1])


def test_a_removed_item_takes_no_more_votes(guest: Member, tracks: list[Track]) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    remove_item(by=guest, item_id=item.pk)
    with pytest.raises(UnknownItem):
        cast_vote(member=guest, item_id=item.pk, value=1)


def test_a_removed_track_may_be_added_anew(guest: Member, tracks: list[Track]) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    remove_item(by=guest, item_id=item.pk)
    again, created = add_track(member=guest, track=tracks[0])
    assert created
    assert again.pk != item.pk


def test_votes_that_wait_together_are_counted_in_one_go(
    room: Room, guest: Member, other: Member, host: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    ballots = [Ballot(host, item.pk, 1), Ballot(other, item.pk, -1), Ballot(other, item.pk, 1)]
    with changing(System(room.pk, "votes")) as change:
        count(change, ballots)
    assert tallies(item) == counted(item) == (3, 0)


def test_a_vote_that_cannot_count_does_not_spoil_the_others(
    room: Room, guest: Member, other: Member, host: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    good, bad = Ballot(host, item.pk, 1), Ballot(other, 999, 1)
    with changing(System(room.pk, "votes")) as change:
        count(change, [bad, good])
    assert isinstance(bad.refusal, UnknownItem)
    assert good.tally is not None
    assert tallies(item) == (2, 0)


def test_the_queries_of_a_vote_do_not_grow_with_voters_listeners_or_history(
    room: Room, guest: Member, other: Member, tracks: list[Track], django_assert_num_queries: Any
) -> None:
    item, _ = add_track(member=guest, track=tracks[0])
    for _ in range(20):
        voter = arrived(room)
        cast_vote(member=voter, item_id=item.pk, value=1)
        QueueItem.objects.create(room=room, track=tracks[1], state="played", started_at_ms=1)
    # Savepoint, room, facts, voter, votes, the vote, the tally, the revision, savepoint.
    with django_assert_num_queries(9):
        cast_vote(member=other, item_id=item.pk, value=1)
