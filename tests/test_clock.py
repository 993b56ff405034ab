"""The server's clock goes on where its reference is set anew, and is one for all processes."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from rooms import clock, limits
from rooms.clock_sync import JUMP_FROM_MS, NOBODY_RUNS_AFTER_MS, ClockSync, Reading
from rooms.errors import RateLimited
from rooms.models import ClockOffset

pytestmark = pytest.mark.django_db
HOUR_MS = 60 * 60 * 1000
TWO_WEEKS_MS = 14 * 24 * HOUR_MS


class Reference:
    """A reference clock that can be set."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def read(self, questions: int) -> Reading:
        return Reading(clock.machine_ms() + self.ahead_ms, clock.steady_ms(), 0)


@pytest.fixture
def reference() -> Reference:
    return Reference()


@pytest.fixture(autouse=True)
def _set_back() -> Iterator[None]:
    yield
    clock.set_time(clock.machine_ms(), moment_steady_ms=clock.steady_ms())


def process(reference: Reference, *, running: bool = True) -> ClockSync:
    """A process that has just started."""
    sync = ClockSync(lambda: running, reference.read)
    sync.look()
    return sync


def moved_ms() -> float:
    """By how much the clock is off what it would be had nothing been set."""
    return clock.now_ms() - clock.machine_ms()


def test_a_reference_set_anew_moves_nothing_that_runs(reference: Reference) -> None:
    sync = process(reference)
    for by_ms in (-HOUR_MS, HOUR_MS, -TWO_WEEKS_MS, TWO_WEEKS_MS, -1_000, 1_000):
        reference.ahead_ms += by_ms
        sync.look()
        assert abs(moved_ms()) < JUMP_FROM_MS, by_ms
        assert ClockOffset.objects.get().offset_ms == pytest.approx(-reference.ahead_ms, abs=100)


def test_several_processes_agree_and_move_the_offset_once(reference: Reference) -> None:
    processes = [process(reference) for _ in range(3)]
    reference.ahead_ms = -HOUR_MS
    for _ in range(2):
        for sync in processes:
            sync.look()
    processes.append(process(reference))
    assert abs(moved_ms()) < JUMP_FROM_MS
    assert ClockOffset.objects.get().offset_ms == pytest.approx(HOUR_MS, abs=100)


def test_a_clock_set_forward_is_believed_where_nothing_runs(reference: Reference) -> None:
    sync = process(reference, running=False)
    reference.ahead_ms = HOUR_MS
    sync.look()
    assert moved_ms() == pytest.approx(HOUR_MS, abs=JUMP_FROM_MS)
    assert ClockOffset.objects.get().offset_ms == 0


def test_limits_do_not_last_as_long_as_the_clock_was_set_back(
    reference: Reference, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "VOTES": "1/10"}
    sync, right = process(reference), time.time_ns
    limits.hit("VOTES", "somebody")
    cache.set("something-else", 1)
    reference.ahead_ms = HOUR_MS  # it is another machine's, and goes on
    monkeypatch.setattr(time, "time_ns", lambda: right() - HOUR_MS * 10**6)
    monkeypatch.setattr(time, "time", lambda: time.time_ns() / 10**9)
    with pytest.raises(RateLimited):
        limits.hit("VOTES", "somebody")
    sync.look()
    limits.hit("VOTES", "somebody")
    assert cache.get("something-else") == 1


def test_the_clock_is_followed_while_redis_is_away(
    reference: Reference, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    sync, right = process(reference), time.time_ns
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "OPTIONS": {}}}
    limits._shared.cache_clear()
    try:
        monkeypatch.setattr(time, "time_ns", lambda: right() - HOUR_MS * 10**6)
        sync.look()
        sync.look()
        assert abs(moved_ms() - HOUR_MS) < JUMP_FROM_MS
    finally:
        limits._shared.cache_clear()


def test_a_start_after_the_clock_was_set_back_goes_on_where_the_last_run_was(
    reference: Reference,
) -> None:
    process(reference)
    reference.ahead_ms = -TWO_WEEKS_MS
    process(reference)
    assert abs(moved_ms()) < JUMP_FROM_MS


def test_a_start_after_a_night_takes_the_reference_as_it_is_again(reference: Reference) -> None:
    sync = process(reference)
    reference.ahead_ms = -HOUR_MS
    sync.look()
    reference.ahead_ms = NOBODY_RUNS_AFTER_MS + HOUR_MS
    process(reference)
    assert ClockOffset.objects.get().offset_ms == 0
    assert moved_ms() == pytest.approx(reference.ahead_ms, abs=JUMP_FROM_MS)


def test_a_machine_that_slept_is_not_a_clock_set_forward(
    reference: Reference, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = process(reference)
    right = time.clock_gettime_ns
    asleep = {"CLOCK_BOOTTIME": HOUR_MS * 10**6, "CLOCK_MONOTONIC": 0}
    passed = {getattr(time, name): ns for name, ns in asleep.items() if hasattr(time, name)}
    if len(passed) < 2:
        pytest.skip("this system has one steady clock, which counts sleep")
    monkeypatch.setattr(time, "clock_gettime_ns", lambda which: right(which) + passed[which])
    reference.ahead_ms = HOUR_MS
    sync.look()
    assert moved_ms() == pytest.approx(HOUR_MS, abs=JUMP_FROM_MS)
    assert ClockOffset.objects.get().offset_ms == 0
