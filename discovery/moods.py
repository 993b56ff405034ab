"""Chips in place of a prompt: slower, faster, newer, older, a decade, a genre, something else.

They speak of the library, of whose files tempo, year and genre are known.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TypeVar

from discovery.candidate import Candidate, RankedList, Reason, blend
from discovery.chain import Suggestions, propose
from discovery.library_index import LibraryIndex, library_index
from discovery.links.tags import MOST_COMPARED, facts_of, likeness
from discovery.resolver import Resolver
from discovery.seed import Mood, Seed
from discovery.suggestion import SHOWN, fitting, read_excluded
from music.recordings import artist_key
from music.sources.library.catalog import Entry
from rooms.models import Room

# By so much of the tempo something is slower or faster.
TEMPO_STEP = 0.05
FEWEST_OF_CHIP = 5
MOST_DECADES, MOST_GENRES = 6, 8

Name = TypeVar("Name", int, str)
Fits = Callable[[Entry], bool]


class Direction(StrEnum):
    """Where to go from what the room plays now."""

    SLOWER = "slower"
    FASTER = "faster"
    NEWER = "newer"
    OLDER = "older"
    OTHER = "other"


@dataclass(frozen=True)
class Chosen:
    """What somebody chose of the chips: one of these at a time."""

    direction: Direction | None = None
    decade: int | None = None
    genre: str = ""

    def __bool__(self) -> bool:
        return self.direction is not None or self.decade is not None or self.genre != ""


@dataclass(frozen=True)
class Chips:
    """The chips that lead to anything in this library."""

    directions: Sequence[Direction]
    decades: Sequence[int]
    genres: Sequence[str]


def chips() -> Chips:
    """What can be chosen: decades and genres with at least five tracks, most tracks first."""
    index = library_index()
    decades = {year: len(tracks) for year, tracks in index.by_decade.items()}
    genres = {genre: len(tracks) for genre, tracks in index.by_genre.items()}
    directions = [
        *([Direction.SLOWER, Direction.FASTER] if index.has_tempos else []),
        *([Direction.NEWER, Direction.OLDER] if len(decades) > 1 else []),
        Direction.OTHER,
    ]
    return Chips(directions, sorted(_most(decades, MOST_DECADES)), _most(genres, MOST_GENRES))


def find_in_mood(room: Room, mood: Mood, chosen: Chosen) -> Suggestions:
    """Suggestions as a chip wants them, best first; asks nothing outside.

    What the chain proposes comes first, then what else fits, the more alike the earlier.
    """
    index = library_index()
    fits = _rule(chosen, mood.seeds, index)
    lists, used = propose(room, mood, may_ask=False)
    excluded = read_excluded(room)
    resolver = Resolver(room, index)
    proposed = [
        candidate
        for candidate in blend(lists, mood.unwanted)
        if (entry := index.named(candidate.artist, candidate.title)) is not None and fits(entry)
    ]
    rest = [entry for entry in index.entries if entry not in excluded and fits(entry)]
    ranked = [*proposed, *_by_likeness(rest, mood.seeds, index)]
    unique = blend([RankedList(ranked, 1.0)])
    found = fitting(resolver.suggestions(unique[: 10 * SHOWN]), excluded)
    return Suggestions(found, [*used, "library"] if found else used)


def _most(counts: Mapping[Name, int], most: int) -> list[Name]:
    names = [name for name, count in counts.items() if count >= FEWEST_OF_CHIP]
    return sorted(names, key=lambda name: (-counts[name], name))[:most]


def _rule(chosen: Chosen, seeds: Sequence[Seed], index: LibraryIndex) -> Fits:
    if chosen.genre:
        genre = chosen.genre.lower()
        return lambda entry: genre in (entry.genres or ())
    if chosen.decade is not None:
        decade = chosen.decade
        return lambda entry: entry.year is not None and entry.year // 10 * 10 == decade
    known = [facts for seed in seeds if (facts := facts_of(seed, index)) is not None]
    match chosen.direction:
        case Direction.SLOWER:
            tempo = _middle([entry.tempo for entry in known], [e.tempo for e in index.entries])
            return lambda entry: 0 < (entry.tempo or 0) <= tempo * (1 - TEMPO_STEP)
        case Direction.FASTER:
            tempo = _middle([entry.tempo for entry in known], [e.tempo for e in index.entries])
            return lambda entry: (entry.tempo or 0) >= tempo * (1 + TEMPO_STEP)
        case Direction.NEWER:
            year = _middle([entry.year for entry in known], [e.year for e in index.entries])
            return lambda entry: (entry.year or 0) > year
        case Direction.OLDER:
            year = _middle([entry.year for entry in known], [e.year for e in index.entries])
            return lambda entry: 0 < (entry.year or 0) < year
    artists = {artist_key([seed.artist]) for seed in seeds}
    genres = {genre for entry in known for genre in entry.genres or ()}
    return lambda entry: entry.artist not in artists and genres.isdisjoint(entry.genres or ())


def _middle(of_seeds: Sequence[int | None], of_all: Sequence[int | None]) -> float:
    """What slower or newer is measured from: the seeds, else the library; 0 where nobody knows."""
    numbers = [number for number in of_seeds if number] or [number for number in of_all if number]
    return median(numbers) if numbers else 0.0


def _by_likeness(
    entries: Sequence[Entry], seeds: Sequence[Seed], index: LibraryIndex
) -> list[Candidate]:
    """The tracks that go best with the seeds first, among equals by a chance that stays."""
    known = [(seed, facts) for seed in seeds if (facts := facts_of(seed, index)) is not None]
    chance = random.Random(len(entries))
    if len(entries) > MOST_COMPARED:
        entries = chance.sample(list(entries), MOST_COMPARED)
    scored = [
        (
            sum(seed.weight * likeness(facts, entry)[0] for seed, facts in known),
            chance.random(),
            entry,
        )
        for entry in entries
    ]
    scored.sort(key=lambda each: (-each[0], each[1]))
    return [
        Candidate(entry.artists[0], entry.title, Reason("library"), "library", track_id=entry.pk)
        for _, _, entry in scored[: 10 * SHOWN]
        if entry.artists
    ]
