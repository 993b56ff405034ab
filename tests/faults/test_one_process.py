"""Without Redis there is one process, and a second one says why it does not start."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.client import Person
from tests.faults.conftest import APPLICATION, DAPHNE, UVICORN, running, web
from tests.servers import ROOT, free_port

START_S = 60
HOUR_MS = 60 * 60 * 1000
# More than a test takes up to here, less than any jump.
LATE_MS = 10 * 60 * 1000


@pytest.fixture
def alone(home: dict[str, str]) -> dict[str, str]:
    """The environment of an installation without Redis."""
    return home | {"REDIS_URL": ""}


def start(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program that is expected to end by itself."""
    port = str(free_port())
    return subprocess.run(
        [sys.executable, *(part.format(port=port) for part in command)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=START_S,
    )  # fmt: skip


def test_a_second_process_is_refused_with_one_sentence(alone: dict[str, str]) -> None:
    first = web(alone)
    with running(first):
        sentence = (
            f"BeatSync already runs here (process {first.process.pid}): for more than one process "
            "set REDIS_URL, and DATABASE_URL to PostgreSQL.\n"
        )
        for command in (["-m", *DAPHNE, APPLICATION], ["manage.py", "conductor"]):
            refused = start(alone, *command)
            assert refused.stderr == sentence
            assert refused.returncode != 0
        # What only brings the data up to date may run beside.
        assert start(alone, "manage.py", "prepare").returncode == 0
        # A crash leaves nothing in the way.
        first.kill()
        first.restart()


def test_several_workers_of_one_server_are_refused(alone: dict[str, str]) -> None:
    refused = start(
        alone, "-m", *UVICORN, "--workers", "2", "--timeout-worker-healthcheck", "1", APPLICATION
    )
    assert "for more than one process set REDIS_URL" in refused.stderr


def test_music_runs_on_while_and_after_the_clock_of_the_machine_is_set(
    alone: dict[str, str], tmp_path: Path
) -> None:
    clock = tmp_path / "clock"
    set_ahead(clock, 0)
    server = web(alone, clock_file=str(clock))
    with running(server):
        host = Person.opens_room(server.url)
        for uri in host.library()[:2]:
            host.add(uri)
        host.post("/playback/play", {})
        moment_ms = look_twice(host)
        for ahead_ms in (-HOUR_MS, 14 * 24 * HOUR_MS, -14 * 24 * HOUR_MS):
            set_ahead(clock, ahead_ms)
            later_ms = look_twice(host)
            assert moment_ms < later_ms < moment_ms + LATE_MS, ahead_ms
            moment_ms = later_ms
        server.kill()
        set_ahead(clock, -15 * 24 * HOUR_MS)
        server.restart()
        look_twice(host)
        host.post("/playback/skip", {})
        play_id = host.snapshot()["playback"]["play_id"]
        duration_ms = host.snapshot()["playback"]["track"]["duration_ms"]
        host.post("/playback/seek", {"position_ms": duration_ms - 1_000})
        until(lambda: host.snapshot()["playback"]["play_id"] > play_id)


def set_ahead(clock: Path, ahead_ms: int) -> None:
    """Set the clock of a server; in one step, for the server reads the file all the time."""
    written = clock.with_suffix(".new")
    written.write_text(str(ahead_ms))
    written.replace(clock)


def look_twice(host: Person) -> int:
    """The server's moment (ms), once it has looked at the machine's clock; what plays is in it."""
    before_ms = host.snapshot()["server_ms"]
    until(lambda: host.snapshot()["server_ms"] > before_ms + 2_000)
    snapshot = host.snapshot()
    now_ms: int = snapshot["server_ms"]
    place_ms = now_ms - snapshot["playback"]["starts_at_ms"]
    assert -2_000 < place_ms < snapshot["playback"]["track"]["duration_ms"]
    return now_ms


def until(holds: Callable[[], bool]) -> None:
    """Ask until it is so."""
    deadline = time.monotonic() + START_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)  # there is no event for it
