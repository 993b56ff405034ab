"""What the world outside has said, kept for a while in two tiers. Never the state of a room.

The near tier is in the process, bounded, for seconds; the far one is Django's cache, which all
processes share. A far tier that is dead is a miss, not an error.

An answer is fresh until its soft end. After that somebody asks anew, while others get the old one;
when asking fails, everybody gets the old one, with the moment it is from, until its hard end.
"""

# `dogpile.cache` was tried, with its lock electing the loader: 343 lines instead of 339. The lock
# replaces a part of `get`. The mutex across processes, the two tiers, the answers in an outage and
# the refusals stay here. The lock also ignores that a wait ran out, and releases what others hold.

import hashlib
import pickle
import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from cachetools import TTLCache
from django.conf import settings
from django.core.cache import cache as far
from django.utils.translation import gettext_noop as _
from redis.exceptions import RedisError

from rooms import clock
from rooms.errors import RoomError, Unavailable

T = TypeVar("T")

# So long a process answers from its own memory, and does not hear that another knows better.
NEAR_S = 10.0
NEAR_ENTRIES = 2_000
# All lifetimes differ by up to a tenth, so that what came together does not go together.
JITTER = 0.1
# For how long a far tier that did not answer is left alone.
AWAY_S = 5.0
# A loader in another process that has said nothing for so long is given up.
LOADING_S = 12.0
LOOK_EVERY_S = 0.05
# What lies beside an answer in its place: moments, names.
_OVERHEAD = 500
# For a place among those who wait, somebody waits so long.
PLACE_S = 1.0
# So long it is remembered that there is no such thing.
REFUSED_S = 60.0


@dataclass(frozen=True)
class Kept(Generic[T]):
    """An answer. `stale_since_ms`: the moment it is from, when no newer one could be had."""

    value: T
    stale_since_ms: int | None = None


