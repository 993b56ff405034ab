"""People in a room: joining, names, roles, and who may do what to whom."""

import uuid

import pytest
from django.db import IntegrityError, transaction

from music import acts
from rooms import actions, clock
from rooms.actions import change_rules
from rooms.codes import CODE_ALPHABET
from rooms.errors import Banned, Invalid, NotAllowed, RoomEnded, UnknownMember
from rooms.models import Member, Room
from rooms.roles import Role, may, permissions
from rooms.rules import read_rules
from rooms.shapes import room_shape


def test_joining_again_is_the_same_member(guest: Member) -> None:
    again = actions.join(room=guest.room, guest=guest.guest)
    assert again.pk == guest.pk
    assert again.name == "Ana"


def test_a_guest_without_a_name_gets_one(room: Room) -> None:
    member = actions.join(room=room, guest=uuid.uuid4())
    assert len(member.name.split()) == 2
    assert not member.named


def test_the_database_holds_one_membership_per_guest(guest: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(room=guest.room, guest=guest.guest, name="Twin")


def test_the_database_holds_one_host_per_room(host: Member, guest: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=guest.pk).update(role=Role.HOST)


def test_a_code_has_six_characters_without_look_alikes(room: Room) -> None:
    assert len(room.code) == 6
    assert set(room.code) <= set(CODE_ALPHABET)
    assert not set("0O1IL") & set(CODE_ALPHABET)


def test_two_live_rooms_never_share_a_code(room: Room, outsider: Member) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Room.objects.filter(pk=outsider.room.pk).update(code=room.code)


def test_an_ended_room_lends_its_code_to_a_new_one(host: Member, outsider: Member) -> None:
    actions.end_room(by=host)
    Room.objects.filter(pk=outsider.room.pk).update(code=host.room.code)
    assert Room.objects.named(host.room.code).first() == outsider.room


@pytest.mark.parametrize("typed", ["kq7-f4m", " KQ7 f4m ", "Kq7F4m"])
def test_a_code_is_read_however_it_is_typed(room: Room, typed: str) -> None:
    Room.objects.filter(pk=room.pk).update(code="KQ7F4M")
    assert Room.objects.named(typed).first() == room


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ana  Maria ", "Ana Maria"),
        ("<b>Ana</b>", "<b>Ana</b>"),
        ("Ana\u202eevil", "Anaevil"),
        ("ليلى", "ليلى"),
        ("Ana\x00\nB", "Ana B"),
        ("👩\u200d🎤", "👩\u200d🎤"),
    ],
)
def test_a_name_is_kept_as_typed_but_for_what_would_break_a_page(
    guest: Member, typed: str, kept: str
) -> None:
    assert actions.rename(member=guest, name=typed).name == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200e\u200f", "\u202e", "x" * 41])
def test_a_name_that_is_none_or_too_long_is_refused(guest: Member, typed: str) -> None:
    with pytest.raises(Invalid, match="A name"):
        actions.rename(member=guest, name=typed)
    guest.refresh_from_db()
    assert guest.name == "Ana"


def test_a_removed_member_cannot_join_again(host: Member, guest: Member) -> None:
    actions.set_banned(by=host, member_id=guest.pk, banned=True)
    with pytest.raises(Banned):
        actions.join(room=host.room, guest=guest.guest)


def test_a_member_who_was_let_back_in_joins_as_before(host: Member, guest: Member) -> None:
    actions.set_banned(by=host, member_id=guest.pk, banned=True)
    actions.set_banned(by=host, member_id=guest.pk, banned=False)
    assert actions.join(room=host.room, guest=guest.guest).pk == guest.pk


def test_a_co_host_mutes_listeners_but_neither_host_nor_co_hosts(
    host: Member, guest: Member, other: Member
) -> None:
    cohost = actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    assert actions.set_muted(by=cohost, member_id=other.pk, muted=True).muted
    with pytest.raises(NotAllowed):
        actions.set_muted(by=cohost, member_id=host.pk, muted=True)
    actions.set_role(by=host, member_id=other.pk, role=Role.COHOST)
    with pytest.raises(NotAllowed):
        actions.set_banned(by=cohost, member_id=other.pk, banned=True)


