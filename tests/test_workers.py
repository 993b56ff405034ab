"""The threads that work beside a server."""

import threading

from rooms.workers import start_worker, stop_workers


def test_a_worker_finishes_the_step_it_is_at_before_the_process_goes_on_ending() -> None:
    steps: list[str] = []
    is_at_it = threading.Event()

    def work(stop: threading.Event) -> None:
        is_at_it.set()
        stop.wait(10)
        steps.append("finished")

    start_worker("test", work)
    assert is_at_it.wait(10)
    stop_workers(within_s=10)
    assert steps == ["finished"]
