"""What actions about members share: finding one, and writing facts about one."""

import uuid

from django.utils.crypto import salted_hmac

from rooms.changes import Change
from rooms.errors import UnknownMember
from rooms.events import MeChanged, MemberChanged
from rooms.features import installed_features
from rooms.models import Member, Room
from rooms.shapes import me_shape, member_shape

# Facts on which it depends what a member may see and do.
MOVES_SOCKETS = {"role", "acting", "muted", "banned", "left"}


def origin_of(room: Room, address: str) -> str:
    """A short keyed hash of an address, to tell who came from the same one into this room.

    Its salt is the room's own: it leads back to no address, and into no other room.
    """
    return origin_in(room.pk, address)


def origin_in(room_id: int, address: str) -> str:
    """As `origin_of`, for a room that may be gone."""
    if not address:
        return ""
    return salted_hmac(f"rooms.origin.{room_id}", address, algorithm="sha256").hexdigest()[:16]


def check_entry(guest: uuid.UUID, address: str) -> None:
    """Raise what a feature has against this guest, at this address, being in any room."""
    for feature in installed_features():
        if feature.check_entry is not None:
            feature.check_entry(guest, address)


def member_in(room: Room, member_id: int) -> Member:
    """A member who has arrived in a locked room. Raises `UnknownMember`."""
    member = Member.objects.arrived().filter(room=room, pk=member_id).first()
    if member is None:
        raise UnknownMember
    member.room = room
    return member


def change_facts(change: Change, member: Member, **fields: str | bool | int | None) -> Member:
    """Write the fields that differ; publish, and let follow what follows, if any did."""
    changed = [name for name, value in fields.items() if getattr(member, name) != value]
    if not changed:
        return member
    for name in changed:
        setattr(member, name, fields[name])
    member.save(update_fields=changed)
    if member.has_arrived:
        change.publish(MemberChanged(member_shape(member)))
        change.publish(MeChanged(member.pk, me_shape(member)))
    if MOVES_SOCKETS & {*changed}:
        change.move_sockets_of(member)
        for feature in installed_features():
            if feature.after_member_change is not None:
                feature.after_member_change(change, member)
    return member
