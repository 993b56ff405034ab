"""Lines of the log: with the id of their request, and without a word about a person."""

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from beatsync.logs import AddRequestId
from rooms.models import Member
from tests.conftest import browser_of
from tests.servers import ROOT

SAY = """
import logging
from django.test import Client
import django
django.setup()
logging.getLogger("music").warning("the %s is away", "disk")
Client().get("/healthz", headers={"X-Request-ID": "from-a-proxy"})
"""


def test_a_line_of_json_has_its_time_level_logger_and_request(tmp_path: Path) -> None:
    import os

    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "beatsync.settings",
        "SECRET_KEY": "of-a-test",
        "LOG_FORMAT": "json",
        "DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", SAY], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    line = json.loads(done.stderr.splitlines()[0])
    assert line.pop("timestamp").startswith("20")
    assert line == {
        "level": "WARNING", "logger": "music", "request_id": "-", "message": "the disk is away",
    }  # fmt: skip


class Lines(logging.Handler):
    """What was logged, with the ids that the console would show."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.addFilter(AddRequestId())
        self.setFormatter(logging.Formatter("%(request_id)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Any:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


def test_an_answer_has_the_id_that_stands_in_the_log(
    host: Member, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("an accident")

    monkeypatch.setattr("rooms.api.access.visitor", broken)
    answer = browser_of(host, raise_request_exception=False).get(f"/api/rooms/{host.room.code}")
    assert answer.status_code == 500
    assert any(line.startswith(answer["X-Request-ID"]) for line in lines), lines


@pytest.mark.parametrize(
    ("proxies", "given", "is_kept"),
    [
        (1, "of-the-proxy-1", True),
        (0, "of-a-client-1", False),
        (1, "a b\n", False),
        (1, "x" * 99, False),
    ],
)
def test_the_id_of_a_trusted_proxy_is_kept(
    settings: Any, proxies: int, given: str, is_kept: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    answer = Client().get("/healthz", headers={"X-Request-ID": given})
    assert (answer["X-Request-ID"] == given) is is_kept


def test_refusals_and_accidents_log_no_name_no_cookie_and_no_address(
    host: Member,
    guest: Member,
    lines: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = browser_of(guest, raise_request_exception=False)
    name = "Zacharias"
    path = f"/api/rooms/{host.room.code}"
    headers = {"X-Forwarded-For": "203.0.113.9"}

    def change(body: Any) -> int:
        return browser.patch(
            f"{path}/members/{guest.pk}", body, content_type="application/json", headers=headers
        ).status_code

    assert change({"name": name}) == 200
    assert change({"name": name * 99}) == 422

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("an accident")

    monkeypatch.setattr("rooms.actions.rename", broken)
    assert change({"name": name}) == 500
    assert any("an accident" in line for line in lines)
    told = "\n".join(line for line in lines if not line.startswith("- (0."))  # not the statements
    for word in (name, str(guest.guest), browser.cookies["guest"].value, "203.0.113.9"):
        assert word not in told
