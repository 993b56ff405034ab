"""A page that is away for some seconds: behind a locked screen, or asleep with its laptop."""

import os
import signal
import time

from playwright.sync_api import Page


def hide(page: Page, hidden: bool) -> None:
    """Lock the phone or unlock it, as far as the page can tell."""
    page.evaluate(
        """(hidden) => {
            Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def sleep_for(page: Page, *, seconds: float) -> None:
    """Stop all pages of this browser, as when a laptop is shut: no timer, no line, no sound."""
    browser = page.context.browser
    assert browser is not None
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    renderers = [process["id"] for process in told if process["type"] == "renderer"]
    for process in renderers:
        os.kill(process, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        for process in renderers:
            os.kill(process, signal.SIGCONT)
