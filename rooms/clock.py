"""The one clock of the server: milliseconds since 1970-01-01 UTC.

Everything that asks for the time asks here, so that a simulation or a test can move it. Processes
on several machines have one clock, too: that of the database they share.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, connection

logger = logging.getLogger(__name__)

# How often the database is asked for the time, and how often in a row: the quickest answer counts.
SET_EVERY_S = 30.0
QUESTIONS = 5

_offset_ms = 0.0  # what the database's clock is ahead of this machine's
_shift_ms = 0
_held_at_ms: int | None = None  # where a simulation holds the clock


@dataclass(frozen=True)
class Comparison:
    """What another clock is ahead of this machine's, and how wrong that may be."""

    ahead_ms: float
    uncertainty_ms: float


def now_ms() -> int:
    """The present moment in milliseconds UTC."""
    if _held_at_ms is not None:
        return _held_at_ms + _shift_ms
    return round(_machine_ms() + _offset_ms) + _shift_ms


@contextmanager
def shifted(by_ms: int) -> Iterator[None]:
    """Let the whole process believe that it is `by_ms` later (nested shifts add up)."""
    global _shift_ms
    _shift_ms += by_ms
    try:
        yield
    finally:
        _shift_ms -= by_ms


@contextmanager
def held(at_ms: int) -> Iterator[Callable[[int], None]]:
    """Stop the clock of the whole process at a moment; what this gives moves it to another (UTC).

    Under `shifted` time runs on, and what happens depends on how fast the machine is. A simulation
    has to give the same night on every machine, so in it only its own events move the time.
    """
    global _held_at_ms

    def go_to(moment_ms: int) -> None:
        global _held_at_ms
        _held_at_ms = moment_ms

    before, _held_at_ms = _held_at_ms, at_ms
    try:
        yield go_to
    finally:
        _held_at_ms = before


def set_by_database() -> None:
    """Take over the time of the database, where that is one with a clock of its own.

    What cannot be told from no difference at all changes nothing, so that the clock stands still
    against the machine's as long as both are right.
    """
    global _offset_ms
    if connection.vendor != "postgresql":
        return
    comparisons = [_compare() for _ in range(QUESTIONS)]
    best = min(comparisons, key=lambda comparison: comparison.uncertainty_ms)
    if abs(best.ahead_ms - _offset_ms) > best.uncertainty_ms:
        logger.info("the clock is set by %.0f ms", best.ahead_ms - _offset_ms)
        _offset_ms = best.ahead_ms


def keep_right() -> None:
    """Set the clock by the database, and go on doing so in a thread; returns when it is set."""
    if connection.vendor != "postgresql":
        return  # a file has no clock of its own
    is_set = threading.Event()
    threading.Thread(target=_keep_right, args=(is_set,), name="clock", daemon=True).start()
    is_set.wait()


def _keep_right(is_set: threading.Event) -> None:
    while True:
        try:
            set_by_database()
        except DatabaseError:
            logger.warning("the clock could not be compared with the database's")
        finally:
            connection.close()
            is_set.set()
        time.sleep(SET_EVERY_S)


def _compare() -> Comparison:
    with connection.cursor() as cursor:
        asked_ms = _machine_ms()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000")
        told_ms = float(cursor.fetchone()[0])
        answered_ms = _machine_ms()
    return Comparison(told_ms - (asked_ms + answered_ms) / 2, (answered_ms - asked_ms) / 2)


def _machine_ms() -> float:
    return time.time_ns() / 1_000_000
