"""The room adds a suggestion by itself, where its host allows it and few tracks wait."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from discovery.chain import credit_of
from discovery.models import RoomSuggestions
from discovery.room_rules import DiscoveryRules, discovery_rules
from discovery.suggestion import fitting, read_excluded, read_suggestions
from music.actions.suggested_rows import add_suggested_row, withdraw_suggested_rows
from music.acts import CURATE
from music.sources import registry
from music.sources.library.catalog import SOURCE as LIBRARY
from music.sources.library.reach import FileReach
from rooms.actions.room import set_rules
from rooms.actors import Actor
from rooms.changes import Change, changing
from rooms.errors import RoomEnded, UnknownRoom
from rooms.models import Room

# Files that could not be reached are passed over, so many at most for one that can.
MOST_TRIED = 10


def fill(*, room_id: int) -> bool:
    """Add the best suggestion that stands ready and fits; whether one was added.

    Asks nothing outside. Where none fits, the shelf plays on as ever.
    """
    room = Room.objects.live().filter(pk=room_id).first()
    row = RoomSuggestions.objects.filter(room=room_id).first()
    if room is None or row is None or not discovery_rules(room).autofill:
        return False
    excluded = read_excluded(room, dismissed_by="the room")
    ready = fitting(read_suggestions(row.items), excluded, most=MOST_TRIED)
    for suggestion in ready:
        track = suggestion.track
        if track.source == LIBRARY and registry.reach(track) != FileReach.THERE:
            continue
        why = {
            "code": suggestion.reason.code,
            "values": dict(suggestion.reason.values),
            "link": suggestion.link,
            "credit": credit_of(suggestion),
        }
        with suppress(RoomEnded, UnknownRoom):
            return add_suggested_row(room_id=room_id, track=track, why=why) is not None
    return False


def stop_autofill(*, by: Actor) -> None:
    """Let the room add nothing more; what it has added and does not play yet goes, too.

    Who may take out any item may stop this. Only the host, whose rule it is, may begin it again.
    Does nothing where it is off. Raises `NotAllowed`, `RoomEnded`.
    """
    with changing(by) as change:
        by.require(CURATE)
        set_rules(change, actor=by, changes={"autofill": False})


@contextmanager
def follow_rule(change: Change) -> Iterator[None]:
    """Where the host ends it, what the room has added by itself and does not play yet goes, too."""
    was = change.room.rules.of(DiscoveryRules).autofill
    yield
    if was and not discovery_rules(change.room).autofill:
        withdraw_suggested_rows(change)
