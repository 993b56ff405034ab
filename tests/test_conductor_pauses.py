"""A conductor sleeps until something is due, and is late for nothing."""

from collections.abc import Callable
from functools import partial

import pytest
from django.db import InterfaceError, connection, transaction
from django.test.utils import CaptureQueriesContext

from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker
from music.actions.transport import LOCK_AHEAD_MS
from music.actions.turns import LEAD_MS
from music.conductor import IDLE_TICKS, TICK_IN_WEB_S, TICK_S, EarliestMoments, advance_due, conduct
from music.models import GRACE_MS, LEASE_MS, Playback, QueueItem, Track
from rooms import clock
from rooms.models import Member
from rooms.workers import Stop

pytestmark = pytest.mark.django_db(transaction=True)


class WorkingTime(Stop):
    """Lets a conductor work for some time, of which only its own pauses take any.

    It begins `after_ms` from now. `acts` are done in its first pauses, one in each.
    """

    def __init__(self, seconds: float, *acts: Callable[[], object], after_ms: int = 0) -> None:
        super().__init__()
        self.pauses_s: list[float] = []
        self.worked_at_ms: list[int] = []  # the moments at which something was due
        self._acts = list(acts)
        self._is_woken = False
        self.began_at_ms = clock.now_ms() + after_ms
        self._ends_at_ms = self.began_at_ms + round(seconds * 1000)

    def conduct(
        self, *, tick_s: float = TICK_IN_WEB_S, tidy: Callable[[], object] = lambda: None
    ) -> None:
        with clock.held(self.began_at_ms) as self._go_to:
            conduct(self, hears=lambda: True, housekeeping=tidy, tick_s=tick_s)

    def is_set(self) -> bool:
        return clock.now_ms() >= self._ends_at_ms

    def wake(self) -> None:
        self._is_woken = True

    def wait(self, timeout: float | None = None) -> bool:
        self.worked_at_ms.append(clock.now_ms())
        self._pass(timeout or 0)
        return False

    def pause(self, timeout_s: float) -> None:
        if self._acts:
            self._acts.pop(0)()
        self.pauses_s.append(0 if self._is_woken else timeout_s)
        self._pass(self.pauses_s[-1])
        self._is_woken = False

    def _pass(self, seconds: float) -> None:
        self._go_to(clock.now_ms() + round(seconds * 1000))


@pytest.fixture
def silent(host: Member, tracks: list[Track]) -> Member:
    """The host of a room without a shelf, where something has played before and nothing waits."""
    playback.choose_shelf(by=host, key=None)
    Playback.objects.filter(room=host.room).update(play_id=1)
    return host


def playing(member: Member) -> Playback:
    return Playback.objects.get(room=member.room_id)


def test_what_is_due_is_done_at_its_moment_however_seldom_a_conductor_looks(
    silent: Member, tracks: list[Track]
) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    advance_due()
    ends_at_ms = playing(silent).ends_at_ms or 0
    time = WorkingTime(60)
    time.conduct(tick_s=3_600)
    assert time.worked_at_ms == [ends_at_ms - LOCK_AHEAD_MS, ends_at_ms - LEAD_MS]


def test_an_added_track_in_an_idle_room_wakes_the_conductor_at_once(
    silent: Member, tracks: list[Track]
) -> None:
    time = WorkingTime(1, partial(add_track, member=silent, track=tracks[0]))
    time.conduct(tick_s=3_600)
    assert playing(silent).state == "playing"
    assert time.worked_at_ms[0] == time.began_at_ms


def test_what_is_taken_back_before_its_commit_wakes_nobody(
    silent: Member, tracks: list[Track]
) -> None:
    def fail_to_add() -> None:
        with transaction.atomic():
            add_track(member=silent, track=tracks[0])
            transaction.set_rollback(True)

    time = WorkingTime(10, fail_to_add)
    time.conduct(tick_s=10)
    assert time.pauses_s == [IDLE_TICKS * 10]


@pytest.mark.parametrize("tick_s", [TICK_S, TICK_IN_WEB_S])
def test_what_another_process_made_due_in_an_idle_room_is_seen_within_two_ticks(
    silent: Member, tracks: list[Track], tick_s: float
) -> None:
    add_track(member=silent, track=tracks[0])
    Playback.objects.update(wake_at_ms=None)
    made_due_at_ms = []

    def wake_it() -> None:
        made_due_at_ms.append(clock.now_ms())
        Playback.objects.update(wake_at_ms=clock.now_ms())  # wakes no conductor of this process

    time = WorkingTime(5, lambda: None, wake_it)
    time.conduct(tick_s=tick_s)
    assert playing(silent).state == "playing"
    assert time.worked_at_ms[0] - made_due_at_ms[0] <= IDLE_TICKS * tick_s * 1000


def test_a_speaker_that_vanishes_is_noticed_when_its_lease_ends(
    silent: Member, tracks: list[Track]
) -> None:
    add_track(member=silent, track=tracks[0])
    advance_due()
    claimed_at_ms = []

    def claim() -> None:
        claimed_at_ms.append(clock.now_ms())
        claim_speaker(member=silent, device="d", name="Laptop")

    time = WorkingTime(30, *[lambda: None] * 9, claim)
    time.conduct()
    assert time.worked_at_ms == [claimed_at_ms[0] + LEASE_MS]
    assert playing(silent).lost_at_ms == time.worked_at_ms[0]


def test_a_new_conductor_lets_a_lease_lapse_as_soon_as_it_may(
    silent: Member, tracks: list[Track]
) -> None:
    add_track(member=silent, track=tracks[0])
    advance_due()
    claim_speaker(member=silent, device="d", name="Laptop")
    time = WorkingTime(30, after_ms=LEASE_MS)
    time.conduct(tick_s=3_600)
    assert time.worked_at_ms == [time.began_at_ms + GRACE_MS + 1]


def test_a_room_that_cannot_be_advanced_is_tried_four_times_a_second_and_no_oftener(
    silent: Member, tracks: list[Track]
) -> None:
    add_track(member=silent, track=tracks[0])
    QueueItem.objects.create(room=silent.room, track=tracks[1], state="playing")
    time = WorkingTime(10)
    time.conduct()
    assert len(time.worked_at_ms) == 40


def test_a_look_at_rooms_in_which_nothing_is_due_is_one_statement(
    silent: Member, tracks: list[Track]
) -> None:
    EarliestMoments.read()
    with CaptureQueriesContext(connection) as queries:
        assert EarliestMoments.read() == EarliestMoments(None, None, None, None)
    assert len(queries) == 1


def test_of_a_room_that_has_ended_nothing_is_due(silent: Member, tracks: list[Track]) -> None:
    add_track(member=silent, track=tracks[0])
    assert EarliestMoments.read().wake_ms is not None
    type(silent.room).objects.update(state="ended")
    assert EarliestMoments.read().wake_ms is None


@pytest.mark.parametrize("fault", [RuntimeError, InterfaceError])
def test_a_fault_while_tidying_up_does_not_end_the_music(
    silent: Member, tracks: list[Track], fault: type[Exception]
) -> None:
    def tidy() -> None:
        raise fault

    time = WorkingTime(10, partial(add_track, member=silent, track=tracks[0]))
    time.conduct(tick_s=1, tidy=tidy)
    assert playing(silent).state == "playing"
