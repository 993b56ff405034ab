"""A server of today on what a former version left behind, in the middle of a track.

As `make run` does it: `manage.py prepare`, then the server. `tests/dumps/README.md` says what is in
the database.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
import requests
from django.conf import settings

from rooms import access
from tests.dumps import TOKEN_KEY, guest_of, restore_postgres, restore_sqlite, start_at_dump
from tests.faults.client import Listener, Person
from tests.faults.conftest import NO_LIMITS
from tests.servers import ROOT, Server, installation


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the dumped database, at the moment of the dump."""
    keys = {"SECRET_KEY": settings.SECRET_KEY, "TOKEN_KEYS": TOKEN_KEY}
    data = tmp_path_factory.mktemp("dumped")
    with installation(data, **keys, **NO_LIMITS) as environment:
        _put_dump_in_place(environment)
        subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT, env=environment, check=True, capture_output=True,
        )  # fmt: skip
        server = Server(environment)
        try:
            yield server.wait_until_ready()
        finally:
            server.stop()


def _put_dump_in_place(environment: dict[str, str]) -> None:
    """Instead of the installation's fresh database, the dumped one."""
    if url := environment["DATABASE_URL"]:
        with psycopg.connect(url) as postgres:
            postgres.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        restore_postgres("0011", url)
        with psycopg.connect(url) as postgres:
            postgres.execute(start_at_dump().encode())
        return
    file = Path(environment["DATA_DIR"]) / "beatsync.sqlite3"
    for each in file.parent.glob("beatsync.sqlite3*"):
        each.unlink()
    restore_sqlite("0011", file)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(start_at_dump())


def member(name: str, server: Server) -> Person:
    """A member of the dump, in the browser that they had."""
    return Person(server.url, code="FR7DAY", cookie=access.cookie_of(guest_of(name)))


async def test_a_room_of_the_former_version_goes_on_for_those_in_it(server: Server) -> None:
    mika, jonas = member("Mika", server), member("Jonas", server)
    async with Listener(jonas) as page:
        playback, queue = page.state["playback"], page.state["queue"]
        assert (playback["play_id"], playback["item"]["id"]) == ("18", "21")
        assert [item["id"] for item in queue] == ["28", "26", "25", "23", "30", "24", "27", "22"]
        jonas.vote("24", 1)
        await page.until(lambda: {"24": 2}.items() <= tallies(page).items())
        mika.post("/playback/skip", {"play_id": "18"})
        await page.until(lambda: page.state["playback"]["item"]["id"] == "28")


def tallies(page: Listener) -> dict[str, int]:
    """The votes up of what waits, by item id."""
    return {item["id"]: item["up"] for item in page.state["queue"]}


def test_its_page_and_its_music_are_served(server: Server) -> None:
    ana = member("Ana", server)
    sound = ana.snapshot()["playback"]["track"]["audio"]
    page, file = (
        requests.get(server.url + path, headers={"Cookie": ana.cookie}, timeout=30)
        for path in ("/r/FR7DAY", sound)
    )
    assert "Friday at Mika" in page.text
    assert file.content.startswith(b"ID3")
