"""ListenBrainz Labs: similar recordings and artists by ids of MusicBrainz, and ids by names.

No key; open data. The names of its algorithms change: a wrong one is answered with 400 and a page,
and the next of the operator's list is tried. MusicBrainz itself is asked for one thing only: which
recording has an ISRC.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from discovery.errors import ServiceAway
from discovery.name_matching import are_same, cleaned_title, is_nobody
from discovery.services.connection import ServiceAnswer, ServiceConnection
from discovery.services.values import inside, items, number, text
from music.cache import Drawer
from music.sources.library.musical import mbid_of

logger = logging.getLogger(__name__)

_DAY = 86_400.0
_FOR_GOOD = 3650 * _DAY
# Names are looked up so many at a time.
MOST_NAMES = 20

CONNECTION = ServiceConnection("ListenBrainz Labs", "LABS")
MUSICBRAINZ = ServiceConnection("MusicBrainz", "MUSICBRAINZ")


@dataclass(frozen=True)
class SimilarRecording:
    """A recording near another, best first in its list."""

    mbid: str
    artist: str
    title: str


@dataclass(frozen=True)
class RecordingIds:
    """The ids of a recording and its first artist, as MusicBrainz has them now."""

    mbid: str
    artist_mbid: str = ""


def _drawer(name: str, days: float, empty_days: float) -> Drawer[Any]:
    return Drawer(
        f"labs.{name}",
        soft_s=days * _DAY,
        hard_s=2 * days * _DAY,
        empty_soft_s=empty_days * _DAY,
        outages=(ServiceAway,),
    )


RECORDINGS: Drawer[tuple[SimilarRecording, ...]] = _drawer("recordings", 30, 30)
ARTISTS: Drawer[tuple[str, ...]] = _drawer("artists", 30, 30)
IDS: Drawer[RecordingIds | None] = _drawer("ids", _FOR_GOOD / _DAY, 14)
BY_ISRC: Drawer[str] = _drawer("isrc", _FOR_GOOD / _DAY, 14)
SOURCE_IDS: Drawer[tuple[str, ...]] = _drawer("source", 7, 2)


class _Algorithms:
    """Which of the operator's algorithms worked last, for recordings and for artists."""

    def __init__(self) -> None:
        self._worked: dict[str, str] = {}

    def in_order(self, path: str, known: Sequence[str]) -> list[str]:
        """Those to try, the one that worked last first."""
        last = self._worked.get(path)
        return sorted(known, key=lambda name: name != last)

    def remember(self, path: str, name: str) -> None:
        self._worked[path] = name


_algorithms = _Algorithms()


def is_configured() -> bool:
    """Whether the operator lets us ask ListenBrainz."""
    return bool(settings.LISTENBRAINZ)


def load_similar_recordings(mbid: str) -> tuple[SimilarRecording, ...]:
    """The recordings that people hear in one session with this one. Raises `ServiceAway`."""
    names: list[str] = settings.LISTENBRAINZ_RECORDING_ALGORITHMS
    found = _similar("similar-recordings", {"recording_mbids": mbid}, names)
    recordings = [
        SimilarRecording(
            mbid_of(text(each.get("recording_mbid"))),
            text(each.get("artist_credit_name")),
            text(each.get("recording_name")),
        )
        for each in found
    ]
    itself = _ids_of_seed(mbid, found)
    return tuple(
        each
        for each in recordings
        if each.mbid not in itself and each.title and not is_nobody(each.artist)
    )


def load_similar_artists(artist_mbid: str) -> tuple[str, ...]:
    """The names of the artists nearest to one. Raises `ServiceAway`."""
    names: list[str] = settings.LISTENBRAINZ_ARTIST_ALGORITHMS
    found = _similar("similar-artists", {"artist_mbids": artist_mbid}, names)
    itself = _ids_of_seed(artist_mbid, found)
    others = (each for each in found if mbid_of(text(each.get("artist_mbid"))) not in itself)
    artists = (text(each.get("name")) for each in others)
    return tuple(artist for artist in artists if not is_nobody(artist))


