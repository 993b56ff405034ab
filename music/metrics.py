"""What is counted of votes, the conductor and the sources, for Prometheus."""

from collections.abc import Callable, Iterator

from django.db import DatabaseError
from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

VOTE_SECONDS = Histogram(
    "beatsync_vote_seconds",
    "From a vote's arrival at its action to its commit",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
CONDUCTOR_LAG = Histogram(
    "beatsync_conductor_lag_seconds",
    "How late this process did what was due",
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
SOURCE_CALLS = Counter(
    "beatsync_source_calls", "Calls to sources outside", ["source", "group", "outcome"]
)
INCIDENTS = Counter("beatsync_incidents", "Incidents that rooms were told of", ["kind"])


class OverdueCollector(Collector):
    """How late the music of the whole installation is, whoever should advance it."""

    def __init__(self, read_overdue_ms: Callable[[], int]) -> None:
        self._read_overdue_ms = read_overdue_ms

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering this asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """0 while nothing is overdue; nothing while the database is away."""
        try:
            overdue_s = self._read_overdue_ms() / 1000
        except DatabaseError:
            return
        says = "For how long something has been due that no conductor has done"
        yield GaugeMetricFamily("beatsync_conductor_overdue_seconds", says, overdue_s)
