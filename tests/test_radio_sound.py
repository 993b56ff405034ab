"""The sound of a station on its way to the speaker: through the server, to nobody else."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest
from channels.db import database_sync_to_async

from beatsync.handler import ThreadedHandler
from beatsync.setting_lists import networks
from music.actions import playback
from music.actions.speaker import claim_speaker, release_speaker
from music.models import Playback, RoomSource
from music.sources.radio import streaming
from music.sources.radio.models import Station
from music.sources.radio.pace import BURST_BYTES, BYTES_PER_S, StreamPace
from music.sources.radio.streaming import open_stream
from rooms import access
from rooms.models import Member
from tests.fakes.radio import FakeRadio
from tests.radio import DEVICE, now_playing, play_station

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE_S = 20


@pytest.fixture
def radio(settings: Any) -> Iterator[FakeRadio]:
    settings.RADIO_NETWORKS = networks("RADIO_NETWORKS", "127.0.0.1/32")
    with FakeRadio() as radio:
        yield radio


@pytest.fixture
def handler() -> ThreadedHandler:
    return ThreadedHandler()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done every few seconds is done at once."""
    for name in ("FIRST_LOOK_S", "LOOK_EVERY_S", "TRY_AGAIN_S"):
        monkeypatch.setattr(streaming, name, 0.05)


class Listener:
    """A device that asks for the sound of a station."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.leaves = asyncio.Event()
        self.reads = asyncio.Event()
        self.reads.set()
        self.status = 0
        self.headers: dict[bytes, bytes] = {}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], dict(message["headers"])
        else:
            await self.reads.wait()
            self.heard.put_nowait(message.get("body", b""))
            if not message.get("more_body", False):
                self.heard.put_nowait(None)

    async def receive(self) -> Any:
        if not self.status:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def bytes(self, least: int) -> bytes:
        """The next bytes that arrive, at least so many unless it ends before."""
        sound = b""
        async with asyncio.timeout(PATIENCE_S):
            while len(sound) < least and (piece := await self.heard.get()) is not None:
                sound += piece
        return sound

    async def end(self) -> None:
        """Hear all until it ends."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.heard.get() is not None:
                pass


@asynccontextmanager
async def listening(
    handler: ThreadedHandler, member: Member, station: Station, device: str = DEVICE
) -> AsyncIterator[Listener]:
    listener = Listener()
    scope = {
        "type": "http",
        "method": "GET",
        "path": f"/api/rooms/{member.room.code}/stations/{station.key}/sound",
        "query_string": f"device={device}".encode(),
        "headers": [
            (b"host", b"localhost"),
            (b"cookie", f"{access.COOKIE}={access.cookie_of(member.guest)}".encode()),
        ],
        "client": ("127.0.0.1", 50_000),
    }
    answering = asyncio.create_task(handler(scope, listener.receive, listener.send))
    try:
        yield listener
    finally:
        listener.leaves.set()
        async with asyncio.timeout(PATIENCE_S):
            await answering


async def until(ask: Any) -> None:
    """Wait until the database says so; with what goes on in threads there is nothing to await."""
    async with asyncio.timeout(PATIENCE_S):
        while not await database_sync_to_async(ask)():
            await asyncio.sleep(0.02)


async def closed(radio: FakeRadio, path: str = "mp3") -> bool:
    return await asyncio.to_thread(radio.wait_until, lambda: radio.open[path] == 0)


playing = database_sync_to_async(play_station)


async def test_the_speaker_hears_the_station_without_its_titles(
    handler: ThreadedHandler, host: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio)
    async with listening(handler, host, station) as speaker:
        sound = await speaker.bytes(4_000)
    assert (speaker.status, speaker.headers[b"Content-Type"]) == (200, b"audio/mpeg")
    assert b"StreamTitle" not in sound
    assert sound.count(bytes([0xFF, 0xFB, 0x14, 0xC4])) >= 4_000 // 96 - 1
    assert await closed(radio)


async def test_what_is_on_is_read_on_the_way(
    handler: ThreadedHandler, host: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio)
    async with listening(handler, host, station):
        await until(lambda: now_playing(host).live_title == "Mira Sol, Cardamom")
        radio.title = "Café Zürich - Jeudi".encode("cp1252")
        await until(lambda: now_playing(host).live_title == "Café Zürich, Jeudi")
    assert radio.calls["mp3"] == 1


@pytest.mark.parametrize("device", ["", "phone-99"])
async def test_no_other_device_hears_it(
    handler: ThreadedHandler, host: Member, radio: FakeRadio, device: str
) -> None:
    station = await playing(host, radio)
    async with listening(handler, host, station, device) as listener:
        await listener.end()
    assert (listener.status, radio.calls["mp3"]) == (403, 0)


async def test_a_guest_hears_nothing_even_with_the_name_of_the_device(
    handler: ThreadedHandler, host: Member, guest: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio)
    async with listening(handler, guest, station) as listener:
        await listener.end()
    assert (listener.status, radio.calls["mp3"]) == (403, 0)


