"""The house's own knowledge: what was played and voted together in its rooms.

Similarity of a and b: c(a,b) / sqrt(n(a) · n(b)) · c / (c + 5): the cosine of their counts, shrunk
towards nothing where few plays speak for it (J. Bell, Y. Koren: Scalable Collaborative Filtering
with Jointly Derived Neighborhood Interpolation Weights, ICDM 2007, section 2.1). What only one room
has ever played together is known in that room alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from django.db.models import Case, F, FloatField, Q, Sum, Value, When

from discovery.candidate import Candidate, RankedList, Reason
from discovery.decay import growth
from discovery.library_index import LibraryIndex, library_index
from discovery.links.link import MOST_PER_SEED, Credit
from discovery.models import CoPlay
from discovery.seed import Seed
from rooms import clock
from rooms.models import Room

SHRINKAGE = 5.0
# So many rooms must have played two tracks together before other rooms know of it.
FEWEST_ROOMS = 2
# The strongest pairs of a seed, before their cosine is taken.
MOST_PAIRS = 200


@dataclass(frozen=True)
class _Pair:
    first: int
    second: int
    weight: float
    rooms: int


class OwnKnowledge:
    """What this house's rooms played with the seeds. Asks one database, never the outside."""

    name = "own"
    weight = 1.0
    credit: Credit | None = None

    def propose(self, room: Room, seeds: Sequence[Seed], *, may_ask: bool) -> list[RankedList]:
        index = library_index()
        mine = {pk: seed for seed in seeds if (pk := _in_library(seed, index)) is not None}
        if not mine:
            return [_popular(room, index)] if not seeds else []
        pairs = _pairs(room, mine)
        plays = _plays({pair.second for pair in pairs} | mine.keys())
        by_seed: defaultdict[int, list[tuple[float, _Pair]]] = defaultdict(list)
        for pair in pairs:
            score = _similarity(pair.weight, plays.get(pair.first, 0), plays.get(pair.second, 0))
            by_seed[pair.first].append((score, pair))
        return [
            RankedList(_candidates(by_seed[pk], seed, index), seed.weight)
            for pk, seed in mine.items()
        ]


def _in_library(seed: Seed, index: LibraryIndex) -> int | None:
    """The id of the library's own track; what is played from a service is not learned from."""
    return seed.track.pk if seed.track.pk in index.by_pk else None


def _pairs(room: Room, seeds: Iterable[int]) -> list[_Pair]:
    """What was played with these tracks: here, or in two rooms at least. In one query."""
    here = Case(When(room=room, then=F("weight")), default=Value(0.0), output_field=FloatField())
    rows = (
        CoPlay.objects.filter(first__in=list(seeds))
        .exclude(first=F("second"))
        .values("first", "second")
        .annotate(in_rooms=Sum("rooms"), total=Sum("weight"), own=Sum(here))
        .filter(Q(in_rooms__gte=FEWEST_ROOMS) | Q(own__gt=0))
        .order_by("-total")[: MOST_PAIRS * len(list(seeds))]
    )
    now = growth(clock.now_ms())
    found = []
    for row in rows:
        is_shared = row["in_rooms"] >= FEWEST_ROOMS
        weight = (row["total"] if is_shared else row["own"]) / now
        if weight > 0:
            found.append(_Pair(row["first"], row["second"], weight, row["in_rooms"]))
    return found


def _plays(track_ids: Iterable[int]) -> Mapping[int, float]:
    """How much each of these tracks was played in all rooms, in one query."""
    now = growth(clock.now_ms())
    rows = CoPlay.objects.filter(first__in=list(track_ids), first=F("second"))
    sums = rows.values_list("first").annotate(Sum("weight"))
    return {pk: total / now for pk, total in sums}


def _similarity(together: float, one: float, other: float) -> float:
    if one <= 0 or other <= 0:
        return 0.0
    return together / sqrt(one * other) * together / (together + SHRINKAGE)


def _candidates(
    scored: list[tuple[float, _Pair]], seed: Seed, index: LibraryIndex
) -> list[Candidate]:
    scored.sort(key=lambda each: (-each[0], each[1].second))
    found = []
    for _, pair in scored:
        entry = index.by_pk.get(pair.second)
        if entry is None or not entry.artists:
            continue
        reason = Reason("played_after", {"title": seed.title, "rooms": pair.rooms})
        found.append(
            Candidate(entry.artists[0], entry.title, reason, OwnKnowledge.name, track_id=entry.pk)
        )
    return found[:MOST_PER_SEED]


def _popular(room: Room, index: LibraryIndex) -> RankedList:
    """What most rooms played, for a room of which nothing is known yet."""
    rows = (
        CoPlay.objects.filter(first=F("second"))
        .values("first")
        .annotate(in_rooms=Sum("rooms"), total=Sum("weight"))
        .filter(in_rooms__gte=FEWEST_ROOMS)
        .order_by("-total", "first")[:MOST_PER_SEED]
    )
    entries = ((index.by_pk.get(row["first"]), row["in_rooms"]) for row in rows)
    return RankedList(
        [
            Candidate(
                entry.artists[0],
                entry.title,
                Reason("played_here", {"rooms": rooms}),
                OwnKnowledge.name,
                track_id=entry.pk,
            )
            for entry, rooms in entries
            if entry is not None and entry.artists
        ],
        1.0,
    )
