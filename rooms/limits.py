"""How often is too often. Counted by the `limits` library, in Redis when there is one.

Each app declares its limits by name in its `Feature`; `settings.LIMITS` has the rates that the
operator has chosen instead.
"""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.translation import gettext_noop as _
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from rooms import features
from rooms.errors import RateLimited, SaidValue


@dataclass(frozen=True)
class Limit:
    """One limit as an app declares it.

    `rate` is "count/seconds"; `sentence` is the refusal, with `{count}`, `{window}` and `{wait}`.
    With `is_counted_here` each process counts for itself: where a rough ceiling is enough and no
    call should wait for Redis, or where the event loop counts.
    """

    rate: str
    sentence: str
    is_counted_here: bool = False


class TooOften(RateLimited):
    """A limit is used up: of `count` in `window_s` seconds; `wait` s from now it is not."""

    def filling(self, translate: Callable[[str], str]) -> dict[str, SaidValue]:
        return self.values | {"window": _in_words(self.values["window_s"], translate)}


def _in_words(window_s: SaidValue, translate: Callable[[str], str]) -> str:
    """ "a minute", "in 10 s": what comes after "6 tracks"."""
    if window_s in _WINDOWS:
        return translate(_WINDOWS[window_s])
    return translate(_("in {n} s")).format(n=window_s)


_WINDOWS: dict[SaidValue, str] = {1: _("a second"), 60: _("a minute"), 3600: _("an hour")}
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


def rate_of(name: str) -> str:
    """The rate that holds, "count/seconds": the operator's, else the declared one."""
    return settings.LIMITS.get(name) or _declared()[name].rate


def names() -> list[str]:
    """The names of all declared limits."""
    return sorted(_declared())


def check_settings() -> None:
    """Raise `ImproperlyConfigured` for a rate that the operator has set for no limit."""
    for name in settings.LIMITS.keys() - _declared().keys():
        known = ", ".join(f"LIMIT_{each}" for each in names())
        raise ImproperlyConfigured(f"LIMIT_{name} is no limit. The limits are {known}.")


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
    raise TooOften(
        _declared()[name].sentence,
        detail=f"limit_{name.lower()}",
        retry_after=wait,
        count=rate.amount,
        window_s=window_s,
        wait=wait,
    )


def _limiter_of(name: str) -> MovingWindowRateLimiter:
    return _own() if _declared()[name].is_counted_here else _shared()


@cache
def _own() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string("memory://"))


@cache
def _shared() -> MovingWindowRateLimiter:
    if not settings.REDIS_URL:
        return _own()
    # The cache's ways to the same Redis: patience, and whom to trust.
    options: Any = settings.CACHES["default"]["OPTIONS"]
    # Below a name of their own: a reset deletes all keys there, and the cache's begin like ours.
    prefix = f"{settings.REDIS_PREFIX}:limits"
    storage = storage_from_string(
        settings.REDIS_URL, wrap_exceptions=True, key_prefix=prefix, **options
    )
    return MovingWindowRateLimiter(storage)


@features.reset_with_features
@cache
def _rate(name: str) -> RateLimitItem:
    count, seconds = rate_of(name).split("/")
    return RateLimitItemPerSecond(int(count), int(seconds))


@features.reset_with_features
@cache
def _declared() -> Mapping[str, Limit]:
    return features.merge(feature.limits for feature in features.installed_features())


def _forget_rates(*, setting: str, **_: object) -> None:
    """Tests choose rates of their own."""
    if setting == "LIMITS":
        _rate.cache_clear()


setting_changed.connect(_forget_rates)
