"""A host who is away, hands the room over, or leaves; and members who leave."""

import pytest
from channels.db import database_sync_to_async

from rooms import actions, clock
from rooms.actions.hosting import update_acting_hosts
from rooms.acts import GOVERN
from rooms.errors import Conflict, Invalid, NoMembership, NotAllowed
from rooms.models import HOST_AWAY_AFTER_MS, Member, Room
from rooms.presence import notify_features, write_presence
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.conftest import browser_of
from tests.http import ask, refusal, text_of
from tests.live import connected

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(member: Member) -> Member:
    return Member.objects.select_related("room").get(pk=member.pk)


def promote(host: Member, *members: Member) -> None:
    for after_ms, member in enumerate(members):
        with clock.shifted(after_ms):
            actions.set_role(by=host, member_id=member.pk, role=Role.COHOST)


def here_without_host(host: Member, *here: Member, after_ms: int = HOST_AWAY_AFTER_MS) -> None:
    """So long after the host was seen last, presence is written with these people here."""
    with clock.shifted(after_ms):
        write_presence({host.room_id: {member.pk for member in here}}, set())
        notify_features(set(), {host.room_id})


def test_powers_pass_to_who_has_been_cohost_longest_after_two_minutes(
    host: Member, guest: Member, other: Member
) -> None:
    promote(host, other, guest)
    here_without_host(host, guest, other, after_ms=HOST_AWAY_AFTER_MS - 1_000)
    assert not fresh(other).acting
    here_without_host(host, guest, other)
    assert fresh(other).acting
    assert not fresh(guest).acting
    assert fresh(other).may(GOVERN)


def test_a_cohost_who_is_not_here_does_not_stand_in(
    host: Member, guest: Member, other: Member
) -> None:
    promote(host, other, guest)
    here_without_host(host, guest)
    assert [fresh(guest).acting, fresh(other).acting] == [True, False]


def test_without_a_cohost_nobody_stands_in(host: Member, guest: Member) -> None:
    here_without_host(host, guest)
    assert not fresh(guest).acting


def test_a_host_who_comes_back_has_the_powers_again_at_once(host: Member, guest: Member) -> None:
    promote(host, guest)
    here_without_host(host, guest)
    with clock.shifted(HOST_AWAY_AFTER_MS + 5_000):
        browser_of(host).get(f"/r/{host.room.code}")
        update_acting_hosts([host.room_id])
        assert not fresh(guest).acting
    kinds = [entry["kind"] for entry in read_snapshot(fresh(host))["log"]]
    assert kinds == ["host.back", "host.away", "member.made_cohost"]


async def test_who_stands_in_sees_it_on_open_pages_and_may_act(host: Member, guest: Member) -> None:
    await database_sync_to_async(promote)(host, guest)
    async with connected(guest) as socket:
        await socket.hear("snapshot")
        await database_sync_to_async(here_without_host)(host, guest)
        assert (await socket.event("me.changed"))["me"]["acting"]
    renamed = database_sync_to_async(actions.rename_room)
    assert (await renamed(by=await database_sync_to_async(fresh)(guest), name="On")).name == "On"


def test_who_stands_in_may_not_remove_the_host_nor_hand_the_room_over(
    host: Member, guest: Member
) -> None:
    promote(host, guest)
    here_without_host(host, guest)
    stand_in = fresh(guest)
    with pytest.raises(NotAllowed):
        actions.set_banned(by=stand_in, member_id=host.pk, banned=True)
    with pytest.raises(NotAllowed):
        actions.hand_over(by=stand_in, member_id=guest.pk)


def test_a_room_is_handed_over_for_good(host: Member, guest: Member) -> None:
    path = f"/api/rooms/{host.room.code}/host"
    room = ask(host, "PUT", path, {"member": str(guest.pk)}).json()
    assert room["host"] == str(guest.pk)
    assert (fresh(guest).role, fresh(host).role) == (Role.HOST, Role.COHOST)
    assert refusal(ask(host, "PUT", path, {"member": str(host.pk)})) == (403, "not_allowed")


def test_a_room_is_handed_over_to_nobody_who_is_muted_gone_or_of_another_room(
    host: Member, guest: Member, other: Member, outsider: Member
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    actions.leave(member=other)
    for heir in (guest, other):
        with pytest.raises(Invalid):
            actions.hand_over(by=host, member_id=heir.pk)
    path = f"/api/rooms/{host.room.code}/host"
    answer = ask(host, "PUT", path, {"member": str(outsider.pk)})
    assert refusal(answer) == (404, "unknown_member")


async def test_who_leaves_is_gone_at_once_on_all_devices(host: Member, guest: Member) -> None:
    async with connected(guest) as one, connected(guest) as two:
        for socket in (one, two):
            await socket.hear("snapshot")
        await database_sync_to_async(actions.leave)(member=guest)
        for socket in (one, two):
            assert (await socket.closed())[0] == 4405


def test_who_has_left_is_no_member_until_they_join_again(host: Member, guest: Member) -> None:
    promote(host, guest)
    path = f"/api/rooms/{host.room.code}"
    assert ask(guest, "POST", f"{path}/leave").status_code == 204
    assert refusal(ask(guest, "GET", path)) == (401, "no_membership")
    with pytest.raises(NoMembership):
        actions.rename(member=guest, name="Ana B.")
    assert guest.pk not in {int(pk) for pk in read_snapshot(fresh(host))["presence"]["here"]}
    again = actions.join(room=host.room, guest=guest.guest)
    assert (again.pk, again.left, again.role) == (guest.pk, False, Role.LISTENER)


def test_a_host_leaves_only_after_handing_over(host: Member, guest: Member) -> None:
    with pytest.raises(Conflict, match="Hand the room over first"):
        actions.leave(member=host)
    actions.hand_over(by=host, member_id=guest.pk)
    actions.leave(member=fresh(host))
    assert Room.objects.get(pk=host.room_id).host_id() == guest.pk


def test_the_plain_form_leaves_a_room(host: Member, guest: Member) -> None:
    answer = browser_of(guest).post(f"/r/{host.room.code}/leave")
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert fresh(guest).left


def test_the_page_of_a_person_has_the_form_for_each_room_they_may_leave(
    host: Member, guest: Member
) -> None:
    form = f'action="/r/{host.room.code}/leave"'
    assert form in text_of(browser_of(guest).get("/me"))
    assert form not in text_of(browser_of(host).get("/me"))
    actions.leave(member=guest)
    assert form not in text_of(browser_of(guest).get("/me"))


def test_rooms_whose_host_is_here_are_not_locked(
    host: Member, guest: Member, django_assert_num_queries: object
) -> None:
    promote(host, guest)
    with django_assert_num_queries(1):
        update_acting_hosts([host.room_id])
