"""One installation for all of these tests, and what runs on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.faults.proxy import Proxy
from tests.servers import ROOT, Server, installation

DAPHNE = ["beatsync", "-b", "127.0.0.1", "-p", "{port}"]
UVICORN = [
    "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "--ws", "websockets-sansio",
    "--log-level", "warning",
    "--no-server-header", "--no-proxy-headers",
    "--ws-max-size", "65536", "--ws-per-message-deflate", "false",
]  # fmt: skip
APPLICATION = "beatsync.asgi:application"
# These tests are about faults; that somebody asks too often is another matter.
NO_LIMITS = {
    f"LIMIT_{name}": "1000000/1"
    for name in (
        "VOTES", "ADDRESS", "ADDS", "HOST_ADDS", "JOINS", "ROOMS", "CHANGES", "SOCKETS",
        "ADDRESS_SOCKETS", "READS", "ADDRESS_READS", "ADDRESS_ROOMS", "ADDRESS_JOINS",
        "ADDRESS_CODES", "ADDRESS_WRONG_CODES",
    )
} | {"SOCKETS_PER_MEMBER": "1000000"}  # fmt: skip
# Presence that a test can outwait.
BRIEFLY_HERE = {
    "rooms.models.HERE_FOR_MS": 4_000,
    "rooms.presence.HERE_FOR_MS": 4_000,
    "rooms.presence.REFRESH_S": 0.5,
}
DATABASE_URL, REDIS_URL = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if DATABASE_URL and REDIS_URL:
        return
    without = pytest.mark.skip("needs PostgreSQL and Redis: set DATABASE_URL and REDIS_URL")
    for item in items:
        if item.get_closest_marker("storage"):
            item.add_marker(without)


def web(environment: dict[str, str], kind: list[str] = DAPHNE, **odd: Any) -> Server:
    """A web process, started; with something odd about it (see `odd`)."""
    if odd:
        kind, environment = ["tests.faults.odd", *kind], environment | {"ODD": json.dumps(odd)}
    return Server(environment, command=[sys.executable, "-m", *kind, APPLICATION])


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    """These web processes answer; ended after."""
    try:
        for each in servers:
            each.wait_until_ready()
        yield
    finally:
        for each in servers:
            each.stop()


class Conductor:
    """A conductor in a process of its own, at work."""

    def __init__(self, environment: dict[str, str], **odd: Any) -> None:
        odd_one = ["-m", "tests.faults.odd"] if odd else []
        self.process = subprocess.Popen(
            [sys.executable, *odd_one, "manage.py", "conductor"],
            cwd=ROOT,
            env=environment | {"PYTHONUNBUFFERED": "1", "ODD": json.dumps(odd)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Conductor:
        assert self.process.stdout is not None
        assert b"at work" in self.process.stdout.readline()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation, in whatever storage the tests run on."""
    with installation(tmp_path_factory.mktemp("home"), **NO_LIMITS) as environment:
        yield environment


class Storage:
    """PostgreSQL and Redis, each behind a line that can be cut."""

    def __init__(self, home: dict[str, str]) -> None:
        self._direct_url = home["DATABASE_URL"]
        self.postgres, database_url = _behind_proxy(self._direct_url, 5432)
        self.redis, redis_url = _behind_proxy(home["REDIS_URL"], 6379)
        self.environment = home | {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "CONDUCTOR": "worker",
        }

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says, asked directly."""
        with psycopg.connect(self._direct_url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def mend(self) -> None:
        self.postgres.mend()
        self.redis.mend()


def _behind_proxy(url: str, port: int) -> tuple[Proxy, str]:
    parts = urlsplit(url)
    proxy = Proxy(parts.hostname or "127.0.0.1", parts.port or port)
    account, at, _ = parts.netloc.rpartition("@")
    return proxy, urlunsplit(parts._replace(netloc=f"{account}{at}127.0.0.1:{proxy.port}"))


@pytest.fixture(scope="session")
def _storage(home: dict[str, str]) -> Iterator[Storage]:
    storage = Storage(home)
    yield storage
    storage.postgres.close()
    storage.redis.close()


@pytest.fixture
def storage(_storage: Storage) -> Iterator[Storage]:
    """PostgreSQL and Redis, reachable at the beginning and again at the end."""
    _storage.mend()
    yield _storage
    _storage.mend()


@pytest.fixture(scope="session")
def _two(_storage: Storage) -> Iterator[tuple[Server, Server]]:
    one, other = (web(_storage.environment, set=BRIEFLY_HERE) for _ in range(2))
    with running(one, other):
        yield one, other


@pytest.fixture
def two(storage: Storage, _two: tuple[Server, Server]) -> tuple[Server, Server]:
    """Two web processes on the same storage, alive at the beginning; the first may be killed."""
    for each in _two:
        if each.process.poll() is not None:
            each.restart()
        each.wait_until_ready()
    return _two
