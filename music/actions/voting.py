"""Voting.

A room has one writer at a time, so of many people who vote at once, each would wait for all who
came before. Instead, whoever's turn it is counts every vote that has come in by then: one lock, one
transaction, one commit for all of them. Those whose votes were counted by another answer at once;
one whose vote came in meanwhile has the next turn.
"""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from cachetools import LRUCache
from django.db import connection
from django.db.models import Q, QuerySet

from music.actions import newcomers
from music.events import QueueTallied
from music.models import ItemState, QueueItem, Vote
from music.queue import Standing, standing
from music.reordering import explanation, present, publish_moves
from rooms import clock
from rooms.errors import (
    AlreadyStarted,
    Banned,
    DownvotesOff,
    Invalid,
    NoMembership,
    RoomError,
    UnknownItem,
)
from rooms.models import Member, Room
from rooms.publish import changing, changing_by, publish, publish_arrivals, tell
from rooms.roles import Act


@dataclass(frozen=True)
class Tally:
    """The votes of an item, counted, and how many are held back."""

    item_id: int
    up: int
    down: int
    held: int = 0

    @property
    def score(self) -> int:
        return self.up - self.down


@dataclass(eq=False)
class Ballot:
    """One vote on its way: what is wanted, and what came of it.

    `woken` is set when it has been counted or refused, or else when its voter is to count.
    """

    member: Member
    item_id: int
    value: int
    tally: Tally | None = None
    refusal: Exception | None = None
    woken: threading.Event = field(default_factory=threading.Event)


@dataclass(eq=False)
class Box:
    """The ballots of one room that nobody in this process has taken out to count yet."""

    ballots: list[Ballot] = field(default_factory=list)
    counting: bool = False


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
        waits, box.counting = box.counting, True
    if waits:
        ballot.woken.wait()
    if ballot.tally is None and ballot.refusal is None:
        _count_box(member.room_id, box)
    if ballot.refusal is not None:
        raise ballot.refusal
    assert ballot.tally is not None
    return ballot.tally


def let_count(*, member: Member, item_id: int) -> Tally:
    """Let the votes on an item count that are held back, and all later ones at once.

    Raises `NotAllowed`, `UnknownItem`.
    """
    with changing_by(member) as room:
        member.require(Act.CURATE)
        before = standing(room)
        if item_id not in before.facts:
            raise UnknownItem
        QueueItem.objects.filter(pk=item_id).update(trusted=True)
        after = _release(room, before, Vote.objects.filter(item=item_id, held=True), [item_id])
        fact = after.facts[item_id]
        return Tally(item_id, fact.up, fact.down)


def let_due_count(*, room_id: int) -> bool:
    """Let votes count that have been held back long enough. Returns whether any were due."""
    with changing(room_id) as room:
        now_ms = clock.now_ms()
        due = QueueItem.objects.held_until(now_ms).filter(room=room)
        item_ids = list(due.values_list("pk", flat=True))
        if item_ids:
            votes = newcomers.releasable(item_ids, now_ms)
            _release(room, standing(room), votes, item_ids)
        return bool(item_ids)


def count(room: Room, ballots: Iterable[Ballot]) -> None:
    """Count ballots of a locked room: write the votes, keep the tallies equal to them, publish.

    A ballot that cannot count gets its `refusal`; the others are not touched by it. The number of
    queries does not depend on how many voters, ballots, items or past tracks there are.
    """
    before = present(room)
    ballots = _admitted(room, ballots, before.facts)
    known = _votes_among(ballots)
    votes = dict(known)
    for ballot in ballots:
        key = (ballot.item_id, ballot.member.pk)
        if votes.get(key, _NONE).value != ballot.value:
            votes[key] = _Counted(ballot.value)
    changed = {key: vote for key, vote in votes.items() if vote != known.get(key, _NONE)}
    _write(changed)
    after = _tallied(before, known, changed)
    after = _held_back(after, newcomers.hold(room, [after.facts[item] for item, _ in changed]))
    for ballot in ballots:
        fact = after.facts[ballot.item_id]
        ballot.tally = Tally(fact.id, fact.up, fact.down, after.held.get(fact.id, 0))
    _publish(room, before, after, changed)


