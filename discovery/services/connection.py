"""One service outside: when it may be asked, how often, and what became of a call.

The circuit breaker is shared by all processes over Django's cache, and so is the rate, by the
limits of this app.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from discovery.errors import ServiceAway
from music import cache, outside
from rooms import clock, limits
from rooms.errors import RateLimited

logger = logging.getLogger(__name__)

IN_FLIGHT = 2
# For a place among the calls in flight, and for the rate, a call waits this long in all.
PATIENCE_S = 5.0
LOOK_EVERY_S = 0.1
# After so many failures in a row nobody asks for a minute, then twice as long each time, to 15 min.
FAILURES = 3
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 60_000, 15 * 60_000
# A moment given by a service is believed up to here.
LONGEST_ASKED_MS = 60 * 60_000
DAY_MS = 24 * 60 * 60_000
LONGEST_BODY = 2 * 1024 * 1024
# One call, to the last byte of its answer.
CALL_S = 8.0


@dataclass(frozen=True)
class ServiceAnswer:
    """What a service said: its status, its headers, and its body as JSON, None where it is none."""

    status: int
    headers: Mapping[str, str]
    data: Any


@dataclass
class ServiceConnection:
    """The way to one service. `limit` names the rate in `Feature.limits`; `name` is for the log.

    `key` gives what we are known by there, "" for nothing: another one is not closed with this one.
    """

    name: str
    limit: str
    key: Callable[[], str] = lambda: ""
    _failures: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(IN_FLIGHT)
    )

    def get(self, url: str, params: Mapping[str, str | int]) -> ServiceAnswer:
        """Ask by GET. Raises `ServiceAway`."""
        return self._call("GET", url, params=dict(params))

    def post(self, url: str, body: Any) -> ServiceAnswer:
        """Ask by POST with a JSON body. Raises `ServiceAway`."""
        return self._call("POST", url, json=body)

    def is_open(self) -> bool:
        """Whether the service may be asked now, by the breaker."""
        return self.closed_until_ms() <= clock.now_ms()

    def close(self, pause_ms: int) -> None:
        """No process asks this service for `pause_ms` from now."""
        until_ms = clock.now_ms() + pause_ms
        cache.write(self._key, (until_ms, pause_ms), 2 * pause_ms / 1000)

    def limited(self, seconds: float | None) -> ServiceAway:
        """The service said "too many": close it as long as it says, else longer each time."""
        if seconds is None:
            pause_ms = self._next_pause_ms()
        else:
            pause_ms = min(max(1_000, round(seconds * 1000)), LONGEST_ASKED_MS)
        self.close(pause_ms)
        return ServiceAway()

    def failed(self) -> ServiceAway:
        """Note a call without an answer that counts; the last of a row closes the service."""
        with self._lock:
            self._failures += 1
            is_last = self._failures >= FAILURES
        if is_last:
            self.close(self._next_pause_ms())
        return ServiceAway()

    def answered(self) -> None:
        """Note that the service is there."""
        with self._lock:
            self._failures = 0

    def forget(self) -> None:
        """Forget the failures that this process has counted."""
        self.answered()

    def _call(self, method: str, url: str, **what: Any) -> ServiceAnswer:
        if not self.is_open():
            raise ServiceAway
        deadline = time.monotonic() + PATIENCE_S
        if not self._places.acquire(timeout=PATIENCE_S):
            raise ServiceAway
        try:
            self._keep_to_rate(deadline)
            return self._performed(method, url, what)
        finally:
            self._places.release()

    def _keep_to_rate(self, deadline: float) -> None:
        while True:
            try:
                limits.hit(self.limit, "all")
                return
            except RateLimited as limited:
                if time.monotonic() > deadline:
                    raise ServiceAway from limited
                time.sleep(LOOK_EVERY_S)

    def _performed(self, method: str, url: str, what: dict[str, Any]) -> ServiceAnswer:
        try:
            answer = outside.ask(method, url, most_s=CALL_S, most_bytes=LONGEST_BODY, **what)
            return ServiceAnswer(answer.status, answer.headers, _as_json(answer))
        except (requests.RequestException, UnicodeError) as error:
            # Its own words may hold the whole address, with a key in it; the kind says enough.
            logger.warning("%s: no answer (%s)", self.name, type(error).__name__)
            raise self.failed() from None

    @property
    def _key(self) -> str:
        known_by = hashlib.sha256(self.key().encode()).hexdigest()[:12]
        return f"discovery.closed.{self.limit}.{known_by}"

    def closed_until_ms(self) -> int:
        """Until when (ms UTC) no process asks this service; 0 where it was never closed."""
        known = cache.read(self._key)
        return 0 if known is None else int(known[0])

    def _next_pause_ms(self) -> int:
        known = cache.read(self._key)
        return FIRST_PAUSE_MS if known is None else min(2 * int(known[1]), LONGEST_PAUSE_MS)


def _as_json(answer: outside.OutsideAnswer) -> Any:
    """The JSON in a body; None for anything else, such as the page of a gateway."""
    try:
        return answer.json()
    except (ValueError, RecursionError):
        return None