@pytest.mark.parametrize("what", ["pause", "skip", "release", "asleep"])
async def test_the_stream_ends_with_what_the_speaker_does(
    handler: ThreadedHandler, host: Member, radio: FakeRadio, what: str
) -> None:
    station = await playing(host, radio)
    acts: dict[str, Any] = {
        "pause": lambda: playback.pause(by=host),
        "skip": lambda: playback.skip(by=host),
        "release": lambda: release_speaker(member=host, device=DEVICE),
        # It says nothing any more, so its lease lapses.
        "asleep": lambda: Playback.objects.update(speaker_until_ms=0),
    }
    async with listening(handler, host, station) as speaker:
        await speaker.bytes(1_000)
        await database_sync_to_async(acts[what])()
        await speaker.end()
    assert await closed(radio)


async def test_a_second_request_of_the_speaker_ends_the_first(
    handler: ThreadedHandler, host: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio)
    async with listening(handler, host, station) as first:
        await first.bytes(1_000)
        async with listening(handler, host, station) as second:
            await first.end()
            assert await second.bytes(1_000)
            assert await asyncio.to_thread(radio.wait_until, lambda: radio.open["mp3"] == 1)


async def test_a_speaker_that_asks_forty_times_at_once_has_one_connection_at_the_station(
    handler: ThreadedHandler, host: Member, radio: FakeRadio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("music.sources.radio.station_connection.HEAD_S", 60)
    station = await playing(host, radio, "slow")
    async with AsyncExitStack() as speakers:
        asked = [
            await speakers.enter_async_context(listening(handler, host, station)) for _ in range(40)
        ]
        async with asyncio.timeout(PATIENCE_S):
            ended = [asyncio.create_task(each.end()) for each in asked]
            while sum(each.done() for each in ended) < 39:
                await asyncio.wait(
                    [each for each in ended if not each.done()],
                    return_when=asyncio.FIRST_COMPLETED,
                )
        assert await asyncio.to_thread(radio.wait_until, lambda: radio.open["slow"] == 1)
        await database_sync_to_async(playback.pause)(by=host)
        radio.dead.add("slow")
        await asyncio.wait(ended)


async def test_a_speaker_that_reads_nothing_loses_its_connection_to_one_that_asks_again(
    handler: ThreadedHandler, host: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio)
    async with listening(handler, host, station) as first:
        first.reads.clear()
        assert await asyncio.to_thread(radio.wait_until, lambda: radio.open["mp3"] == 1)
        async with listening(handler, host, station) as second:
            assert await second.bytes(1_000)
            assert await asyncio.to_thread(radio.wait_until, lambda: radio.open["mp3"] == 1)
        first.reads.set()


async def test_a_station_that_sends_without_end_is_read_at_the_pace_of_sound(
    host: Member, radio: FakeRadio
) -> None:
    """By a clock that stands still but for what the pace waits."""
    waited_s = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal waited_s
        waited_s += seconds

    station = await playing(host, radio, "flood")
    stream = await database_sync_to_async(open_stream)(host, key=station.key, device=DEVICE)
    stream.pace = StreamPace(now_s=lambda: waited_s, sleep=sleep)
    size = 0
    async with aclosing(stream.sound()) as pieces:
        async for piece in pieces:
            size += len(piece)
            assert size <= BURST_BYTES + (waited_s + 1) * BYTES_PER_S
            if size > 2 * BURST_BYTES:
                break
    assert waited_s >= (size - BURST_BYTES) / BYTES_PER_S - 1


async def test_a_process_passes_on_so_many_streams_at_most(
    handler: ThreadedHandler, host: Member, outsider: Member, radio: FakeRadio, settings: Any
) -> None:
    settings.RADIO_STREAMS = 1
    station, other = await playing(host, radio), await playing(outsider, radio, "aac")
    async with listening(handler, host, station) as first:
        await first.bytes(1_000)
        async with listening(handler, outsider, other) as second:
            await second.end()
    assert (first.status, second.status) == (200, 429)


@pytest.mark.parametrize("path", ["missing", "text", "aac", "redirect"])
async def test_a_station_that_sends_nothing_fit_is_away_and_no_item_is_lost(
    handler: ThreadedHandler, host: Member, radio: FakeRadio, path: str
) -> None:
    station = await playing(host, radio, path)
    async with listening(handler, host, station) as speaker:
        await speaker.end()
    away = await database_sync_to_async(lambda: RoomSource.objects.get(name=station.group).state)()
    assert away == "away"
    assert (await database_sync_to_async(now_playing)(host)).item is None


async def test_a_stream_that_breaks_off_is_asked_for_again_in_the_same_breath(
    handler: ThreadedHandler, host: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio, "short")
    async with listening(handler, host, station) as speaker:
        assert len(await speaker.bytes(96 * 50)) >= 96 * 50
        assert radio.calls["short"] >= 3


async def test_another_speaker_takes_over(
    handler: ThreadedHandler, host: Member, radio: FakeRadio
) -> None:
    station = await playing(host, radio)
    async with listening(handler, host, station) as first:
        await first.bytes(1_000)
        await database_sync_to_async(claim_speaker)(
            member=host, device="speaker-2", name="Tablet", takeover=True
        )
        await first.end()
        async with listening(handler, host, station, "speaker-2") as second:
            assert await second.bytes(1_000)
