"""The threads that work beside a server, and how they end: between two steps, not within one."""

import threading
import time
from collections.abc import Callable

_workers: list[tuple[threading.Thread, threading.Event]] = []


def start_worker(name: str, work: Callable[[threading.Event], object]) -> threading.Event:
    """Let a thread work until the event that it is given is set; returns that event.

    The thread ends with the process at the latest, for it is a daemon.
    """
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name=name, daemon=True)
    _workers.append((thread, stop))
    thread.start()
    return stop


def stop_workers(*, within_s: float) -> None:
    """Ask all workers to end, and wait at most `within_s` seconds for their present step."""
    ends = time.monotonic() + within_s
    for _, stop in _workers:
        stop.set()
    for thread, _ in _workers:
        thread.join(max(0.0, ends - time.monotonic()))
    _workers.clear()
