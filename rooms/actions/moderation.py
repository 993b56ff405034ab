"""Muting and banning, for good or for a time, with a reason that the person reads."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.actions.facts import change_facts, member_in
from rooms.actions.members import set_role
from rooms.actors import Actor, Staff, System, member_of
from rooms.acts import GOVERN, MODERATE
from rooms.changes import Change, changing
from rooms.errors import Invalid, NotAllowed
from rooms.events import MeMuted, RestrictionLifted, RestrictionSet
from rooms.models import (
    WHY_LENGTH,
    LogEntry,
    Member,
    MemberQuerySet,
    Restriction,
    RestrictionKind,
    Room,
)
from rooms.names import cleaned
from rooms.roles import MODERATES, Role
from rooms.shapes import mute_shape, restriction_shape

# A year: nobody means a longer time who does not mean "for good".
LONGEST_MIN = 366 * 24 * 60
MINUTE_MS = 60_000


class Reach(StrEnum):
    """Whom a ban meets.

    A whole venue is one network address, so that by itself no ban meets people who are in the room
    already: `NEWCOMERS` lets nobody new in from the person's network, `PERSON` meets the person
    alone, and `EVERYONE` bans all listeners of that network, too, each by a ban of their own.
    """

    PERSON = "person"
    NEWCOMERS = "newcomers"
    EVERYONE = "everyone"


@dataclass(frozen=True)
class Terms:
    """Why somebody is muted or banned, for how many minutes (None: until it is lifted)."""

    why: str = ""
    minutes: int | None = None
    reach: Reach = Reach.NEWCOMERS

    def checked(self) -> "Terms":
        """The same with the reason cleaned. Raises `Invalid`."""
        if self.minutes is not None and not 1 <= self.minutes <= LONGEST_MIN:
            raise Invalid(
                _("A time is from 1 to {most} minutes."), detail="time_range", most=LONGEST_MIN
            )
        if not self.why:
            return self
        why = cleaned(self.why, what="reason", length=WHY_LENGTH).rstrip(".")
        return Terms(why, self.minutes, self.reach)


FOR_GOOD = Terms()


def set_muted(*, by: Actor, member_id: int, muted: bool, terms: Terms = FOR_GOOD) -> Member:
    """Let a member only vote, or no longer; muting again changes the terms.

    What the site's staff set no member changes. Raises `NotAllowed`, `UnknownMember`, `Invalid`.
    """
    terms = terms.checked()
    with changing(by) as change:
        member = _member_below(change, by, member_id)
        _require_not_of_site(by, member, RestrictionKind.MUTE)
        if not muted:
            return _lift(change, member, RestrictionKind.MUTE, by=by)
        mute = _restrict(change, member, RestrictionKind.MUTE, terms, by=by)
        change_facts(change, member, muted=True)
        if mute is not None:
            change.publish(MeMuted(member.pk, mute_shape(mute)))
        return member


def set_banned(*, by: Actor, member_id: int, banned: bool, terms: Terms = FOR_GOOD) -> Member:
    """Remove a member from the room, or let them back in. Their votes stay counted.

    Banning again changes the terms. Raises `NotAllowed`, `UnknownMember`, `Invalid`.
    """
    terms = terms.checked()
    with changing(by) as change:
        member = _member_below(change, by, member_id)
        _require_not_of_site(by, member, RestrictionKind.BAN)
        if not banned:
            return _lift(change, member, RestrictionKind.BAN, by=by)
        if terms.reach == Reach.EVERYONE:
            by.require(GOVERN)
            for other in others_of_network(member).filter(role=Role.LISTENER):
                other.room = change.room
                _ban(change, other, terms, by=by)
        return _ban(change, member, terms, by=by)


def change_member(
    *,
    by: Actor,
    member_id: int,
    role: Role | None = None,
    muted: bool | None = None,
    banned: bool | None = None,
    terms: Terms = FOR_GOOD,
) -> Member:
    """Give a member another role, mute or remove them, or the opposite, in one change.

    At least one of these. Raises `NotAllowed`, `UnknownMember`, `Invalid`.
    """
    with changing(by):
        if role is not None:
            changed = set_role(by=by, member_id=member_id, role=role)
        if muted is not None:
            changed = set_muted(by=by, member_id=member_id, muted=muted, terms=terms)
        if banned is not None:
            changed = set_banned(by=by, member_id=member_id, banned=banned, terms=terms)
        return changed


def lift_due(*, room_id: int) -> bool:
    """Lift the mutes and bans of a room whose time is up. Returns whether there were any."""
    by = System(room_id, "conductor")
    with changing(by) as change:
        over = Restriction.objects.filter(room=change.room).over(clock.now_ms())
        due = list(over.select_related("member"))
        for restriction in due:
            restriction.member.room = change.room
            _lift(change, restriction.member, RestrictionKind(restriction.kind), by=None)
        return bool(due)


def undo_mute(by: Actor, entry: LogEntry) -> None:
    """Lift the mute that an entry of the log tells of."""
    set_muted(by=by, member_id=entry.target_id or 0, muted=False)


def undo_ban(by: Actor, entry: LogEntry) -> None:
    """Lift the ban that an entry of the log tells of, of that one person."""
    set_banned(by=by, member_id=entry.target_id or 0, banned=False)


def count_others_of_network(*, by: Actor, room: Room, member_id: int) -> int:
    """How many other members came from a member's network, and are not banned.

    Raises `NotAllowed`, `UnknownMember`.
    """
    by.require(MODERATE)
    return others_of_network(member_in(room, member_id)).count()


def others_of_network(member: Member) -> MemberQuerySet:
    """The other members who came into the room from a member's network, and are not banned.

    Also who left: they are no newcomers, and would be let in again.
    """
    origin = member.origin or _origin_of_ban(member)
    if not origin:
        return Member.objects.none()
    there = Member.objects.arrived().filter(banned=False, room=member.room_id, origin=origin)
    return there.exclude(pk=member.pk)


def _ban(change: Change, member: Member, terms: Terms, *, by: Actor) -> Member:
    _restrict(change, member, RestrictionKind.BAN, terms, by=by)
    change_facts(change, member, banned=True)
    change.close_sockets_of(member.pk, member.ban_refusal())
    return member


def _restrict(
    change: Change, member: Member, kind: RestrictionKind, terms: Terms, *, by: Actor
) -> Restriction | None:
    """Write, publish and log a mute or a ban; None where it holds already on these terms."""
    now_ms = clock.now_ms()
    until_ms = None if terms.minutes is None else now_ms + terms.minutes * MINUTE_MS
    meets_newcomers = kind == RestrictionKind.BAN and terms.reach != Reach.PERSON
    origin = (member.origin or _origin_of_ban(member)) if meets_newcomers else ""
    known = Restriction.objects.filter(member=member, kind=kind).first()
    if known and (known.why, known.until_ms, known.origin) == (terms.why, until_ms, origin):
        return None
    restriction, _ = Restriction.objects.update_or_create(
        member=member,
        kind=kind,
        defaults={
            "room": change.room,
            "why": terms.why,
            "by": member_of(by),
            "by_site": isinstance(by, Staff),
            "at_ms": now_ms,
            "until_ms": until_ms,
            "origin": origin,
        },
    )
    if origin:  # who has only joined is a newcomer, and seen by nobody who could ban them
        Member.objects.not_arrived().filter(room=change.room, origin=origin).delete()
    change.publish(RestrictionSet(restriction_shape(restriction)))
    word = "muted" if kind == RestrictionKind.MUTE else "banned"
    facts = {"until_ms": until_ms}
    change.log(f"member.{word}", by=by, target=member, why=terms.why, facts=facts)
    return restriction


def _lift(change: Change, member: Member, kind: RestrictionKind, *, by: Actor | None) -> Member:
    """Lift a mute or a ban. By nobody: its time is up, which was said when it began."""
    field = "muted" if kind == RestrictionKind.MUTE else "banned"
    was = getattr(member, field)
    if Restriction.objects.filter(member=member, kind=kind).delete()[0]:
        change.publish(RestrictionLifted(str(member.pk), kind))
        if kind == RestrictionKind.MUTE:
            change.publish(MeMuted(member.pk, None))
    change_facts(change, member, **{field: False})
    if was and by is not None:
        change.log(f"member.un{field}", by=by, target=member)
    return member


def _require_not_of_site(by: Actor, member: Member, kind: RestrictionKind) -> None:
    """Raise `NotAllowed` where a member wants to change what the site's staff has set."""
    if member_of(by) is None or not (member.muted or member.banned):
        return
    if Restriction.objects.filter(member=member, kind=kind, by_site=True).exists():
        raise NotAllowed(_("The site did that. It stays."), detail="by_site")


def _origin_of_ban(member: Member) -> str:
    """The origin that a ban has kept of a member; their own is erased a day after they left."""
    ban = Restriction.objects.filter(member=member, kind=RestrictionKind.BAN).first()
    return "" if ban is None else ban.origin


def _member_below(change: Change, by: Actor, member_id: int) -> Member:
    """A member whom `by` may mute or remove: the host all others, a co-host only listeners."""
    by.require(MODERATE)
    member, moderator = member_in(change.room, member_id), member_of(by)
    if moderator is None:
        return member
    if member.role not in MODERATES[moderator.powers]:
        raise NotAllowed(_("A co-host can do that to listeners only."), detail="listeners_only")
    return member
