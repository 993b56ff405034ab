"""Last.fm in the chain: similar tracks; where there are few, similar artists, then tags."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from discovery.candidate import Candidate, RankedList, Reason
from discovery.errors import ServiceAway
from discovery.links.asking import Asking
from discovery.links.link import MOST_PER_SEED, Credit
from discovery.name_matching import is_imitation
from discovery.seed import FEW_SEEDS, Seed
from discovery.services import lastfm
from discovery.services.lastfm import NamedTrack
from music.recordings import artist_key
from rooms.models import Room

# With fewer similar tracks than this, the next way of finding some is tried.
FEW = 5
NEIGHBOURS_USED = 5
_NONE: tuple[NamedTrack, ...] = ()


class LastfmLink:
    """What listeners at Last.fm hear beside the seeds."""

    name = "lastfm"
    weight = 1.4
    credit: Credit | None = Credit("Last.fm", "https://www.last.fm/")

    def propose(self, room: Room, seeds: Sequence[Seed], *, may_ask: bool) -> list[RankedList]:
        if not lastfm.is_configured():
            raise ServiceAway
        found, failures = [], 0
        for seed in seeds[:FEW_SEEDS]:
            if not artist_key([seed.artist]):
                continue
            try:
                tracks = _tracks_for(seed, may_ask=may_ask)
            except ServiceAway:
                failures += 1
                continue
            if tracks:
                found.append(RankedList(_candidates(tracks, seed), seed.weight))
        if failures and not found:
            raise ServiceAway
        return found


def _tracks_for(seed: Seed, *, may_ask: bool) -> list[NamedTrack]:
    """What goes with a seed. Raises `ServiceAway` where nothing is known and nobody answers."""
    asking = Asking(may_ask=may_ask)
    artist, title = seed.artist, seed.title
    similar = partial(lastfm.load_similar_tracks, artist, title)
    tracks = [*asking.get(lastfm.TRACKS, artist, title, load=similar, otherwise=_NONE)]
    if len(tracks) < FEW:
        neighbours = partial(lastfm.load_similar_artists, artist)
        names = asking.get(lastfm.ARTISTS, artist, load=neighbours, otherwise=())
        for name in names[:NEIGHBOURS_USED]:
            top = partial(lastfm.load_top_tracks, name)
            found = asking.get(lastfm.TOP_TRACKS, name, load=top, otherwise=_NONE)
            tracks.extend(found)
    if len(tracks) < FEW:
        named = partial(lastfm.load_tags, artist, title)
        for tag in asking.get(lastfm.TAGS, artist, title, load=named, otherwise=())[:1]:
            tagged = partial(lastfm.load_tagged, tag)
            found = asking.get(lastfm.TAGGED, tag, load=tagged, otherwise=_NONE)
            tracks.extend(found)
    if not tracks and asking.failed:
        raise ServiceAway
    return tracks


def _candidates(tracks: Sequence[NamedTrack], seed: Seed) -> list[Candidate]:
    reason = Reason("similar", like(seed))
    may_imitate = is_imitation(seed.title)
    return [
        Candidate(
            track.artist,
            track.title,
            reason,
            LastfmLink.name,
            page=track.page,
            duration_ms=track.duration_ms,
        )
        for track in tracks
        if may_imitate or not is_imitation(track.title)
    ][:MOST_PER_SEED]


def like(seed: Seed) -> dict[str, str | int | bool]:
    """The values of "like Cardamom, which got 7 votes"."""
    return {"title": seed.title, "votes": seed.score, "is_playing": seed.is_playing}
