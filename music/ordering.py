"""Who is next: pure functions from the facts about waiting items to their order and reasons.

Whatever the mode, the locked item comes first, then the pinned ones, then what members asked for
in the order of the mode, then what the room suggests, then the shelf. `order` says who is next,
`explain` and `reason` say why, and `started` keeps the two numbers that fair mode remembers.

Fair mode is fair queueing with requesters as flows, tracks as packets and the speaker as the link.
Where the literature gives a flow one weight, here each track has its own, made of its votes.

- P. Goyal, H. Vin, H. Cheng: Start-time Fair Queuing, SIGCOMM 1996 (virtual start and finish).
- S. J. Golestani: A Self-Clocked Fair Queueing Scheme, INFOCOM 1994 (play the smallest finish).
- J. Bennett, H. Zhang: Hierarchical Packet Fair Queueing Algorithms, SIGCOMM 1996 (WF2Q+: virtual
  time is at least the smallest start of what waits).
"""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from math import inf, log

from django.utils.translation import gettext_noop as _

from rooms.sentences import Sentence

# The share of a newcomer's track that votes can move their first turn by, in virtual time.
FIRST_TURN = 0.25

Key = Callable[["Facts"], tuple[float, ...]]


@dataclass(frozen=True)
class Facts:
    """What ordering may know about one waiting item.

    Times ending in `_at_ms` are UTC; `requester_finish_ms` and `floor_ms` are virtual (`_turns`).
    """

    id: int
    up: int  # votes that count; those held back are in neither
    down: int
    added_at_ms: int
    duration_ms: int
    requester: int | None  # None: from the shelf or the like
    requester_plays: int  # tracks of the requester that have started in this room
    requester_played_at_ms: int | None  # when the last of them did
    requester_finish_ms: int | None  # virtual finish of the last of them
    floor_ms: int  # the room's virtual time when the item was added
    artist: str = ""  # key of the first artist; "": unknown, which never makes a run
    place: int | None = None  # in host order
    pinned_at_ms: int | None = None
    locked: bool = False
    is_suggested: bool = False  # the room added it from its suggestions
    gives_way: bool = False  # a station, where stations play only when nothing else waits

    @property
    def score(self) -> int:
        return self.up - self.down


@dataclass(frozen=True)
class Setting:
    """What the order depends on besides the items."""

    mode: str = "votes"  # "votes", "fair" or "host"
    artist_in_a_row: int | None = None  # most tracks in a row by one artist; None: no limit
    run_artist: str = ""  # the artist of what plays now,
    run_length: int = 0  # and how many in a row of theirs have played, it included


@dataclass(frozen=True)
class Why:
    """Why an item stands where it does; clients make a sentence of it."""

    # next | pinned | votes | turn | placed | new | gives_way | suggested | shelf | spaced
    kind: str
    nth: int  # which of its requester's waiting tracks in playing order; 0 without a requester
    played_at: int | None  # when a track of the requester last started


def order(queue: Iterable[Facts], setting: Setting) -> list[Facts]:
    """The waiting items in playing order: locked, pinned (latest first), members', room's, shelf.

    Of the members', those that give way come last.

    Members' items go by the mode, and so do those of the other two among themselves; all are then
    spaced so that no artist plays too often in a row, except in host order, where the host decides.
    The same for any permutation of `queue`. O(n log n) for n items: sorting; spacing is O(n).
    """
    return _spaced(_unspaced(queue, setting), setting)


def explain(ordered: Sequence[Facts], setting: Setting) -> dict[int, Why]:
    """Why each item stands where it does, by id, for what `order` returned. O(n log n)."""
    unspaced = {item.id: at for at, item in enumerate(_unspaced(ordered, setting))}
    waiting: Counter[int] = Counter()
    whys = {}
    for at, item in enumerate(ordered):
        nth = 0
        if item.requester is not None:
            waiting[item.requester] += 1
            nth = waiting[item.requester]
        kind = _kind(item, setting.mode, spaced=at > unspaced[item.id])
        whys[item.id] = Why(kind, nth, item.requester_played_at_ms)
    return whys


VOTES = Sentence(_("{n} votes"), one=_("{n} vote"))


def reason(why: Why, *, score: int) -> str:
    """One short line for listeners, without names and times: those are for clients to add."""
    votes = VOTES.in_english({"n": score}).replace("-", "−")
    match why.kind:
        case "next":
            return "Next, fixed"
        case "pinned":
            return "Pinned by the host"
        case "turn":
            return f"Their {'next' if why.nth == 1 else _ordinal(why.nth)} turn, {votes}"
        case "placed":
            return "Placed by the host"
        case "new":
            return "New, not placed yet"
        case "gives_way":
            return "Plays when nothing else waits"
        case "suggested":
            return "Suggested by the room"
        case "shelf":
            return "From the shelf"
        case "spaced":
            return f"Waits for another artist, {votes}"
        case _:
            return votes


