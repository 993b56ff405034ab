"""Changing the rules of a room, and what follows from them for its queue."""

from collections.abc import Mapping
from typing import Any

from music.actions.playback import recount_asks
from music.actions.queue import write_order
from music.reordering import reordering
from rooms.actions import set_rules
from rooms.models import Member, Room
from rooms.publish import changing_by
from rooms.rules import Mode


def change_rules(
    *, by: Member, preset: str | None = None, changes: Mapping[str, Any] | None = None
) -> Room:
    """Give a room a preset's rules as they are, other rules, or both in this order.

    What waits stays, in the order of the new rules; host order begins with the order there is.
    Where enough have asked already by the new share, what plays is skipped.
    Raises `NotAllowed`, `Invalid`.
    """
    with changing_by(by) as room:
        was = room.rules
        with reordering(room) as before:
            set_rules(room=room, by=by, preset=preset, changes=changes)
            if room.rules.mode == Mode.HOST != was.mode:
                write_order(before.ids)
        if room.rules != was:
            recount_asks(room=room)
        return room
