"""The sound of a station on its way to a room's speaker.

One connection to the station for each room that plays one. It ends when the speaker does not hold
its lease any more, when something else plays, when the speaker asks again, or when the client goes.
The client's pace is kept: one piece waits until the one before it has been taken.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from functools import partial

from django.conf import settings
from django.db import Error, connection
from django.utils.translation import gettext_noop as _

from music.models import Playback, PlaybackState
from music.sources.radio.actions import note_station_away, note_title
from music.sources.radio.errors import NoStream, PrivateStation
from music.sources.radio.finding import kind_of
from music.sources.radio.icy import IcySplitter, interval_of
from music.sources.radio.models import Station
from music.sources.radio.pace import StreamPace
from music.sources.radio.station_addresses import web_address
from music.sources.radio.station_connection import ConnectionUse, asking
from rooms import clock
from rooms.errors import NotAllowed, RateLimited, RoomError
from rooms.models import Member, RoomState

# Whether the speaker still plays it is asked this often, and a new title is noted then.
LOOK_EVERY_S = 2.0
FIRST_LOOK_S = 0.5
# Requests without a byte in answer after which the station counts as away.
MOST_TRIES = 3
TRY_AGAIN_S = 1.0

_log = logging.getLogger(__name__)
# Beside the threads of requests: what is written here never waits behind a page.
_records = ThreadPoolExecutor(2, thread_name_prefix="radio-records")
# By room, its one stream. It counts from the moment at which it is opened.
_running: dict[int, StationStream] = {}
_running_lock = threading.Lock()
_is_ending = False


@dataclass(eq=False)
class StationStream:
    """A station for one device of a member, during one play."""

    station: Station
    member_id: int
    device: str
    play_id: int
    pace: StreamPace = field(default_factory=StreamPace)
    _title: str = ""
    _is_over: bool = False
    _reading: asyncio.Task[None] | None = None

    def is_wanted(self) -> bool:
        """Whether that device is the room's speaker, and the station plays there."""
        now_ms = clock.now_ms()
        return Playback.objects.filter(
            room=self.station.room_id,
            room__state=RoomState.LIVE,
            state=PlaybackState.PLAYING,
            play_id=self.play_id,
            item__track__uri=self.station.uri,
            speaker=self.member_id,
            speaker_device=self.device,
            speaker_until_ms__gt=now_ms,
        ).exists()

    async def sound(self) -> AsyncGenerator[bytes, None]:
        """The pieces of the stream, until nobody wants them or the station has gone."""
        pieces: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        reading = asyncio.create_task(self._read(pieces))
        reading.add_done_callback(lambda _: _put_end(pieces))
        self._reading = reading
        try:
            # `end` notes that it is over before it looks for the task, so one of the two sees it.
            if self._is_over or _is_ending:
                return
            while (piece := await pieces.get()) is not None:
                yield piece
            if not reading.cancelled():
                await reading  # raises what went wrong
        finally:
            self.end()

    def enter(self) -> None:
        """Be the stream of the room, in place of the one before. Raises `RateLimited`."""
        room_id = self.station.room_id
        with _running_lock:
            others = len(_running) - (room_id in _running)
            if others >= settings.RADIO_STREAMS:
                raise RateLimited(
                    _("Too many stations play on this server. Try again."),
                    detail="stations_at_once",
                    retry_after=10,
                )
            before = _running.get(room_id)
            _running[room_id] = self
        if before is not None:
            before.end()

    def end(self) -> None:
        """Close the connection to the station, from whatever thread; nothing follows any more."""
        self._is_over = True
        with _running_lock:
            if _running.get(self.station.room_id) is self:
                del _running[self.station.room_id]
        if self._reading is not None:
            with suppress(RuntimeError):  # its event loop is closed already
                self._reading.get_loop().call_soon_threadsafe(self._reading.cancel)

    async def _read(self, pieces: asyncio.Queue[bytes | None]) -> None:
        async with aclosing(self._pieces()) as found:
            async for piece in found:
                await pieces.put(piece)
        await pieces.put(None)

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        tries = 0
        while tries < MOST_TRIES:
            tries += 1
            try:
                address = web_address(self.station.address)
                async with asking(address, ConnectionUse.PLAY) as answer:
                    if kind_of(answer) != self.station.kind:
                        raise NoStream
                    splitter = IcySplitter(interval_of(answer.headers.get("icy-metaint")))
                    look_at_s = time.monotonic() + FIRST_LOOK_S
                    while piece := await answer.read():
                        if sound := splitter.feed(piece):
                            tries = 0
                            yield sound
                        await self.pace.keep(len(piece))
                        if time.monotonic() >= look_at_s:
                            if not await _record(partial(self._look, splitter.title)):
                                return
                            look_at_s = time.monotonic() + LOOK_EVERY_S
            except (NoStream, PrivateStation):
                break
            except RoomError:
                pass
            if not await _record(self.is_wanted):
                return
            await asyncio.sleep(TRY_AGAIN_S)
        await _record(self._note_away)

    def _look(self, title: str | None) -> bool:
        """Whether the stream is still wanted; notes what is on, where that is new."""
        if not self.is_wanted():
            return False
        if title is not None and title != self._title:
            self._title = title
            with suppress(RoomError):
                note_title(room_id=self.station.room_id, play_id=self.play_id, title=title)
        return True

    def _note_away(self) -> bool:
        if self.is_wanted():
            with suppress(RoomError):
                note_station_away(station=self.station)
        return True


def open_stream(member: Member, *, key: str, device: str) -> StationStream:
    """What lets this device hear the station that its room plays; nothing is connected yet.

    It takes the place of the room's stream before it, and a place among `RADIO_STREAMS` until
    `end`.

    Raises `NotAllowed` for any device but the room's speaker while it plays that station, and
    `RateLimited` where the server passes on as many as it may.
    """
    station = Station.objects.filter(room=member.room, key=key).first()
    playback = Playback.objects.of(member.room)
    if station is None:
        raise NotAllowed(_("Only what plays in the room can be heard."), detail="only_what_plays")
    stream = StationStream(station, member.pk, device, playback.play_id)
    if not stream.is_wanted():
        raise NotAllowed(
            _("Radio sounds on the speaker of the room only."), detail="only_on_speaker"
        )
    stream.enter()
    return stream


def end_all() -> None:
    """The process ends: no stream goes on."""
    global _is_ending
    _is_ending = True
    with _running_lock:
        streams = list(_running.values())
    for stream in streams:
        stream.end()


def _put_end(pieces: asyncio.Queue[bytes | None]) -> None:
    """Nothing follows: whatever waits to be taken is for nobody any more."""
    if pieces.full():
        pieces.get_nowait()
    pieces.put_nowait(None)


async def _record(ask: Callable[[], bool]) -> bool:
    """The answer of the database, off the event loop; True while it is away: nothing is known."""

    def asked() -> bool:
        try:
            return ask()
        except Error:
            _log.warning("a radio stream could not be looked after", exc_info=True)
            return True
        finally:
            connection.close()

    return await asyncio.get_running_loop().run_in_executor(_records, asked)
