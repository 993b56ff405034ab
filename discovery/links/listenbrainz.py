"""ListenBrainz Labs in the chain: similar recordings; where there are few, similar artists."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from discovery.candidate import Candidate, RankedList, Reason
from discovery.errors import ServiceAway
from discovery.library_index import LibraryIndex, library_index
from discovery.links.asking import Asking
from discovery.links.lastfm import like
from discovery.links.link import MOST_PER_SEED, Credit
from discovery.links.tags import facts_of
from discovery.name_matching import is_imitation
from discovery.seed import FEW_SEEDS, Seed
from discovery.services import labs
from discovery.services.labs import RecordingIds
from music.recordings import artist_key
from rooms.models import Room

FEW = 5
# Of an artist near the seed's, so many of the library's tracks.
PER_ARTIST = 2


class ListenBrainzLink:
    """What listeners of ListenBrainz hear in one session with the seeds."""

    name = "listenbrainz"
    weight = 1.2
    credit: Credit | None = Credit("ListenBrainz", "https://listenbrainz.org/")

    def propose(self, room: Room, seeds: Sequence[Seed], *, may_ask: bool) -> list[RankedList]:
        if not labs.is_configured():
            raise ServiceAway
        index = library_index()
        if may_ask:
            _look_up_together(
                [seed for seed in seeds[:FEW_SEEDS] if not _mbid_in_files(seed, index)]
            )
        found, failures = [], 0
        for seed in seeds[:FEW_SEEDS]:
            asking = Asking(may_ask=may_ask)
            candidates = _near(seed, index, asking)
            if candidates:
                found.append(RankedList(candidates, seed.weight))
            elif asking.failed:
                failures += 1
        if failures and not found:
            raise ServiceAway
        return found


def _near(seed: Seed, index: LibraryIndex, asking: Asking) -> list[Candidate]:
    ids = _ids_of(seed, index, asking)
    if ids is None:
        return []
    similar = partial(labs.load_similar_recordings, ids.mbid)
    recordings = asking.get(labs.RECORDINGS, ids.mbid, load=similar, otherwise=())
    reason = Reason("similar", like(seed))
    found = [
        Candidate(each.artist, each.title, reason, ListenBrainzLink.name, mbid=each.mbid)
        for each in recordings
        if not is_imitation(each.title)
    ]
    if len(found) < FEW and ids.artist_mbid:
        near = partial(labs.load_similar_artists, ids.artist_mbid)
        artists = asking.get(labs.ARTISTS, ids.artist_mbid, load=near, otherwise=())
        found += [
            Candidate(
                entry.artists[0], entry.title, reason, ListenBrainzLink.name, track_id=entry.pk
            )
            for artist in artists
            for entry in index.by_artist.get(artist_key([artist]), ())[:PER_ARTIST]
        ]
    return found[:MOST_PER_SEED]


def _ids_of(seed: Seed, index: LibraryIndex, asking: Asking) -> RecordingIds | None:
    """By the tags of the file, by ISRC, by names: the first that gives one."""
    if mbid := _mbid_in_files(seed, index):
        return RecordingIds(mbid)
    if seed.track.isrc:
        by_isrc = partial(labs.load_mbid_of_isrc, seed.track.isrc)
        separate = Asking(may_ask=asking.may_ask)  # MusicBrainz away leaves the look-up by names
        if mbid := separate.get(labs.BY_ISRC, seed.track.isrc, load=by_isrc, otherwise=""):
            return RecordingIds(mbid)
    names = (seed.artist, seed.title)
    return asking.get(labs.IDS, *names, load=lambda: labs.load_ids([names])[0], otherwise=None)


def _mbid_in_files(seed: Seed, index: LibraryIndex) -> str:
    facts = facts_of(seed, index)
    return (facts.mbid or "") if facts is not None else ""


def _look_up_together(seeds: Sequence[Seed]) -> None:
    """Look the ids of all these seeds up by their names in one call, where they are not known."""
    unknown = [
        (seed.artist, seed.title)
        for seed in seeds
        if seed.artist
        and not seed.track.isrc
        and not labs.IDS.is_fresh(seed.artist.casefold(), seed.title.casefold())
    ]
    if len(unknown) < 2:
        return
    try:
        ids = labs.load_ids(unknown)
    except ServiceAway:
        return  # each is tried once more by itself, and then counts as failed
    names = [(artist.casefold(), title.casefold()) for artist, title in unknown]
    labs.IDS.put(dict(zip(names, ids, strict=True)))
