"""A device that is killed while it makes the sound is missed within seconds; a server is not."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults.client import Json, Listener, Person
from tests.faults.conftest import NO_LIMITS, Conductor, running, web
from tests.servers import ROOT, installation

NOTICED_WITHIN_MS = 5_000
# For so long a server that has just started lets no device go.
GRACE_S = 5


@contextmanager
def speaker(host: Person) -> Iterator[subprocess.Popen[str]]:
    """A device of the host that makes the room's sound."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.speaker", host.urls[0], host.code, host.cookie],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def reported(device: subprocess.Popen[str], *, times: int) -> int:
    """Let it report so often; the moment of the last time (ms UTC)."""
    assert device.stdout is not None
    return [int(device.stdout.readline()) for _ in range(times)][-1]


def lost(page: Listener) -> list[Json]:
    """The devices that a page has heard were lost."""
    told = [event["playback"]["lost"] for _, event in page.heard if "playback" in event]
    return [each for each in told if each is not None]


async def test_a_speaker_that_is_killed_is_missed_within_five_seconds(
    home: dict[str, str],
) -> None:
    server = web(home)
    with running(server):
        host = Person.opens_room(server.url)
        host.post("/playback/play", {})
        async with Listener(host) as page:
            with speaker(host) as device:
                last_ms = await asyncio.to_thread(reported, device, times=5)
                assert lost(page) == []
                device.kill()
                await page.until(lambda: lost(page))
            assert lost(page)[0]["name"] == "Laptop"
            assert lost(page)[0]["at_ms"] - last_ms <= NOTICED_WITHIN_MS
            assert page.state["playback"]["state"] == "playing"


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An installation of its own: other web processes would hear what one that is away does not."""
    with installation(tmp_path, CONDUCTOR="worker", **NO_LIMITS) as environment:
        yield environment


@pytest.mark.storage
async def test_a_web_process_that_restarts_beside_its_conductor_loses_no_speaker(
    alone: dict[str, str],
) -> None:
    server = web(alone)
    with running(server), Conductor(alone):
        host = Person.opens_room(server.url)
        host.post("/playback/play", {})
        with speaker(host) as device:
            await asyncio.to_thread(reported, device, times=GRACE_S)
            server.kill()
            time.sleep(GRACE_S)  # longer than any lease
            server.restart()
            async with Listener(host) as page:
                await asyncio.to_thread(reported, device, times=GRACE_S)
                assert lost(page) == []
                assert page.state["playback"]["speaker"]["name"] == "Laptop"
                device.kill()
                await page.until(lambda: lost(page))


async def test_a_server_that_was_away_does_not_take_its_speakers_for_lost(
    home: dict[str, str],
) -> None:
    server = web(home)
    with running(server):
        host = Person.opens_room(server.url)
        host.post("/playback/play", {})
        with speaker(host) as device:
            await asyncio.to_thread(reported, device, times=2)
            server.kill()
            time.sleep(GRACE_S)  # longer than any lease
            server.restart()
            async with Listener(host) as page:
                await asyncio.to_thread(reported, device, times=GRACE_S)
                assert lost(page) == []
                assert page.state["playback"]["speaker"]["name"] == "Laptop"
