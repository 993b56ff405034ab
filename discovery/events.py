"""What can happen to the suggestions of a room."""

from dataclasses import dataclass

from discovery.shapes import SuggestionsStateShape
from rooms.events import Event


@dataclass(frozen=True)
class SuggestionsChanged(Event):
    """Other suggestions stand ready; who shows some asks for them again."""

    type = "suggestions.changed"
    parts = ("suggestions",)
    suggestions: SuggestionsStateShape
