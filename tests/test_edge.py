"""What a request is before any view sees it: whose it is, what it carries, what it may ask for."""

import json
from itertools import product
from pathlib import Path
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.core.cache import cache
from django.db import connection
from django.test import Client, RequestFactory

from beatsync.handler import ThreadedHandler
from music.ranges import parse_range
from rooms.access import address_in, address_of
from rooms.models import Member
from tests.conftest import browser_of


def test_a_client_behind_proxies_has_the_address_that_the_outermost_of_them_saw(
    settings: Any,
) -> None:
    cases = [
        # trusted proxies, X-Forwarded-For lines, the address
        (0, ["198.51.100.7"], "192.0.2.1"),
        (1, [], "192.0.2.1"),
        (1, ["198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
        (1, ["203.0.113.9", "198.51.100.7"], "198.51.100.7"),
        (2, ["203.0.113.9, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
        (2, ["198.51.100.7"], "198.51.100.7"),
        (1, ["198.51.100.7:51234"], "198.51.100.7"),
        (1, ["[2001:db8:1:2:3::4]:51234"], "2001:db8:1:2::/64"),
        (1, ["[2001:db8:1:2:3::4]"], "2001:db8:1:2::/64"),
        (1, ["2001:db8:1:2:3::4"], "2001:db8:1:2::/64"),
        (1, ["::ffff:198.51.100.7"], "198.51.100.7"),
        (1, ["unknown"], "192.0.2.1"),
        (1, [""], "192.0.2.1"),
    ]
    for trusted, lines, address in cases:
        settings.TRUSTED_PROXIES = trusted
        headers = [(b"x-forwarded-for", line.encode()) for line in lines]
        found = address_in({"client": ("192.0.2.1", 4711), "headers": headers})
        assert found == address, f"{trusted} trusted, {lines}"
        told: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": ",".join(lines)} if lines else {}
        request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", **told)
        assert address_of(request) == address, f"{trusted} trusted, {lines}"


# Names of codecs: some make text of bytes, some of other things, some nothing.
CODECS = (
    "utf-16 utf-7 hex base64 rot13 zlib idna punycode unicode_escape raw_unicode_escape undefined "
    "cp037 nowhere"
).split()
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PART = b"--b\r\nContent-Disposition: form-data; %s\r\n\r\n\\ud800\r\n--b--\r\n"


def test_a_form_in_any_charset_is_a_fault_of_the_client_only(host: Member) -> None:
    code = host.room.code
    paths = ["/rooms", "/join", "/spotify/disconnect", "/accounts/spotify/login/", "/api/rooms"]
    paths += [f"/r/{code}/{name}" for name in ("join", "end", "rules", "skip")]
    paths += [f"/r/{code}/queue/1/vote", f"/api/rooms/{code}/join", f"/media/audio/{code}"]
    for path, codec in product(paths, CODECS):
        for kind, body in (
            (f"{FORM}; charset={codec}", b"name=\\ud800"),
            (f"{MULTIPART}; charset={codec}", PART % b'name="name"'),
            (f"application/json; charset={codec}", b"{}"),
            (MULTIPART, PART % f"name*={codec}''%41%FF".encode()),
        ):
            browser = browser_of(host)  # which raises what no view expects
            answer = browser.generic("POST", path, body, content_type=kind)
            assert answer.status_code < 500, f"{path} {kind}"


async def test_a_content_type_that_cannot_be_decoded_is_refused() -> None:
    for kind in (f"{FORM}; charset*=hex''%41", "application/json; a*=undefined''%41"):
        fields = [(b"content-type", kind.encode()), (b"host", b"localhost")]
        scope = {"type": "http", "method": "POST", "path": "/join", "headers": fields}
        exchange = ApplicationCommunicator(ThreadedHandler(), scope)
        await exchange.send_input({"type": "http.request", "body": b"code=x"})
        assert (await exchange.receive_output())["status"] == 415, kind


def test_the_api_reads_json_only(host: Member) -> None:
    browser = browser_of(host)
    for method, path in (
        ("POST", "/api/rooms"),
        ("POST", f"/api/rooms/{host.room.code}/queue"),
        ("PUT", f"/api/rooms/{host.room.code}/playback/speaker"),
        ("PATCH", f"/api/rooms/{host.room.code}"),
    ):
        for kind in (MULTIPART, FORM, "text/plain", "application/x-json"):
            answer = browser.generic(method, path, PART % b'name="name"', content_type=kind)
            case = f"{method} {path} {kind}"
            assert (answer.status_code, answer.json()["error"]["code"]) == (
                415, "unsupported_media_type",
            ), case  # fmt: skip


def test_health_is_told_whatever_name_the_server_is_asked_by(db: None, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    for name in ("10.0.0.7:8000", "pod-4711.svc.local", "no/name", ""):
        for path in ("/healthz", "/readyz"):
            assert Client(headers={"host": name}).get(path).status_code == 200, (name, path)
    assert Client(headers={"host": "pod-4711.svc.local"}).get("/").status_code == 400


def test_asking_whether_the_server_is_ready_writes_nothing(db: None) -> None:
    said: list[str] = []

    def note(execute: Any, sql: str, *rest: Any) -> Any:
        said.append(sql)
        return execute(sql, *rest)

    cache.clear()
    with connection.execute_wrapper(note):
        assert Client().get("/readyz").status_code == 200
    assert said == ["SELECT 1"]
    assert cache.get("readyz") is None


def test_byte_ranges_are_those_of_the_standard() -> None:
    cases: dict[str, tuple[int, int] | None] = {
        "bytes=0-4": (0, 4),
        "Bytes=5-": (5, 9),
        "bytes=-3": (7, 9),
        "bytes=-30": (0, 9),
        "bytes=9-9": (9, 9),
        "bytes=0-99": (0, 9),
        "bytes= 2-3": (2, 3),
        "bytes=10-": (10, 9),  # the first behind the last: the file has none of them
        "bytes=12-15": (12, 9),
        "bytes=-0": (10, 9),
    }
    cases |= dict.fromkeys(
        ("bytes=+1-3", "bytes=5-2", "bytes=--5", "bytes=-", "bytes=", "5-6", "bytes=1-2,4-5",
         "bytes=1_0-", "bytes=1-2-3", "bytes=1 - 2", "seconds=1-2", "bytes=\u0663-", "bytes=a-b",
         f"bytes=0-{'9' * 5000}")
    )  # fmt: skip
    for asked, expected in cases.items():
        try:
            found = parse_range(asked, 10)
        except ValueError:
            found = None
        assert found == expected, asked


def test_the_standard_holds_for_static_files_too(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "room.js").write_text("0123456789")
    for method, asked, status, body in (
        ("GET", "bytes=3-3", 206, b"3"),
        ("GET", "bytes=5-2", 200, b"0123456789"),
        ("GET", "bytes=-0", 416, b""),
        ("GET", "bytes=--5", 200, b"0123456789"),
        ("HEAD", "bytes=3-5", 200, b""),
    ):
        answer: Any = Client().generic(method, "/static/room.js", headers={"range": asked})
        assert (answer.status_code, b"".join(answer)) == (status, body), f"{method} {asked}"


def test_the_published_api_tells_how_each_operation_is_refused(host: Member) -> None:
    document = browser_of(host).get("/api/openapi.json").json()
    responses = document["components"]["responses"]

    def codes(path: str, method: str, status: int) -> list[str]:
        reference = document["paths"][path][method]["responses"][str(status)]["$ref"]
        content = responses[reference.rpartition("/")[2]]["content"]["application/json"]
        shape, narrowed = content["schema"]["allOf"]
        assert shape == {"$ref": "#/components/schemas/Error"}
        told: list[str] = narrowed["properties"]["error"]["properties"]["code"]["enum"]
        return told

    for path, methods in document["paths"].items():
        for method in methods:
            assert "unknown_room" in codes(path, method, 404), (method, path)
            assert "rate_limited" in codes(path, method, 429), (method, path)
            assert ("409" in methods[method]["responses"]) == (method != "get"), (method, path)
    for method, path, body in (
        ("get", "/api/rooms/{code}", None),
        ("post", "/api/rooms/{code}/queue", {"uri": 1}),
    ):
        place = path.format(code="ZZZZZZ" if body is None else host.room.code)
        answer = browser_of(host).generic(
            method.upper(), place, json.dumps(body or {}), content_type="application/json"
        )
        assert answer.json()["error"]["code"] in codes(path, method, answer.status_code), path
