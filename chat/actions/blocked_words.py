"""The words that a room does not want in its chat."""

from __future__ import annotations

from collections.abc import Sequence

from chat.events import BlockedWordsChanged
from chat.models import BlockedWords
from chat.word_matching import cleaned_words
from rooms.actors import Actor
from rooms.acts import GOVERN
from rooms.changes import changing


def set_blocked_words(*, by: Actor, words: Sequence[str]) -> list[str]:
    """Block these words in the room's chat, and no others. Raises `NotAllowed`, `Invalid`."""
    with changing(by) as change:
        by.require(GOVERN)
        kept = cleaned_words(words)
        BlockedWords.objects.update_or_create(room=change.room, defaults={"words": kept})
        change.publish(BlockedWordsChanged(kept))
        return kept
