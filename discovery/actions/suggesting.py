"""Finding suggestions ahead of time, so that they stand ready when somebody looks or none wait."""

from __future__ import annotations

from contextlib import suppress

from discovery.chain import Suggestions, find_suggestions
from discovery.events import SuggestionsChanged
from discovery.models import RoomSuggestions
from discovery.seed import read_mood
from rooms import clock, leases
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import RoomEnded, UnknownRoom
from rooms.models import Room

# A process that died over the work of a room leaves it to others after this long.
CLAIM_MS = 30_000
ASKING_MS = 120_000
# The room is told of other suggestions for ten minutes after somebody has looked at them; a look is
# written down once a minute.
LOOKED_FOR_MS, LOOK_NOTED_MS = 10 * 60_000, 60_000


def begin_suggestions(room_id: int) -> RoomSuggestions:
    """The row of a room, made where there is none."""
    row, _ = RoomSuggestions.objects.get_or_create(room_id=room_id)
    return row


def prefetch(*, room_id: int, play_id: int) -> bool:
    """Find suggestions for what plays now, from what is known here; whether anything was done.

    Asks nothing outside, and holds the room only to tell it.
    """
    return _prepare(room_id, play_id, may_ask=False)


def prefetch_outside(*, room_id: int, play_id: int) -> bool:
    """Find better ones, asking services outside, too; whether anything was done. Takes seconds."""
    return _prepare(room_id, play_id, may_ask=True)


def _prepare(room_id: int, play_id: int, *, may_ask: bool) -> bool:
    begin_suggestions(room_id)
    field, for_ms = ("asking_until_ms", ASKING_MS) if may_ask else ("claimed_until_ms", CLAIM_MS)
    rows = RoomSuggestions.objects.filter(room=room_id)
    until_ms = leases.take(rows, field, for_ms=for_ms)
    if not until_ms:
        return False
    room = Room.objects.live().filter(pk=room_id).first()
    try:
        if room is not None:
            found = find_suggestions(room, read_mood(room), may_ask=may_ask)
            _write(room_id, found, play_id, was_asked=may_ask)
    finally:
        leases.give_back(rows, field, until_ms)
    return room is not None


def mark_done(room_id: int, **plays: int) -> None:
    """Try no more for these plays, `play_id` or `asked_play_id`: the next one is another try."""
    RoomSuggestions.objects.filter(room=room_id).update(**plays)


def note_look(*, room_id: int) -> None:
    """Somebody looks at suggestions: for ten minutes the room is told of other ones."""
    now_ms = clock.now_ms()
    rows = RoomSuggestions.objects.filter(room=room_id)
    noted_at_ms = rows.values_list("looked_at_ms", flat=True).first()
    if noted_at_ms is None:
        begin_suggestions(room_id)
    # Asked first: even an update of no row waits for the writers of SQLite.
    if (noted_at_ms or 0) < now_ms - LOOK_NOTED_MS:
        rows.update(looked_at_ms=now_ms)


def announce(*, room_id: int) -> None:
    """Tell everybody in a room that there are other suggestions, if somebody looks at them."""
    now_ms = clock.now_ms()
    rows = RoomSuggestions.objects.filter(room=room_id)
    if not rows.filter(looked_at_ms__gt=now_ms - LOOKED_FOR_MS).exists():
        return
    with suppress(RoomEnded, UnknownRoom), changing(System(room_id, "suggestions")) as change:
        rows.update(announced_at_ms=now_ms)
        change.publish(SuggestionsChanged({"at_ms": now_ms}))


def _write(room_id: int, found: Suggestions, play_id: int, *, was_asked: bool) -> None:
    """Write suggestions down, and tell the room where they are other ones."""
    items = [suggestion.as_json() for suggestion in found.items]
    rows = RoomSuggestions.objects.filter(room=room_id)
    were = rows.values_list("items", flat=True).first()
    field = "asked_play_id" if was_asked else "play_id"
    rows.update(items=items, used=list(found.used), **{field: play_id})
    if items != were:
        announce(room_id=room_id)
