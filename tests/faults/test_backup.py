"""A backup of a running installation goes on in another one, in the middle of a track."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.client import Listener, Person
from tests.faults.conftest import NO_LIMITS, running, web
from tests.servers import ROOT, installation

SECRET = "one-secret-for-both-installations-of-this-test"


def manage(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip


@pytest.mark.storage
async def test_a_room_moves_from_sqlite_to_postgres_while_its_track_plays(tmp_path: Path) -> None:
    file, same = str(tmp_path / "backup"), {"SECRET_KEY": SECRET, **NO_LIMITS}
    with installation(tmp_path / "old", DATABASE_URL="", REDIS_URL="", **same) as old:
        server = web(old)
        with running(server):
            host = Person.opens_room(server.url)
            first, second = (host.add(uri) for uri in host.library()[:2])
            host.vote(second, -1)
            host.post("/playback/play", {})
            before = host.snapshot()
            done = manage(old, "backup", file)
            assert done.returncode == 0, done.stderr
            refused = manage(old, "restore", "--yes", file)
            assert (refused.returncode, "already runs here" in refused.stderr) == (3, True)
    with installation(tmp_path / "new", **same) as new:
        done = manage(new, "restore", "--yes", file)
        assert done.returncode == 0, done.stderr
        server = web(new)
        with running(server):
            host = Person(server.url, code=host.code, cookie=host.cookie.removeprefix("guest="))
            async with Listener(host) as page:
                playback = page.state["playback"]
                assert playback["play_id"] == before["playback"]["play_id"]
                assert playback["item"]["id"] == before["playback"]["item"]["id"] == first
                host.vote(second, 1)
                await page.until(lambda: page.state["queue"][0]["up"] == 1)
