"""Ballots in a locked room: which of them count, and what follows from those that do."""

import threading
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_

from django.db.models import Q

from music import acts
from music.actions import newcomers
from music.actions.tallies import NO_VOTE, CountedVote, Tally, publish_tallies, with_votes
from music.errors import AlreadyStarted, DownvotesOff, UnknownItem
from music.events import MemberVoted
from music.models import ItemState, QueueItem, Vote
from music.queue_state import Standing
from music.reordering import cached_standing, publish_moves
from music.room_rules import music_rules
from rooms.changes import Change
from rooms.errors import NoMembership, RoomError
from rooms.models import Member, Room

_Key = tuple[int, int]  # item, member


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


def count(change: Change, ballots: Iterable[Ballot]) -> None:
    """Count ballots of a locked room: write the votes, keep the tallies equal to them, publish.

    A ballot that cannot count gets its `refusal`; the others are not touched by it. The number of
    queries does not depend on how many voters, ballots, items or past tracks there are.
    """
    before = cached_standing(change)
    ballots = _admitted(change, ballots, before.facts)
    known = _votes_among(ballots)
    votes = dict(known)
    for ballot in ballots:
        key = (ballot.item_id, ballot.member.pk)
        if votes.get(key, NO_VOTE).value != ballot.value:
            votes[key] = CountedVote(ballot.value)
    changed = {key: vote for key, vote in votes.items() if vote != known.get(key, NO_VOTE)}
    _write(changed)
    after = _tallied(before, known, changed)
    after = _held_back(
        after, newcomers.hold(change.room, [after.facts[item] for item, _ in changed])
    )
    for ballot in ballots:
        fact = after.facts[ballot.item_id]
        ballot.tally = Tally(fact.id, fact.up, fact.down)
    _publish(change, before, after, changed)


def _admitted(change: Change, ballots: Iterable[Ballot], waiting: Collection[int]) -> list[Ballot]:
    """The ballots that may be counted; the others get their refusal.

    By what holds under the lock: a voter may have been removed since the vote set out.
    """
    ballots, room = list(ballots), change.room
    voters = Member.objects.filter(room=room).in_bulk({ballot.member.pk for ballot in ballots})
    elsewhere = {ballot.item_id for ballot in ballots} - set(waiting)
    started = _started_among(room, elsewhere) if elsewhere else set()
    for ballot in ballots:
        try:
            voter = voters.get(ballot.member.pk)
            if voter is None or voter.left:
                raise NoMembership
            if voter.banned:
                raise voter.ban_refusal()
            voter.room = room
            voter.require(acts.VOTE)
            if ballot.value < 0 and not music_rules(room).downvotes:
                raise DownvotesOff
            if ballot.item_id in elsewhere:
                raise AlreadyStarted if ballot.item_id in started else UnknownItem
        except RoomError as refusal:
            ballot.refusal = refusal
    admitted = [ballot for ballot in ballots if ballot.refusal is None]
    change.publish_arrivals([voters[ballot.member.pk] for ballot in admitted])
    return admitted


def _started_among(room: Room, item_ids: Collection[int]) -> set[int]:
    items = QueueItem.objects.filter(room=room, pk__in=item_ids)
    never = [ItemState.WAITING, ItemState.REMOVED]
    return set(items.exclude(state__in=never).values_list("pk", flat=True))


def _votes_among(ballots: list[Ballot]) -> dict[_Key, CountedVote]:
    """What these voters have voted on these items so far."""
    rows = Vote.objects.filter(
        item__in={ballot.item_id for ballot in ballots},
        member__in={ballot.member.pk for ballot in ballots},
    ).values_list("item_id", "member_id", "value", "held")
    return {(item, member): CountedVote(value, held) for item, member, value, held in rows}


def _write(changed: dict[_Key, CountedVote]) -> None:
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
    before: Standing, known: dict[_Key, CountedVote], changed: dict[_Key, CountedVote]
) -> Standing:
    """How things stand with these votes: the old ones go, the new ones come."""
    moves = [
        move
        for key, vote in changed.items()
        for move in ((key[0], known.get(key, NO_VOTE), -1), (key[0], vote, +1))
    ]
    return with_votes(before, moves)


def _held_back(counted: Standing, held: newcomers.Held) -> Standing:
    """How things stand when these votes do not count yet."""
    return with_votes(
        counted,
        [
            move
            for item_id, value, votes in held
            for move in (
                (item_id, CountedVote(value), -votes),
                (item_id, CountedVote(value, held=True), +votes),
            )
        ],
    )


def _publish(
    change: Change, before: Standing, after: Standing, changed: dict[_Key, CountedVote]
) -> None:
    touched = list({item_id: None for item_id, _ in changed})
    publish_tallies(change, before, after, touched)
    publish_moves(change, before, after, told=touched)
    for (item_id, member_id), vote in changed.items():
        change.publish(MemberVoted(member_id, {str(item_id): vote.value}))
