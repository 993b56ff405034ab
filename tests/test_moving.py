"""Taking out, bringing back, pinning, and the host's own order."""

from collections.abc import Callable
from typing import Any

import pytest

from music.actions.playback import play
from music.actions.queue import (
    UNDO_FOR_MS,
    add_track,
    clear_queue,
    pin_item,
    remove_item,
    restore_items,
    set_order,
)
from music.actions.turns import advance
from music.actions.voting import cast_vote
from music.errors import OtherOrder
from music.models import Playback, QueueItem, Track
from music.queue_state import order_of, standing
from rooms import clock
from rooms.actions import change_rules, set_muted, set_role
from rooms.errors import Forbidden, NotAllowed
from rooms.models import Member
from rooms.roles import Role


@pytest.fixture
def waiting(host: Member, guest: Member, tracks: list[Track]) -> list[int]:
    """Three tracks wait, the guest's first, in this order."""
    adders = (guest, host, host)
    return [
        add_track(member=who, track=track)[0].pk for who, track in zip(adders, tracks, strict=False)
    ]


def test_a_removed_track_comes_back_with_its_votes(
    host: Member, guest: Member, other: Member, waiting: list[int]
) -> None:
    cast_vote(member=other, item_id=waiting[1], value=1)
    before = order_of(host.room)
    remove_item(by=host, item_id=waiting[1])
    assert restore_items(by=host, item_ids=[waiting[1]]) == [waiting[1]]
    assert order_of(host.room) == before
    assert QueueItem.objects.get(pk=waiting[1]).up == 2


def test_after_some_seconds_it_stays_out(host: Member, waiting: list[int]) -> None:
    remove_item(by=host, item_id=waiting[1])
    with clock.shifted(UNDO_FOR_MS):
        assert restore_items(by=host, item_ids=[waiting[1]]) == []


def test_a_listener_brings_back_only_what_they_removed(
    host: Member, guest: Member, waiting: list[int]
) -> None:
    remove_item(by=host, item_id=waiting[0])
    assert restore_items(by=guest, item_ids=[waiting[0]]) == []
    restore_items(by=host, item_ids=[waiting[0]])
    remove_item(by=guest, item_id=waiting[0])
    assert restore_items(by=guest, item_ids=[waiting[0]]) == [waiting[0]]


@pytest.mark.parametrize("role", [Role.HOST, Role.COHOST])
def test_host_and_co_hosts_bring_back_what_anybody_removed(
    host: Member, guest: Member, other: Member, waiting: list[int], role: Role
) -> None:
    set_role(by=host, member_id=other.pk, role=Role.COHOST)
    remove_item(by=guest, item_id=waiting[0])
    member = host if role == Role.HOST else other
    assert restore_items(by=member, item_ids=[waiting[0]]) == [waiting[0]]


def test_a_track_that_was_added_anew_does_not_come_back_too(
    host: Member, waiting: list[int], tracks: list[Track]
) -> None:
    remove_item(by=host, item_id=waiting[1])
    add_track(member=host, track=tracks[1])
    assert restore_items(by=host, item_ids=[waiting[1]]) == []


def test_two_removed_entries_of_one_recording_come_back_as_one(
    guest: Member, tracks: list[Track]
) -> None:
    for track, title in zip(tracks, ("Harbour", "Harbour (2011 Remaster)"), strict=False):
        track.title, track.artists = title, ["Ada"]
        track.save()
    removed = []
    for track in (tracks[0], tracks[0], tracks[1]):
        removed.append(add_track(member=guest, track=track)[0].pk)
        remove_item(by=guest, item_id=removed[-1])
    assert restore_items(by=guest, item_ids=removed) == removed[:1]


def test_undo_gives_a_listener_no_more_places_than_the_rules(
    host: Member, guest: Member, waiting: list[int], tracks: list[Track]
) -> None:
    change_rules(by=host, changes={"open_requests": 1})
    remove_item(by=guest, item_id=waiting[0])
    remove_item(by=host, item_id=waiting[1])
    add_track(member=guest, track=tracks[1])
    assert restore_items(by=guest, item_ids=[waiting[0]]) == []


