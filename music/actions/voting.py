"""Voting.

A room has one writer at a time, so of many people who vote at once, each would wait for all who
came before. Instead, whoever's turn it is counts every vote that has come in by then: one lock, one
transaction, one commit for all of them.
"""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from cachetools import LRUCache
from django.db.models import Q

from music.events import QueueOrdered, QueueTallied
from music.models import ItemState, QueueItem, Vote
from music.ordering import Facts, by_votes, reason
from music.queue import facts_of
from rooms.errors import AlreadyStarted, Banned, Invalid, NoMembership, RoomError, UnknownItem
from rooms.models import Member, Room
from rooms.publish import changing, publish, tell
from rooms.roles import Act


@dataclass(frozen=True)
class Tally:
    """The votes of an item, counted."""

    item_id: int
    up: int
    down: int

    @property
    def score(self) -> int:
        return self.up - self.down


@dataclass(eq=False)
class Ballot:
    """One vote on its way: what is wanted, and what came of it."""

    member: Member
    item_id: int
    value: int
    tally: Tally | None = None
    refusal: Exception | None = None


@dataclass(eq=False)
class Box:
    """The ballots of one room that this process has not counted yet."""

    counting: threading.Lock = field(default_factory=threading.Lock)
    ballots: list[Ballot] = field(default_factory=list)


_boxes: LRUCache[int, Box] = LRUCache(maxsize=10_000)
_handing_in = threading.Lock()


def cast_vote(*, member: Member, item_id: int, value: int) -> Tally:
    """The member's vote on a waiting item is now `value`: 1 up, -1 down, 0 none.

    Absolute: a repeat changes and publishes nothing. Call it outside of any transaction. Raises
    `UnknownItem`, `AlreadyStarted` (its votes are closed), `NotAllowed`, `Invalid`.
    """
    if value not in (-1, 0, 1):
        raise Invalid("A vote is 1, -1 or 0.")
    ballot = Ballot(member, item_id, value)
    with _handing_in:
        box = _boxes.setdefault(member.room_id, Box())
        box.ballots.append(ballot)
    with box.counting:
        if ballot.tally is None and ballot.refusal is None:
            with _handing_in:
                ballots, box.ballots = box.ballots, []
            _count_box(member.room_id, ballots)
    if ballot.refusal is not None:
        raise ballot.refusal
    assert ballot.tally is not None
    return ballot.tally


def count(room: Room, ballots: Iterable[Ballot]) -> None:
    """Count ballots of a locked room: write the votes, keep the tallies equal to them, publish.

    A ballot that cannot count gets its `refusal`; the others are not touched by it. The number of
    queries does not depend on how many voters, ballots or past tracks there are, only on how many
    different items are voted on.
    """
    before = facts_of(room)
    facts = {fact.id: fact for fact in before}
    ballots = _admitted(room, ballots, facts)
    known = _votes_among(ballots)
    votes = dict(known)
    for ballot in ballots:
        key = (ballot.item_id, ballot.member.pk)
        old, fact = votes.get(key, 0), facts[ballot.item_id]
        facts[ballot.item_id] = replace(
            fact,
            up=fact.up + (ballot.value == 1) - (old == 1),
            down=fact.down + (ballot.value == -1) - (old == -1),
        )
        votes[key] = ballot.value
    for ballot in ballots:
        fact = facts[ballot.item_id]
        ballot.tally = Tally(fact.id, fact.up, fact.down)
    changed = {key: value for key, value in votes.items() if value != known.get(key, 0)}
    _write(changed)
    _publish(room, before, facts, changed)


def _count_box(room_id: int, ballots: list[Ballot]) -> None:
    try:
        with changing(room_id) as room:
            count(room, ballots)
    except Exception as failure:
        # The room has ended, or the database is away: none of them was counted.
        for ballot in ballots:
            ballot.tally, ballot.refusal = None, failure
        raise


def _admitted(room: Room, ballots: Iterable[Ballot], waiting: Collection[int]) -> list[Ballot]:
    """The ballots that may be counted; the others get their refusal.

    By what holds under the lock: a voter may have been removed since the vote set out.
    """
    ballots = list(ballots)
    voters = Member.objects.filter(room=room).in_bulk({ballot.member.pk for ballot in ballots})
    elsewhere = {ballot.item_id for ballot in ballots} - set(waiting)
    started = _started_among(room, elsewhere) if elsewhere else set()
    for ballot in ballots:
        try:
            voter = voters.get(ballot.member.pk)
            if voter is None:
                raise NoMembership
            if voter.banned:
                raise Banned
            voter.require(Act.VOTE)
            if ballot.item_id in elsewhere:
                raise AlreadyStarted if ballot.item_id in started else UnknownItem
        except RoomError as refusal:
            ballot.refusal = refusal
    return [ballot for ballot in ballots if ballot.refusal is None]


def _started_among(room: Room, item_ids: Collection[int]) -> set[int]:
    items = QueueItem.objects.filter(room=room, pk__in=item_ids)
    never = [ItemState.WAITING, ItemState.REMOVED]
    return set(items.exclude(state__in=never).values_list("pk", flat=True))


def _votes_among(ballots: list[Ballot]) -> dict[tuple[int, int], int]:
    """What these voters have voted on these items so far, by item and member."""
    rows = Vote.objects.filter(
        item__in={ballot.item_id for ballot in ballots},
        member__in={ballot.member.pk for ballot in ballots},
    ).values_list("item_id", "member_id", "value")
    return {(item_id, member_id): value for item_id, member_id, value in rows}


def _write(changed: dict[tuple[int, int], int]) -> None:
    cast = [
        Vote(item_id=item_id, member_id=member_id, value=value)
        for (item_id, member_id), value in changed.items()
        if value != 0
    ]
    if cast:
        Vote.objects.bulk_create(
            cast,
            update_conflicts=True,
            unique_fields=["item", "member"],
            update_fields=["value"],
        )
    withdrawn = [
        Q(item=item_id, member=member_id)
        for (item_id, member_id), value in changed.items()
        if value == 0
    ]
    if withdrawn:
        Vote.objects.filter(reduce(or_, withdrawn)).delete()


def _publish(
    room: Room,
    before: list[Facts],
    facts: dict[int, Facts],
    changed: dict[tuple[int, int], int],
) -> None:
    for item_id in {item_id: None for item_id, _ in changed}:
        fact = facts[item_id]
        QueueItem.objects.filter(pk=item_id).update(up=fact.up, down=fact.down)
        why = reason(score=fact.score)
        publish(room, QueueTallied(str(item_id), fact.up, fact.down, fact.score, why))
    order = by_votes(facts.values())
    if order != by_votes(before):
        publish(room, QueueOrdered([str(pk) for pk in order]))
    for (item_id, member_id), value in changed.items():
        tell(room, member_id, votes={str(item_id): value})
