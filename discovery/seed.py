"""Seeds: the tracks that suggestions shall go with, each with its weight."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

from django.db.models import Q

from music.models import ItemState, QueueItem, Track
from rooms import clock
from rooms.models import Room

MOST_SEEDS = 12
# Services outside and the tags of files are looked through for so many, the weightiest.
FEW_SEEDS = 5
# How long a vote of this evening counts fully; after that by half for each time as long again.
FRESH_MS = 45 * 60 * 1000
EVENING_MS = 6 * 60 * 60 * 1000
# So many of the latest items of a room are looked at.
LATEST = 120
# What plays weighs as much as a track with this score.
PLAYING_WEIGHT = 2.0
UNVOTED_WEIGHT = 0.3


@dataclass(frozen=True)
class Seed:
    """A track that suggestions shall go with. `score`: its votes; `is_playing`: it plays now."""

    track: Track
    weight: float
    score: int = 0
    is_playing: bool = False

    @property
    def title(self) -> str:
        return self.track.title

    @property
    def artist(self) -> str:
        """The first artist as written, "" if unknown."""
        return self.track.artists[0] if self.track.artists else ""


@dataclass(frozen=True)
class Mood:
    """What the room likes now, its seeds; and how often it did not want an artist, by key."""

    seeds: tuple[Seed, ...]
    unwanted: dict[str, int]


def read_mood(room: Room) -> Mood:
    """What plays, then what this room voted up lately; and what it skipped or voted down.

    In one query. Where nothing was voted for, what played last stands for it.
    """
    now_ms = clock.now_ms()
    of_evening = Q(ended_at_ms__gt=now_ms - EVENING_MS) | Q(
        state__in=[ItemState.WAITING, ItemState.PLAYING]
    )
    items = list(
        QueueItem.objects.filter(of_evening, room=room)
        .exclude(state__in=[ItemState.REMOVED, ItemState.FAILED])
        .select_related("track")
        .order_by("-pk")[:LATEST]
    )
    unwanted: dict[str, int] = {}
    for item in items:
        if (item.state == ItemState.SKIPPED or item.score < 0) and item.track.artist:
            unwanted[item.track.artist] = unwanted.get(item.track.artist, 0) + 1
    seeds = [seed for item in items if (seed := _seed_of(item, now_ms)) is not None]
    seeds.sort(key=lambda seed: -seed.weight)
    return Mood(tuple(seeds[:MOST_SEEDS]), unwanted)


def _seed_of(item: QueueItem, now_ms: int) -> Seed | None:
    """An item as a seed; None for what says nothing: it waits without votes, or was not wanted."""
    if item.state == ItemState.PLAYING:
        weight = max(PLAYING_WEIGHT, _liked(item.score))
        return Seed(item.track, weight, item.score, is_playing=True)
    if item.state == ItemState.SKIPPED or item.score < 0:
        return None
    if item.state == ItemState.WAITING and (item.score == 0 or item.added_by_id is None):
        return None
    weight = _liked(item.score) if item.score else UNVOTED_WEIGHT
    age_ms = now_ms - (item.ended_at_ms or now_ms)
    return Seed(item.track, weight * 0.5 ** (max(0, age_ms - FRESH_MS) / FRESH_MS), item.score)


def _liked(score: int) -> float:
    """Each vote counts less than the one before."""
    return log2(1 + max(0, score))
