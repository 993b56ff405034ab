"""What `manage.py doctor` finds, for the first page of the admin.

The doctor asks the disk, the stores, and the site's own address from outside, which can take many
seconds. So a thread does it, only once somebody reads the page, and the page shows what was found
last with its age.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db import Error, connection

from rooms import clock
from rooms.workers import Stop, start_worker

logger = logging.getLogger(__name__)

# What was found longer ago is looked at again when the page is read.
FRESH_MS = 5 * 60_000
# The thread only waits to be woken.
PAUSE_S = 3600.0


class CheckResult(Protocol):
    """What was found of one thing; `next_step` says what to do where it is not fine."""

    @property
    def title(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def mark(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def next_step(self) -> str: ...


Examine = Callable[[], Iterable[CheckResult]]


@dataclass(frozen=True)
class CheckResults:
    """All that was found at one moment; `at_ms` is None where nobody has looked yet."""

    found: tuple[CheckResult, ...] = ()
    at_ms: int | None = None

    @property
    def age_s(self) -> int | None:
        """For how many seconds that has been known."""
        return None if self.at_ms is None else max(0, clock.now_ms() - self.at_ms) // 1000


class Checks:
    """Looks in a thread of its own, and keeps what it found last in the memory of this process."""

    def __init__(self) -> None:
        self._examine: Examine | None = None
        self._worker: Stop | None = None
        self._lock = threading.Lock()
        self._is_looking = False
        self._last = CheckResults()

    def use(self, examine: Examine) -> None:
        """Say what to look at. Without it nobody looks."""
        self._examine = examine

    def read(self) -> CheckResults:
        """What was found last; where that is older than 5 min, the thread looks again."""
        with self._lock:
            age_s = self._last.age_s
            is_old = age_s is None or age_s * 1000 >= FRESH_MS
            if self._examine is not None and is_old and not self._is_looking:
                self._is_looking = True
                if self._worker is None:
                    self._worker = start_worker("doctor", self._work)
                else:
                    self._worker.wake()
            return self._last

    def look(self) -> None:
        """Look at everything now, in this thread."""
        if self._examine is None:
            return
        try:
            found = tuple(self._examine())
            with self._lock:
                self._last = CheckResults(found, clock.now_ms())
        except Error as failure:
            logger.warning("the doctor could not look: %r", failure)
        finally:
            with self._lock:
                self._is_looking = False

    def _work(self, stop: Stop) -> None:
        while not stop.is_set():
            self.look()
            connection.close()
            stop.pause(PAUSE_S)


checks = Checks()
