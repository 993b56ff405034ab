"""Real servers for tests and benches: a process of its own, on a fresh database and a free port."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from atexit import register
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests

ROOT = Path(__file__).parent.parent
# Far more than a start takes, on the slowest machine that anybody tests on.
START_S = 60
# Names a folder for what the workers of one test run share (`tests/conftest.py`).
SHARED = "BEATSYNC_TESTS_SHARED"
# Runs one program after another on the installation, for Django takes seconds to begin.
BESIDE = """
import django, json, sys
django.setup()
for program in sys.stdin:
    exec(json.loads(program), {})
    print(flush=True)
"""
PREPARE = """
from django.core.management import call_command
call_command("prepare")
call_command("scan_library", quiet=True)
"""


class Server:
    """A running web process of BeatSync, of the version that is checked out at `root`."""

    def __init__(
        self,
        environment: dict[str, str],
        *,
        command: list[str] | None = None,
        root: Path = ROOT,
    ) -> None:
        self.environment = environment
        self._root = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(environment["DATA_DIR"]) / f"server-{self.port}.log"
        self._command = command
        self._beside: subprocess.Popen[str] | None = None
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = self._command or [
            sys.executable, "-m", "beatsync", "-b", "127.0.0.1", "-p", "{port}",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [part.format(port=self.port) for part in command],
                cwd=self._root,
                env=self.environment | {"PORT": str(self.port)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> "Server":
        """Return as soon as it answers; fail with its log when it has ended or takes too long."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self.process.poll() is None:
            with suppress(requests.ConnectionError, requests.Timeout):
                if requests.get(f"{self.url}/readyz", timeout=2).ok:
                    return self
            time.sleep(0.05)  # there is nothing yet that could be awaited
        raise RuntimeError(f"the server did not start:\n{self.log.read_text()[-4000:]}")

    def restart(self) -> "Server":
        """Start again on the same port and data, after `kill` or `stop`."""
        self.process = self._start()
        return self.wait_until_ready()

    def run(self, program: str) -> None:
        """Let a Python program change the data beside it. Raises RuntimeError where it fails."""
        if self._beside is None:
            self._beside = subprocess.Popen(
                [sys.executable, "-c", BESIDE], cwd=self._root, env=self.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        assert self._beside.stdin is not None
        assert self._beside.stdout is not None
        self._beside.stdin.write(f"{json.dumps(program)}\n")
        self._beside.stdin.flush()
        if self._beside.stdout.readline() != "\n":
            raise RuntimeError(f"this program failed:\n{program}")

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        if self._beside is not None:
            self._beside.communicate()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def installation(data: Path, root: Path = ROOT, /, **settings: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation: its own data folder, database and secret.

    The version that is checked out at `root` makes the tables.

    On PostgreSQL (`DATABASE_URL` set) the database is made for it and dropped after.
    """
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "beatsync.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATA_DIR": str(data),
        "LISTENBRAINZ": "false",
        **settings,
    }
    database = environment.get("DATABASE_URL", "")
    with own_database(database) if database else _no_database() as url:
        environment["DATABASE_URL"] = url
        shutil.copytree(_beginning(root), data, dirs_exist_ok=True)
        subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", PREPARE],
            cwd=root, env=environment, check=True, capture_output=True,
        )  # fmt: skip
        yield environment


@cache
def _beginning(root: Path) -> Path:
    """The data that all installations begin with: collected files, and tables without a row."""
    shared = os.environ.get(SHARED)
    if shared is None:
        folder = Path(tempfile.mkdtemp(prefix="beatsync-beginning-"))
        register(shutil.rmtree, folder)
        _prepare(folder, root)
        return folder
    # The workers of one test run share it, and the first that needs it makes it.
    folder = Path(shared)
    with (folder / "making.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "data").exists():
            _prepare(folder / "making", root)
            (folder / "making").rename(folder / "data")
    return folder / "data"


def _prepare(folder: Path, root: Path) -> None:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "beatsync.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATA_DIR": str(folder),
        "DATABASE_URL": "",
    }
    subprocess.run(
        [sys.executable, "manage.py", "prepare"],
        cwd=root, env=environment, check=True, capture_output=True,
    )  # fmt: skip


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Server]:
    """One running server on a fresh installation."""
    with installation(data, ROOT, **settings) as environment:
        server = Server(environment)
        try:
            yield server.wait_until_ready()
        finally:
            server.stop()


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _no_database() -> Iterator[str]:
    yield ""


@contextmanager
def own_database(url: str) -> Iterator[str]:
    """The URL of a fresh database on the PostgreSQL server of this URL; dropped after."""
    name = f"beatsync_{secrets.token_hex(4)}"
    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        # Anew: the server may have been ended and come back in between.
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
