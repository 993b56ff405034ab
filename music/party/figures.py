"""Who waited how long, and whose music the room heard."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from music.models import ItemState, QueueItem
from music.party.people import MINUTE_MS, Person
from music.party.phone import Held
from music.party.plan import Party

# Those by whom the others are not to be kept waiting.
NUISANCES = {"flooder", "troll", "brigade"}


@dataclass(frozen=True)
class Ask:
    """A track that somebody asked for. Unheard ones have waited until the night's end."""

    person: str
    habit: str
    asked_at_ms: int
    duration_ms: int
    waited_ms: int
    heard: bool
    airtime_ms: int
    skipped: bool


@dataclass(frozen=True)
class Waits:
    """How long some tracks waited, in minutes, and how many of them were never heard.

    What was never heard counts with the time until the night's end, so its real wait is longer.
    """

    many: int
    unheard: int
    median: float
    p95: float
    worst: float


@dataclass(frozen=True)
class Votes:
    """How many votes people of one habit cast, and how many of them were held back for a while."""

    habit: str
    cast: int
    held: int


@dataclass(frozen=True)
class Report:
    """What came of a party: all tracks asked for in the order of asking, and the refusals."""

    party: Party
    asks: Sequence[Ask]
    refused: dict[tuple[str, str], int]
    votes: Sequence[Votes]

    @property
    def guests(self) -> list[Ask]:
        """What those asked for who are no nuisance."""
        return [ask for ask in self.asks if ask.habit not in NUISANCES]

    @property
    def played(self) -> int:
        return sum(ask.heard for ask in self.asks)

    @property
    def gini(self) -> float:
        """Of airtime among all who asked for anything: 0 is all alike, 1 is one person alone."""
        airtimes = sorted(_airtimes(self.asks).values())
        total, many = sum(airtimes), len(airtimes)
        if not total:
            return 0.0
        ranked = sum(rank * airtime for rank, airtime in enumerate(airtimes, 1))
        return 2 * ranked / (many * total) - (many + 1) / many

    def share_of(self, habit: str) -> float:
        """The share of the airtime that these people's tracks had, 0 to 1."""
        total = sum(ask.airtime_ms for ask in self.asks)
        theirs = sum(ask.airtime_ms for ask in self.asks if ask.habit == habit)
        return theirs / total if total else 0.0


def asks_of(room_id: int, cast: Iterable[Person], ends_ms: int) -> list[Ask]:
    """What the people of a night asked for, as the room's queue tells it."""
    person_of = {phone.member.pk: person for person in cast for phone in person.phones}
    items = QueueItem.objects.filter(room=room_id, added_by__isnull=False)
    asks = []
    for item in items.select_related("track").order_by("pk"):
        assert item.added_by_id is not None
        person = person_of[item.added_by_id]
        started_ms = item.started_at_ms
        asks.append(
            Ask(
                person.name,
                person.habit,
                item.added_at_ms,
                item.track.duration_ms,
                (ends_ms if started_ms is None else started_ms) - item.added_at_ms,
                started_ms is not None,
                0 if started_ms is None else max(0, (item.ended_at_ms or ends_ms) - started_ms),
                item.state == ItemState.SKIPPED,
            )
        )
    return asks


def votes_of(cast: Iterable[Person], held: Held) -> list[Votes]:
    """The votes that people cast, by habit; one's own additions are none of them."""
    votes: Counter[str] = Counter()
    held_back: Counter[str] = Counter()
    for person in cast:
        for phone in person.phones:
            votes[person.habit] += len(phone.voted)
            held_back[person.habit] += sum((phone.member.pk, pk) in held for pk in phone.voted)
    return [Votes(habit, many, held_back[habit]) for habit, many in votes.items()]


def firsts(asks: Iterable[Ask]) -> list[Ask]:
    """For each person the first of their tracks that was heard, waited for since their first ask.

    In the order of first asks. Which of several plays first is up to votes; who has heard nothing
    of theirs has waited until the night's end.
    """
    by_person: defaultdict[str, list[Ask]] = defaultdict(list)
    for ask in asks:
        by_person[ask.person].append(ask)
    return [_first(own) for own in by_person.values()]


def _first(own: Sequence[Ask]) -> Ask:
    heard = [ask for ask in own if ask.heard] or own[:1]
    first = min(heard, key=lambda ask: ask.asked_at_ms + ask.waited_ms)
    waited_ms = first.asked_at_ms + first.waited_ms - own[0].asked_at_ms
    return replace(first, asked_at_ms=own[0].asked_at_ms, waited_ms=waited_ms)


def waits(asks: Sequence[Ask]) -> Waits:
    """How long these waited."""
    minutes = sorted(ask.waited_ms / MINUTE_MS for ask in asks)
    return Waits(
        len(asks),
        sum(not ask.heard for ask in asks),
        *(_percentile(minutes, percent) for percent in (50, 95, 100)),
    )


def least_worst_wait(asks: Sequence[Ask]) -> float:
    """The longest wait in minutes if these were all that plays, in the order of asking.

    No order that always plays something keeps the longest wait of all of them below this by more
    than a track's length: whoever is moved forward moves somebody else back.
    """
    free_ms, worst_ms = 0, 0
    for ask in asks:
        worst_ms = max(worst_ms, free_ms - ask.asked_at_ms)
        free_ms = max(free_ms, ask.asked_at_ms) + ask.duration_ms
    return worst_ms / MINUTE_MS


def _airtimes(asks: Iterable[Ask]) -> dict[str, int]:
    airtimes: defaultdict[str, int] = defaultdict(int)
    for ask in asks:
        airtimes[ask.person] += ask.airtime_ms
    return airtimes


def _percentile(values: Sequence[float], percent: float) -> float:
    """The smallest of the sorted values that so many percent of them do not exceed."""
    return values[math.ceil(len(values) * percent / 100) - 1] if values else math.nan
