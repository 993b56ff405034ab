"""From Spotify's JSON to `shapes`. Nothing about it is taken for granted.

Anything may be null, missing or of another kind. What cannot be queued is `Skipped` with a reason;
a whole answer that makes no sense is as good as none: `Away`.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings

from music.sources.spotify.errors import Away
from music.sources.spotify.shapes import (
    ListedPlaylist,
    Player,
    Sheet,
    Song,
    SpotifyDevice,
    SpotifyUser,
)

T = TypeVar("T")
Reader = Callable[[Any], T]

# As long as the columns of `music.models.Track`.
NAME_LENGTH, ADDRESS_LENGTH = 300, 200
LONGEST_MS = 2**31 - 1
# Pictures are shown at up to this width; the next smaller one does, too.
COVER_WIDTH = 300
# What no name has: a database may refuse it, a page may break at it, or read the words around it
# in the other direction.
_BREAKS = re.compile(r"[\t\n\r]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What `restrictions.reason` may say; of others it is enough that there is one.
RESTRICTIONS = ("market", "product", "explicit")


class Skipped(Exception):
    """Something in a list that cannot be queued, and why, in one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def song(data: Any) -> Song:
    """A track. Raises `Skipped`: gone, local, episode, unplayable, a restriction, or broken."""
    if data is None:
        raise Skipped("gone")
    track = _mapping(data)
    if track.get("is_local") is True:
        raise Skipped("local")
    if track.get("type") == "episode":
        raise Skipped("episode")
    _check_playable(track)
    album = _mapping(track.get("album"))
    id, title = identifier(track.get("id")), text(track.get("name"), NAME_LENGTH)
    duration_ms = _number(track.get("duration_ms"))
    if not (id and title and duration_ms and duration_ms <= LONGEST_MS):
        raise Skipped("broken")
    return Song(
        id=id,
        title=title,
        artists=tuple(_names(track.get("artists"))),
        album=text(album.get("name"), NAME_LENGTH),
        duration_ms=duration_ms,
        explicit=track.get("explicit") is True,
        isrc=text(_mapping(track.get("external_ids")).get("isrc"), 20),
        cover=_cover(album.get("images")),
        link=_link(track),
        year=_year(album.get("release_date")),
    )


def entry(data: Any) -> Song:
    """The track of an entry in a playlist or among liked songs. Raises as `song`."""
    if data is None:
        raise Skipped("gone")
    told = _mapping(data)
    if told.get("is_local") is True:
        raise Skipped("local")
    return song(told["item"] if told.get("item") is not None else told.get("track"))


def listing(data: Any) -> ListedPlaylist:
    """A playlist in a list of them, or by itself. Raises `Skipped`: gone, or broken."""
    if data is None:
        raise Skipped("gone")
    told = _mapping(data)
    owner = _mapping(told.get("owner"))
    count = _mapping(told.get("items") or told.get("tracks")).get("total")
    if not identifier(told.get("id")):
        raise Skipped("broken")
    return ListedPlaylist(
        id=identifier(told["id"]),
        name=text(told.get("name"), NAME_LENGTH) or "Without a name",
        owner=text(owner.get("display_name"), NAME_LENGTH),
        owner_id=text(owner.get("id"), NAME_LENGTH),
        tracks=_number(count),
        cover=_cover(told.get("images")),
        link=_link(told),
        shared=told.get("collaborative") is True,
        snapshot=text(told.get("snapshot_id"), NAME_LENGTH),
    )


def sheet(data: Any, read: Reader[T]) -> Sheet[T]:
    """An offset page, each entry read by `read`. Raises `Away` for what is none."""
    told = _mapping(data)
    entries = told.get("items")
    if not isinstance(entries, list):
        raise Away
    skipped: Counter[str] = Counter()
    items = tuple(_read_all(entries, read, skipped))
    after = told.get("next")
    # An empty page that has a next one would be followed for ever.
    after = after if isinstance(after, str) and entries else None
    following = None
    if after is not None:
        limit = _number(told.get("limit")) or len(entries)
        following = (_number(told.get("offset")) or 0) + limit
    return Sheet(items, dict(skipped), after, following)


def found(data: Any) -> Sheet[Song]:
    """The tracks of a search. Raises `Away`."""
    return sheet(_mapping(data).get("tracks"), song)


def person(data: Any) -> SpotifyUser:
    """Whose account it is. Raises `Away` without an id."""
    told = _mapping(data)
    user_id = text(told.get("id"), ADDRESS_LENGTH)
    if not user_id:
        raise Away
    return SpotifyUser(
        # Younger than the other one; who has been here longer has only that.
        account_id=text(told.get("account_id"), ADDRESS_LENGTH) or user_id,
        user_id=user_id,
        name=text(told.get("display_name"), ADDRESS_LENGTH),
    )


def devices(data: Any) -> list[SpotifyDevice]:
    """The devices of an account. Raises `Away`."""
    told = _mapping(data).get("devices")
    if not isinstance(told, list):
        raise Away
    return [device(each) for each in told if isinstance(each, dict)]