@pytest.mark.parametrize("how", ["muted", "closed"])
def test_who_may_not_add_brings_nothing_back(
    host: Member, guest: Member, waiting: list[int], how: str
) -> None:
    remove_item(by=guest, item_id=waiting[0])
    if how == "muted":
        set_muted(by=host, member_id=guest.pk, muted=True)
    else:
        change_rules(by=host, changes={"may_add": "hosts"})
    with pytest.raises(Forbidden):
        restore_items(by=guest, item_ids=[waiting[0]])


def test_a_cleared_queue_comes_back_whole(host: Member, waiting: list[int]) -> None:
    before = order_of(host.room)
    cleared = clear_queue(by=host)
    assert order_of(host.room) == []
    assert restore_items(by=host, item_ids=cleared) == sorted(waiting)
    assert order_of(host.room) == before


def test_a_pinned_track_plays_next_whatever_the_votes(
    host: Member, guest: Member, waiting: list[int]
) -> None:
    cast_vote(member=guest, item_id=waiting[1], value=1)
    pin_item(by=host, item_id=waiting[2], pinned=True)
    assert order_of(host.room)[0] == waiting[2]
    assert standing(host.room).why[waiting[2]].kind == "pinned"
    pin_item(by=host, item_id=waiting[2], pinned=False)
    assert order_of(host.room)[0] == waiting[1]


def test_the_host_puts_the_queue_into_an_order(
    host: Member, guest: Member, waiting: list[int]
) -> None:
    change_rules(by=host, changes={"mode": "host"})
    assert order_of(host.room) == waiting
    first, second, third = waiting
    assert set_order(by=host, item_ids=[third, 999]) == [third, first, second]
    cast_vote(member=guest, item_id=second, value=1)
    assert order_of(host.room) == [third, first, second]


def test_host_order_begins_with_the_order_there_is(
    host: Member, guest: Member, waiting: list[int]
) -> None:
    first, second, third = waiting
    cast_vote(member=guest, item_id=third, value=1)
    change_rules(by=host, changes={"mode": "host"})
    assert order_of(host.room) == [third, first, second]


def test_a_pinned_track_that_is_moved_by_hand_is_pinned_no_more(
    host: Member, waiting: list[int]
) -> None:
    change_rules(by=host, changes={"mode": "host"})
    pin_item(by=host, item_id=waiting[2], pinned=True)
    assert set_order(by=host, item_ids=waiting) == waiting
    assert standing(host.room).why[waiting[2]].kind == "placed"


def test_only_in_host_order_tracks_are_moved_by_hand(host: Member, waiting: list[int]) -> None:
    with pytest.raises(OtherOrder):
        set_order(by=host, item_ids=waiting[::-1])


@pytest.mark.parametrize("act", [clear_queue, pin_item, set_order])
def test_listeners_move_nothing(
    guest: Member, waiting: list[int], act: Callable[..., None]
) -> None:
    given: dict[Callable[..., object], dict[str, Any]] = {
        clear_queue: {},
        pin_item: {"item_id": waiting[0], "pinned": True},
        set_order: {"item_ids": waiting},
    }
    with pytest.raises(NotAllowed):
        act(by=guest, **given[act])


def test_when_the_fixed_track_is_removed_another_is_fixed(
    host: Member, guest: Member, waiting: list[int]
) -> None:
    playback = play(by=host)
    assert playback.ends_at_ms is not None
    with clock.shifted(playback.ends_at_ms - 5_000 - clock.now_ms()):
        advance(room_id=host.room_id)
        remove_item(by=host, item_id=waiting[1])
        advance(room_id=host.room_id)
    assert list(QueueItem.objects.filter(locked=True).values_list("pk", flat=True)) == [waiting[2]]
    assert Playback.objects.get().state == "playing"
