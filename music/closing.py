"""The closing time of a room: what plays then is the last track.

Before it, what cannot start any more is refused. After it the room ends, or only its shelf goes on.
"""

from collections.abc import Mapping, Sequence

from music.models import Playback, PlaybackState
from music.ordering import Facts
from music.room_rules import AtClosing, music_rules
from rooms.models import Room


def closes_at_ms(room: Room) -> int | None:
    """The moment from which on nothing that waits starts (ms UTC); None: the room stays open."""
    after_min = music_rules(room).closes_after_min
    return None if after_min is None else room.created_at_ms + after_min * 60_000


def room_ends_at_ms(room: Room) -> int | None:
    """The same, of a room that ends then."""
    ends = music_rules(room).at_closing == AtClosing.END
    return closes_at_ms(room) if ends else None


def is_closed(room: Room, at_ms: int) -> bool:
    """Whether nothing that waits starts at this moment."""
    moment = closes_at_ms(room)
    return moment is not None and at_ms >= moment


def room_is_over(room: Room, at_ms: int) -> bool:
    """Whether the room ends where its track ends at this moment."""
    moment = room_ends_at_ms(room)
    return moment is not None and at_ms >= moment


def is_last(room: Room, playback: Playback, now_ms: int) -> bool:
    """Whether what plays is the last track, or nothing more starts at all."""
    plays = playback.state == PlaybackState.PLAYING and playback.ends_at_ms is not None
    if plays and playback.item and playback.item.track.live:
        # It gives way to what is added.
        is_of_shelf = playback.item.added_by_id is None
        plays = not (is_of_shelf or music_rules(room).stations_give_way)
    return is_closed(room, max(now_ms, playback.ends_at_ms or 0) if plays else now_ms)


def in_turn(
    room: Room, ids: Sequence[int], facts: Mapping[int, Facts], *, at_ms: int
) -> Sequence[int]:
    """Of what waits, in the room's order, what may start at a moment, in the order to try it.

    The last track before closing time is the one with the most votes, whatever the order is. After
    it only rows of the shelf are left.
    """
    moment = closes_at_ms(room)
    if moment is None or not ids:
        return ids
    if at_ms >= moment:
        return [pk for pk in ids if facts[pk].requester is None]
    first = facts[ids[0]]
    if first.locked or at_ms + first.duration_ms < moment:
        return ids
    return sorted(ids, key=lambda pk: (facts[pk].requester is None, -facts[pk].score))
