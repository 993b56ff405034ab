"""Keeps the clocks of all processes the same, and going on where the reference clock jumps.

The reference is the database's clock on PostgreSQL, else this machine's. Either may be set anew: by
a person, by NTP after a start without a battery, by a failover. Then every moment in the database
would be wrong by as much: tracks would end in an hour, or have ended long ago. So the time of
BeatSync is the reference plus an offset, one row that all processes share. Who first finds that the
reference has jumped moves the offset against it, by compare-and-set; the others take that over.

A machine that sleeps makes no jump, for the steady clock counts its sleep (`rooms.clock`).
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.db import Error, close_old_connections, connection

from rooms import clock, limits
from rooms.models import ClockOffset
from rooms.polling import Poll

logger = logging.getLogger(__name__)

# A jump is seen, and told to processes that start meanwhile, within this. Until then each process
# counts on by its steady clock, so nothing waits for it.
LOOK_EVERY_S = 2.5
# How often small differences are made good, and how many questions then find the quickest answer.
CORRECT_EVERY_S = 30.0
QUESTIONS = 5
# Below this it is a correction, not a jump: devices follow it unheard.
JUMP_FROM_MS = 250
# How often the present moment is written down, for a start after a jump.
NOTE_EVERY_MS = 10_000
# Where no process has written the moment for 20 s, none runs.
NOBODY_RUNS_AFTER_MS = 2 * NOTE_EVERY_MS

_ROW = ClockOffset.objects.filter(pk=1)
_OFFSET = Poll(*(_ROW.values_list(field, flat=True) for field in ("offset_ms", "last_seen_ms")))


@dataclass(frozen=True)
class Reading:
    """The reference clock (ms UTC) at a moment of the steady clock (ms), ± `uncertainty_ms`."""

    reference_ms: float
    steady_ms: float
    uncertainty_ms: float


def keep_in_sync(*, is_anything_running: Callable[[], bool]) -> None:
    """Set this process's clock, and keep it right in a thread; returns when it was first set.

    `is_anything_running`: whether moments in the database matter to anybody just now.
    """
    is_set = threading.Event()
    sync = ClockSync(is_anything_running)
    thread = threading.Thread(target=_keep_in_sync, args=(sync, is_set), name="clock", daemon=True)
    thread.start()
    is_set.wait()


def is_anybody_running(within_s: float = NOTE_EVERY_MS / 1000 + LOOK_EVERY_S) -> bool:
    """Whether a process of this installation writes the moment down; may wait for `within_s` s.

    Where the last moment is older than 20 s, nobody runs, and the answer comes at once.
    """
    row, reading = _read_row(), _read_reference(1)
    if reading.reference_ms + row.offset_ms - row.last_seen_ms > NOBODY_RUNS_AFTER_MS:
        return False
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        time.sleep(0.25)
        if _read_row().last_seen_ms != row.last_seen_ms:
            return True
    return False


def _keep_in_sync(sync: "ClockSync", is_set: threading.Event) -> None:
    while True:
        try:
            sync.look()
            close_old_connections()
        except Error:
            logger.warning("the clock could not be compared with the database's")
            connection.close()
        finally:
            is_set.set()
        time.sleep(LOOK_EVERY_S)


class ClockSync:
    """What one process knows of the reference clock, and of the offset that all have agreed on."""

    def __init__(
        self,
        is_anything_running: Callable[[], bool],
        read_reference: "Callable[[int], Reading] | None" = None,
    ) -> None:
        self._is_anything_running = is_anything_running
        self._read_reference = read_reference or _read_reference
        self._offset_ms: int | None = None  # None until the first look
        self._corrected_at_ms = 0.0  # of the steady clock
        self._machine_ahead_ms = _machine_ahead_ms()

    def look(self) -> None:
        """Compare the clock with the reference and the offset once. Raises `DatabaseError`s."""
        row = _read_row()
        is_due = clock.steady_ms() - self._corrected_at_ms >= CORRECT_EVERY_S * 1000
        reading = self._read_reference(QUESTIONS if is_due or self._offset_ms is None else 1)
        if self._offset_ms is None:
            self._start(row, reading)
        elif row.offset_ms != self._offset_ms:
            self._agree(row.offset_ms, reading)
        else:
            self._follow(reading, is_due=is_due)
        now_ms = clock.now_ms()
        if now_ms - row.last_seen_ms >= NOTE_EVERY_MS:
            ClockOffset.objects.filter(pk=1, last_seen_ms__lt=now_ms).update(last_seen_ms=now_ms)
        self._follow_machine()

    def _start(self, row: ClockOffset, reading: Reading) -> None:
        """Go on where the last process was, should the reference have been set back since."""
        offset_ms = row.offset_ms
        unseen_ms = reading.reference_ms + offset_ms - row.last_seen_ms
        if unseen_ms < -JUMP_FROM_MS:
            logger.warning("the clock was set back by %.0f s since the last run", -unseen_ms / 1000)
            offset_ms -= round(unseen_ms)
        elif unseen_ms > NOBODY_RUNS_AFTER_MS and self._may_return(row, reading):
            offset_ms = 0
        if offset_ms != row.offset_ms and not _move_offset(row.offset_ms, offset_ms):
            offset_ms = ClockOffset.objects.get(pk=1).offset_ms
        self._agree(offset_ms, reading)

    def _may_return(self, row: ClockOffset, reading: Reading) -> bool:
        """Whether the reference may count again as it is: no moment would come twice, and none that
        matters would be leapt over.
        """
        if reading.reference_ms < row.last_seen_ms:
            return False
        return row.offset_ms > 0 or not self._is_anything_running()

    def _agree(self, offset_ms: int, reading: Reading) -> None:
        self._offset_ms = offset_ms
        self._corrected_at_ms = reading.steady_ms
        clock.set_time(reading.reference_ms + offset_ms, moment_steady_ms=reading.steady_ms)

    def _follow(self, reading: Reading, *, is_due: bool) -> None:
        assert self._offset_ms is not None
        here_ms = clock.time_at(reading.steady_ms)
        ahead_ms = reading.reference_ms + self._offset_ms - here_ms
        if abs(ahead_ms) > JUMP_FROM_MS + reading.uncertainty_ms:
            self._jump(ahead_ms, reading)
        elif is_due:
            # What cannot be told from no difference at all changes nothing.
            if abs(ahead_ms) > reading.uncertainty_ms:
                self._agree(self._offset_ms, reading)
            self._corrected_at_ms = reading.steady_ms

    def _jump(self, ahead_ms: float, reading: Reading) -> None:
        """The reference was set, forward where `ahead_ms` is positive."""
        assert self._offset_ms is not None
        logger.warning("the clock was set by %.1f s", ahead_ms / 1000)
        if ahead_ms > 0 and not self._is_anything_running():
            self._agree(self._offset_ms, reading)
            return
        offset_ms = self._offset_ms - round(ahead_ms)
        if _move_offset(self._offset_ms, offset_ms):
            self._agree(offset_ms, reading)
        # Else another process was first: the next look takes its offset over.

    def _follow_machine(self) -> None:
        """Limits count by the machine's own clock, whatever the reference is: those begin anew."""
        ahead_ms = _machine_ahead_ms()
        if abs(ahead_ms - self._machine_ahead_ms) > JUMP_FROM_MS:
            limits.forget()
        self._machine_ahead_ms = ahead_ms


