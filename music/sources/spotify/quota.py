"""When Spotify may be asked, for each group of calls that it counts by itself.

A group that was answered with "too many" is closed until the moment that was given, for all
processes; without a moment for 30 s, and for twice as long each time. So is one whose calls fail
again and again, so that nobody waits for an answer that will not come. Closed, it fails at once.

The circuit breaker is our own, for it is this same door: pybreaker opens for a fixed time counted
in the process, and shares its state only over a Redis client of its own, not Django's cache.
"""

from __future__ import annotations

import hashlib
import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext_noop as _

from music import cache
from music.sources.spotify.errors import Away, Limited, SpotifyError
from rooms import clock

# Where no moment is given.
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 30_000, 60 * 60 * 1000
# Seen in the wild is a day; nobody is sent away for ever by a header.
LONGEST_MS = 24 * 60 * 60 * 1000
# After so many failures in a row a group is left alone for a while.
FAILURES, BROKEN_FOR_MS = 5, 30_000
# Calls of one group at a time: answers that hang must not take all threads of the server.
AT_ONCE = 4
# For a place among them somebody waits so long.
PLACE_S = 1.0


class Bucket(StrEnum):
    """Calls that Spotify counts together, as far as is known, and the share of some in these."""

    PLAYLIST = "playlist"
    LIBRARY = "library"
    SEARCH = "search"
    CATALOGUE = "catalogue"
    PLAYER = "player"
    # What plays, and where it could: asked now and then for every room. Too many of these questions
    # close only themselves, and never keep a room from telling its device what to play.
    READS = "reads"
    # What listeners tell their own players. It is made only while all that Spotify counts with it
    # is open, and has places and failures of its own: no room waits for what fails there.
    ALONG = "along"

    @property
    def counted_as(self) -> Bucket:
        """The group that is closed when Spotify answers "too many" to a call of this one."""
        return Bucket.PLAYER if self is Bucket.ALONG else self

    @property
    def is_player(self) -> bool:
        """Whether its calls go to the player, whose refusals mean other things."""
        return self in (Bucket.PLAYER, Bucket.READS, Bucket.ALONG)

    @property
    def needs_open(self) -> tuple[Bucket, ...]:
        """The groups of which none may be closed for a call of this one."""
        return (Bucket.PLAYER, self) if self in (Bucket.READS, Bucket.ALONG) else (self,)


@dataclass(frozen=True)
class Closing:
    """Until when a group is closed, for how long that was, and whether Spotify has asked for it."""

    until_ms: int
    pause_ms: int
    limited: bool


_failures: Counter[Bucket] = Counter()
# What this process knows by itself, should the shared cache be away.
_closings: dict[str, Closing] = {}
_lock = threading.Lock()
_places = {bucket: threading.BoundedSemaphore(AT_ONCE) for bucket in Bucket}


def check(bucket: Bucket) -> None:
    """Raise `Limited`, or `Away` after repeated failures, while this group is closed."""
    for each in bucket.needs_open:
        closing = _last_closing(each)
        if closing is not None and closing.until_ms > clock.now_ms():
            raise _refusal(closing)


def closings() -> dict[Bucket, Closing]:
    """The groups that are closed now, whoever has found that out."""
    last = {bucket: _last_closing(bucket) for bucket in Bucket}
    now_ms = clock.now_ms()
    return {
        bucket: closing
        for bucket, closing in last.items()
        if closing is not None and closing.until_ms > now_ms
    }


@contextmanager
def place(bucket: Bucket) -> Iterator[None]:
    """One of the few calls that a group may have under way. Raises `Away`."""
    places = _places[bucket]
    if not places.acquire(timeout=PLACE_S):
        raise Away(
            _("Spotify is slow just now. Try again in a moment."),
            detail="spotify_slow",
            retry_after=2,
        )
    try:
        yield
    finally:
        places.release()


def limited(bucket: Bucket, retry_after_s: float | None) -> SpotifyError:
    """Close the whole group that was told "too many"; gives what to raise."""
    bucket = bucket.counted_as
    if retry_after_s is None:
        last = _last_closing(bucket)
        pause_ms = min(2 * last.pause_ms, LONGEST_PAUSE_MS) if last else FIRST_PAUSE_MS
    else:
        pause_ms = min(math.ceil(retry_after_s * 1000), LONGEST_MS)
    return _close(bucket, pause_ms, limited=True)


def failed(bucket: Bucket) -> None:
    """Note that a call got no answer, the last of its tries too."""
    with _lock:
        _failures[bucket] += 1
        too_many = _failures[bucket] >= FAILURES
    if too_many:
        _close(bucket, BROKEN_FOR_MS, limited=False)


def answered(bucket: Bucket) -> None:
    """Note that Spotify is there."""
    with _lock:
        _failures[bucket] = 0


def forget() -> None:
    """Forget what this process knows; the shared cache keeps its own."""
    with _lock:
        _failures.clear()
        _closings.clear()


def _close(bucket: Bucket, pause_ms: int, *, limited: bool) -> SpotifyError:
    closing = Closing(clock.now_ms() + pause_ms, pause_ms, limited)
    key = _key(bucket)
    with _lock:
        _closings[key] = closing
    # Remembered for as long again: what is refused then, is refused for longer.
    cache.write(key, closing, 2 * pause_ms / 1000)
    return _refusal(closing)


def _last_closing(bucket: Bucket) -> Closing | None:
    """The last closing, or the one of before if that lasts longer; None long after."""
    key = _key(bucket)
    with _lock:
        own = _closings.get(key)
    known: list[Closing] = [each for each in (own, cache.read(key)) if each is not None]
    last = max(known, key=lambda closing: closing.until_ms, default=None)
    if last is None or last.until_ms + last.pause_ms < clock.now_ms():
        return None
    return last


def _refusal(closing: Closing) -> SpotifyError:
    left_s = max(1, math.ceil((closing.until_ms - clock.now_ms()) / 1000))
    kind = Limited if closing.limited else Away
    return kind(until_ms=closing.until_ms, retry_after=left_s)


def _key(bucket: Bucket) -> str:
    """By app: that is who Spotify counts, whatever the account."""
    app = hashlib.sha256(settings.SPOTIFY_CLIENT_ID.encode()).hexdigest()[:12]
    return f"spotify.closed.{app}.{bucket}"
