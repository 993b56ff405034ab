"""A change of a room: one lock, one set of revisions, and nobody else can publish."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from music.actions import playback, queue, speaker
from music.models import QueueItem, Track
from rooms import actions
from rooms.actors import Staff, System
from rooms.changes import AnotherRoomIsOpen, ChangeIsOver, changing
from rooms.errors import Banned, Invalid, NoMembership, NotAllowed, RoomEnded
from rooms.events import MemberJoined
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.shapes import member_shape
from tests.http import ask


def test_a_fact_that_is_published_after_its_change_is_an_error(host: Member) -> None:
    with changing(host) as change:
        pass
    with pytest.raises(ChangeIsOver):
        change.publish(MemberJoined(member_shape(host)))


def test_a_fact_that_no_action_numbered_leaves_no_trace(host: Member) -> None:
    with pytest.raises(Invalid):
        publish_and_fail(host)
    assert Room.objects.get(pk=host.room_id).revision == 0


def publish_and_fail(host: Member) -> None:
    with changing(host) as change:
        change.publish(MemberJoined(member_shape(host)))
        raise Invalid("The action is refused after all.")


def test_a_change_inside_another_one_joins_it(host: Member, guest: Member) -> None:
    before = Room.objects.get(pk=host.room_id).revision
    with changing(host) as outer:
        actions.rename(member=host, name="Mika B.")
        with changing(guest) as inner:
            assert inner is outer
    assert Room.objects.get(pk=host.room_id).revision == before + 2


def test_a_change_of_another_room_inside_a_change_is_an_error(
    host: Member, outsider: Member
) -> None:
    with changing(host), pytest.raises(AnotherRoomIsOpen):
        actions.rename(member=outsider, name="Olga")


def test_what_is_refused_in_part_is_refused_whole(host: Member, guest: Member) -> None:
    with pytest.raises(Invalid):
        actions.change_member(by=host, member_id=guest.pk, muted=True, role=Role.HOST)
    assert not Member.objects.get(pk=guest.pk).muted


def test_changing_a_member_locks_the_room_once(host: Member, guest: Member) -> None:
    path = f"/api/rooms/{host.room.code}/members/{guest.pk}"
    with CaptureQueriesContext(connection) as queries:
        assert ask(host, "PATCH", path, {"role": "cohost"}).status_code == 200
    locks = [each for each in queries if 'FROM "rooms_room" WHERE "rooms_room"."id"' in each["sql"]]
    assert len(locks) == 1
    assert len(queries) <= 12  # three recount how many it takes to skip, one writes the log


def test_staff_may_do_what_a_host_may(host: Member, guest: Member) -> None:
    anna = Staff(host.room_id, "anna")
    assert actions.change_member(by=anna, member_id=host.pk, muted=True).muted
    assert actions.rename_room(by=anna, name="Closed for the night").name == "Closed for the night"
    actions.end_room(by=anna)
    with pytest.raises(RoomEnded):
        actions.end_room(by=anna)


def test_the_system_removes_and_skips_through_the_same_doors(
    host: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=host, track=tracks[0])
    queue.add_track(member=host, track=tracks[1])
    keeper = System(host.room_id, "host is gone")
    queue.remove_item(by=keeper, item_id=item.pk)
    assert QueueItem.objects.get(pk=item.pk).removed_by is None
    assert playback.play(by=keeper).item is not None


def test_an_actor_has_a_name_for_a_log(host: Member) -> None:
    with changing(Staff(host.room_id, "anna")) as change:
        assert str(change.actor) == "staff anna"
    with changing(System(host.room_id, "conductor")) as change:
        assert str(change.actor) == "system conductor"


@pytest.mark.parametrize("field", ["role", "banned"])
def test_a_member_acts_by_what_holds_under_the_lock(
    host: Member, guest: Member, field: str
) -> None:
    stale = Member.objects.get(pk=guest.pk)
    change: dict[str, Any] = {"role": Role.COHOST} if field == "role" else {"banned": True}
    actions.change_member(by=host, member_id=guest.pk, **change)
    if field == "role":
        assert queue.clear_queue(by=stale) == []
    else:
        with pytest.raises(Banned):
            queue.clear_queue(by=stale)


def test_a_listener_is_refused_where_staff_is_not(guest: Member) -> None:
    with pytest.raises(NotAllowed):
        queue.clear_queue(by=guest)
    assert queue.clear_queue(by=Staff(guest.room_id, "anna")) == []


@pytest.mark.parametrize(
    "act",
    [
        lambda stale: actions.rename(member=stale, name="Ana B."),
        lambda stale: speaker.report(member=stale, device="d", play_id="1", state="playing"),
    ],
    ids=["changes the room", "reports what plays"],
)
def test_who_was_deleted_since_they_were_looked_up_is_no_member(
    guest: Member, act: Callable[[Member], object]
) -> None:
    stale = Member.objects.get(pk=guest.pk)
    guest.delete()
    with pytest.raises(NoMembership):
        act(stale)
