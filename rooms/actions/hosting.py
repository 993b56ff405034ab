"""Who has the host's powers: the host, and a co-host while the host is away."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.actions.facts import change_facts, member_in
from rooms.actors import Actor, System, member_of
from rooms.acts import GOVERN
from rooms.changes import changing
from rooms.errors import Conflict, Invalid, NotAllowed, Unknown
from rooms.events import RoomChanged
from rooms.models import HERE_FOR_MS, HOST_AWAY_AFTER_MS, Member, MemberQuerySet, Room, RoomState
from rooms.roles import Role
from rooms.shapes import room_shape


def hand_over(*, by: Actor, member_id: int) -> Room:
    """Make another member the host for good; who was it becomes a co-host.

    Only the host can, not who stands in. Raises `NotAllowed`, `UnknownMember`, `Invalid`.
    """
    with changing(by) as change:
        by.require(GOVERN)
        member = member_of(by)
        if member is not None and member.role != Role.HOST:
            raise NotAllowed(_("Only the host can hand the room over."), detail="hand_over")
        heir = member_in(change.room, member_id)
        if not heir.is_inside or heir.muted:
            raise Invalid(_("A host is neither muted nor gone."), detail="unfit_host")
        host = change.room.members.filter(role=Role.HOST).first()
        if heir == host:
            return change.room
        for acting in change.room.members.filter(acting=True):
            change_facts(change, acting, acting=False)
        heir.refresh_from_db(fields=["acting"])
        if host is not None:
            host.room = change.room
            change_facts(change, host, role=Role.COHOST, cohost_since_ms=clock.now_ms())
        change_facts(change, heir, role=Role.HOST, cohost_since_ms=None)
        change.log("room.handed_over", by=by, target=heir)
        change.publish(RoomChanged(room_shape(change.room, host_id=heir.pk)))
        return change.room


def update_acting_hosts(room_ids: Collection[int]) -> None:
    """Let the powers of hosts who are away pass to a co-host, in these rooms; see `_stand_in_of`.

    Only rooms in which they pass are locked.
    """
    now_ms = clock.now_ms()
    by_room: dict[int, list[Member]] = defaultdict(list)
    for member in _concerned(Room.objects.live().filter(pk__in=room_ids)):
        by_room[member.room_id].append(member)
    for room_id, members in by_room.items():
        if _acting_among(members) != _stand_in_of(members, now_ms):
            with suppress(Conflict, Unknown):
                update_acting_host(room_id=room_id)


def update_acting_host(*, room_id: int) -> bool:
    """As `update_acting_hosts`, for one room. Returns whether the powers passed."""
    by = System(room_id, "presence")
    with changing(by) as change:
        members = list(_concerned(Room.objects.filter(pk=change.room.pk)))
        for member in members:
            member.room = change.room
        acting = _acting_among(members)
        stand_in = _stand_in_of(members, clock.now_ms())
        if acting == stand_in:
            return False
        if acting is not None:
            change_facts(change, acting, acting=False)
        if stand_in is not None:
            change_facts(change, stand_in, acting=True)
            change.log("host.away", by=by, target=stand_in)
        return True


def take_powers_back(*, host: Member) -> bool:
    """Let a host who is back have the powers that a co-host had meanwhile. Whether one had."""
    if not Member.objects.filter(room=host.room_id, acting=True).exists():
        return False
    with changing(host) as change:
        for acting in change.room.members.filter(acting=True):
            acting.room = change.room
            change_facts(change, acting, acting=False)
        # Presence writes the same within a second or two, and might have them pass again till then.
        Member.objects.filter(pk=host.pk).update(seen_at_ms=clock.now_ms())
        change.log("host.back", by=host)
        return True


def _concerned(rooms: Iterable[Room]) -> MemberQuerySet:
    people = Member.objects.filter(room__in=rooms, room__state=RoomState.LIVE)
    return people.filter(Q(role__in=(Role.HOST, Role.COHOST)) | Q(acting=True)).order_by("pk")


def _acting_among(members: Iterable[Member]) -> Member | None:
    return next((member for member in members if member.acting), None)


def _stand_in_of(members: Collection[Member], now_ms: int) -> Member | None:
    """The co-host who has the host's powers at this moment; None: the host, or nobody.

    Once the host has been away for 2 minutes, of the co-hosts who are here the one who has been
    co-host longest. Who has them keeps them, while here, until the host is back.
    """
    hosts = [member for member in members if member.role == Role.HOST and member.is_inside]
    if any((host.seen_at_ms or 0) > now_ms - HOST_AWAY_AFTER_MS for host in hosts):
        return None
    fit = [
        member
        for member in members
        if member.role == Role.COHOST
        and member.is_inside
        and not member.muted
        and (member.seen_at_ms or 0) > now_ms - HERE_FOR_MS
    ]
    longest_first = sorted(fit, key=lambda each: (each.cohost_since_ms or 0, each.pk))
    return _acting_among(fit) or next(iter(longest_first), None)