def device(data: dict[str, Any]) -> SpotifyDevice:
    volume = _number(data.get("volume_percent"))
    return SpotifyDevice(
        id=text(data.get("id"), ADDRESS_LENGTH) or None,
        name=text(data.get("name"), NAME_LENGTH) or "A device",
        kind=text(data.get("type"), 40),
        active=data.get("is_active") is True,
        restricted=data.get("is_restricted") is True,
        private=data.get("is_private_session") is True,
        volume=None if volume is None else min(volume, 100),
        has_volume=data.get("supports_volume") is not False,
    )


def player(data: Any, *, at_ms: int) -> Player | None:
    """What sounds; None when nothing is active."""
    if data is None:
        return None
    told, item = _mapping(data), _mapping(_mapping(data).get("item"))
    actions = _mapping(told.get("actions"))
    # The documents put the flags one level higher than the answers have them.
    disallowed = actions.get("disallows", actions)
    at = told.get("device")
    return Player(
        device=device(at) if isinstance(at, dict) else None,
        playing=told.get("is_playing") is True,
        uri=text(item.get("uri"), ADDRESS_LENGTH) or None,
        isrc=text(_mapping(item.get("external_ids")).get("isrc"), 20),
        title=text(item.get("name"), NAME_LENGTH),
        artists=tuple(_names(item.get("artists"))),
        position_ms=_number(told.get("progress_ms")),
        duration_ms=_number(item.get("duration_ms")),
        kind=text(told.get("currently_playing_type"), 20) or "unknown",
        repeats=told.get("repeat_state") in ("track", "context"),
        shuffles=told.get("shuffle_state") is True,
        disallowed=frozenset(name for name, is_so in _mapping(disallowed).items() if is_so is True),
        at_ms=at_ms,
    )


def identifier(told: Any) -> str:
    """An id of Spotify's, which goes into addresses; "" for anything else."""
    fits = isinstance(told, str) and told.isascii() and told.isalnum() and len(told) <= 64
    return told if fits else ""


def text(told: Any, length: int) -> str:
    """Text on one line that any database takes, cut to a length; "" for anything else."""
    if not isinstance(told, str):
        return ""
    clean = _CONTROLS.sub("", _BREAKS.sub(" ", told)).encode("utf-8", "ignore").decode()
    return clean.strip()[:length]


def _check_playable(track: dict[str, Any]) -> None:
    """Raise `Skipped` where Spotify says no. Where it says nothing, the player will."""
    reason = _mapping(track.get("restrictions")).get("reason")
    if reason:
        raise Skipped(reason if reason in RESTRICTIONS else "restricted")
    if track.get("is_playable") is False:
        raise Skipped("unplayable")


def _read_all(entries: list[Any], read: Reader[T], skipped: Counter[str]) -> Iterator[T]:
    for each in entries:
        try:
            yield read(each)
        except Skipped as skip:
            skipped[skip.why] += 1


def _names(artists: Any) -> Iterator[str]:
    for artist in artists if isinstance(artists, list) else []:
        if name := text(_mapping(artist).get("name"), NAME_LENGTH):
            yield name


def _cover(images: Any) -> str:
    """The address of the picture that suits us best, of those that fit their column; or ""."""
    told = [_mapping(each) for each in images] if isinstance(images, list) else []
    fitting = [each for each in told if _is_picture(each.get("url"))]
    # Widest first is the rule. A width may be missing: then the order has to do.
    small = [each for each in fitting if (_number(each.get("width")) or 0) <= COVER_WIDTH]
    best: Sequence[dict[str, Any]] = [*small, *fitting[::-1]]
    return str(best[0]["url"]) if best else ""


def _is_picture(address: Any) -> bool:
    """Whether a page could show it: over TLS, or from where the operator says pictures are."""
    if not isinstance(address, str) or not address.isascii() or len(address) > ADDRESS_LENGTH:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets around something that is no address
        return False
    return parts.scheme == "https" or f"{parts.scheme}://{parts.netloc}" in settings.SPOTIFY_IMAGES


def _link(told: dict[str, Any]) -> str:
    """The page at Spotify; "" for what a page must not link to."""
    link = _mapping(told.get("external_urls")).get("spotify")
    if not isinstance(link, str) or len(link) > ADDRESS_LENGTH:
        return ""
    return link if link.startswith("https://") else ""


def _year(date: Any) -> int | None:
    """Of `1981`, `1981-12` or `1981-12-05`; None for `0000` and anything else."""
    year = date[:4] if isinstance(date, str) else ""
    return int(year) or None if len(year) == 4 and year.isascii() and year.isdigit() else None


def _mapping(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def _number(told: Any) -> int | None:
    """A whole number that is not negative. JSON's true is none, though Python thinks so."""
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return int(told) if told >= 0 else None
    except (OverflowError, ValueError):  # Infinity and NaN, which Python's JSON lets in
        return None
