"""Candidates: what the links of the chain propose, and how their lists become one.

Scores of different services do not compare, so lists are blended by rank: reciprocal rank fusion,
G. Cormack, C. Clarke, S. Büttcher, SIGIR 2009, with a smaller constant than theirs, since a room
takes from the first ten, not from the first thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from music.recordings import artist_key, recording_key

RANK_CONSTANT = 10
# An artist that was skipped or voted down this evening loses half its weight, each time.
UNWANTED_FACTOR = 0.5


@dataclass(frozen=True)
class Reason:
    """Why something is suggested: a code with its values, of which clients make a sentence.

    similar | played_after | played_here | same_artist | same_genre | same_tempo | same_years |
    library
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """A recording that a link proposes, by names, and by ids where the link knows any.

    `link` names the link of the chain; `page` is the address that its terms ask to show.
    """

    artist: str
    title: str
    reason: Reason
    link: str
    track_id: int | None = None
    mbid: str = ""
    page: str = ""
    duration_ms: int = 0

    @property
    def key(self) -> str:
        """The recording, else the library's track; "" where neither is known: equal to nothing."""
        named = recording_key([self.artist], self.title)
        return named or (f"#{self.track_id}" if self.track_id is not None else "")


@dataclass(frozen=True)
class RankedList:
    """What one link proposes for one seed, best first, and how much that weighs."""

    candidates: Sequence[Candidate]
    weight: float


def blend(
    lists: Iterable[RankedList], unwanted: Mapping[str, int] | None = None
) -> list[Candidate]:
    """One list, best first: each recording once, with the reason that weighed most.

    `unwanted`: how often each artist, by key, was skipped or voted down this evening.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, Candidate]] = {}
    for ranked in lists:
        seen: set[str] = set()
        for rank, candidate in enumerate(ranked.candidates, 1):
            key = candidate.key
            if not key or key in seen:
                continue
            seen.add(key)
            score = ranked.weight / (RANK_CONSTANT + rank)
            scores[key] += score
            if key not in best or score > best[key][0]:
                best[key] = (score, candidate)
    known = unwanted or {}

    def final(key: str) -> float:
        artist = artist_key([best[key][1].artist])
        return float(scores[key] * UNWANTED_FACTOR ** known.get(artist, 0))

    return [best[key][1] for key in sorted(scores, key=lambda key: (-final(key), key))]
