"""What the devices of a room's people say of how well they keep step."""

import uuid
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import asdict, dataclass

from django.db.models import Exists

from music.actions.incidents import erase_names_in_incidents
from music.events import AlongChanged
from music.models import Device
from rooms import clock
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import RoomEnded, UnknownRoom
from rooms.models import Member, RoomState

# A device that has not been heard of for so long is not there; each speaks every 10 s.
GONE_AFTER_MS = 45_000
# More than anybody has; who makes up new ones pushes out their own.
MOST_DEVICES = 8


@dataclass(frozen=True)
class Step:
    """How a device keeps step; see `music.models.Device`."""

    name: str
    along: bool
    mode: str
    offset_ms: int
    jitter_ms: int
    uncertainty_ms: int
    corrected_ms: int | None


def note_device(*, member: Member, device: str, step: Step) -> None:
    """Note how a device of the member keeps step; `device` is its own random id.

    A member is along while any of their devices is. While the device does what it did, this is one
    statement, without the room's lock. Raises `Banned`, `RoomEnded`.
    """
    facts = {**asdict(step), "seen_at_ms": clock.now_ms()}
    mine = Device.objects.filter(member=member.pk)
    there = Member.objects.inside().filter(pk=member.pk, room__state=RoomState.LIVE)
    if mine.filter(Exists(there), device=device, along=step.along).update(**facts):
        return
    with changing(member) as change:
        was_along = mine.filter(along=True).exists()
        mine.filter(seen_at_ms__lte=facts["seen_at_ms"] - GONE_AFTER_MS).delete()
        mine.update_or_create(member=member, device=device, defaults=facts)
        latest = mine.order_by("-seen_at_ms").values_list("pk", flat=True)[:MOST_DEVICES]
        mine.exclude(pk__in=list(latest)).delete()
        is_along = mine.filter(along=True).exists()
        if is_along != was_along:
            change.publish(AlongChanged(str(member.pk), is_along))


def end_listening_along(member_ids: Collection[int]) -> None:
    """Members who have no open socket any more do not listen along; their rooms are told."""
    devices = Device.objects.filter(member__in=member_ids, along=True)
    listening: dict[int, set[int]] = defaultdict(set)
    for room_id, member_id in devices.values_list("member__room", "member"):
        listening[room_id].add(member_id)
    for room_id, members in listening.items():
        with suppress(RoomEnded, UnknownRoom), changing(System(room_id, "presence")) as change:
            Device.objects.filter(member__in=members).update(along=False)
            change.publish(*(AlongChanged(str(pk), along=False) for pk in sorted(members)))


def erase_devices(guest_id: uuid.UUID) -> None:
    """Forget the devices of a guest in all rooms, and what they are called, in incidents, too."""
    members = Member.objects.filter(guest=guest_id).values_list("pk", flat=True)
    end_listening_along(list(members))
    Device.objects.filter(member__guest=guest_id).delete()
    erase_names_in_incidents(guest_id)
