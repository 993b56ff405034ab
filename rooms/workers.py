"""The threads that work beside a server, and how they end: between two steps, not within one."""

import threading
import time
from collections.abc import Callable


class Stop(threading.Event):
    """Set to end a worker. `wake` only ends the pause that it makes between two steps."""

    def __init__(self) -> None:
        super().__init__()
        self._is_awake = threading.Event()

    def set(self) -> None:
        super().set()
        self._is_awake.set()

    def wake(self) -> None:
        """End the worker's present pause, or its next one if it is in the middle of a step."""
        self._is_awake.set()

    def pause(self, timeout_s: float) -> None:
        """Wait for `timeout_s` seconds, or until the worker is woken or to end."""
        self._is_awake.wait(timeout_s)
        self._is_awake.clear()


_workers: list[tuple[threading.Thread, Stop]] = []


def start_worker(name: str, work: Callable[[Stop], object]) -> Stop:
    """Let a thread work until the event that it is given is set; returns that event.

    The thread ends with the process at the latest, for it is a daemon.
    """
    stop = Stop()
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
