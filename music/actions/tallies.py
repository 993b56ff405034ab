"""The tallies of items: how they stand with other votes, and how they are kept and published."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.db import connection

from music.events import QueueHeld, QueueTallied
from music.queue_state import Standing
from music.reordering import explanation
from rooms.changes import Change


@dataclass(frozen=True)
class Tally:
    """The votes of an item that count."""

    item_id: int
    up: int
    down: int

    @property
    def score(self) -> int:
        return self.up - self.down


@dataclass(frozen=True)
class CountedVote:
    """What a member's vote on an item is; a held one does not count yet."""

    value: int
    held: bool = False


NO_VOTE = CountedVote(0)


def with_votes(before: Standing, moves: list[tuple[int, CountedVote, int]]) -> Standing:
    """How things stand with so many of these votes more, or fewer where it is negative."""
    facts, held = dict(before.facts), dict(before.held)
    for item_id, vote, by in moves:
        if vote.held:
            held[item_id] = held.get(item_id, 0) + by
        elif vote.value == 1:
            facts[item_id] = replace(facts[item_id], up=facts[item_id].up + by)
        elif vote.value == -1:
            facts[item_id] = replace(facts[item_id], down=facts[item_id].down + by)
    still_held = {item_id: votes for item_id, votes in held.items() if votes}
    return before.with_facts(facts.values(), held=still_held) if moves else before


def publish_tallies(
    change: Change, before: Standing, after: Standing, item_ids: Collection[int]
) -> None:
    """Keep the tallies of these items as they stand, and publish them.

    How many votes are held is published only where that is another number than `before`.
    """
    if not item_ids:
        return
    facts = [after.facts[item_id] for item_id in item_ids]
    # Django's own bulk_update takes longer to build its one statement than all of this.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE music_queueitem SET up = %s, down = %s, held = %s WHERE id = %s",
            [(fact.up, fact.down, after.held.get(fact.id, 0), fact.id) for fact in facts],
        )
    for fact in facts:
        change.publish(
            QueueTallied(
                up=fact.up, down=fact.down, score=fact.score, **explanation(after, fact.id)
            )
        )
        held = after.held.get(fact.id, 0)
        if held != before.held.get(fact.id, 0):
            change.publish(QueueHeld(str(fact.id), held))
