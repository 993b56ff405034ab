"""What members do about themselves, and which role each has."""

import uuid
from contextlib import suppress

from django.utils.translation import gettext_noop as _

from rooms import clock, errors
from rooms.actions.facts import change_facts, check_entry, member_in, origin_of
from rooms.actions.hosting import take_powers_back
from rooms.actors import Actor, System
from rooms.acts import GOVERN
from rooms.changes import changing
from rooms.errors import Conflict, Invalid, Left, NetworkBanned, NotAllowed
from rooms.models import HERE_FOR_MS, NAME_LENGTH, LogEntry, Member, Restriction, Room
from rooms.names import cleaned, made_up_name
from rooms.roles import Role

# At most 500 members of one network wait in a room for their page to open, which takes seconds.
NOT_ARRIVED_KEPT = 500


def join(*, room: Room, guest: uuid.UUID, name: str | None = None, address: str = "") -> Member:
    """Make the guest, at this network address, a member; joining again is the same member.

    Nobody is told before they arrive: by opening the room (`arrive`), or by doing something.

    Raises `RoomEnded`, `Banned`, `NetworkBanned` for somebody new, `Invalid` for the name, or what
    features have against somebody new.
    """
    chosen = None if not name else cleaned(name, what="name", length=NAME_LENGTH)
    with changing(System(room.pk, "joining")) as change:
        room = change.room
        member = Member.objects.filter(room=room, guest=guest).first()
        if member is not None and member.banned:
            raise member.ban_refusal()
        if member is None:
            check_entry(guest, address)
            member = _new_member(room, guest, chosen, origin_of(room, address))
        member.room = room
        if chosen and chosen != member.name:
            change_facts(change, member, name=chosen, named=True)
        return change_facts(change, member, left=False)


def arrive(*, member: Member) -> None:
    """Note that a member has opened the room: the first time, the others are told.

    A host who comes back has the host's powers again from this moment.
    """
    if not member.room.is_live:
        return
    with suppress(errors.RoomEnded):
        if not member.has_arrived:
            with changing(member):
                pass  # a member arrives by the first change that they make
        if member.role == Role.HOST:
            take_powers_back(host=member)


def leave(*, member: Member) -> None:
    """Leave the room for good: their sockets close, and only joining again brings them back.

    Their votes and tracks stay. Raises `Conflict` for the host.
    """
    with changing(member) as change:
        if member.role == Role.HOST:
            raise Conflict(_("Hand the room over first, or end it."), detail="host_leaves")
        change.close_sockets_of(member.pk, Left())
        gone_ms = clock.now_ms() - HERE_FOR_MS
        Member.objects.filter(pk=member.pk).update(seen_at_ms=gone_ms)
        change_facts(change, member, left=True, role=Role.LISTENER, acting=False)


def rename(*, member: Member, name: str) -> Member:
    """Give oneself another name. Raises `Invalid`."""
    name = cleaned(name, what="name", length=NAME_LENGTH)
    with changing(member) as change:
        if name != member.name or not member.named:
            change_facts(change, member, name=name, named=True)
        return member


def set_role(*, by: Actor, member_id: int, role: Role) -> Member:
    """Make a member co-host or listener. Raises `NotAllowed`, `UnknownMember`, `Invalid`."""
    if role not in (Role.COHOST, Role.LISTENER):
        raise Invalid(_('A role is "cohost" or "listener".'), detail="unknown_role")
    with changing(by) as change:
        by.require(GOVERN)
        member = member_in(change.room, member_id)
        if member.role == Role.HOST:
            raise NotAllowed(_("The host stays the host."), detail="host_stays")
        if member.role == role:
            return member
        change.log(f"member.made_{role}", by=by, target=member)
        since_ms = clock.now_ms() if role == Role.COHOST else None
        return change_facts(change, member, role=role, cohost_since_ms=since_ms, acting=False)


def undo_set_role(by: Actor, entry: LogEntry) -> None:
    """Give a member the role back that they had before that entry."""
    former = Role.LISTENER if entry.kind == "member.made_cohost" else Role.COHOST
    set_role(by=by, member_id=entry.target_id or 0, role=former)


def _new_member(room: Room, guest: uuid.UUID, chosen: str | None, origin: str) -> Member:
    """Somebody new in a locked room, unless a ban meets newcomers of their network."""
    if Restriction.objects.filter(room=room).meeting_newcomers(origin).exists():
        raise NetworkBanned
    _drop_surplus(room, origin)
    return Member.objects.create(
        room=room,
        guest=guest,
        name=chosen or made_up_name(),
        named=bool(chosen),
        origin=origin,
    )


def _drop_surplus(room: Room, origin: str) -> None:
    """Make place for one more who has only joined: the longest-standing of this network go.

    So that one who joins under a thousand names fills neither the table nor the way in for others.
    """
    waiting = Member.objects.filter(room=room, origin=origin).not_arrived().order_by("-pk")
    surplus = waiting.values_list("pk", flat=True)[NOT_ARRIVED_KEPT - 1 :].first()
    if surplus is not None:
        waiting.filter(pk__lte=surplus).delete()