@pytest.mark.parametrize("target", Role)
@pytest.mark.parametrize("role", [Role.COHOST, Role.LISTENER])
def test_whom_one_may_mute_is_decided_by_the_table_that_the_room_sends(
    host: Member, guest: Member, other: Member, role: Role, target: Role
) -> None:
    Member.objects.filter(pk=guest.pk).update(role=role)
    Member.objects.filter(pk=other.pk).update(role=Role.COHOST)
    listener = actions.join(room=host.room, guest=uuid.uuid4())
    actions.arrive(member=listener)
    muted = {Role.HOST: host, Role.COHOST: other, Role.LISTENER: listener}[target]
    said = room_shape(host.room, host_id=host.pk)["moderates"][role]
    if target in said:
        assert actions.set_muted(by=guest, member_id=muted.pk, muted=True).muted
    else:
        with pytest.raises(NotAllowed):
            actions.set_muted(by=guest, member_id=muted.pk, muted=True)


def test_only_the_host_makes_co_hosts(host: Member, guest: Member, other: Member) -> None:
    with pytest.raises(NotAllowed):
        actions.set_role(by=guest, member_id=other.pk, role=Role.COHOST)
    assert actions.set_role(by=host, member_id=other.pk, role=Role.COHOST).role == Role.COHOST


def test_nobody_becomes_host_by_role(host: Member, guest: Member) -> None:
    with pytest.raises(Invalid):
        actions.set_role(by=host, member_id=guest.pk, role=Role.HOST)


def test_a_member_of_another_room_is_unknown_here(host: Member, outsider: Member) -> None:
    with pytest.raises(UnknownMember):
        actions.set_banned(by=host, member_id=outsider.pk, banned=True)


def test_an_ended_room_lets_nobody_in(host: Member) -> None:
    actions.end_room(by=host)
    with pytest.raises(RoomEnded):
        actions.join(room=host.room, guest=uuid.uuid4())


def test_a_listener_cannot_end_the_room(guest: Member) -> None:
    with pytest.raises(NotAllowed):
        actions.end_room(by=guest)


def test_old_rooms_are_erased_after_their_retention(host: Member, outsider: Member) -> None:
    actions.end_room(by=host)
    with clock.shifted(29 * actions.DAY_MS):
        assert actions.erase_old(retention_days=30) == 0
    with clock.shifted(31 * actions.DAY_MS):
        assert actions.erase_old(retention_days=30) == 1
    assert list(Room.objects.all()) == [outsider.room]


def test_the_table_of_roles_covers_everyone_and_grows_with_the_role() -> None:
    allowed = {role: set(acts) for role, acts in permissions(read_rules("party", {})).items()}
    assert allowed.keys() == {*Role, "muted"}
    assert allowed[Role.LISTENER] < allowed[Role.COHOST] < allowed[Role.HOST]
    assert may(Role.LISTENER, acts.VOTE, rules=read_rules("party", {}), muted=True)
    assert not may(Role.HOST, acts.ADD, rules=read_rules("party", {}), muted=True)


def test_a_room_says_what_each_role_may_do_under_its_rules(host: Member) -> None:
    room = change_rules(by=host, changes={"may_add": "hosts"})
    said = room_shape(room, host_id=host.pk)
    assert said["may"]["listener"] == ["vote", "skip_vote", "chat", "react", "report"]
    assert {"add", "moderate"} < set(said["may"]["cohost"])
    assert said["may"]["muted"] == ["vote"]
    assert said["moderates"]["cohost"] == ["listener"]


def test_what_a_member_may_do_is_read_under_the_lock(host: Member, guest: Member) -> None:
    muted = actions.set_muted(by=host, member_id=guest.pk, muted=True)
    assert muted.muted
    assert not guest.muted  # as read before
    assert actions.rename(member=guest, name="Ana B.").muted


def test_a_member_removed_meanwhile_does_nothing_more(host: Member, guest: Member) -> None:
    actions.set_banned(by=host, member_id=guest.pk, banned=True)
    with pytest.raises(Banned):
        actions.rename(member=guest, name="Ana B.")
