"""Tries stations that are away again, each later than the time before, until they answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from django.db import Error, close_old_connections, connection

from music.models import RoomSource, SourceState
from music.sources.radio.actions import note_station_away, note_station_back
from music.sources.radio.finding import FIND_S, kind_of
from music.sources.radio.models import NAME, Station
from music.sources.radio.station_addresses import web_address
from music.sources.radio.station_connection import ConnectionUse, asking
from music.sources.radio.streaming import end_all
from rooms import clock
from rooms.errors import RoomError
from rooms.models import RoomState
from rooms.workers import Stop, start_worker

LOOK_EVERY_S = 5.0
# Stations that are tried at a time; others wait for the next look.
MOST_AT_ONCE = 20

_log = logging.getLogger(__name__)


def start_in_background() -> Stop:
    """Watch in a thread of its own; set the returned event to end it."""
    return start_worker("radio-watch", _watch)


def _watch(stop: Stop) -> None:
    while not stop.is_set():
        try:
            try_again()
            close_old_connections()
        except Error:
            _log.warning("the radio stations could not be looked after", exc_info=True)
            connection.close()
        stop.wait(LOOK_EVERY_S)
    end_all()


def try_again() -> None:
    """Ask the stations whose time it is, all at once, and note how they are."""
    due = RoomSource.objects.filter(
        name__startswith=f"{NAME}-",
        state=SourceState.AWAY,
        until_ms__lte=clock.now_ms(),
        room__state=RoomState.LIVE,
    )
    keys = [row.name.removeprefix(f"{NAME}-") for row in due.order_by("until_ms")[:MOST_AT_ONCE]]
    stations = list(Station.objects.filter(key__in=keys)) if keys else []
    if not stations:
        return
    for station, answers in zip(stations, asyncio.run(_ask(stations)), strict=True):
        note = note_station_back if answers else note_station_away
        with suppress(RoomError):  # the room has ended, or was erased
            note(station=station)


async def _ask(stations: list[Station]) -> list[bool]:
    return await asyncio.gather(*(_answers(station) for station in stations))


async def _answers(station: Station) -> bool:
    """Whether the station sends sound of its kind."""
    with suppress(RoomError, TimeoutError):
        address = web_address(station.address)
        async with asyncio.timeout(FIND_S), asking(address, ConnectionUse.WATCH) as answer:
            return kind_of(answer) == station.kind and bool(await answer.read())
    return False
