"""A person across devices and rooms: going on elsewhere, taking one's data, being erased."""

import hashlib
import secrets
import uuid
from contextlib import suppress

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.actions.facts import change_facts
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import AlreadyBound, Conflict, Left, RoomEnded, UnknownLink
from rooms.features import installed_features
from rooms.models import (
    IdentityBinding,
    IdentityLink,
    LogEntry,
    Member,
    Receipt,
    Restriction,
    RoomState,
    new_guest,
)
from rooms.roles import Role

LINK_FOR_MS = 10 * 60_000
ERASED_NAME = "Somebody"


def make_identity_link(*, guest: uuid.UUID) -> tuple[str, int]:
    """A token by which another device becomes this guest, and until when (ms UTC) it does.

    It works once, and an earlier one of the guest does not any more. Only its hash is kept.
    """
    token, until_ms = secrets.token_urlsafe(24), clock.now_ms() + LINK_FOR_MS
    IdentityLink.objects.update_or_create(
        guest=guest, defaults={"token_hash": _hash(token), "until_ms": until_ms}
    )
    return token, until_ms


def use_identity_link(*, token: str) -> uuid.UUID:
    """The guest whom this token stands for; it is used up. Raises `UnknownLink`."""
    link = IdentityLink.objects.filter(token_hash=_hash(token)).first()
    # Of two who use it at the same time, one deletes the row.
    is_first = link is not None and IdentityLink.objects.filter(pk=link.pk).delete()[0] == 1
    if link is None or not is_first or link.until_ms <= clock.now_ms():
        raise UnknownLink
    return link.guest


def bind_identity(*, guest: uuid.UUID, provider: str, account: str) -> None:
    """From now on, a login to this account finds this guest. The caller has seen one.

    Binding the same two again changes nothing. Raises `AlreadyBound` where the account finds
    somebody else, and where the guest has another account of this provider.
    """
    try:
        with transaction.atomic():
            bound, is_new = IdentityBinding.objects.get_or_create(
                provider=provider, account=account, defaults={"guest": guest}
            )
    except IntegrityError:
        raise AlreadyBound(
            _("You are bound to another account. Unbind that one first."), detail="bound_elsewhere"
        ) from None
    if not is_new and bound.guest != guest:
        raise AlreadyBound


def unbind_identity(*, guest: uuid.UUID, provider: str) -> None:
    """A guest's account of this provider finds nobody any more."""
    IdentityBinding.objects.filter(guest=guest, provider=provider).delete()


def unbind_account(*, provider: str, account: str) -> None:
    """This account finds nobody any more, whoever that was."""
    IdentityBinding.objects.filter(provider=provider, account=account).delete()


def erase_person(*, guest: uuid.UUID) -> int:
    """Take out of all rooms what belongs to a guest. Returns of how many rooms.

    Their name and what apps keep of them go, the reasons of what was done to them, and the way from
    their browser to their memberships; what they voted and added stays counted. Where they are
    muted or banned they stay so. Raises `Conflict` for the host of a live room.
    """
    memberships = list(Member.objects.select_related("room").filter(guest=guest))
    for member in memberships:
        _require_no_host(member)
    for feature in installed_features():
        if feature.erase_guest is not None:
            feature.erase_guest(guest)
    for member in memberships:
        if member.room.is_live:
            with suppress(RoomEnded), changing(System(member.room_id, "erasing")) as change:
                fresh = change.room.members.get(pk=member.pk)
                fresh.room = change.room
                _require_no_host(fresh)  # the room may have been handed to them meanwhile
                change.close_sockets_of(fresh.pk, Left())
                change_facts(
                    change,
                    fresh,
                    name=ERASED_NAME,
                    named=False,
                    left=True,
                    role=Role.LISTENER,
                    acting=False,
                )
        _forget(member)
    Receipt.objects.filter(guest=guest).delete()
    IdentityLink.objects.filter(guest=guest).delete()
    IdentityBinding.objects.filter(guest=guest).delete()
    return len(memberships)


def _require_no_host(member: Member) -> None:
    if member.role == Role.HOST and member.room.is_live:
        raise Conflict(
            _("You host {room}. End it or hand it over first."),
            detail="hosts_a_room",
            room=str(member.room),
        )


@transaction.atomic
def _forget(member: Member) -> None:
    """What nobody sees change: also in an ended room, whose pages are read anew."""
    LogEntry.objects.filter(target=member).update(why="")
    Restriction.objects.filter(member=member).update(why="")
    known = Member.objects.filter(pk=member.pk)
    known.update(name=ERASED_NAME, named=False, origin="")
    # By this a muted or banned browser is known; it is a random number, and goes with the room. The
    # database decides: somebody may have muted them since `member` was read.
    held = Q(banned=True) | Q(muted=True, room__state=RoomState.LIVE)
    known.exclude(held).update(guest=new_guest())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