def load_ids(names: Sequence[tuple[str, str]]) -> list[RecordingIds | None]:
    """The ids of recordings by artist and title, None where there is none. Raises `ServiceAway`.

    One call for up to `MOST_NAMES`; what comes back is matched by its names.
    """
    asked = [(artist, cleaned_title(title)) for artist, title in names[:MOST_NAMES]]
    body = [{"artist_credit_name": artist, "recording_name": title} for artist, title in asked]
    url = f"{settings.LISTENBRAINZ_LABS_URL}/artist-credit-recording-lookup/json"
    found = _rows(_checked(CONNECTION.post(url, body)).data)
    return [_ids_among(found, each) for each in asked]


def load_source_ids(service: str, mbid: str) -> tuple[str, ...]:
    """The ids of a recording at a service of music. Raises `ServiceAway`."""
    url = f"{settings.LISTENBRAINZ_LABS_URL}/{service}-id-from-mbid/json"
    found = _rows(_checked(CONNECTION.get(url, {"recording_mbid": mbid})).data)
    ids = inside(found[0], f"{service}_track_ids") if found else None
    listed = ids if isinstance(ids, list) else []
    return tuple(id for each in listed if (id := text(each)).isalnum())


def load_mbid_of_isrc(isrc: str) -> str:
    """The recording with an ISRC, "" if MusicBrainz has none. Raises `ServiceAway`."""
    url = f"{settings.MUSICBRAINZ_URL}/ws/2/isrc/{isrc}"
    answer = MUSICBRAINZ.get(url, {"fmt": "json", "inc": "artist-credits"})
    if answer.status == 503:
        raise MUSICBRAINZ.limited(None)
    if answer.status == 404:
        MUSICBRAINZ.answered()
        return ""
    if answer.status >= 400 or answer.data is None:
        raise MUSICBRAINZ.failed()
    MUSICBRAINZ.answered()
    found = items(inside(answer.data, "recordings"))
    return next((id for each in found if (id := mbid_of(text(each.get("id"))))), "")


def _similar(path: str, what: dict[str, str | int], names: Sequence[str]) -> list[dict[str, Any]]:
    """The rows of a list of similar things, by the first algorithm that is known there."""
    url = f"{settings.LISTENBRAINZ_LABS_URL}/{path}/json"
    for name in _algorithms.in_order(path, names):
        answer = CONNECTION.get(url, {**what, "algorithm": name})
        if answer.status == 400:
            _obey_limits(answer)
            continue
        rows = _rows(_checked(answer).data)
        _algorithms.remember(path, name)
        return sorted(rows, key=lambda row: -number(row.get("score")))
    logger.error("ListenBrainz Labs knows none of the algorithms for %s", path)
    raise ServiceAway


def _ids_of_seed(asked: str, rows: Sequence[dict[str, Any]]) -> set[str]:
    """The ids under which a seed may be in its own answer: a merged one is there by its new id."""
    return {asked, *(mbid for row in rows if (mbid := mbid_of(text(row.get("reference_mbid")))))}


def _checked(answer: ServiceAnswer) -> ServiceAnswer:
    """An answer that can be read. Raises `ServiceAway`, and obeys the limits that it announces."""
    if answer.status == 429:
        seconds = number(answer.headers.get("X-RateLimit-Reset-In"))
        raise CONNECTION.limited(seconds or None)
    if answer.status >= 400 or answer.data is None:
        raise CONNECTION.failed()
    CONNECTION.answered()
    _obey_limits(answer)
    return answer


def _obey_limits(answer: ServiceAnswer) -> None:
    """Ask no more until the moment that it names, where this was the last call that it allows."""
    if answer.headers.get("X-RateLimit-Remaining") == "0":
        CONNECTION.limited(number(answer.headers.get("X-RateLimit-Reset-In")) or None)


def _rows(data: Any) -> list[dict[str, Any]]:
    """The rows of an answer, which come bare, or inside of `[{"data": […]}]`."""
    rows = items(data)
    if rows and isinstance(rows[0].get("data"), (list, dict)):
        return [row for part in rows for row in items(part.get("data"))]
    return rows


def _ids_among(rows: Sequence[dict[str, Any]], names: tuple[str, str]) -> RecordingIds | None:
    for row in rows:
        found = (text(row.get("artist_credit_name")), text(row.get("recording_name")))
        mbid = mbid_of(text(row.get("recording_mbid")))
        if mbid and are_same(found, names):
            listed = row.get("artist_mbids") or row.get("artist_credit_mbids")
            first = listed[0] if isinstance(listed, list) and listed else listed
            return RecordingIds(mbid, mbid_of(text(first)))
    return None
