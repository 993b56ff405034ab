"""Without Redis there is one process, and a second one says why it does not start."""

import subprocess
import sys

import pytest

from tests.faults.conftest import APPLICATION, DAPHNE, UVICORN, running, web
from tests.servers import ROOT, free_port

START_S = 60


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
