"""Which groups of calls to Spotify are closed now, for Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from music.sources.spotify import quota


class BreakersCollector(Collector):
    """One gauge for each group: 1 while it is closed for all processes."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering this asks no cache."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """As of now."""
        says = "1 while this group of calls is left alone"
        closed = GaugeMetricFamily("beatsync_source_closed", says, labels=["source", "group"])
        now_closed = quota.closings()
        for bucket in quota.Bucket:
            closed.add_metric(["spotify", bucket], int(bucket in now_closed))
        yield closed
