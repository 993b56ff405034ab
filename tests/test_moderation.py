"""Mutes and bans: for a time or for good, with a reason, by person or by network."""

import uuid

import pytest
from channels.db import database_sync_to_async

from music.acts import ADD
from music.conductor import advance_due
from rooms import actions, clock
from rooms.actions.moderation import LONGEST_MIN, Reach, Terms
from rooms.actors import Staff
from rooms.errors import Banned, Invalid, Muted, NetworkBanned, NoMembership, NotAllowed
from rooms.models import Member, Restriction, Room
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.conftest import arrived, browser_of
from tests.http import ask, refusal, text_of
from tests.live import connected

pytestmark = pytest.mark.django_db(transaction=True)

VENUE, HOME = "192.0.2.1", "198.51.100.7"
SPAM = Terms(why="spam", minutes=10)
IN_10_MIN = 10 * 60_000


def ban(by: Member, member: Member, *, banned: bool = True, terms: Terms = SPAM) -> Member:
    return actions.set_banned(by=by, member_id=member.pk, banned=banned, terms=terms)


def mute(by: Member, member: Member, terms: Terms = SPAM) -> Member:
    return actions.set_muted(by=by, member_id=member.pk, muted=True, terms=terms)


def come(room: Room, address: str = VENUE) -> Member:
    """Somebody with a new browser joins from this address and opens the room."""
    return arrived(room, address=address)


def lift_later() -> int:
    with clock.shifted(IN_10_MIN + 1_000):
        return advance_due()


def test_a_muted_person_reads_why_and_until_when(host: Member, guest: Member) -> None:
    mute(host, guest)
    until_ms = Restriction.objects.get().until_ms
    assert read_snapshot(Member.objects.get(pk=guest.pk))["me"]["mute"] == {
        "why": "spam",
        "until_ms": until_ms,
    }
    guest.refresh_from_db()
    with pytest.raises(Muted, match=r"You can still vote\. Reason: spam\.") as refused:
        guest.require(ADD)
    assert refused.value.until_ms == until_ms


def test_a_mute_ends_by_itself_at_its_time(host: Member, guest: Member) -> None:
    mute(host, guest)
    assert advance_due() == 0
    assert lift_later() == 1
    guest.refresh_from_db()
    assert not guest.muted
    assert read_snapshot(guest)["me"]["mute"] is None


def test_a_ban_ends_by_itself_at_its_time(host: Member, guest: Member) -> None:
    ban(host, guest)
    with pytest.raises(Banned):
        actions.join(room=host.room, guest=guest.guest)
    lift_later()
    assert actions.join(room=host.room, guest=guest.guest).pk == guest.pk


def test_without_a_time_a_ban_holds_until_it_is_lifted(host: Member, guest: Member) -> None:
    ban(host, guest, terms=Terms())
    lift_later()
    with pytest.raises(Banned):
        actions.join(room=host.room, guest=guest.guest)


def test_a_banned_person_reads_who_removed_them_and_why(host: Member, guest: Member) -> None:
    ban(host, guest)
    answer = ask(guest, "GET", f"/api/rooms/{host.room.code}")
    assert refusal(answer) == (403, "banned")
    error = answer.json()["error"]
    assert error["message"] == f"{host.name} removed you from this room. Reason: spam."
    assert error["until_ms"] == Restriction.objects.get().until_ms
    page = browser_of(guest).get(f"/r/{host.room.code}")
    assert "Reason: spam." in text_of(page)


async def test_all_sockets_of_a_banned_person_close_at_once_and_say_why(
    host: Member, guest: Member
) -> None:
    async with connected(guest) as one, connected(guest) as two:
        for socket in (one, two):
            await socket.hear("snapshot")
        await database_sync_to_async(ban)(host, guest)
        for socket in (one, two):
            code, frames = await socket.closed()
            assert (code, frames[-1]["code"]) == (4403, "banned")
            assert "Reason: spam." in frames[-1]["message"]


def test_who_was_banned_does_not_come_back_with_a_new_browser(host: Member) -> None:
    ban(host, come(host.room))
    with pytest.raises(NetworkBanned, match="Nobody new may join from your network"):
        come(host.room)
    assert come(host.room, HOME).has_arrived


def test_a_ban_of_a_network_meets_nobody_who_is_in_already(host: Member) -> None:
    spammer, neighbour = come(host.room), come(host.room)
    ban(host, spammer)
    assert actions.join(room=host.room, guest=neighbour.guest, address=VENUE).pk == neighbour.pk
    neighbour.refresh_from_db()
    assert not neighbour.banned


def test_a_ban_of_the_person_alone_lets_newcomers_of_their_network_in(host: Member) -> None:
    ban(host, come(host.room), terms=Terms(reach=Reach.PERSON))
    assert come(host.room).has_arrived


def test_newcomers_are_let_in_again_without_lifting_the_ban(host: Member) -> None:
    spammer = come(host.room)
    ban(host, spammer)
    ban(host, spammer, terms=Terms(why="spam", reach=Reach.PERSON))
    assert come(host.room).has_arrived
    with pytest.raises(Banned):
        actions.join(room=host.room, guest=spammer.guest)


