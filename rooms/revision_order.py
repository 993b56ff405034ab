"""The messages of one room, put in the order of their revisions.

The channel layer delivers messages of several processes at most once and in any order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import Any

Message = dict[str, Any]

# A message that overtook another waits 0.25 s for it; clients wait as long again, then resync.
GAP_S = 0.25
# The latest messages are kept, so that a client that was away for a moment needs no snapshot.
KEPT_MESSAGES = 128
# So many entries of lists in them at most: of a full queue, 20 orders, which take some MB.
KEPT_ENTRIES = 10_000


class RevisionOrder:
    """Gives out each message once, after all that came before it, or reports that some were lost.

    `revision` is the last one that was given out; None until the first is known.
    """

    def __init__(
        self, *, give_out: Callable[[Message], None], report_loss: Callable[[], None]
    ) -> None:
        self.revision: int | None = None
        self._give_out = give_out
        self._report_loss = report_loss
        self._early: dict[int, Message] = {}  # messages that overtook others, by first revision
        self._kept: deque[Message] = deque()  # without a hole, up to `revision`
        self._kept_entries = 0  # of lists in the kept messages
        self._gap: asyncio.TimerHandle | None = None

    def add_message(self, message: Message) -> None:
        """Give out a message and those that waited for it, or let it wait for earlier ones."""
        first, last = message["from"], message["to"]
        if self.revision is not None and last <= self.revision:
            return
        if self.revision is None or first <= self.revision + 1:
            self._advance(message)
            while (follower := self._early.pop((self.revision or 0) + 1, None)) is not None:
                self._advance(follower)
            if not self._early:
                self.stop_timer()
        else:
            self._early[first] = message
            if self._gap is None:
                self._gap = asyncio.get_running_loop().call_later(GAP_S, self._lose)

    def catch_up_to(self, revision: int) -> bool:
        """Go on after a revision of the database; returns whether messages up to it were lost."""
        is_behind = (self.revision or 0) < revision
        if is_behind:
            self.revision = revision
            self._lose()
        return is_behind

    def messages_after(self, revision: int) -> list[Message] | None:
        """All messages after a revision, where they are kept; else None."""
        if self.revision is None:
            return None
        missed = [message for message in self._kept if message["to"] > revision]
        oldest = missed[0]["from"] if missed else self.revision + 1
        return missed if oldest <= revision + 1 <= self.revision + 1 else None

    def kept_messages(self) -> Collection[Message]:
        """The latest messages that were given out, the oldest first."""
        return self._kept

    def stop_timer(self) -> None:
        """Wait for no missing message any more."""
        if self._gap is not None:
            self._gap.cancel()
            self._gap = None

    def _advance(self, message: Message) -> None:
        self.revision = message["to"]
        self._kept.append(message)
        self._kept_entries += _count_entries(message)
        while len(self._kept) > KEPT_MESSAGES or self._kept_entries > KEPT_ENTRIES:
            self._kept_entries -= _count_entries(self._kept.popleft())
        self._give_out(message)

    def _lose(self) -> None:
        """Go on after all that was received by now; what is missing before it is lost."""
        self.stop_timer()
        self.revision = max([self.revision or 0, *(each["to"] for each in self._early.values())])
        self._early.clear()
        self._kept.clear()
        self._kept_entries = 0
        self._report_loss()


def _count_entries(message: Message) -> int:
    """How many entries the lists in a message have, which is nearly all that it can grow by."""
    values = (value for _, event in message["events"] for value in event.values())
    return sum(len(value) for value in values if isinstance(value, list))
