"""Several hosts on one machine: each has a network of its own, and web processes in it.

One PostgreSQL, one Redis and one nginx, all started here, stand where all hosts reach them. Linux
and root only, for it takes network namespaces; elsewhere use `alone=True`, which keeps everything
in one network.
"""

import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis
import requests

from tests.servers import ROOT, START_S, free_port

# As long as systemd waits before it starts a process anew (deploy/systemd).
RESTART_S = 2.0


def may_have_networks() -> bool:
    """Whether namespaces can be made here."""
    return os.geteuid() == 0 and shutil.which("ip") is not None


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@dataclass(frozen=True)
class Network:
    """Where the stores and the proxy listen, and the hosts: name of the namespace and address."""

    front: str
    hosts: list[tuple[str, str]]


@contextmanager
def network(count: int, *, alone: bool = False) -> Iterator[Network]:
    """So many hosts on one bridge; with `alone`, all of them are this machine itself."""
    if alone:
        yield Network("127.0.0.1", [("", "127.0.0.1")] * count)
        return
    mark = f"bs{os.getpid() % 100_000}"
    subnet = f"10.88.{os.getpid() % 250}"
    with ExitStack() as stack:
        _run("ip", "link", "add", mark, "type", "bridge")
        stack.callback(_run, "ip", "link", "del", mark)
        _run("ip", "address", "add", f"{subnet}.1/24", "dev", mark)
        _run("ip", "link", "set", mark, "up")
        hosts = []
        for number in range(count):
            name, line = f"{mark}-{number}", f"{mark}v{number}"
            _run("ip", "netns", "add", name)
            stack.callback(_run, "ip", "netns", "del", name)
            _run("ip", "link", "add", line, "type", "veth", "peer", "name", "eth0", "netns", name)
            _run("ip", "link", "set", line, "master", mark, "up")
            inside = ("ip", "-n", name)
            address = f"{subnet}.{number + 2}"
            _run(*inside, "address", "add", f"{address}/24", "dev", "eth0")
            _run(*inside, "link", "set", "eth0", "up")
            _run(*inside, "link", "set", "lo", "up")
            hosts.append((name, address))
        yield Network(f"{subnet}.1", hosts)


class Postgres:
    """A PostgreSQL server of one's own, durable as it comes."""

    def __init__(self, address: str, folder: Path) -> None:
        self._bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self._data = folder / "postgres"
        self.port = free_port()
        self.url = f"postgres://postgres@{address}:{self.port}/postgres"
        # It refuses to run as root.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._data.mkdir(mode=0o700)
        if self._user:
            shutil.chown(self._data, self._user)
        self._command("initdb", "--username", "postgres", "--auth", "trust", "-D", str(self._data))
        with (self._data / "postgresql.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = '{address}'\nport = {self.port}\nmax_connections = 250\n"
                f"unix_socket_directories = '{self._data}'\n"
            )
        with (self._data / "pg_hba.conf").open("a") as allowed:
            allowed.write("host all all samenet trust\n")
        self.start()

    @property
    def pid(self) -> int:
        return int((self._data / "postmaster.pid").read_text().splitlines()[0])

    def start(self) -> None:
        # It leaves the server running, which must not hold the pipes of the command.
        self._command("pg_ctl", "start", "-w", "-D", str(self._data), "-l", f"{self._data}/log")

    def stop(self, mode: str = "fast") -> None:
        """`mode`: "immediate" ends it as a crash would."""
        self._command("pg_ctl", "stop", "-w", "-m", mode, "-D", str(self._data))

    def _command(self, name: str, *words: str) -> None:
        subprocess.run(
            [f"{self._bin}/{name}", *words], check=True, user=self._user, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


class Redis:
    """A Redis server of one's own, which keeps nothing."""

    def __init__(self, address: str, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://{address}:{self.port}/0"
        self._command = [
            "redis-server", "--bind", address, "--port", str(self.port), "--save", "",
            "--appendonly", "no", "--protected-mode", "no", "--dir", str(folder),
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        line = redis.Redis.from_url(self.url)
        until = time.monotonic() + START_S
        while True:
            with suppress(redis.ConnectionError):
                line.ping()
                return
            assert time.monotonic() < until, "Redis did not start"
            time.sleep(0.05)

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()


class Web:
    """One web process on one host."""

    def __init__(self, host: tuple[str, str], environment: dict[str, str], log: Path) -> None:
        self._name, self.address = host
        self._environment = environment
        self._log = log
        self.port = free_port()
        self.at = f"{self.address}:{self.port}"
        self.start()

    def start(self) -> None:
        inside = ["ip", "netns", "exec", self._name] if self._name else []
        where = ["-b", self.address, "-p", str(self.port)]
        with self._log.open("ab") as out:
            self.process = subprocess.Popen(
                [*inside, sys.executable, "-m", "beatsync", *where],
                cwd=ROOT, env=self._environment, stdout=out, stderr=out,
            )  # fmt: skip

    @property
    def is_ready(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://{self.at}/readyz", timeout=2).ok
        return False

    def wait_until_ready(self) -> None:
        until = time.monotonic() + 2 * START_S
        while not self.is_ready:
            assert self.process.poll() is None, self._log.read_text()[-3000:]
            assert time.monotonic() < until, self._log.read_text()[-3000:]
            time.sleep(0.2)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end, as systemd does."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def nginx(folder: Path, at: list[str]) -> Iterator[tuple[int, int]]:
    """The proxy with the file of `deploy/`, over plain HTTP; its port, and the process's id."""
    port = free_port()
    text = (ROOT / "deploy" / "nginx" / "beatsync.conf").read_text()
    # Only the site itself, without TLS, for it is not the proxy that is measured.
    upstream = "".join(f"server {each} max_fails=1 fail_timeout=5s;\n" for each in at)
    text = re.sub(r"(?<=least_conn;\n)(.*?)(?=\s*# BeatSync keeps)", upstream, text, flags=re.S)
    text = re.sub(r"server \{\s*listen 80;.*?\n\}\n", "", text, flags=re.S)
    text = re.sub(r"\s*(listen \[::\]|ssl_certificate).*", "", text)
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = text.replace("party.example;", "127.0.0.1;")
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = folder / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; user root;\n"
        "worker_rlimit_nofile 20000;\nevents { worker_connections 8000; }\n"
        f"http {{ access_log off;\n{temporary}{text}\n}}\n"
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(conf)])
    try:
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def stores(address: str) -> Iterator[tuple[Postgres, Redis, Path]]:
    """PostgreSQL and Redis, and the folder in which they and the others write; all gone after."""
    with tempfile.TemporaryDirectory(prefix="beatsync-hosts-") as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        postgres = Postgres(address, folder)
        stack.callback(postgres.stop)
        memory = Redis(address, folder)
        stack.callback(memory.stop)
        yield postgres, memory, folder


def rows(url: str, query: str, *values: object) -> list[tuple[object, ...]]:
    """Ask a database, over a line of its own."""
    with psycopg.connect(url) as line:
        return line.execute(query, values).fetchall()
