"""A process that is asked to end says goodbye, and finishes what it is at."""

import http.client
import json
import signal
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import websockets

from tests.faults.client import Person
from tests.faults.conftest import DAPHNE, UVICORN, running, web
from tests.faults.test_sockets import open_page
from tests.servers import installation

# Uvicorn says so itself, in the code that the standard has for it.
SERVERS = [pytest.param(DAPHNE, 4512, id="daphne"), pytest.param(UVICORN, 1012, id="uvicorn")]
# Far more than anything takes; only a test that fails waits so long.
WITHIN_S = 15


@contextmanager
def somebody_writes(database: Path) -> Iterator[None]:
    """Another process holds SQLite's lock, so that a request in the server waits."""
    other = sqlite3.connect(database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()


def asked_to_rename(person: Person) -> http.client.HTTPConnection:
    """A connection on which a change was asked for, which is yet to be answered."""
    token = uuid.uuid4().hex
    connection = http.client.HTTPConnection(urlsplit(person.urls[0]).netloc, timeout=WITHIN_S)
    connection.request(
        "PATCH", f"/api/rooms/{person.code}/members/{person.id}", '{"name": "Mika"}',
        {"Cookie": f"{person.cookie}; csrftoken={token}", "X-CSRFToken": token,
         "Content-Type": "application/json"},
    )  # fmt: skip
    return connection


def kept_open(url: str) -> http.client.HTTPConnection:
    """A connection on which an answer has come, and on which the next request may be made."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=WITHIN_S)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    return connection


@pytest.mark.parametrize(("kind", "code"), SERVERS)
async def test_a_process_that_ends_says_come_back_and_answers_what_it_was_asked(
    tmp_path: Path, kind: list[str], code: int
) -> None:
    with installation(tmp_path, DATABASE_URL="", REDIS_URL="") as environment:
        server = web(environment, kind)
        with running(server):
            host = Person.opens_room(server.url)
            async with open_page(host) as page:
                frame = json.loads(await page.recv())
                with somebody_writes(tmp_path / "beatsync.sqlite3"):
                    rename = asked_to_rename(host)
                    kept = kept_open(server.url)  # by now the change was read
                    server.process.send_signal(signal.SIGTERM)
                    with suppress(websockets.ConnectionClosed):
                        while True:
                            frame = json.loads(await page.recv())
                    # What it took in now it might do and not answer any more.
                    assert kept.sock is not None
                    kept.sock.settimeout(2)
                    assert kept.sock.recv(1) == b""
                    kept.close()
            with closing(rename), rename.getresponse() as answer:
                assert answer.status == 200
            assert server.process.wait(WITHIN_S) in (0, -signal.SIGTERM)
    assert page.close_code == code
    assert code == 1012 or frame["code"] == "restarting"
