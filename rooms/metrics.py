"""What is counted of rooms and sockets, for Prometheus (`beatsync.metrics` answers with it)."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client import Counter, Gauge
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from rooms import clock
from rooms.models import Member, Room

SOCKETS = Gauge("beatsync_sockets", "Sockets of rooms that are open in this process")
DELIVERIES = Counter("beatsync_deliveries", "Frames that were handed to sockets of this process")
CLOSES = Counter("beatsync_socket_closes", "Sockets that were closed, by code", ["code"])
# What browsers and networks close sockets with (RFC 6455, section 7.4.1).
CLIENT_CODES = {1000, 1001, 1005, 1006}


def count_client_close(code: object) -> None:
    """Count a socket that the client has closed; a client may invent any code."""
    CLOSES.labels(str(code) if code in CLIENT_CODES else "other").inc()


class RoomsCollector(Collector):
    """Rooms and people of the whole installation: every process says the same."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering this asks no database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Two counts, as of now; nothing while the database is away."""
        try:
            rooms = Room.objects.live().count()
            here = Member.objects.present(clock.now_ms()).count()
        except DatabaseError:
            return
        yield GaugeMetricFamily("beatsync_live_rooms", "Rooms that have not ended", rooms)
        yield GaugeMetricFamily("beatsync_members_here", "Members with an open page", here)
