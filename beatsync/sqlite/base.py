"""Django's backend for SQLite, with one writer of the process at a time, in order of arrival.

SQLite lets one connection write at a time. The others try again after pauses of up to 100 ms, in no
order, so that of many writers some never come first. Here the threads of a process stand in a
queue before they ask SQLite. Other processes with the same file are still kept apart by SQLite's
lock, for which the first in the queue waits.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from django.db.backends.sqlite3 import base
from django.db.utils import OperationalError

# What begins with these writes nothing, or belongs to a transaction that has its turn already.
NO_WRITES = ("SELECT", "PRAGMA", "EXPLAIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
# SQLite's own patience where the settings say none.
DEFAULT_TIMEOUT_S = 5.0


class WriterQueue:
    """Gives one thread at a time its turn to write, first come, first served."""

    def __init__(self) -> None:
        # Reentrant, for a connection that is thrown away may leave in the middle of anything.
        self._lock = threading.RLock()
        self._is_taken = False
        self._waiting: deque[threading.Event] = deque()

    def enter(self, timeout_s: float) -> bool:
        """Wait for a turn; whether it came in time. A turn that came ends with `leave`."""
        turn = threading.Event()
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            self._waiting.append(turn)
        came = False
        try:
            came = turn.wait(timeout_s)
        finally:
            if not came:
                self._give_up(turn)
        return came

    def leave(self) -> None:
        """Hand the turn to whoever has waited longest."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False

    def _give_up(self, turn: threading.Event) -> None:
        with self._lock:
            if not turn.is_set():
                self._waiting.remove(turn)
                return
        self.leave()  # it came in the very moment of giving up


# By database file. A forked child begins with none: threads that had a turn are not in it.
_queues: dict[str, WriterQueue] = {}
os.register_at_fork(after_in_child=_queues.clear)


class DatabaseWrapper(base.DatabaseWrapper):
    """One thread's connection, which waits for its turn before each transaction and lone write.

    Raises `OperationalError` where the turn does not come within the `timeout` (in seconds) of
    `OPTIONS`. Needs the transaction mode IMMEDIATE: a transaction that begins to write later would
    hold SQLite's lock without a turn. A database in memory has no queue.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._turn_in: WriterQueue | None = None  # the queue in which this connection has its turn
        self.execute_wrappers.append(self._execute_in_turn)

    def __del__(self) -> None:
        # One that is forgotten within a transaction must not keep the others waiting for ever.
        self._end_turn()

    def _start_transaction_under_autocommit(self) -> None:
        self._await_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]  # the stubs lack it
        # a failure is followed by a rollback
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _execute_in_turn(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Let a write outside of any transaction, which is one of its own, have a turn, too."""
        if self.in_atomic_block or self._turn_in is not None or not is_write(sql):
            return execute(sql, params, many, context)
        self._await_turn()
        try:
            return execute(sql, params, many, context)
        finally:
            self._end_turn()

    def _await_turn(self) -> None:
        if self._turn_in is not None or self.is_in_memory_db():
            return
        queue = _queues.setdefault(str(self.settings_dict["NAME"]), WriterQueue())
        timeout_s = self.settings_dict["OPTIONS"].get("timeout", DEFAULT_TIMEOUT_S)
        if not queue.enter(timeout_s):
            raise OperationalError(f"too many writers: waited {timeout_s} s for a turn")
        self._turn_in = queue

    def _end_turn(self) -> None:
        queue, self._turn_in = getattr(self, "_turn_in", None), None
        if queue is not None:
            queue.leave()


def is_write(sql: str) -> bool:
    """Whether a statement changes the database."""
    return not sql.lstrip()[:10].upper().startswith(NO_WRITES)
