"""The chain: all links propose, their lists become one, and what plays here becomes suggestions.

Any link may fail, alone or all together: the others answer, and the answer says which were used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from discovery.candidate import Candidate, RankedList, Reason, blend
from discovery.errors import ServiceAway
from discovery.library_index import library_index
from discovery.links.lastfm import LastfmLink
from discovery.links.link import ChainLink
from discovery.links.listenbrainz import ListenBrainzLink
from discovery.links.own import OwnKnowledge
from discovery.links.tags import FileTags
from discovery.resolver import Resolver
from discovery.room_rules import discovery_rules
from discovery.seed import Mood
from discovery.shapes import CreditShape
from discovery.suggestion import (
    SHOWN,
    Excluded,
    Suggestion,
    fitting,
    library_tracks,
    others_of_library,
    read_excluded,
)
from rooms.models import Room

LINKS: Sequence[ChainLink] = (LastfmLink(), ListenBrainzLink(), OwnKnowledge(), FileTags())
# So many stand ready: some of them are played, dismissed or added before the next are found.
READY = 30
# Of the blended list, so many are looked up.
MOST_CANDIDATES = 120
# New questions to a source outside for one prefetch.
MOST_ASKED = 5
# Nothing goes with what plays: any track of the library is better than none.
LIBRARY = "library"


@dataclass(frozen=True)
class Suggestions:
    """What the chain answered: suggestions, best first, and the links that were used."""

    items: Sequence[Suggestion]
    used: Sequence[str]


def find_suggestions(
    room: Room, mood: Mood, *, may_ask: bool = False, most: int = READY
) -> Suggestions:
    """Suggestions for a room, best first. `may_ask`: services outside may be asked.

    Never with `may_ask` while a room is held or somebody waits for a page.
    """
    lists, used = propose(room, mood, may_ask=may_ask)
    may_ask_labs = may_ask and discovery_rules(room).ask_services
    excluded = read_excluded(room)
    candidates = _wanted(blend(lists, mood.unwanted), excluded)
    resolver = Resolver(
        room, library_index(), most_asked=MOST_ASKED if may_ask else 0, may_ask_labs=may_ask_labs
    )
    found = fitting(resolver.suggestions(candidates), excluded, most=most)
    if len(found) < SHOWN:
        found = _filled_up(found, excluded)
        used = [*used, LIBRARY]
    return Suggestions(found, used)


def propose(room: Room, mood: Mood, *, may_ask: bool) -> tuple[list[RankedList], list[str]]:
    """The lists of all links, and which of them had any. Asks nobody where the room forbids it."""
    may_ask = may_ask and discovery_rules(room).ask_services
    lists: list[RankedList] = []
    used: list[str] = []
    for link in LINKS:
        try:
            own = link.propose(room, mood.seeds, may_ask=may_ask)
        except ServiceAway:
            continue
        own = [ranked for ranked in own if ranked.candidates]
        if own:
            used.append(link.name)
        lists += [replace(ranked, weight=ranked.weight * link.weight) for ranked in own]
    return lists, used


def credit_of(suggestion: Suggestion) -> CreditShape | None:
    """Whom a suggestion comes from, with its own page there; None where nobody is to be named."""
    link = next((each for each in LINKS if each.name == suggestion.link), None)
    if link is None or link.credit is None:
        return None
    return {"title": link.credit.title, "page": suggestion.page or link.credit.page}


def _wanted(candidates: Sequence[Candidate], excluded: Excluded) -> list[Candidate]:
    """Without what is excluded by its recording, before anything is looked up."""
    unwanted = excluded.recordings | excluded.dismissed
    return [each for each in candidates if each.key not in unwanted][:MOST_CANDIDATES]


def _filled_up(found: Sequence[Suggestion], excluded: Excluded) -> list[Suggestion]:
    """What was found, and as many tracks of the library as are missing to ten."""
    ids: list[int] = []
    for pk in others_of_library(excluded):
        ids.append(pk)
        if len(ids) == 4 * SHOWN:
            break
    tracks = library_tracks(ids)
    others = [Suggestion(tracks[pk], Reason(LIBRARY), LIBRARY) for pk in ids if pk in tracks]
    return fitting([*found, *others], excluded)
