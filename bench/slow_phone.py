"""A page as on a slow phone: how its main thread is slowed down, and what its tasks take.

Where other work keeps the machine busy, times grow with it. The processor's own time of a task
hardly changes: at full speed, 12.5 ms of it are 50 ms on a phone that is four times slower.
"""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Page

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
CPU_SLOWDOWN = 4
LONG_TASK_MS = 50
_TRACED = {"includedCategories": ["toplevel"]}
_TASK = "ThreadControllerImpl::RunTask"


def slow_down(devtools: CDPSession, times: int) -> None:
    """Slow the page's main thread down; 1 is full speed."""
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": times})


def processor_ms(page: Page, devtools: CDPSession, work: Callable[[], None]) -> list[float]:
    """What each task of the busiest page's main thread takes of the processor meanwhile, in ms."""
    events: list[dict[str, Any]] = []
    ended: list[bool] = []
    devtools.on("Tracing.dataCollected", lambda told: events.extend(told["value"]))
    devtools.on("Tracing.tracingComplete", lambda _: ended.append(True))
    devtools.send("Tracing.start", {"transferMode": "ReportEvents", "traceConfig": _TRACED})
    work()
    devtools.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(100)
    tasks: dict[int, list[float]] = {pid: [] for pid in _renderers(page)}
    for event in events:
        pid = event["pid"]
        # On Linux the main thread has the number of its process.
        if event["name"] == _TASK and event["tid"] == pid in tasks and "tdur" in event:
            tasks[pid].append(event["tdur"] / 1000)
    return max(tasks.values(), key=sum)


def _renderers(page: Page) -> set[int]:
    """The numbers of the processes that run pages."""
    browser = page.context.browser
    assert browser is not None
    told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
    return {each["id"] for each in told["processInfo"] if each["type"] == "renderer"}
