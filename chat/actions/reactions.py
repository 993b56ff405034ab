"""Counting the reactions of a room."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from chat.events import ReactionsCounted
from chat.models import ReactionTally
from rooms import clock
from rooms.actors import System
from rooms.changes import changing


def count_reactions(*, room_id: int, sums: Mapping[str, Mapping[str, int]]) -> None:
    """Add what came in since the last time, by subject and reaction. Raises `RoomEnded`."""
    with changing(System(room_id, "reactions")) as change:
        for n, (subject, sum_of_each) in enumerate(sums.items()):
            tally = ReactionTally.objects.filter(room=change.room, subject=subject).first()
            tally = tally or ReactionTally(room=change.room, subject=subject)
            tally.counts = dict(Counter(tally.counts) + Counter(sum_of_each))
            tally.counted_at_ms = clock.now_ms() + n  # the last one is what a snapshot has
            tally.save()
            change.publish(ReactionsCounted(subject, tally.counts))
