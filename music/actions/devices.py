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

    A member is along as long as any of their devices is. While that stays as it is, this is one
    statement, without the room's lock. Raises `Banned`, `RoomEnded`.
    """
    facts = {**asdict(step), "seen_at_ms": clock.now_ms()}
    mine = Device.objects.filter(member=member.pk)
    as_before = Member.objects.filter(
        pk=member.pk, along=step.along, banned=False, room__state=RoomState.LIVE
    )
    if mine.filter(Exists(as_before), device=device).update(**facts):
        return
    with changing_by(member) as room:
        mine.filter(seen_at_ms__lte=facts["seen_at_ms"] - GONE_AFTER_MS).delete()
        mine.update_or_create(member=member, device=device, defaults=facts)
        set_along(room=room, member=member, along=mine.filter(along=True).exists())
