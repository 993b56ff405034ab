"""Tags of library files: the same artist, genre, years, tempo and key. Needs nobody at all."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from discovery.candidate import Candidate, RankedList, Reason
from discovery.library_index import LibraryIndex, library_index
from discovery.links.link import MOST_PER_SEED, Credit
from discovery.seed import FEW_SEEDS, Seed
from music.recordings import artist_key
from music.sources.library.catalog import Entry
from music.sources.library.musical import wheel_place
from rooms.models import Room

YEARS_NEAR = 5
TEMPO_NEAR = 0.08
# Of a genre that half the library has, so many are compared.
MOST_COMPARED = 1500
# Below this a track has too little in common with the seed to be like it.
LEAST = 1.0


class FileTags:
    """What the files of the library have in common with the seeds."""

    name = "tags"
    weight = 0.6
    credit: Credit | None = None

    def propose(self, room: Room, seeds: Sequence[Seed], *, may_ask: bool) -> list[RankedList]:
        index = library_index()
        return [RankedList(_near(seed, index), seed.weight) for seed in seeds[:FEW_SEEDS]]


def facts_of(seed: Seed, index: LibraryIndex) -> Entry | None:
    """What the library knows of a seed: of the track itself, or of its recording."""
    return index.by_pk.get(seed.track.pk) or index.by_recording.get(seed.track.recording or "\0")


def likeness(one: Entry, other: Entry) -> tuple[float, str]:
    """How much two files have in common, and what most: the code of a reason.

    Genre counts most, for it is what people mean by "like that"; then artist, tempo, years, key.
    """
    shared, all_genres = _genres(one, other)
    parts = {
        "same_genre": 2.0 * len(shared) / len(all_genres) if shared else 0.0,
        "same_artist": 1.2 if one.artist and one.artist == other.artist else 0.0,
        "same_tempo": _nearness(one.tempo, other.tempo, (one.tempo or 0) * TEMPO_NEAR),
        "same_years": 0.7 * _nearness(one.year, other.year, YEARS_NEAR),
    }
    most = max(parts, key=lambda code: parts[code])
    album = 0.3 if one.album and one.album == other.album else 0.0
    return sum(parts.values()) + album + _key_nearness(one, other), most


def _near(seed: Seed, index: LibraryIndex) -> list[Candidate]:
    facts = facts_of(seed, index)
    if facts is None:
        # A track of a service: its artist may be in the library.
        same = index.by_artist.get(artist_key([seed.artist]), ())
        reason = Reason("same_artist", {"artist": seed.artist, "title": seed.title})
        return [_candidate(entry, reason) for entry in _some(same, seed, MOST_PER_SEED)]
    scored = [
        (*likeness(facts, entry), entry)
        for entry in _some(_pool(facts, index), seed, MOST_COMPARED)
        if entry.pk != facts.pk and entry.artists
    ]
    scored = [each for each in scored if each[0] >= LEAST]
    # Among equals by chance that is the same each time, so that no title begins all lists.
    chance = random.Random(facts.pk)
    scored.sort(key=lambda each: (-each[0], chance.random()))
    return [
        _candidate(entry, _reason(code, facts, entry, seed))
        for _, code, entry in scored[:MOST_PER_SEED]
    ]


def _pool(facts: Entry, index: LibraryIndex) -> Iterable[Entry]:
    """Tracks that share a genre or the artist; where the file names no genre, its decade.

    Of a small library all, since two genres may be near each other under other names.
    """
    if len(index.entries) <= MOST_COMPARED:
        return index.entries
    pools = [index.by_genre.get(genre, ()) for genre in facts.genres or ()]
    pools.append(index.by_artist.get(facts.artist, ()))
    if not facts.genres and facts.year:
        pools.append(index.by_decade.get(facts.year // 10 * 10, ()))
    return {entry.pk: entry for pool in pools for entry in pool}.values()


def _some(entries: Iterable[Entry], seed: Seed, most: int) -> list[Entry]:
    """So many of them at most, by chance, the same for the same seed."""
    listed = list(entries)
    if len(listed) <= most:
        return listed
    return random.Random(seed.track.uri).sample(listed, most)


def _reason(code: str, facts: Entry, entry: Entry, seed: Seed) -> Reason:
    shared, _ = _genres(facts, entry)
    values = {
        "title": seed.title,
        "artist": entry.artists[0],
        "genre": min(shared, default=""),
        "tempo": entry.tempo,
        "year": entry.year,
    }
    wanted = {
        "same_genre": ("title", "genre"),
        "same_artist": ("title", "artist"),
        "same_tempo": ("title", "tempo"),
        "same_years": ("title", "year"),
    }
    return Reason(code, {name: values[name] for name in wanted[code]})


def _candidate(entry: Entry, reason: Reason) -> Candidate:
    return Candidate(entry.artists[0], entry.title, reason, FileTags.name, track_id=entry.pk)


def _genres(one: Entry, other: Entry) -> tuple[set[str], set[str]]:
    genres, others = set(one.genres or ()), set(other.genres or ())
    return genres & others, genres | others


def _nearness(one: int | None, other: int | None, within: float) -> float:
    """1 for the same, 0 from `within` on."""
    if not one or not other or not within:
        return 0.0
    return max(0.0, 1 - abs(one - other) / within)


def _key_nearness(one: Entry, other: Entry) -> float:
    """0.4 for the same place on the circle of fifths, half for a neighbour."""
    place, others = wheel_place(one.key or ""), wheel_place(other.key or "")
    if place is None or others is None:
        return 0.0
    hours = abs(place[0] - others[0]) % 12
    apart = min(hours, 12 - hours) + (place[1] != others[1])
    return {0: 0.4, 1: 0.2}.get(apart, 0.0)
