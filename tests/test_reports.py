"""Errors in the operator's Sentry: what failed, and nothing of the people it failed for."""

import gzip
import logging
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import brotli
import pytest
import sentry_sdk

from beatsync import sentry

SECRETS = ("Anna", "10.1.2.3", "a-cookie")


@pytest.fixture
def told(settings: Any) -> Iterator[list[str]]:
    """What a Sentry is sent."""
    received: list[str] = []

    class Sentry(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            unpack = {"gzip": gzip.decompress, "br": brotli.decompress}
            received.append(unpack[self.headers["Content-Encoding"]](body).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Sentry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SENTRY_DSN = f"http://key@127.0.0.1:{server.server_port}/1"
    yield received
    sentry_sdk.init()
    server.shutdown()
    server.server_close()


def fail_for(name: str, address: str, cookie: str) -> None:
    try:
        raise ValueError(f"{name} from {address} has {cookie}")
    except ValueError:
        logging.getLogger("beatsync").exception("%s could not vote", name, extra={"who": address})


def test_an_error_is_told_by_its_kind_and_place_and_without_the_people_in_it(
    told: list[str],
) -> None:
    sentry.start()
    fail_for(*SECRETS)
    sentry_sdk.flush()
    [event] = told
    assert "ValueError" in event
    assert "could not vote" in event
    assert "fail_for" in event
    assert not [secret for secret in SECRETS if secret in event]


def test_the_sentences_of_others_are_not_told_for_they_may_name_people(told: list[str]) -> None:
    sentry.start()
    error = ValueError("Anna from 10.1.2.3")
    logging.getLogger("asyncio").error(f"Task exception was never retrieved: {error!r}")
    sentry_sdk.flush()
    [event] = told
    assert "asyncio" in event
    assert not [secret for secret in SECRETS if secret in event]


def test_without_an_address_of_a_sentry_nothing_is_told(told: list[str], settings: Any) -> None:
    settings.SENTRY_DSN = ""
    sentry.start()
    fail_for(*SECRETS)
    sentry_sdk.flush()
    assert told == []
