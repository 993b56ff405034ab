"""Who has joined and never opened the room is no member that anybody notices."""

import uuid

import pytest
from channels.db import database_sync_to_async
from django.test import Client

from music.actions.newcomers import NEW_FOR_MS
from music.actions.queue import add_track
from music.actions.skips import skip_needed
from music.models import Track
from rooms import actions, clock
from rooms.actions import members
from rooms.actions.housekeeping import NOT_ARRIVED_FOR_MS
from rooms.models import Member, Room
from rooms.snapshot import read_snapshot
from tests.conftest import arrived, browser_of
from tests.http import ask, refusal
from tests.live import connected


def names_in(member: Member) -> set[str]:
    """Who is in the member's room, as everybody is told."""
    return {other["name"] for other in read_snapshot(member)["members"]}


def joined(room: Room, **facts: str) -> Member:
    return actions.join(room=room, guest=uuid.uuid4(), **facts)


def test_sixty_who_only_join_raise_no_quorum_and_are_told_to_nobody(
    host: Member, guest: Member
) -> None:
    needed, names = skip_needed(host.room), names_in(host)
    revision = read_snapshot(host)["revision"]
    for _ in range(60):
        joined(host.room, address="one")
    host.room.refresh_from_db()
    assert skip_needed(host.room) == needed
    assert (host.room.revision, names_in(host)) == (revision, names)
    assert len(ask(guest, "GET", f"/api/rooms/{guest.room.code}/members").json()["items"]) == 2


def test_who_joins_under_a_thousand_names_fills_no_table_and_keeps_nobody_out(
    host: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "NOT_ARRIVED_KEPT", 3)
    beside = joined(host.room, address="another")
    people = [joined(host.room, address="one") for _ in range(5)]
    left = set(Member.objects.not_arrived().values_list("pk", flat=True))
    assert left == {beside.pk, *(each.pk for each in people[-3:])}


@pytest.mark.parametrize("path", ["/r/{}", "/r/{}?plain", "/api/rooms/{}"])
def test_opening_the_room_is_arriving_and_one_sees_oneself_there(host: Member, path: str) -> None:
    member = joined(host.room, name="Noor")
    for _ in range(2):
        assert browser_of(member).get(path.format(host.room.code)).status_code == 200
    assert names_in(host) >= {"Noor"}
    host.room.refresh_from_db()
    assert host.room.revision == 1


def test_a_link_that_is_opened_by_who_is_no_member_lets_nobody_arrive(room: Room) -> None:
    Client().get(f"/r/{room.code}")
    assert room.members.count() == 1


@pytest.mark.django_db(transaction=True)
async def test_a_socket_is_an_arrival_and_its_snapshot_has_its_member(host: Member) -> None:
    member = await database_sync_to_async(joined)(host.room, name="Noor")
    async with connected(host) as watching:
        await watching.hear("snapshot")
        async with connected(member) as socket:
            there = (await socket.hear("snapshot"))["members"]
        assert (await watching.event("member.joined"))["member"]["name"] == "Noor"
    assert there[-1]["name"] == "Noor"


def test_doing_something_is_an_arrival(host: Member, tracks: list[Track]) -> None:
    item = add_track(member=host, track=tracks[0])[0]
    voter, adder, renamed = (joined(host.room) for _ in range(3))
    ask(voter, "PUT", f"/api/rooms/{host.room.code}/queue/{item.pk}/vote", {"value": 1})
    add_track(member=adder, track=tracks[1])
    actions.rename(member=renamed, name="Noor")
    assert not Member.objects.not_arrived().exists()


def test_how_long_one_has_been_here_is_counted_from_the_arrival(host: Member) -> None:
    member = joined(host.room)
    with clock.shifted(NEW_FOR_MS):
        from_ms = clock.now_ms()
        actions.arrive(member=member)
    assert Member.objects.get(pk=member.pk).joined_at_ms >= from_ms


def test_who_has_not_arrived_is_unknown_to_those_who_keep_order(host: Member) -> None:
    member = joined(host.room)
    path = f"/api/rooms/{host.room.code}/members/{member.pk}"
    for change in ({"muted": True}, {}):
        assert refusal(ask(host, "PATCH", path, change)) == (404, "unknown_member")


def test_a_name_that_is_given_before_arriving_is_told_with_the_arrival(host: Member) -> None:
    member = joined(host.room)
    actions.join(room=host.room, guest=member.guest, name="Noor")
    host.room.refresh_from_db()
    assert host.room.revision == 0
    arrived(host.room, guest=member.guest)
    assert "Noor" in names_in(host)


def test_who_has_not_arrived_within_an_hour_is_no_member_any_more(
    host: Member, guest: Member
) -> None:
    gone = joined(host.room)
    with clock.shifted(NOT_ARRIVED_FOR_MS + 1):
        actions.erase_old(retention_days=30)
    assert not Member.objects.filter(pk=gone.pk).exists()
    assert host.room.members.count() == 2
    assert refusal(ask(gone, "GET", f"/api/rooms/{host.room.code}")) == (401, "no_membership")


def test_an_ended_room_is_read_by_who_had_not_arrived(host: Member) -> None:
    member = joined(host.room)
    actions.end_room(by=host)
    assert ask(member, "GET", f"/api/rooms/{host.room.code}").status_code == 200
