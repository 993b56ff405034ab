"""The line to the world outside, when names do not resolve."""

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from music import outside

HOST = "api.music.example"


class Hello(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.send_header("Set-Cookie", "who=you")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *args: object) -> None:
        pass


class Names:
    """The resolver of this machine, for a host that has moved in next door; and its outage."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._real = socket.getaddrinfo
        self.away = False
        self.asked: list[str] = []
        monkeypatch.setattr(socket, "getaddrinfo", self._resolve)

    def _resolve(self, host: str, *args: Any, **options: Any) -> Any:
        self.asked.append(host)
        if host == HOST and self.away:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return self._real("127.0.0.1" if host == HOST else host, *args, **options)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A certificate for a host by an authority of our own: the authority, and key with chain."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    authority, both = folder / f"{host}.crt", folder / f"{host}.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    authority.write_bytes(pem)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both.write_bytes(secret + pem)
    return authority, both


class Site:
    """A server on this machine that shows the certificate of a host."""

    def __init__(self, folder: Path, host: str, port: int = 0) -> None:
        self.authority, chain = certificate(folder, host)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), Hello)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def end(self) -> None:
        """Close; a second time does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def ask(self) -> requests.Response:
        """A new connection each time."""
        return outside.session().get(
            f"https://{HOST}:{self.port}/", verify=str(self.authority), timeout=3,
            headers={"Connection": "close"},
        )  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path, HOST)
    yield site
    site.end()


def test_a_host_is_found_where_it_last_was_when_names_do_not_resolve(
    names: Names, site: Site
) -> None:
    assert site.ask().text == "hello"
    names.away = True
    assert site.ask().text == "hello"
    assert names.asked.count(HOST) == 2  # the resolver is asked first, every time


def test_a_host_that_was_never_reached_is_not_found_without_the_resolver(
    names: Names, site: Site
) -> None:
    names.away = True
    with pytest.raises(requests.ConnectionError):
        site.ask()


def test_somebody_else_at_a_known_address_is_not_trusted(
    names: Names, site: Site, tmp_path: Path
) -> None:
    assert site.ask().text == "hello"
    site.end()
    other = Site(tmp_path, "elsewhere.example", site.port)
    try:
        names.away = True
        with pytest.raises(requests.exceptions.SSLError):
            site.ask()
        with pytest.raises(requests.exceptions.SSLError):
            other.ask()  # signed by whom one trusts, but for another name
    finally:
        other.end()


def test_an_address_is_remembered_only_of_who_has_shown_the_certificate(
    names: Names, site: Site, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    real, site.authority = site.authority, certificate(stranger, HOST)[0]
    with pytest.raises(requests.exceptions.SSLError):
        site.ask()
    site.authority, names.away = real, True
    with pytest.raises(requests.ConnectionError):
        site.ask()


def test_what_a_server_lays_down_for_one_account_is_not_shown_by_another(
    names: Names, site: Site
) -> None:
    answer = site.ask()
    assert answer.headers["Set-Cookie"]
    assert not outside.session().cookies


def test_a_process_has_one_session_that_says_who_asks() -> None:
    assert outside.session() is outside.session()
    assert "BeatSync" in str(outside.session().headers["User-Agent"])


class Dripping:
    """A server that sends its answer byte by byte, with 50 ms before each."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"

    def _serve(self) -> None:
        with suppress(OSError):
            line, _ = self._listening.accept()
            with line:
                for byte in self._answer:
                    if self._over.wait(0.05):
                        return
                    line.sendall(bytes([byte]))

    def end(self) -> None:
        self._over.set()
        self._listening.close()
        self._thread.join()


@pytest.mark.parametrize(
    "answer",
    [b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 2000, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000],
    ids=["headers", "body"],
)
def test_an_answer_that_comes_byte_by_byte_is_given_up_at_its_deadline(answer: bytes) -> None:
    server = Dripping(answer)
    try:
        with pytest.raises(requests.RequestException):
            outside.ask("GET", server.url, most_s=1.0)
    finally:
        server.end()


def test_an_answer_beyond_its_greatest_size_is_given_up(site: Site, names: Names) -> None:
    url = f"https://{HOST}:{site.port}/"
    trusting: dict[str, Any] = {"verify": str(site.authority)}
    assert outside.ask("GET", url, most_s=3, most_bytes=5, **trusting).body == b"hello"
    with pytest.raises(requests.RequestException):
        outside.ask("GET", url, most_s=3, most_bytes=4, **trusting)


def test_a_call_after_another_has_a_deadline_of_its_own(site: Site, names: Names) -> None:
    url = f"https://{HOST}:{site.port}/"
    for _ in range(3):
        answer = outside.ask("GET", url, most_s=3, verify=str(site.authority))
        assert answer.body == b"hello"


def test_so_many_hosts_are_remembered_and_the_latest_of_them() -> None:
    for n in range(outside.HOSTS + 10):
        outside.remember_address(f"{n}.example", "192.0.2.1")
        outside.known_addresses("5.example")
    assert outside.known_addresses("9.example") == []
    assert outside.known_addresses("5.example") == ["192.0.2.1"]
    assert outside.known_addresses(f"{outside.HOSTS + 9}.example") == ["192.0.2.1"]
