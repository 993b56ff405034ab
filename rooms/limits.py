"""How often is too often. Counted by the `limits` library, in Redis when there is one."""

import math
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from rooms.errors import RateLimited

SENTENCES = {
    "VOTES": "Easy: {count} votes {window}. Try again in {wait} s.",
    "ADDS": "Easy: {count} tracks {window}. Try again in {wait} s.",
    "HOST_ADDS": "Easy: {count} tracks {window}. Try again in {wait} s.",
    "SEARCHES": "Easy: {count} searches {window}. Try again in {wait} s.",
    "SPOTIFY_SEARCHES": "Easy: {count} searches of Spotify {window}. Try again in {wait} s.",
    "ROOM_SPOTIFY_SEARCHES": "Many ask Spotify in this room. Try again in {wait} s.",
    "SPOTIFY_CALLS": "Easy: {count} calls to Spotify {window}. Try again in {wait} s.",
    "SPOTIFY_ALONG": "Easy: {count} starts on your Spotify {window}. Again in {wait} s.",
    "APP_SPOTIFY_ALONG": "Many listen on Spotify of their own. Yours goes on in {wait} s.",
    "CHANGES": "Easy: {count} changes {window}. Try again in {wait} s.",
    "DEVICES": "Easy: {count} reports {window}. Try again in {wait} s.",
    "READS": "This page asks too often. Try again in {wait} s.",
    "JOINS": "Easy: {count} joins {window}. Try again in {wait} s.",
    "WRONG_CODES": "Too many tries. Wait {wait} s.",
    "ROOMS": "Easy: {count} rooms {window}. Try again in {wait} s.",
    "LOGINS": "Easy: {count} logins {window}. Try again in {wait} s.",
    "ADDRESS": "Very much comes from this network. Try again in {wait} s.",
    "SOCKETS": "This page connects too often. It tries again in {wait} s.",
    "ADDRESS_SOCKETS": "Many connect from this network. Try again in {wait} s.",
    "ADDRESS_READS": "Very much comes from this network. Try again in {wait} s.",
    "ADDRESS_JOINS": "Many people join from this network. Try again in {wait} s.",
    "ADDRESS_WRONG_CODES": "Many wrong codes came from this network. Wait {wait} s.",
    "ADDRESS_CODES": "Very many codes came from this network. Wait {wait} s.",
    "ADDRESS_ROOMS": "Many rooms were opened from this network. Try again in {wait} s.",
    "ADDRESS_LOGINS": "Many logins were begun from this network. Try again in {wait} s.",
}

# Counted by each process for itself: the ceiling of an address is rough, so that no vote or read
# asks Redis twice, and sockets are asked for on the event loop, where nothing may wait.
COUNTED_HERE = {"ADDRESS", "ADDRESS_READS", "SOCKETS", "ADDRESS_SOCKETS"}

# For how long a storage that did not answer is left alone.
AWAY_S = 5.0
_away_until = 0.0


def hit(name: str, who: str) -> None:
    """Count one use of a limit by a member or an address.

    Raises `RateLimited` with the seconds to wait when it was one too many.
    """
    if not _asked(_limiter_of(name).hit, name, who):
        _refuse(name, who)


def hit_by(name: str, member_id: int, address: str) -> None:
    """Count one use by a member, and under a much higher ceiling by their address.

    A whole venue is one address; the ceiling is for somebody who is a thousand members. Raises
    `RateLimited`.
    """
    hit(name, str(member_id))
    hit("ADDRESS", address)


def hit_by_address(name: str, address: str, *, has_guest: bool) -> None:
    """Count one use by a network address; those without a guest's cookie are counted apart.

    So a program without a cookie uses up nothing of what browsers in the same network have.
    Raises `RateLimited`.
    """
    hit(name, address if has_guest else f"{address} without a cookie")


def check(name: str, who: str) -> None:
    """Raise `RateLimited` if the limit is used up already; counts nothing."""
    if not _asked(_limiter_of(name).test, name, who):
        _refuse(name, who)


def count(name: str, who: str) -> None:
    """Count one use, and refuse nothing."""
    _asked(_limiter_of(name).hit, name, who)


def is_unused(name: str, who: str) -> bool:
    """Whether nothing of a limit is used up at this moment."""

    def is_whole(rate: RateLimitItem, *key: str) -> bool:
        return _limiter_of(name).get_window_stats(rate, *key).remaining >= rate.amount

    return _asked(is_whole, name, who)


def forget() -> None:
    """Start counting anew. A Redis that is away is left as it is: what it counts expires there."""
    global _away_until
    _away_until = 0.0
    _own().storage.reset()
    with suppress(StorageError):
        _shared().storage.reset()
    _rate.cache_clear()


def _asked(question: Callable[..., bool], name: str, who: str) -> bool:
    """What the limiter says; while Redis is away, yes: rather unlimited than unable to vote.

    A Redis that hangs keeps those who ask waiting, so for a while nobody asks again.
    """
    global _away_until
    if time.monotonic() < _away_until:
        return True
    try:
        return question(_rate(name), name, who)
    except StorageError:
        _away_until = time.monotonic() + AWAY_S
        return True


def _refuse(name: str, who: str) -> None:
    rate = _rate(name)
    window_s = rate.get_expiry()
    try:
        reset = _limiter_of(name).get_window_stats(rate, name, who).reset_time
        wait = max(1, math.ceil(reset - time.time()))
    except StorageError:  # it could still be asked whether, and no longer until when
        wait = window_s
    words = {"count": rate.amount, "window": _in_words(window_s), "wait": wait}
    raise RateLimited(SENTENCES[name].format(**words), retry_after=wait)


def _in_words(window_s: int) -> str:
    """ "a minute", "in 10 s": what comes after "6 tracks"."""
    return {1: "a second", 60: "a minute", 3600: "an hour"}.get(window_s, f"in {window_s} s")


def _limiter_of(name: str) -> MovingWindowRateLimiter:
    return _own() if name in COUNTED_HERE else _shared()


@cache
def _own() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string("memory://"))


@cache
def _shared() -> MovingWindowRateLimiter:
    if not settings.REDIS_URL:
        return _own()
    # The cache's ways to the same Redis: patience, and whom to trust.
    options = settings.CACHES["default"]["OPTIONS"]
    # Below a name of their own: a reset deletes all keys there, and the cache's begin like ours.
    prefix = f"{settings.REDIS_PREFIX}:limits"
    storage = storage_from_string(
        settings.REDIS_URL, wrap_exceptions=True, key_prefix=prefix, **options
    )
    return MovingWindowRateLimiter(storage)


@cache
def _rate(name: str) -> RateLimitItem:
    count, seconds = settings.LIMITS[name].split("/")
    return RateLimitItemPerSecond(int(count), int(seconds))
