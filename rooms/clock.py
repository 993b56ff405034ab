"""The one clock of the server: milliseconds since 1970-01-01 UTC.

Everything that asks for the time asks here, so that a simulation or a test can move it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

_shift_ms = 0


def now_ms() -> int:
    """The present moment in milliseconds UTC."""
    return time.time_ns() // 1_000_000 + _shift_ms


@contextmanager
def shifted(by_ms: int) -> Iterator[None]:
    """Let the whole process believe that it is `by_ms` later (nested shifts add up)."""
    global _shift_ms
    _shift_ms += by_ms
    try:
        yield
    finally:
        _shift_ms -= by_ms
