"""Votes that are held back: they count when their time comes, or when somebody lets them."""

from django.db.models import QuerySet

from music import acts
from music.actions import newcomers
from music.actions.tallies import CountedVote, Tally, publish_tallies, with_votes
from music.errors import UnknownItem
from music.models import QueueItem, Vote
from music.queue_state import Standing, standing
from music.reordering import publish_moves
from rooms import clock
from rooms.actors import Actor, System
from rooms.changes import Change, changing


def let_count(*, by: Actor, item_id: int) -> Tally:
    """Let the votes on an item count that are held back, and all later ones at once.

    Raises `NotAllowed`, `UnknownItem`.
    """
    with changing(by) as change:
        by.require(acts.CURATE)
        before = standing(change.room)
        if item_id not in before.facts:
            raise UnknownItem
        QueueItem.objects.filter(pk=item_id).update(trusted=True)
        after = _release(change, before, Vote.objects.filter(item=item_id, held=True), [item_id])
        fact = after.facts[item_id]
        return Tally(item_id, fact.up, fact.down)


def let_due_count(*, room_id: int) -> bool:
    """Let votes count that have been held back long enough. Returns whether any were due."""
    with changing(System(room_id, "votes")) as change:
        now_ms = clock.now_ms()
        due = QueueItem.objects.held_until(now_ms).filter(room=change.room)
        item_ids = list(due.values_list("pk", flat=True))
        if item_ids:
            votes = newcomers.releasable(item_ids, now_ms)
            _release(change, standing(change.room), votes, item_ids)
        return bool(item_ids)


def _release(
    change: Change, before: Standing, votes: QuerySet[Vote], item_ids: list[int]
) -> Standing:
    """Let these held votes on these items count."""
    moves = []
    for item_id, value in votes.values_list("item_id", "value"):
        moves += [(item_id, CountedVote(value, held=True), -1), (item_id, CountedVote(value), +1)]
    votes.update(held=False)
    newcomers.set_next_release(item_ids)
    after = with_votes(before, moves)
    publish_tallies(change, before, after, item_ids)
    publish_moves(change, before, after, told=item_ids)
    return after
