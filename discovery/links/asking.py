"""Looking answers of services up, or asking for them where that is allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from discovery.errors import ServiceAway
from music.cache import Drawer
from rooms.errors import Unavailable

T = TypeVar("T")


class Asking:
    """The questions about one seed. After the first that nobody answers, only what is known counts.

    `failed`: something is neither known nor could be had.
    """

    def __init__(self, *, may_ask: bool) -> None:
        self.may_ask = may_ask
        self.failed = False

    def get(self, drawer: Drawer[T], *names: str, load: Callable[[], T], otherwise: T) -> T:
        """The answer of these names, asked for at most once in its lifetime; else `otherwise`."""
        keys = [name.casefold() for name in names]
        if not self.may_ask or self.failed:
            if not drawer.is_fresh(*keys):
                self.failed = True
            known = drawer.known(*keys)
            return otherwise if known is None else known
        try:
            return drawer.get(*keys, load=load).value
        except (ServiceAway, Unavailable):
            self.failed = True
            return otherwise
