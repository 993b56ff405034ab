"""The Procfile's processes on PostgreSQL and Redis, behind a real nginx and a real Caddy.

honcho starts them as such hosts do: two web processes and a worker. The proxies run the files of
`deploy/`, with other names, ports and certificates.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from websockets import Origin

from tests.faults.conftest import DATABASE_URL, NO_LIMITS, REDIS_URL
from tests.servers import ROOT, START_S, free_port, installation

REQUIRED = "ENGINES_REQUIRED"
pytestmark = pytest.mark.skipif(
    not (DATABASE_URL and REDIS_URL), reason="needs PostgreSQL and Redis: set their URLs"
)


@dataclass
class Site:
    """A running installation behind a proxy."""

    url: str
    certificate: Path
    environment: dict[str, str]

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(
            self.url + path, headers=headers, verify=str(self.certificate), timeout=10,
            allow_redirects=False,
        )  # fmt: skip


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that nobody else has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    files = folder / "site.pem", folder / "site.key"
    files[0].write_bytes(certificate.public_bytes(pem))
    files[1].write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("behind-proxies")


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Two neighbouring ports, as honcho gives them to two processes of one kind."""
    while True:
        first = free_port()
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", first + 1))
            return first, first + 1


@pytest.fixture(scope="module")
def started(folder: Path, ports: tuple[int, int]) -> Iterator[dict[str, str]]:
    """The environment of the Procfile's processes, which run."""
    settings = {"HTTPS": "true", "ALLOWED_HOSTS": "127.0.0.1", "SECRET_KEY": secrets.token_hex(32)}
    with installation(folder / "data", **settings, **NO_LIMITS) as environment:
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        # Not with the settings of whoever works on it, which honcho would read from .env.
        honcho = [
            *(sys.executable, "-m", "honcho", "-e", os.devnull),
            *("-f", str(ROOT / "Procfile"), "start"),
        ]
        subprocess.run([*honcho, "release"], cwd=ROOT, env=environment, check=True)
        with (folder / "honcho.log").open("wb") as log:
            process = subprocess.Popen(
                [*honcho, "-p", str(ports[0]), "-c", "web=2,worker=1", "web", "worker"],
                cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            for port in ports:
                wait_for(f"http://127.0.0.1:{port}/readyz", folder / "honcho.log")
            yield environment
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def wait_for(url: str, log: Path, **options: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            if requests.get(url, timeout=2, **options).ok:  # type: ignore[arg-type]
                return
        except requests.RequestException:
            pass
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)


def needed(program: str) -> str:
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if found is None:
        assert REQUIRED not in os.environ, f"{program} is missing: make engines"
        pytest.skip(f"{program} is not installed: make engines")
    return found


def nginx(folder: Path, port: int, ports: tuple[int, int]) -> list[str]:
    """The command that runs nginx with the file of `deploy/`."""
    text = (ROOT / "deploy" / "nginx" / "beatsync.conf").read_text()
    for theirs, ours in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "party.example;": "127.0.0.1;",
        "/etc/letsencrypt/live/party.example/fullchain.pem": str(folder / "site.pem"),
        "/etc/letsencrypt/live/party.example/privkey.pem": str(folder / "site.key"),
        "127.0.0.1:8000": f"127.0.0.1:{ports[0]}",
        "127.0.0.1:8001": f"127.0.0.1:{ports[1]}",
    }.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    text = re.sub(r".*listen \[::\].*\n", "", text)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;\n"
        f"events {{}}\nhttp {{ access_log off;\n{temporary}{text}\n}}\n"
    )
    return [needed("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, ports: tuple[int, int]) -> list[str]:
    """The command that runs Caddy with the file of `deploy/`."""
    text = (ROOT / "deploy" / "caddy" / "Caddyfile").read_text()
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{ports[0]}")
    text = text.replace("127.0.0.1:8001", f"127.0.0.1:{ports[1]}")
    site = f"https://127.0.0.1:{port} {{\n\ttls {folder}/site.pem {folder}/site.key"
    text = text.replace("party.example {", site, 1)
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (folder / "Caddyfile").write_text(options + text)
    return [needed("caddy"), "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


PROXIES = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module", params=PROXIES)
def site(request: pytest.FixtureRequest, folder: Path, ports: tuple[int, int]) -> Iterator[Site]:
    needed(request.param)
    environment: dict[str, str] = request.getfixturevalue("started")
    certificate, _ = make_certificate(folder)
    port = free_port()
    with proxy(PROXIES[request.param](folder, port, ports), folder) as log:
        url = f"https://127.0.0.1:{port}"
        wait_for(f"{url}/readyz", log, verify=str(certificate))
        yield Site(url, certificate, environment)


@contextmanager
def proxy(command: list[str], folder: Path) -> Iterator[Path]:
    log = folder / "proxy.log"
    environment = os.environ | {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with log.open("ab") as out:
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield log
    finally:
        process.terminate()
        process.wait(20)


def test_plain_http_leads_to_the_name_of_the_site_whatever_name_was_asked_for(
    folder: Path, ports: tuple[int, int]
) -> None:
    make_certificate(folder)
    command = nginx(folder, free_port(), ports)
    plain = re.search(r"listen (127.0.0.1:\d+);", (folder / "nginx.conf").read_text())
    assert plain is not None
    with proxy(command, folder) as log:
        wait_for_line(plain[1], log)
        answer = requests.get(
            f"http://{plain[1]}/r/AAAAAA",
            headers={"Host": "evil.example"}, allow_redirects=False, timeout=10,
        )  # fmt: skip
    assert answer.headers["Location"] == "https://party.example/r/AAAAAA"


def wait_for_line(address: str, log: Path) -> None:
    host, _, port = address.partition(":")
    deadline = time.monotonic() + START_S
    while True:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=2):
            return
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.1)


def test_the_doctor_finds_nothing_wrong_from_outside_in(site: Site) -> None:
    """So scheme, host, the client's address and sockets arrive, and no address can be forged."""
    trusted = {"REQUESTS_CA_BUNDLE": str(site.certificate), "SSL_CERT_FILE": str(site.certificate)}
    environment = site.environment | trusted | {"PUBLIC_URL": site.url, "TRUSTED_PROXIES": "1"}
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--no-color"],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    for line in (f"ok      Reached at {site.url}: answers.", "ok      Sockets: come through."):
        assert line in done.stdout, done.stdout + done.stderr
    assert "ok      Proxy: proxies: 1; scheme, host and address arrive." in done.stdout
    assert "NOT OK" not in done.stdout


def test_pages_are_secure_and_metrics_stay_inside(site: Site) -> None:
    page = site.get("/")
    assert page.status_code == 200
    assert "max-age=" in page.headers["Strict-Transport-Security"]
    assert "secure" in page.headers["Set-Cookie"].lower()
    assert site.get("/metrics").status_code == 404


def test_a_body_that_is_too_large_is_refused_on_the_way(site: Site) -> None:
    answer = requests.post(
        f"{site.url}/api/rooms", data=b"x" * 70_000, verify=str(site.certificate), timeout=10
    )
    assert answer.status_code == 413


class Browser:
    """Somebody behind the proxy, with the cookies that they were given."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._session = requests.Session()
        self._session.trust_env = False  # it may name certificates of its own
        self._session.verify = str(site.certificate)
        self._csrf = secrets.token_hex(16)
        self._session.cookies.set("csrftoken", self._csrf, domain="127.0.0.1")

    def ask(self, method: str, path: str, **body: object) -> requests.Response:
        headers = {
            "X-CSRFToken": self._csrf, "Origin": self._site.url, "Referer": f"{self._site.url}/",
            "Idempotency-Key": secrets.token_hex(16),
        }  # fmt: skip
        answer = self._session.request(
            method,
            f"{self._site.url}/api/rooms{path}",
            json=body or None,
            headers=headers,
            timeout=10,
        )
        answer.raise_for_status()
        return answer

    @property
    def cookie(self) -> str:
        return "; ".join(f"{each.name}={each.value}" for each in self._session.cookies)

    def file(self, path: str, **headers: str) -> requests.Response:
        return self._session.get(self._site.url + path, headers=headers, timeout=10)


def test_sound_is_read_in_ranges(site: Site) -> None:
    host = Browser(site)
    code = host.ask("POST", "", name="Friday").json()["code"]
    track = host.ask("GET", f"/{code}/search").json()["items"][0]
    host.ask("POST", f"/{code}/queue", uri=track["uri"])
    sound = host.ask("GET", f"/{code}/queue").json()["items"][0]["track"]["audio"]
    whole = host.file(sound).content
    piece = host.file(sound, Range="bytes=1000-1999")
    assert piece.status_code == 206
    assert piece.content == whole[1000:2000]
    assert piece.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"


async def test_a_vote_reaches_sockets_in_both_processes(site: Site) -> None:
    host = Browser(site)
    code = host.ask("POST", "", name="Friday").json()["code"]
    tracks = host.ask("GET", f"/{code}/search").json()["items"]
    item = host.ask("POST", f"/{code}/queue", uri=tracks[0]["uri"]).json()["id"]
    context = ssl.create_default_context(cafile=site.certificate)
    address = f"{site.url.replace('https', 'wss')}/ws/rooms/{code}/"
    lines = [
        await websockets.connect(
            address,
            ssl=context,
            origin=Origin(site.url),
            additional_headers={"Cookie": host.cookie},
        )
        for _ in range(4)
    ]
    for line in lines:
        assert json.loads(await line.recv())["type"] == "snapshot"
    await asyncio.to_thread(host.ask, "PUT", f"/{code}/queue/{item}/vote", value=0)
    for line in lines:
        async with asyncio.timeout(10):
            while "queue.tallied" not in await line.recv():
                pass
        await line.close()