def _count_box(room_id: int, box: Box) -> None:
    """Count all ballots that are in the box, and wake their voters and who is to count next."""
    with _handing_in:
        ballots, box.ballots = box.ballots, []
    try:
        with changing(room_id) as room:
            count(room, ballots)
    except Exception as failure:
        # The room has ended, or the database is away: none of them was counted.
        for ballot in ballots:
            ballot.tally, ballot.refusal = None, failure
        raise
    finally:
        with _handing_in:
            box.counting = bool(box.ballots)
            ballots += box.ballots[:1]
        for ballot in ballots:
            ballot.woken.set()


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
            voter.room = room
            voter.require(Act.VOTE)
            if ballot.value < 0 and not room.rules.downvotes:
                raise DownvotesOff
            if ballot.item_id in elsewhere:
                raise AlreadyStarted if ballot.item_id in started else UnknownItem
        except RoomError as refusal:
            ballot.refusal = refusal
    admitted = [ballot for ballot in ballots if ballot.refusal is None]
    publish_arrivals(room, [voters[ballot.member.pk] for ballot in admitted])
    return admitted


def _started_among(room: Room, item_ids: Collection[int]) -> set[int]:
    items = QueueItem.objects.filter(room=room, pk__in=item_ids)
    never = [ItemState.WAITING, ItemState.REMOVED]
    return set(items.exclude(state__in=never).values_list("pk", flat=True))


@dataclass(frozen=True)
class _Counted:
    """What a member's vote on an item is; a held one does not count yet."""

    value: int
    held: bool = False


_NONE = _Counted(0)
_Key = tuple[int, int]  # item, member


def _votes_among(ballots: list[Ballot]) -> dict[_Key, _Counted]:
    """What these voters have voted on these items so far."""
    rows = Vote.objects.filter(
        item__in={ballot.item_id for ballot in ballots},
        member__in={ballot.member.pk for ballot in ballots},
    ).values_list("item_id", "member_id", "value", "held")
    return {(item_id, member_id): _Counted(value, held) for item_id, member_id, value, held in rows}


def _write(changed: dict[_Key, _Counted]) -> None:
    cast = [
        Vote(item_id=item_id, member_id=member_id, value=vote.value, held=vote.held)
        for (item_id, member_id), vote in changed.items()
        if vote.value != 0
    ]
    if cast:
        Vote.objects.bulk_create(
            cast,
            update_conflicts=True,
            unique_fields=["item", "member"],
            update_fields=["value", "held"],
        )
    withdrawn = [
        Q(item=item_id, member=member_id)
        for (item_id, member_id), vote in changed.items()
        if vote.value == 0
    ]
    if withdrawn:
        Vote.objects.filter(reduce(or_, withdrawn)).delete()


def _tallied(
    before: Standing, known: dict[_Key, _Counted], changed: dict[_Key, _Counted]
) -> Standing:
    """How things stand with these votes: the old ones go, the new ones come."""
    moves = [
        move
        for key, vote in changed.items()
        for move in ((key[0], known.get(key, _NONE), -1), (key[0], vote, +1))
    ]
    return _moved(before, moves)


def _held_back(counted: Standing, held: newcomers.Held) -> Standing:
    """How things stand when these votes do not count yet."""
    return _moved(
        counted,
        [
            move
            for item_id, value, votes in held
            for move in (
                (item_id, _Counted(value), -votes),
                (item_id, _Counted(value, held=True), +votes),
            )
        ],
    )


def _moved(before: Standing, moves: list[tuple[int, _Counted, int]]) -> Standing:
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


def _release(room: Room, before: Standing, votes: QuerySet[Vote], item_ids: list[int]) -> Standing:
    """Let these held votes on these items count."""
    moves = [
        move
        for item_id, value in votes.values_list("item_id", "value")
        for move in ((item_id, _Counted(value, held=True), -1), (item_id, _Counted(value), +1))
    ]
    votes.update(held=False)
    newcomers.set_next_release(item_ids)
    after = _moved(before, moves)
    publish_tallies(room, after, item_ids)
    publish_moves(room, before, after, told=item_ids)
    return after


def _publish(room: Room, before: Standing, after: Standing, changed: dict[_Key, _Counted]) -> None:
    touched = list({item_id: None for item_id, _ in changed})
    publish_tallies(room, after, touched)
    publish_moves(room, before, after, told=touched)
    for (item_id, member_id), vote in changed.items():
        tell(room, member_id, votes={str(item_id): vote.value})


def publish_tallies(room: Room, after: Standing, item_ids: Collection[int]) -> None:
    """Keep the tallies of these items as they stand, and tell everybody."""
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
        held = after.held.get(fact.id, 0)
        publish(
            room,
            QueueTallied(
                up=fact.up, down=fact.down, score=fact.score, held=held,
                **explanation(after, fact.id),
            ),
        )  # fmt: skip
