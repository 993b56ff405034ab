"""Installations and servers for benches, each server on its core."""

import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis

from bench.machine import CLIENT_CORE, SERVER_CORE, allow_many_files, on_core
from tests.servers import ROOT, Server
from tests.servers import installation as fresh_installation

# Where they usually are; other places are said in the environment.
POSTGRES = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
REDIS = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/15"

DAPHNE = (sys.executable, "-m", "beatsync", "-b", "127.0.0.1", "-p", "{port}")
# Without compression, as daphne is: it would double the cost of a delivery.
UVICORN = (
    sys.executable, "-m", "uvicorn", "--log-level", "warning", "--host", "127.0.0.1",
    "--port", "{port}", "--lifespan", "off", "--loop", "asyncio",
    "--no-server-header", "--no-proxy-headers",
    "--ws-max-size", "65536", "--ws-per-message-deflate", "false",
    "--ws", "websockets-sansio", "--ws-per-message-deflate", "false",
)  # fmt: skip
APPLICATION = "beatsync.asgi:application"
# Everybody comes from one address here, and some vote for a living.
PLENTY = "1000000/10"
NO_LIMITS = (
    "VOTES", "CHANGES", "READS", "JOINS", "WRONG_CODES", "ROOMS", "SOCKETS", "ADDRESS",
    "ADDRESS_READS", "ADDRESS_JOINS", "ADDRESS_WRONG_CODES", "ADDRESS_CODES", "ADDRESS_ROOMS",
    "ADDRESS_SOCKETS",
)  # fmt: skip


@contextmanager
def installation(
    *, database: str = "", layer: str = "", root: Path = ROOT, **more: str
) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation without limits; SQLite and memory by default.

    `root` is the checkout of the version that it is for.
    """
    limits = {f"LIMIT_{name}": PLENTY for name in NO_LIMITS}
    with (
        tempfile.TemporaryDirectory(prefix="beatsync-bench-") as folder,
        fresh_installation(
            Path(folder), root, DATABASE_URL=database, REDIS_URL=layer, **(limits | more)
        ) as environment,
    ):
        yield environment


@contextmanager
def serving(
    environment: dict[str, str], *command: str, core: int = SERVER_CORE, root: Path = ROOT
) -> Iterator[Server]:
    """A running server on one core; meanwhile the bench itself stays on the other.

    `root` is the checkout of the version that it runs.
    """
    allow_many_files()
    with on_core(core):
        server = Server(environment, command=list(command), root=root)
    try:
        with on_core(CLIENT_CORE):
            yield server.wait_until_ready()
    finally:
        server.stop()


@contextmanager
def checkout(version: str) -> Iterator[Path]:
    """The files of a version: a folder as it is, or a commit, tag or branch of this repository.

    Raises `subprocess.CalledProcessError` where Git does not know it.
    """
    if Path(version).is_dir():
        yield Path(version).resolve()
        return
    packed = subprocess.run(
        ["git", "archive", version], cwd=ROOT, check=True, stdout=subprocess.PIPE
    ).stdout
    with tempfile.TemporaryDirectory(prefix="beatsync-version-") as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def has_commit(name: str) -> bool:
    """Whether a commit is in the history at hand: not every copy has one."""
    found = subprocess.run(
        ["git", "cat-file", "-e", f"{name}^{{commit}}"], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    return found.returncode == 0


def has_postgres() -> bool:
    try:
        psycopg.connect(POSTGRES, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def has_redis() -> bool:
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return False
    return True
