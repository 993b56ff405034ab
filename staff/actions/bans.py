"""Banning from the whole site: a person, or for a time the newcomers of a network."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.actions.facts import origin_in
from rooms.actions.moderation import MINUTE_MS, Reach, Terms, set_banned
from rooms.actors import Staff
from rooms.errors import Invalid, RoomEnded, UnknownMember
from rooms.models import Member, RoomState
from staff.actions.acting import Moderator
from staff.errors import NetworkOff, SiteBanned
from staff.models import SiteBan

# A network is many people: a week at most.
LONGEST_NETWORK_MIN = 7 * 24 * 60


def ban_from_site(*, by: Moderator, member: Member, minutes: int | None, network: bool) -> SiteBan:
    """Ban a person from all rooms, now and later; or nobody new from their network for a time.

    The person is removed from the live rooms that they are in, with the reason. Raises
    `NotAllowed`, `Invalid`.
    """
    if network and (minutes is None or not 1 <= minutes <= LONGEST_NETWORK_MIN):
        raise Invalid(_("A network is banned for 1 minute to 7 days."), detail="network_time")
    if network and not member.origin:
        raise Invalid(
            _("The network of this person is not known any more."), detail="unknown_network"
        )
    terms = Terms(by.why, minutes, Reach.PERSON).checked()
    until_ms = None if minutes is None else clock.now_ms() + minutes * MINUTE_MS
    facts = {"minutes": minutes, "by_network": network}
    with by.acting("ban_from_site", room=member.room, target=member.name, facts=facts):
        return SiteBan.objects.create(
            guest=None if network else member.guest,
            name=member.name,
            origin=member.origin if network else "",
            origin_room_id=member.room_id if network else None,
            why=terms.why,
            user_name=by.name,
            until_ms=until_ms,
            members=[] if network else _remove_everywhere(by, member.guest, terms),
        )


def lift_site_ban(*, by: Moderator, ban: SiteBan) -> None:
    """Let a person, or a network, in again; also into the rooms that the ban removed them from.

    Raises `NotAllowed`, `Invalid`.
    """
    facts = {"lifted": True, "by_network": ban.guest is None}
    with by.acting("ban_from_site", target=ban.name, facts=facts):
        members = Member.objects.filter(pk__in=ban.members, room__state=RoomState.LIVE)
        for member in members.order_by("room_id"):
            with suppress(RoomEnded, UnknownMember):
                set_banned(by=Staff(member.room_id, by.name), member_id=member.pk, banned=False)
        ban.delete()


def check_entry(guest: uuid.UUID, address: str) -> None:
    """Raise `SiteBanned` or `NetworkOff` where the site lets a guest into no room; one query."""
    for ban in SiteBan.objects.holding(clock.now_ms()).concerning(guest).order_by("pk"):
        if ban.guest == guest:
            raise SiteBanned().because(ban.why, until_ms=ban.until_ms)
        if ban.origin_room_id and origin_in(ban.origin_room_id, address) == ban.origin:
            raise NetworkOff(until_ms=ban.until_ms)


def _remove_everywhere(by: Moderator, guest: uuid.UUID, terms: Terms) -> list[int]:
    """Ban a person in all live rooms that they are a member of; returns these memberships.

    The rooms are locked in the order of their ids, and stay so until the end: two who ban at the
    same time do not wait for each other.
    """
    live = Member.objects.filter(guest=guest, room__state=RoomState.LIVE)
    # Nobody knows of those yet. Opening one of these rooms makes them somebody new, who is refused.
    live.filter(seen_at_ms=None).delete()
    theirs = live.filter(seen_at_ms__isnull=False, banned=False)
    removed = []
    for member_id, room_id in theirs.order_by("room_id").values_list("pk", "room_id"):
        with suppress(RoomEnded, UnknownMember):
            staff = Staff(room_id, by.name)
            set_banned(by=staff, member_id=member_id, banned=True, terms=terms)
            removed.append(member_id)
    return removed
