"""Last.fm: similar tracks and artists by their names. Its answers are read here and nowhere else.

The integer in the body decides, whatever the status. Facts as of 2026; nothing of it is a picture,
and of what it says only names, a rank and an address are kept.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from discovery.errors import KeyRefused, ServiceAway
from discovery.name_matching import cleaned_title, is_nobody
from discovery.services.connection import DAY_MS, ServiceAnswer, ServiceConnection
from discovery.services.values import inside, items, number, text, web_address
from music.cache import Drawer, Places

logger = logging.getLogger(__name__)

_DAY = 86_400.0
RETRY_AFTER_S = 1.0
SIMILAR, NEIGHBOURS, TOP = 30, 10, 5
# A tag is used from this count on, of 100; and never one of those, which tell of no music.
LEAST_TAG = 20
_NO_MUSIC = {"seen live", "favourites", "favorites", "favourite", "favorite", "love", "awesome"}
_UNKNOWN = (6, 7)
_MOMENTARY = (8, 11, 16)
_BAD_KEY = (10, 26)
_TOO_MANY = 29

# Its terms want no more than 100 MB of its data kept anywhere.
_PLACES = Places("lastfm", count=12_000, most_bytes=8_000)

# Another key is another door: who has changed it need not wait.
CONNECTION = ServiceConnection("Last.fm", "LASTFM", key=lambda: settings.LASTFM_API_KEY)


@dataclass(frozen=True)
class NamedTrack:
    """A track as Last.fm names it, best first in its list; `page` is its address there."""

    artist: str
    title: str
    page: str
    duration_ms: int = 0


def _drawer(name: str, days: float) -> Drawer[tuple[Any, ...]]:
    """Keeps answers for `days`, empty ones for a week, and old ones while Last.fm is away."""
    return Drawer(
        f"lastfm.{name}",
        soft_s=days * _DAY,
        hard_s=2 * days * _DAY,
        empty_soft_s=min(days, 7) * _DAY,
        outages=(ServiceAway,),
        places=_PLACES,
    )


TRACKS: Drawer[tuple[NamedTrack, ...]] = _drawer("tracks", 30)
ARTISTS: Drawer[tuple[str, ...]] = _drawer("artists", 30)
TOP_TRACKS: Drawer[tuple[NamedTrack, ...]] = _drawer("top", 7)
TAGS: Drawer[tuple[str, ...]] = _drawer("tags", 30)
TAGGED: Drawer[tuple[NamedTrack, ...]] = _drawer("tagged", 7)


def is_configured() -> bool:
    """Whether there is a key: without one Last.fm is never asked."""
    return bool(settings.LASTFM_API_KEY)


def check_key() -> None:
    """Ask for something that everybody may know. Raises `KeyRefused` and `ServiceAway`."""
    _ask("tag.getTopTracks", tag="jazz", limit=1)


def load_similar_tracks(artist: str, title: str) -> tuple[NamedTrack, ...]:
    """The tracks nearest to one: by its cleaned title, and where that is unknown by its own.

    Raises `ServiceAway`.
    """
    cleaned = cleaned_title(title)
    found = _similar_tracks(artist, cleaned)
    return found if found or cleaned == title else _similar_tracks(artist, title)


def load_similar_artists(artist: str) -> tuple[str, ...]:
    """The artists nearest to one. Raises `ServiceAway`."""
    answer = _ask("artist.getSimilar", artist=artist, autocorrect=1, limit=NEIGHBOURS)
    found = items(inside(answer, "similarartists", "artist"))
    names = (text(each.get("name")) for each in found)
    return tuple(name for name in names if not is_nobody(name))


def load_top_tracks(artist: str) -> tuple[NamedTrack, ...]:
    """What most people hear of an artist. Raises `ServiceAway`."""
    answer = _ask("artist.getTopTracks", artist=artist, autocorrect=1, limit=TOP)
    return _tracks(inside(answer, "toptracks", "track"))


def load_tags(artist: str, title: str) -> tuple[str, ...]:
    """The strongest tags of a track that tell of music. Raises `ServiceAway`."""
    answer = _ask("track.getTopTags", artist=artist, track=cleaned_title(title), autocorrect=1)
    found = items(inside(answer, "toptags", "tag"))
    strong = (text(each.get("name")) for each in found if number(each.get("count")) >= LEAST_TAG)
    return tuple(tag for tag in strong if tag and tag.lower() not in _NO_MUSIC | _years(tag))


def load_tagged(tag: str) -> tuple[NamedTrack, ...]:
    """The tracks to which most people gave a tag. Raises `ServiceAway`."""
    answer = _ask("tag.getTopTracks", tag=tag, limit=50)
    return _tracks(inside(answer, "tracks", "track") or inside(answer, "toptracks", "track"))


def _similar_tracks(artist: str, title: str) -> tuple[NamedTrack, ...]:
    answer = _ask("track.getSimilar", artist=artist, track=title, autocorrect=1, limit=SIMILAR)
    return _tracks(inside(answer, "similartracks", "track"), seconds=True)


def _ask(method: str, **params: str | int) -> Any:
    """The answer of a method, {} for what it does not know. Raises `ServiceAway`."""
    if not is_configured():
        # Without a key it says the same as of an unknown track, which would be remembered.
        raise ServiceAway
    said = _once(method, params)
    if said is None:
        time.sleep(RETRY_AFTER_S)
        said = _once(method, params)
    if said is None:
        raise CONNECTION.failed()
    return said


def _once(method: str, params: Mapping[str, str | int]) -> Any:
    """One try; None where another may go better. Raises `ServiceAway`."""
    answer = CONNECTION.get(
        settings.LASTFM_API_URL,
        {"method": method, **params, "api_key": settings.LASTFM_API_KEY, "format": "json"},
    )
    code = _code_of(answer)
    if code in _BAD_KEY:
        logger.error("Last.fm refuses LASTFM_API_KEY (error %d); it is not asked for a day.", code)
        CONNECTION.close(DAY_MS)
        raise KeyRefused
    if code == _TOO_MANY or (code is None and answer.status == 429):
        raise CONNECTION.limited(None)
    if code in _MOMENTARY or answer.data is None or (code is None and answer.status >= 500):
        return None
    CONNECTION.answered()
    if code in _UNKNOWN:
        return {}
    if code is not None or answer.status >= 400:
        logger.error("Last.fm: %s is refused (error %s, status %d)", method, code, answer.status)
        raise ServiceAway
    return answer.data


def _years(tag: str) -> set[str]:
    """The tag itself where it is only a number."""
    return {tag.lower()} if tag.isdigit() else set()


def _code_of(answer: ServiceAnswer) -> int | None:
    """The error that the body names, also on a 200; None: it names none."""
    if not isinstance(answer.data, dict) or "error" not in answer.data:
        return None
    return int(number(answer.data["error"]))


def _tracks(value: Any, *, seconds: bool = False) -> tuple[NamedTrack, ...]:
    found = (_track(each, seconds=seconds) for each in items(value))
    return tuple(track for track in found if track is not None)


def _track(item: dict[str, Any], *, seconds: bool) -> NamedTrack | None:
    """One of a list; None where its artist or title is unknown."""
    artist = text(inside(item, "artist", "name")) or text(item.get("artist"))
    title = text(item.get("name"))
    if is_nobody(artist) or not title:
        return None
    page = web_address(item.get("url"), host="last.fm")
    length_ms = round(number(item.get("duration")) * 1000) if seconds else 0
    return NamedTrack(artist, title, page, max(0, length_ms))