def cost_ms(fact: Facts) -> float:
    """Virtual milliseconds that playing the item costs its requester: duration ÷ weight.

    The weight of score s is 1 + ln s from 1 up and 1 / (1 + ln(2 − s)) below, so that one's own
    vote alone weighs 1 and each vote changes less than the one before; never less than a half, so
    that votes down cost a turn at most and cannot keep anybody out. O(1).
    """
    return max(1, fact.duration_ms) / _weight(fact.score)


def _weight(score: int) -> float:
    return 1 + log(score) if score >= 1 else max(0.5, 1 / (1 + log(2 - score)))


def started(queue: Iterable[Facts], item: Facts, *, virtual_ms: int) -> tuple[int, int]:
    """What fair mode remembers when `item` of `queue` starts, in every mode.

    Returns the requester's new virtual finish and the room's new virtual time, in whole
    milliseconds. The finish is the item's own. Virtual time is the largest of

    - what it was;
    - the smallest virtual start of what waits still (WF2Q+), or the item's finish when nothing
      does, so that who plays to an empty queue owes nobody a round later;
    - if the item was a catch-up (its start came from its arrival): what it was + duration ÷ number
      of requesters that had something waiting, though no further than the longest track beyond the
      smallest finish of what waits.

    Only a catch-up moves time by itself, as catch-ups are all that can keep others waiting for
    ever. If every start did, time would run a round ahead of those who always have something
    waiting, and a newcomer would wait for that round (simulated: 4 tracks among 4 requesters,
    against none).

    An item without requester has no finish (0 is returned) and leaves time alone. O(n log n).
    """
    if item.requester is None:
        return 0, virtual_ms
    waiting = [other for other in queue if other.requester is not None]
    requesters = len({other.requester for other in waiting} | {item.requester})
    turn = _turn(item, item.requester_finish_ms, nth=1)
    left = [
        replace(other, requester_finish_ms=round(turn.finish))
        if other.requester == item.requester
        else other
        for other in waiting
        if other.id != item.id
    ]
    turns = _turns(left).values()
    smallest_start = min((other.start for other in turns), default=turn.finish)
    time = max(float(virtual_ms), smallest_start)
    if turn.catches_up:
        longest = max(other.duration_ms for other in (item, *waiting))
        smallest_finish = min((other.finish for other in turns), default=turn.finish)
        pushed = virtual_ms + item.duration_ms / requesters
        time = max(time, min(pushed, smallest_finish + longest))
    return round(turn.finish), round(time)


def _unspaced(queue: Iterable[Facts], setting: Setting) -> list[Facts]:
    items = list(queue)
    by_mode = _KEYS[setting.mode](items)

    def key(item: Facts) -> tuple[float, ...]:
        pinned = -item.pinned_at_ms if item.pinned_at_ms is not None else 0
        return (_tier(item), 0 if item.locked else pinned, *by_mode(item), item.id)

    return sorted(items, key=key)


def _tier(item: Facts) -> int:
    if item.locked:
        return 0
    if item.pinned_at_ms is not None:
        return 1
    if item.requester is not None:
        return 3 if item.gives_way else 2
    return 4 if item.is_suggested else 5


def _by_votes(items: Sequence[Facts]) -> Key:
    return lambda item: (-item.score, item.requester_plays, item.added_at_ms)


def _by_place(items: Sequence[Facts]) -> Key:
    return lambda item: (inf if item.place is None else item.place, item.added_at_ms)


def _by_turn(items: Sequence[Facts]) -> Key:
    """Smallest virtual finish first; ties: fewer plays by then, then the earlier arrival.

    Bounds, where N is the most requesters that wait at once, L the longest track, and all have
    one vote; `tests/test_ordering.py` simulates each:

    - A newcomer finishes at the virtual time of their arrival: before those who have something
      waiting all the time, after newcomers who came earlier. Only while catch-ups have carried
      time ahead, by at most L, do others go first. Who was away and comes back is no newcomer.
    - While a person's first track waits, someone who adds fifty gets one of them in; with unequal
      durations less than 2 L of airtime.
    - Two that always have something waiting: airtime differs by at most L, + 2 L of catch-up.
    - Between two turns of someone who has something waiting, others play at most 5 N tracks, or
      5 N L of airtime, however many newcomers come: their finish is at most 2 L ahead of virtual
      time; 2 N catch-ups carry it past that, N more may be waiting then, and 2 N of those may each
      be followed by a second track that fits in. If newcomers bring one track each it is 3 N, and
      among people who always have something waiting 2 of each other. (The worst seen in
      simulations are 3.8 N and 2 N.)

    More votes shift all of this by the ratio of weights, which is what they are for.
    """
    turns = _turns([item for item in items if item.requester is not None])

    def key(item: Facts) -> tuple[float, ...]:
        if item.requester is None:
            return (-item.score, 0, item.added_at_ms)
        turn = turns[item.id]
        return (turn.finish, item.requester_plays + turn.nth, item.added_at_ms)

    return key


