"""The part of a room that `discovery` adds: since when which suggestions stand ready."""

from __future__ import annotations

from discovery.models import RoomSuggestions
from discovery.shapes import SuggestionsStateShape
from rooms.models import Room
from rooms.parts import Part


def _read_suggestions(room: Room) -> SuggestionsStateShape:
    """When the room was last told of other suggestions. What they are depends on who asks."""
    row = RoomSuggestions.objects.filter(room=room).first() if room.is_live else None
    return {"at_ms": None if row is None else row.announced_at_ms}


PARTS = (Part("suggestions", _read_suggestions),)