def _read_row() -> ClockOffset:
    """What all processes have agreed on; made by the first of them."""
    offset_ms, last_seen_ms = _OFFSET.read()
    if offset_ms is None:
        return ClockOffset.objects.get_or_create(pk=1)[0]
    return ClockOffset(pk=1, offset_ms=offset_ms, last_seen_ms=last_seen_ms)


def _machine_ahead_ms() -> float:
    """The machine's clock less its steady clock: constant unless somebody sets the former."""
    return clock.machine_ms() - clock.steady_ms()


def _move_offset(known_ms: int, offset_ms: int) -> bool:
    """Set the offset unless another process did since; whether it was set."""
    row = ClockOffset.objects.filter(pk=1, offset_ms=known_ms)
    return row.update(offset_ms=offset_ms) == 1


def _read_reference(questions: int) -> Reading:
    """The reference clock, by the quickest of some answers."""
    ask = _ask_database if connection.vendor == "postgresql" else _ask_machine
    readings = [ask() for _ in range(questions)]
    return min(readings, key=lambda reading: reading.uncertainty_ms)


def _ask_database() -> Reading:
    with connection.cursor() as cursor:
        asked_ms = clock.steady_ms()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp()) * 1000")
        told_ms = float(cursor.fetchone()[0])
    return _between(asked_ms, told_ms)


def _ask_machine() -> Reading:
    asked_ms = clock.steady_ms()
    return _between(asked_ms, clock.machine_ms())


def _between(asked_ms: float, told_ms: float) -> Reading:
    half_ms = (clock.steady_ms() - asked_ms) / 2
    return Reading(told_ms, asked_ms + half_ms, half_ms)
