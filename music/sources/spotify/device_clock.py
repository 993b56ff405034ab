"""Which of a device's positions the room's clock may follow. Pure.

Some speakers always say 0, and some answers are seconds old. Followed blindly, the room's clock
goes back with every look and its track never ends. So a position counts only when two readings
advance like time, and a device may make a track end later by `MOST_LATE_MS` at most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from music.actions.sources import OFF_BY_MS

# Readings that are closer together say nothing about how fast the position moves.
LEAST_APART_MS = 1_000
# By so much two readings may differ from the time between them.
JITTER_MS = 600
# A device begins late by so much in all; a position further behind is an old answer …
MOST_LATE_MS = 3_000
# … unless it goes back by more than any answer is old: then somebody has moved it.
MOVED_BACK_MS = 10_000


@dataclass(frozen=True)
class PositionReading:
    """Where a device said it was, at a moment (UTC)."""

    position_ms: int
    at_ms: int


@dataclass(frozen=True)
class DeviceClock:
    """What the positions of one device have shown in one moment of a room's playback.

    `keeps_time`: two readings have advanced like time. `was_in_step`: they agreed with the room.
    `late_ms`: by how much the room's clock has been set back for it.
    """

    last: PositionReading | None = None
    keeps_time: bool = False
    was_in_step: bool = False
    late_ms: int = 0

    @property
    def moves(self) -> bool:
        """Whether the device has shown any position but 0: some never do."""
        return self.keeps_time or (self.last is not None and self.last.position_ms > 0)

    def add(self, reading: PositionReading, starts_at_ms: int) -> tuple[DeviceClock, bool]:
        """With one more reading; and whether the room, begun at `starts_at_ms`, follows it."""
        if self.last is not None and reading.at_ms - self.last.at_ms < LEAST_APART_MS:
            return self, False
        if self.last is None or not _advance_like_time(self.last, reading):
            return replace(self, last=reading), False
        known = replace(self, last=reading, keeps_time=True)
        ahead_ms = reading.position_ms - (reading.at_ms - starts_at_ms)
        if abs(ahead_ms) <= OFF_BY_MS:
            return replace(known, was_in_step=True), False
        if ahead_ms > 0 or (ahead_ms <= -MOVED_BACK_MS and self.was_in_step):
            return replace(known, was_in_step=True), True
        late_ms = self.late_ms - ahead_ms
        if late_ms > MOST_LATE_MS:
            return known, False
        return replace(known, was_in_step=True, late_ms=late_ms), True


def _advance_like_time(earlier: PositionReading, later: PositionReading) -> bool:
    passed_ms = later.at_ms - earlier.at_ms
    return abs(later.position_ms - earlier.position_ms - passed_ms) <= JITTER_MS
