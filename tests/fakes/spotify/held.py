"""Commands that Spotify answers before it has done them, and does in another order."""

import threading
from collections.abc import Callable
from contextlib import suppress

from tests.fakes.spotify.wire import Refused


class HeldCommands:
    """Commands that have been answered but not yet run: at most one for each account."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._held: dict[str, Callable[[], None]] = {}

    def swap(self, account: str, action: Callable[[], None], *, wait_s: float) -> None:
        """Run this one before the one that is held; if there is none, hold this."""
        held = self._held.pop(account, None)
        if held is not None:
            _quietly(action)
            _quietly(held)
            return
        self._held[account] = action
        timer = threading.Timer(wait_s, self._let_go, [account, action])
        timer.daemon = True
        timer.start()

    def _let_go(self, account: str, action: Callable[[], None]) -> None:
        with self._lock:
            if self._held.get(account) is action:
                del self._held[account]
                _quietly(action)


def _quietly(action: Callable[[], None]) -> None:
    """Who asked has long been told that all is well."""
    with suppress(Refused):
        action()
