"""How often is too often. Counted by the `limits` library, in Redis when there is one."""

import math
import time
from functools import cache

from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from rooms.errors import RateLimited

SENTENCES = {
    "VOTES": "Easy: {count} votes in {window}. Try again in {wait} s.",
    "ADDS": "Easy: {count} tracks a minute. Try again in {wait} s.",
    "HOST_ADDS": "Easy: {count} tracks a minute. Try again in {wait} s.",
    "SEARCHES": "Easy: {count} searches a minute. Try again in {wait} s.",
    "JOINS": "Many people join from this network. Try again in {wait} s.",
    "WRONG_CODES": "Too many tries. Wait {wait} s.",
    "ROOMS": "Many rooms were opened from this network. Try again in {wait} s.",
}


def hit(name: str, who: str) -> None:
    """Count one use of a limit by a member or an address.

    Raises `RateLimited` with the seconds to wait when it was one too many.
    """
    try:
        allowed = _limiter().hit(_rate(name), name, who)
    except StorageError:
        return  # Redis is away: rather an unlimited minute than a room that cannot vote
    if not allowed:
        _refuse(name, who)


def check(name: str, who: str) -> None:
    """Raise `RateLimited` if the limit is used up already; counts nothing."""
    try:
        allowed = _limiter().test(_rate(name), name, who)
    except StorageError:
        return
    if not allowed:
        _refuse(name, who)


def forget() -> None:
    """Start counting anew."""
    _limiter().storage.reset()
    _rate.cache_clear()


def _refuse(name: str, who: str) -> None:
    rate = _rate(name)
    reset = _limiter().get_window_stats(rate, name, who).reset_time
    wait = max(1, math.ceil(reset - time.time()))
    window = rate.get_expiry()
    sentence = SENTENCES[name].format(count=rate.amount, window=f"{window} s", wait=wait)
    raise RateLimited(sentence, retry_after=wait)


@cache
def _limiter() -> MovingWindowRateLimiter:
    if not settings.REDIS_URL:
        return MovingWindowRateLimiter(storage_from_string("memory://"))
    # The cache's ways to the same Redis: patience, and whom to trust.
    options = settings.CACHES["default"]["OPTIONS"]
    storage = storage_from_string(
        settings.REDIS_URL, wrap_exceptions=True, key_prefix=settings.REDIS_PREFIX, **options
    )
    return MovingWindowRateLimiter(storage)


@cache
def _rate(name: str) -> RateLimitItem:
    count, seconds = settings.LIMITS[name].split("/")
    return RateLimitItemPerSecond(int(count), int(seconds))