@dataclass(frozen=True)
class Places:
    """Room for `count` answers of at most `most_bytes` each, which several drawers share.

    The place of an answer follows from its name, and another one that falls on it takes it: so
    there is never more, without counting. Answers are sequences; a longer one is cut.
    """

    name: str
    count: int
    most_bytes: int

    def key_of(self, digest: str) -> str:
        """The place of a name."""
        return f"outside.{self.name}.place.{int(digest[:12], 16) % self.count}"

    def fitting(self, value: Any) -> Any:
        """As much of an answer as a place holds."""
        while value and len(pickle.dumps(value)) > self.most_bytes - _OVERHEAD:
            value = value[: len(value) * 9 // 10]
        return value


@dataclass(frozen=True)
class _Entry:
    """As it lies in both tiers: an answer, or the refusal that stood for one.

    `digest` names it where its place may hold another one, too.
    """

    value: Any
    fetched_at_ms: int
    soft_until_ms: int
    hard_until_ms: int
    refusal: RoomError | None = None
    digest: str = ""

    def kept(self, *, stale: bool = False) -> Kept[Any]:
        if self.refusal is not None:
            # A new one each time: raising writes on it.
            raise copy(self.refusal)
        return Kept(self.value, self.fetched_at_ms if stale else None)


class Drawer(Generic[T]):
    """Answers of one kind. Values are treated as unchangeable, and can be pickled.

    `soft_s` and `hard_s` are lifetimes in seconds. In an outage, which is an error of the types in
    `outages`, an old answer does. Errors of the types in `refusals` are answers, too, and kept for
    `REFUSED_S`. An empty answer is fresh for `empty_soft_s` where that is given. A new `version`
    leaves behind what an older release has stored. `places` bound what is kept.
    """

    def __init__(
        self,
        name: str,
        *,
        soft_s: float,
        hard_s: float,
        outages: tuple[type[RoomError], ...],
        refusals: tuple[type[RoomError], ...] = (),
        empty_soft_s: float | None = None,
        version: int = 1,
        places: Places | None = None,
    ) -> None:
        self._name, self._version = name, version
        self._empty_soft_s = soft_s if empty_soft_s is None else empty_soft_s
        self._soft_s, self._hard_s = soft_s, hard_s
        self._outages, self._refusals = outages, refusals
        self._places = places

    def get(self, *names: object, load: Callable[[], T]) -> Kept[T]:
        """The answer of this name, loaded if there is none that is fresh.

        One asker loads, across all processes; those who come meanwhile get the old answer, or wait
        for the new one. Raises what `load` raises when there is no old answer to give instead, and
        `Unavailable` when too many wait already.
        """
        key, digest = self._key(names), self._digest(names)
        entry = _read(key, digest)
        if entry is not None and entry.soft_until_ms > clock.now_ms():
            return entry.kept()
        with _place(), _turn(key, wait=entry is None) as mine:
            if not mine and entry is not None:
                return entry.kept()
            newer = _read(key, digest)
            if newer is not None and newer.soft_until_ms > clock.now_ms():
                return newer.kept()
            return self._load(key, digest, load, newer)

    def known(self, *names: object) -> T | None:
        """The answer of this name as far as it is known here, fresh or old; loads nothing."""
        entry = _read(self._key(names), self._digest(names))
        return None if entry is None or entry.refusal is not None else entry.value

    def is_fresh(self, *names: object) -> bool:
        """Whether an answer of this name, or a refusal, is known and need not be asked for."""
        entry = _read(self._key(names), self._digest(names))
        return entry is not None and entry.soft_until_ms > clock.now_ms()

    def put(self, answers: Mapping[tuple[object, ...], T]) -> None:
        """Keep answers that came along with another one."""
        _write(
            {
                self._key(names): self._entry(value, self._digest(names))
                for names, value in answers.items()
            }
        )

    def _load(self, key: str, digest: str, load: Callable[[], T], old: _Entry | None) -> Kept[T]:
        try:
            entry = self._entry(load(), digest)
        except self._refusals as refusal:
            entry = self._entry(None, digest, refusal)
        except self._outages:
            if old is None or old.refusal is not None:
                raise
            return old.kept(stale=True)
        _write({key: entry})
        return entry.kept()

    def _entry(self, value: T | None, digest: str = "", refusal: RoomError | None = None) -> _Entry:
        now_ms = clock.now_ms()
        soft_s, hard_s = (REFUSED_S, REFUSED_S) if refusal else (self._soft_s, self._hard_s)
        if refusal is None and not value:
            soft_s = self._empty_soft_s
        if self._places is not None:
            value = self._places.fitting(value)
        second_ms = 1000 * random.uniform(1 - JITTER, 1)
        return _Entry(
            value,
            now_ms,
            round(now_ms + soft_s * second_ms),
            round(now_ms + hard_s * second_ms),
            refusal,
            digest,
        )

    def _key(self, names: Iterable[object]) -> str:
        """Where an answer lies."""
        if self._places is not None:
            return self._places.key_of(self._hash((self._name, *names)))
        return f"outside.{self._name}.{self._version}.{self._hash(names)}"

    def _digest(self, names: Iterable[object]) -> str:
        """What an answer has to be named where it lies, "" where no other one can lie."""
        return "" if self._places is None else f"{self._name}.{self._version}.{self._hash(names)}"

    def _hash(self, names: Iterable[object]) -> str:
        text = "\0".join(map(str, names))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- The tiers ----------------------------------------------------------------------------------

_near: TTLCache[str, _Entry] = TTLCache(NEAR_ENTRIES, ttl=NEAR_S)
_near_lock = threading.Lock()
_away_until = 0.0


def forget() -> None:
    """Empty the near tier, and ask the far one again even if it was away a moment ago."""
    global _away_until
    _away_until = 0.0
    with _near_lock:
        _near.clear()


def _read(key: str, digest: str) -> _Entry | None:
    now_ms = clock.now_ms()
    with _near_lock:
        entry = _near.get(key)
    if entry is None or entry.soft_until_ms <= now_ms:  # another process may have a newer one
        entry = read(key) or entry
        if entry is not None:
            with _near_lock:
                _near[key] = entry
    if entry is None or entry.hard_until_ms <= now_ms or entry.digest != digest:
        return None
    return entry


def _write(entries: Mapping[str, _Entry]) -> None:
    if not entries:
        return
    with _near_lock:
        _near.update(entries)
    # None of them is written here for less than the others by more than the jitter.
    longest_ms = max(entry.hard_until_ms - entry.fetched_at_ms for entry in entries.values())
    _asking(lambda: far.set_many(dict(entries), longest_ms / 1000), None)


def read(key: str) -> Any:
    """What the shared cache holds under a key; None also when it is away."""
    return _asking(lambda: far.get(key), None)


def write(key: str, value: object, seconds: float) -> None:
    """Share something with all processes for so long; nothing happens while the cache is away."""
    _asking(lambda: far.set(key, value, seconds), None)


def first(key: str, seconds: float) -> bool:
    """Whether no process has said so of this key for so long; yes while the cache is away."""
    return _asking(lambda: far.add(key, 1, seconds), True)


def _asking(question: Callable[[], T], otherwise: T) -> T:
    """What the far tier says. One that hangs keeps people waiting, so for a while nobody asks."""
    global _away_until
    if time.monotonic() < _away_until:
        return otherwise
    try:
        return question()
    except RedisError:
        _away_until = time.monotonic() + AWAY_S
    except (pickle.UnpicklingError, AttributeError, ImportError, TypeError):
        pass  # written by another release, which knew other shapes
    return otherwise


# --- One loader at a time -----------------------------------------------------------------------

# Who votes must not wait for those who wait for the world outside: half of the threads is theirs.
_places = threading.BoundedSemaphore(max(1, settings.HTTP_THREADS // 2))


@contextmanager
def _place() -> Iterator[None]:
    """A place among those who may wait for the world outside."""
    if not _places.acquire(timeout=PLACE_S):
        raise Unavailable(
            _("Many ask for this at once. Try again in a moment."),
            detail="many_ask",
            retry_after=2,
        )
    try:
        yield
    finally:
        _places.release()


class _LoadingTurn:
    """Who loads something in this process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


_turns: WeakValueDictionary[str, _LoadingTurn] = WeakValueDictionary()
_turns_lock = threading.Lock()


@contextmanager
def _turn(key: str, *, wait: bool) -> Iterator[bool]:
    """Whether it is our turn to load. Without waiting: no, while anybody else is at it."""
    with _turns_lock:
        turn = _turns.setdefault(key, _LoadingTurn())
    if not turn.lock.acquire(timeout=LOADING_S if wait else 0):
        yield wait
        return
    try:
        loading = f"{key}.loading"
        mine = _claim(loading, wait=wait)
        try:
            yield mine or wait
        finally:
            if mine:
                _asking(lambda: far.delete(loading), False)
    finally:
        turn.lock.release()


def _claim(loading: str, *, wait: bool) -> bool:
    """Whether no other process loads it; waits until that one has done so, or is given up."""
    deadline = time.monotonic() + LOADING_S
    while not _asking(lambda: far.add(loading, 1, LOADING_S), True):
        if not wait or time.monotonic() > deadline:
            return False
        time.sleep(LOOK_EVERY_S)
    return True