_KEYS: dict[str, Callable[[Sequence[Facts]], Key]] = {
    "votes": _by_votes,
    "fair": _by_turn,
    "host": _by_place,
}


@dataclass(frozen=True)
class _Turn:
    """When an item would play if all requesters were served at once, in virtual milliseconds."""

    start: float
    finish: float
    nth: int
    catches_up: bool


def _turns(items: Sequence[Facts]) -> dict[int, _Turn]:
    """Each item's turn, by id. O(n log n).

    Virtual time is the work done for each requester if all were served at once. A requester's
    tracks follow each other, in the order in which they will play: locked and pinned ones first,
    as they will be charged first, then by score, arrival, id.
    """
    by_requester: defaultdict[int | None, list[Facts]] = defaultdict(list)
    for item in items:
        by_requester[item.requester].append(item)
    turns = {}
    for own in by_requester.values():
        own.sort(key=_within_requester)
        finish: float | None = own[0].requester_finish_ms
        for nth, item in enumerate(own, 1):
            turns[item.id] = _turn(item, finish, nth=nth)
            finish = turns[item.id].finish
    return turns


def _within_requester(item: Facts) -> tuple[float, ...]:
    pinned = 0 if item.locked or item.pinned_at_ms is None else -item.pinned_at_ms
    return (_tier(item), pinned, -item.score, item.added_at_ms, item.id)


def _turn(item: Facts, previous: float | None, *, nth: int) -> _Turn:
    """The turn after one that finished at `previous` (None: there was none).

    start = max(previous, floor), finish = start + cost. A newcomer has finished by the time of
    their arrival: they catch up by one track, however long it is, and so go before those who have
    had theirs. Votes move a newcomer's turn by `FIRST_TURN` · duration · (1 − 1 ÷ weight) only, so
    that those whom nobody knows yet are not passed by everybody who comes later.
    """
    cost = cost_ms(item)
    if previous is None:
        finish = item.floor_ms - FIRST_TURN * item.duration_ms * (1 - 1 / _weight(item.score))
        return _Turn(finish - cost, finish, nth, catches_up=True)
    start = max(previous, float(item.floor_ms))
    return _Turn(start, start + cost, nth, catches_up=False)


def _spaced(items: Sequence[Facts], setting: Setting) -> list[Facts]:
    """`items`, but no artist more than `artist_in_a_row` times while another can play.

    Takes the first item whose artist may play, or the first of all when none may (never silence);
    each tier of `_tier` among itself, locked and pinned ones as they are. What is
    passed over is always of one artist, the one that may not play now: it returns as soon as
    another has played. So one queue of them is enough, and it is O(n).
    """
    most = setting.artist_in_a_row
    if most is None or setting.mode == "host":
        return list(items)
    ordered: list[Facts] = []
    artist, length = setting.run_artist, setting.run_length
    for tier, group in groupby(items, key=_tier):
        ahead, passed_over = deque(group), deque[Facts]()
        while ahead or passed_over:
            full = artist if length >= most else ""
            item = ahead.popleft() if tier < 2 else _first_but(full, passed_over, ahead)
            length = length + 1 if item.artist == artist else 1
            artist = item.artist
            ordered.append(item)
    return ordered


def _first_but(artist: str, passed_over: deque[Facts], ahead: deque[Facts]) -> Facts:
    """Takes out the first item that is not of `artist` ("": any), or the first if all are."""
    if passed_over and not (artist and passed_over[0].artist == artist):
        return passed_over.popleft()
    while ahead and artist and ahead[0].artist == artist:
        passed_over.append(ahead.popleft())
    return ahead.popleft() if ahead else passed_over.popleft()


def _kind(item: Facts, mode: str, *, spaced: bool) -> str:
    if item.locked:
        return "next"
    if item.pinned_at_ms is not None:
        return "pinned"
    if item.requester is None:
        return "suggested" if item.is_suggested else "shelf"
    if item.gives_way:
        return "gives_way"
    if mode == "host":
        return "new" if item.place is None else "placed"
    if spaced:
        return "spaced"
    return "turn" if mode == "fair" else "votes"


def _ordinal(number: int) -> str:
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
