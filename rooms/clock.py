"""The one clock of the server: milliseconds since 1970-01-01 UTC, and it never jumps.

Everything that asks for the time asks here, so that a simulation or a test can move it. Between two
looks at the reference clock (`rooms.clock_sync`) the time is that of the last look plus what has
passed on the machine's steady clock: a machine whose date is set anew moves nothing here.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# A steady clock that goes on while the machine sleeps: after a night in the bag it is morning, and
# what became due is due. Linux calls that "boottime"; macOS' "monotonic" does so by itself.
_STEADY = getattr(time, "CLOCK_BOOTTIME", None) or time.CLOCK_MONOTONIC

_shift_ms = 0
_held_at_ms: int | None = None  # where a simulation holds the clock


def steady_ms() -> float:
    """Milliseconds of a clock that nobody can set; only differences of it mean anything."""
    return time.clock_gettime_ns(_STEADY) / 1_000_000


def machine_ms() -> float:
    """What the machine says the time is, in milliseconds UTC; it may be set anew at any moment."""
    return time.time_ns() / 1_000_000


# The time (ms UTC) at one moment of the steady clock (ms), from which it is counted on. One value,
# so that no thread reads half of a change.
_anchor: tuple[float, float] = (machine_ms(), steady_ms())


def now_ms() -> int:
    """The present moment in milliseconds UTC."""
    if _held_at_ms is not None:
        return _held_at_ms + _shift_ms
    return round(time_at(steady_ms())) + _shift_ms


def time_at(moment_steady_ms: float) -> float:
    """The time (ms UTC) at a moment of the steady clock."""
    anchor_ms, anchor_steady_ms = _anchor
    return anchor_ms + moment_steady_ms - anchor_steady_ms


def set_time(at_ms: float, *, moment_steady_ms: float) -> None:
    """From now on it was `at_ms` (UTC) at that moment of the steady clock."""
    global _anchor
    _anchor = (at_ms, moment_steady_ms)


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