def test_a_lifted_ban_lets_the_network_in_again(host: Member) -> None:
    spammer = come(host.room)
    ban(host, spammer)
    ban(host, spammer, banned=False)
    assert come(host.room).has_arrived


def test_the_host_may_ban_all_listeners_of_a_network_and_lift_each_ban_by_itself(
    host: Member,
) -> None:
    spammer, neighbour, helper = (come(host.room) for _ in range(3))
    actions.set_role(by=host, member_id=helper.pk, role=Role.COHOST)
    elsewhere = come(host.room, HOME)
    ban(host, spammer, terms=Terms(reach=Reach.EVERYONE))
    ban(host, neighbour, banned=False)
    banned = Member.objects.filter(banned=True)
    assert list(banned) == [spammer]
    assert not Member.objects.get(pk=elsewhere.pk).banned


def test_identities_kept_for_later_bring_nobody_past_a_ban_of_their_network(host: Member) -> None:
    spammer, left = come(host.room), come(host.room)
    spare = actions.join(room=host.room, guest=uuid.uuid4(), address=VENUE)
    actions.leave(member=left)
    ban(host, spammer, terms=Terms(reach=Reach.EVERYONE))
    with pytest.raises(NoMembership):
        actions.rename(member=spare, name="Spare")
    with pytest.raises(NetworkBanned):
        actions.join(room=host.room, guest=spare.guest, address=VENUE)
    with pytest.raises(Banned):
        actions.join(room=host.room, guest=left.guest, address=VENUE)


def test_a_cohost_bans_no_network_with_people_in_it(host: Member, guest: Member) -> None:
    cohost = actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    spammer, neighbour = come(host.room), come(host.room)
    with pytest.raises(NotAllowed):
        ban(cohost, spammer, terms=Terms(reach=Reach.EVERYONE))
    assert not Member.objects.filter(pk__in=[spammer.pk, neighbour.pk], banned=True).exists()


def test_how_many_others_came_from_a_network_is_told_before_and_after_a_ban(
    host: Member, guest: Member
) -> None:
    spammer, *_ = (come(host.room) for _ in range(3))
    path = f"/api/rooms/{host.room.code}/members/{spammer.pk}/network"
    assert ask(host, "GET", path).json() == {"others": 2}
    ban(host, spammer)
    assert ask(host, "GET", path).json() == {"others": 2}
    assert refusal(ask(guest, "GET", path)) == (403, "not_allowed")


def test_the_network_of_a_ban_is_known_longer_than_that_of_who_has_gone(host: Member) -> None:
    spammer = come(host.room)
    ban(host, spammer, terms=Terms())
    with clock.shifted(2 * actions.DAY_MS):
        actions.erase_old(retention_days=30)
        with pytest.raises(NetworkBanned):
            come(host.room)
    assert Member.objects.get(pk=spammer.pk).origin == ""


def test_only_host_and_cohosts_see_who_is_muted_or_banned_why(
    host: Member, guest: Member, other: Member
) -> None:
    mute(host, other)
    [held] = read_snapshot(host)["restrictions"]
    assert (held["member"], held["kind"], held["why"]) == (str(other.pk), "mute", "spam")
    assert "restrictions" not in read_snapshot(guest)
    assert "log" not in read_snapshot(guest)


def test_muting_again_changes_the_terms(host: Member, guest: Member) -> None:
    mute(host, guest)
    mute(host, guest, Terms(why="rude"))
    held = Restriction.objects.get()
    assert (held.why, held.until_ms) == ("rude", None)


@pytest.mark.parametrize("minutes", [0, -1, LONGEST_MIN + 1])
def test_a_time_outside_of_a_year_is_refused(host: Member, guest: Member, minutes: int) -> None:
    with pytest.raises(Invalid):
        mute(host, guest, Terms(minutes=minutes))
    guest.refresh_from_db()
    assert not guest.muted


@pytest.mark.parametrize("why", ["\u200e", "x" * 141])
def test_a_reason_that_nobody_can_read_is_refused(host: Member, guest: Member, why: str) -> None:
    path = f"/api/rooms/{host.room.code}/members/{guest.pk}"
    assert refusal(ask(host, "PATCH", path, {"muted": True, "why": why})) == (422, "invalid")


def test_staff_may_ban_a_host_and_is_named_in_the_log(host: Member) -> None:
    staff = Staff(host.room_id, "anna")
    actions.set_banned(by=staff, member_id=host.pk, banned=True, terms=SPAM)
    [entry] = host.room.log.all()
    assert (entry.by, entry.by_name, entry.target) == (None, "staff anna", host)


def test_a_guest_of_another_room_is_not_met_by_a_ban(host: Member, outsider: Member) -> None:
    ban(host, come(host.room))
    assert actions.join(room=outsider.room, guest=uuid.uuid4(), address=VENUE)
