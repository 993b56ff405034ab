"""The fake's time of day, which can be moved: six months pass in no time."""

import time
from datetime import UTC, datetime


class Clock:
    """Real time plus what was added by hand; what plays is not moved by that."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        return time.time() + self._ahead_s

    def now_ms(self) -> int:
        return int(self.now() * 1000)

    def advance(self, seconds: float) -> None:
        self._ahead_s += seconds


def stamp(seconds: float) -> str:
    """A moment as the Web API writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stamp_ms(seconds: float) -> str:
    """The same, as it is written where milliseconds matter."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
