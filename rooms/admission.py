"""How many sockets one browser and one network may have open here, and how often they may ask.

Counted by the process alone, in its memory: what is bounded is its own memory and time. A whole
venue is one address, so the ceilings of an address lie far above what a venue needs.
"""

from __future__ import annotations

import math
import time
import uuid
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from cachetools import TTLCache
from django.conf import settings
from django.utils.translation import gettext_noop as _

from rooms import limits
from rooms.errors import RateLimited

# How long a browser has to wait that sent what no page sends.
PAUSE_S = 30
# When somebody with too many pages may see whether one of them has been closed.
FULL_S = 30


class Admission:
    """Who may open another socket in this process. Belongs to one event loop."""

    def __init__(self) -> None:
        self._open: Counter[Hashable] = Counter()  # sockets, by guest and by address
        self._paused: TTLCache[uuid.UUID, float] = TTLCache(10_000, ttl=PAUSE_S)

    @contextmanager
    def admitted(self, guest: uuid.UUID | None, address: str) -> Iterator[None]:
        """Count a socket as open meanwhile. Raises `RateLimited` for one too many.

        What is refused to a guest does not count for their neighbours at the same address.
        Somebody without an identity is told to join first.
        """
        self._check(guest, address)
        if guest is not None:
            limits.hit("SOCKETS", str(guest))
        limits.hit_by_address("ADDRESS_SOCKETS", address, has_guest=guest is not None)
        owners: list[Hashable] = [address] if guest is None else [address, guest]
        self._open.update(owners)
        try:
            yield
        finally:
            for owner in owners:
                self._open[owner] -= 1
                if not self._open[owner]:
                    del self._open[owner]

    def pause(self, guest: uuid.UUID | None) -> None:
        """Admit no socket of this guest for `PAUSE_S` seconds."""
        if guest is not None:
            self._paused[guest] = time.monotonic() + PAUSE_S

    def _check(self, guest: uuid.UUID | None, address: str) -> None:
        if guest is not None:
            left_s = self._paused.get(guest, 0.0) - time.monotonic()
            if left_s > 0:
                wait = math.ceil(left_s)
                raise RateLimited(
                    _("This page sent too much. It connects again in {wait} s."),
                    detail="sent_too_much",
                    retry_after=wait,
                    wait=wait,
                )
            if self._open[guest] >= settings.SOCKETS_PER_MEMBER:
                raise RateLimited(
                    _("You have too many pages open. Close some of them."),
                    detail="own_pages",
                    retry_after=FULL_S,
                )
        if self._open[address] >= settings.SOCKETS_PER_ADDRESS:
            raise RateLimited(
                _("Too many pages are open in this network. Close some of them."),
                detail="pages_of_network",
                retry_after=FULL_S,
            )
