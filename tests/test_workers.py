"""The threads that work beside a server."""

import threading

import pytest
from django.db import connections

from discovery import background as suggestions
from music import conductor
from music.sources.library import folder_watch
from music.sources.spotify import commander
from rooms import clock_sync
from rooms.workers import Stop, start_worker, stop_workers
from staff import site_state

# Longer than any test takes.
FOR_EVER_S = 600.0


def test_a_worker_finishes_the_step_it_is_at_before_the_process_goes_on_ending() -> None:
    steps: list[str] = []
    is_at_it = threading.Event()

    def work(stop: Stop) -> None:
        is_at_it.set()
        stop.wait(10)
        steps.append("finished")

    start_worker("test", work)
    assert is_at_it.wait(10)
    stop_workers(within_s=10)
    assert steps == ["finished"]


def test_who_is_woken_or_told_to_end_in_the_middle_of_a_step_makes_no_pause_after_it() -> None:
    stop = Stop()
    stop.wake()
    stop.pause(FOR_EVER_S)
    assert not stop.is_set()
    stop.set()
    stop.pause(FOR_EVER_S)
    assert stop.is_set()


def test_a_worker_in_a_pause_ends_at_once() -> None:
    pauses = threading.Event()

    def work(stop: Stop) -> None:
        pauses.set()
        stop.pause(FOR_EVER_S)
        ended.set()

    ended = threading.Event()
    start_worker("test", work)
    assert pauses.wait(10)
    stop_workers(within_s=10)
    assert ended.is_set()


@pytest.mark.django_db(transaction=True)
def test_who_reads_the_state_of_the_site_keeps_no_connection_while_it_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As on PostgreSQL: a connection goes back to the pool once it is done with.
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)
    held: list[bool] = []

    class OneRound(Stop):
        def pause(self, timeout_s: float) -> None:
            held.append(connections["default"].connection is not None)
            self.set()

    thread = threading.Thread(target=site_state._keep_reading, args=(OneRound(),))
    thread.start()
    thread.join(10)
    assert held == [False]


def test_an_idle_process_wakes_its_database_at_most_twice_a_second() -> None:
    """What it does at random moments, beside these threads, comes from people."""
    every_s = {
        "conductor": conductor.IDLE_TICKS * conductor.TICK_IN_WEB_S,
        "clock": clock_sync.LOOK_EVERY_S,
        "its note of the moment": clock_sync.NOTE_EVERY_MS / 1000,
        "folders": folder_watch.LOOK_AT_AWAY_EVERY_S,
        "suggestions, two threads": suggestions.LOOK_EVERY_S / 2,
        "Spotify without an account": commander.TICK_WITHOUT_ACCOUNT_S,
        "the state of the site": site_state.READ_EVERY_S,
    }
    assert sum(1 / each for each in every_s.values()) <= 2
