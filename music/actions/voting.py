"""Casting votes, many at once.

A room has one writer at a time, so of many people who vote at once, each would wait for all who
came before. Instead, whoever's turn it is counts every vote that has come in by then: one lock, one
transaction, one commit for all of them. Those whose votes were counted by another answer at once;
one whose vote came in meanwhile has the next turn.
"""

import threading
from dataclasses import dataclass, field

from cachetools import LRUCache
from django.utils.translation import gettext_noop as _

from music.actions.ballots import Ballot, count
from music.actions.tallies import Tally
from music.metrics import VOTE_SECONDS
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import Invalid
from rooms.models import Member


@dataclass(eq=False)
class Box:
    """The ballots of one room that nobody in this process has taken out to count yet."""

    ballots: list[Ballot] = field(default_factory=list)
    counting: bool = False


_boxes: LRUCache[int, Box] = LRUCache(maxsize=10_000)
_handing_in = threading.Lock()


@VOTE_SECONDS.time()
def cast_vote(*, member: Member, item_id: int, value: int) -> Tally:
    """The member's vote on a waiting item is now `value`: 1 up, -1 down, 0 none.

    Absolute: a repeat changes and publishes nothing. Call it outside of any transaction. Raises
    `UnknownItem`, `AlreadyStarted` (its votes are closed), `DownvotesOff`, `NotAllowed`, `Banned`,
    `NoMembership`, `Invalid`, and `RoomEnded` or `UnknownRoom` of `changing`.
    """
    if value not in (-1, 0, 1):
        raise Invalid(_("A vote is 1, -1 or 0."), detail="unknown_vote")
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


def _count_box(room_id: int, box: Box) -> None:
    """Count all ballots that are in the box, and wake their voters and who is to count next."""
    with _handing_in:
        ballots, box.ballots = box.ballots, []
    try:
        with changing(System(room_id, "votes")) as change:
            count(change, ballots)
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
