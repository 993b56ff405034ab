"""The parts of a room that `music` adds, and how each is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from music.actions.newcomers import skips_from_ms
from music.actions.transport import shape_of
from music.events import SEES_HELD_VOTES
from music.models import (
    Device,
    Incident,
    ItemState,
    Playback,
    QueueItem,
    RoomSource,
    SkipVote,
    Vote,
)
from music.queue_state import in_order, standing
from music.shapes import ItemShape, PlaybackShape, playback_shape, queue_shape, source_shapes
from rooms.models import Member, Room
from rooms.parts import Part


def _read_queue(room: Room) -> list[ItemShape]:
    """The waiting items in playing order; nothing waits in an ended room."""
    if not room.is_live:
        return []
    stands = standing(room)
    away = RoomSource.objects.of(room).away()
    return queue_shape(in_order(room, stands), stands, Playback.objects.of(room), away=away)


def _read_own_votes(
    room: Room, members: Collection[Member]
) -> Mapping[int, Mapping[str, dict[str, int]]]:
    votes = votes_of([member.pk for member in members])
    return {member_id: {"votes": theirs} for member_id, theirs in votes.items()}


def votes_of(member_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """The members' votes on what waits, by item id."""
    votes: dict[int, dict[str, int]] = {member_id: {} for member_id in member_ids}
    rows = Vote.objects.filter(member__in=member_ids, item__state=ItemState.WAITING)
    for member_id, item_id, value in rows.values_list("member_id", "item_id", "value"):
        votes[member_id][str(item_id)] = value
    return votes


def _read_held(room: Room) -> dict[str, int]:
    """How many votes are held back, by item id, where any are."""
    held = QueueItem.objects.filter(room=room, held__gt=0).waiting() if room.is_live else None
    return {} if held is None else {str(pk): many for pk, many in held.values_list("pk", "held")}


def _read_playback(room: Room) -> PlaybackShape:
    playback = Playback.objects.of(room)
    if room.is_live:
        return shape_of(playback)
    return playback_shape(Playback(room=room, play_id=playback.play_id), shelf=None)


def _read_own_skips(room: Room, members: Collection[Member]) -> Mapping[int, Mapping[str, Any]]:
    """Which play each member asks to skip, and from when on they may."""
    ids = [member.pk for member in members]
    asking = SkipVote.objects.filter(member__in=ids, item__state=ItemState.PLAYING)
    plays = dict(asking.values_list("member_id", "item__room__playback__play_id"))
    return {
        member.pk: {
            "skip": str(plays[member.pk]) if member.pk in plays else None,
            "skips_from_ms": skips_from_ms(member, opened_at_ms=room.created_at_ms),
        }
        for member in members
    }


def _read_along(room: Room) -> list[str]:
    """Ids of the members who hear the music on a device of their own."""
    devices = Device.objects.filter(member__room=room, along=True)
    ids = devices.order_by("member").values_list("member", flat=True).distinct()
    return [str(member_id) for member_id in ids]


def _read_last_incident(room: Room) -> int | None:
    """When something last stood in the way of the sound, in milliseconds; None: nothing did."""
    noted = Incident.objects.filter(room=room).order_by("-pk")
    return noted.values_list("at_ms", flat=True).first()


def read_current_item(room: Room) -> str | None:
    """The id of the item that plays or is paused."""
    item_id = Playback.objects.filter(room=room).values_list("item", flat=True).first()
    return None if item_id is None else str(item_id)


PARTS = (
    Part("queue", _read_queue, depends_on=("playback", "sources"), read_own=_read_own_votes),
    Part("held", _read_held, audience=SEES_HELD_VOTES, depends_on=("queue",)),
    Part("playback", _read_playback, read_own=_read_own_skips),
    Part("sources", source_shapes),
    Part("along", _read_along),
    Part("last_incident_ms", _read_last_incident),
)
