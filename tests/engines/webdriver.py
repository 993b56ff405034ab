"""WebKitGTK, driven by the W3C's WebDriver: those few of its commands that the tests need."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import requests

from tests.servers import free_port

PROGRAMS = ("WebKitWebDriver", "xvfb-run")
# Far more than the browser takes; only a test that fails waits so long.
PATIENCE_S = 20
# The name of a reference to an element, in the standard.
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# The command runs a script that calls back, and the tests write functions that may be async.
CALL = """
const [argument, done] = arguments;
(async () => (%s)(argument))()
    .then((value) => done({ value }), (error) => done({ error: `${error}` }));
"""


def is_installed() -> bool:
    """Are the browser's driver and a screen in memory there?"""
    return all(shutil.which(name) for name in PROGRAMS)


@contextmanager
def webkit_driver(environment: dict[str, str]) -> Iterator[str]:
    """The URL of a running driver. Its browsers show on a screen in memory, in this environment."""
    port = free_port()
    driver = subprocess.Popen(
        ["xvfb-run", "-a", "WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # so that all of it ends together
    )
    try:
        yield _wait_until_ready(f"http://127.0.0.1:{port}")
    finally:
        os.killpg(driver.pid, signal.SIGTERM)
        driver.wait()


def _wait_until_ready(url: str) -> str:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            requests.get(f"{url}/status", timeout=PATIENCE_S)
            return url
        time.sleep(0.05)
    raise RuntimeError("WebKitWebDriver did not start")


class WebDriverError(Exception):
    """A command that failed, or a function that threw."""


class WebDriverPage:
    """The page of a new browser, with those methods of playwright's `Page` that the tests use."""

    def __init__(self, driver_url: str) -> None:
        """Start a browser with nothing stored."""
        self._url = f"{driver_url}/session"
        started = self._send("POST", "", {"capabilities": {}})
        self._url += f"/{started['sessionId']}"
        self._send("POST", "/timeouts", {"script": PATIENCE_S * 1000})

    def close(self) -> None:
        """End the browser."""
        self._send("DELETE", "")

    def goto(self, url: str) -> None:
        """Open an address, and wait until its page has loaded."""
        self._send("POST", "/url", {"url": url})

    def evaluate(self, expression: str, arg: object = None) -> Any:
        """What a JavaScript function of `arg` returns. Raises WebDriverError where it throws."""
        script = {"script": CALL % expression, "args": [arg]}
        answer = self._send("POST", "/execute/async", script)
        if "error" in answer:
            raise WebDriverError(answer["error"])
        return answer.get("value")

    def click(self, selector: str) -> None:
        """Click the first element of a CSS selector."""
        self._send("POST", f"{self._element(selector)}/click", {})

    def fill(self, selector: str, value: str) -> None:
        """Empty a field, and type into it."""
        field = self._element(selector)
        self._send("POST", f"{field}/clear", {})
        self._send("POST", f"{field}/value", {"text": value})

    def _element(self, selector: str) -> str:
        found = self._send("POST", "/element", {"using": "css selector", "value": selector})
        return f"/element/{found[ELEMENT]}"

    def _send(self, method: str, command: str, body: object = None) -> Any:
        answer = requests.request(method, self._url + command, json=body, timeout=3 * PATIENCE_S)
        value = answer.json()["value"]
        if not answer.ok:
            raise WebDriverError(f"{command}: {value['error']}: {value['message']}")
        return value
