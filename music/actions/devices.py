"""What the devices of a room's people say of how well they keep step."""

from dataclasses import asdict, dataclass

from django.db.models import Exists

from music.models import Device
from rooms import clock
from rooms.actions import set_along
from rooms.models import Member, RoomState
from rooms.publish import changing_by

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

    A member is along as long as any of their devices is. While the device does what it did, this is
    one statement, without the room's lock. Raises `Banned`, `RoomEnded`.
    """
    facts = {**asdict(step), "seen_at_ms": clock.now_ms()}
    mine = Device.objects.filter(member=member.pk)
    there = Member.objects.filter(pk=member.pk, banned=False, room__state=RoomState.LIVE)
    if step.along:
        there = there.filter(along=True)  # and so it is again for who was away
    if mine.filter(Exists(there), device=device, along=step.along).update(**facts):
        return
    with changing_by(member) as room:
        mine.filter(seen_at_ms__lte=facts["seen_at_ms"] - GONE_AFTER_MS).delete()
        mine.update_or_create(member=member, device=device, defaults=facts)
        latest = mine.order_by("-seen_at_ms").values_list("pk", flat=True)[:MOST_DEVICES]
        mine.exclude(pk__in=list(latest)).delete()
        set_along(room=room, member=member, along=mine.filter(along=True).exists())
