"""Real servers for tests and benches: a process of its own, on a fresh database and a free port."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import requests

ROOT = Path(__file__).parent.parent
# Far more than a start takes, on the slowest machine that anybody tests on.
START_S = 60


class Server:
    """A running web process of BeatSync."""

    def __init__(self, environment: dict[str, str], *, command: list[str] | None = None) -> None:
        self.environment = environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = Path(environment["DATA_DIR"]) / f"server-{self.port}.log"
        self._command = command
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = self._command or [
            sys.executable, "-m", "daphne", "--verbosity", "0",
            "-b", "127.0.0.1", "-p", "{port}", "beatsync.asgi:application",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [part.format(port=self.port) for part in command],
                cwd=ROOT,
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
        """Let a Python program change the data beside it."""
        subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
            cwd=ROOT, env=self.environment, check=True, capture_output=True,
        )  # fmt: skip

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def installation(data: Path, **settings: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation: its own data folder, database and secret.

    On PostgreSQL (`DATABASE_URL` set) the database is made for it and dropped after.
    """
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "beatsync.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "DATA_DIR": str(data),
        **settings,
    }
    database = environment.get("DATABASE_URL", "")
    with _own_database(database) if database else _no_database() as url:
        environment["DATABASE_URL"] = url
        subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT, env=environment, check=True, capture_output=True,
        )  # fmt: skip
        subprocess.run(
            [sys.executable, "manage.py", "scan_library", "--quiet"],
            cwd=ROOT, env=environment, check=True, capture_output=True,
        )  # fmt: skip
        yield environment


@contextmanager
def serving(data: Path, **settings: str) -> Iterator[Server]:
    """One running server on a fresh installation."""
    with installation(data, **settings) as environment:
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
def _own_database(url: str) -> Iterator[str]:
    name = f"beatsync_{secrets.token_hex(4)}"
    parts = urlsplit(url)
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
