"""What plays is idle, playing or paused, whatever people, devices and the clock do."""

import uuid
from collections.abc import Callable
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from music.actions import playback as by_hand
from music.actions import speaker, turns
from music.actions.queue import add_track, remove_item
from music.actions.transport import LOCK_AHEAD_MS
from music.models import LEASE_MS, ItemState, Playback, PlaybackState, QueueItem
from rooms import actions, clock
from rooms.errors import RoomError
from rooms.models import Member
from tests.conftest import make_track

DEVICES = ("kitchen-device", "garden-device")
IDLE, PLAYING, PAUSED = PlaybackState.IDLE, PlaybackState.PLAYING, PlaybackState.PAUSED


class Evening:
    """A room without a shelf, its host, and a clock that an act may move."""

    def __init__(self, folder: Path, moved: ExitStack) -> None:
        self.host: Member = actions.open_room(guest=uuid.uuid4(), name="Friday")
        self.tracks = [make_track(n, folder) for n in range(1, 6)]
        self._moved = moved
        by_hand.choose_shelf(by=self.host, key=None)

    def playback(self) -> Playback:
        return Playback.objects.select_related("item__track").get(room=self.host.room_id)

    def add(self, n: int) -> None:
        add_track(member=self.host, track=self.tracks[n])

    def take_out(self) -> None:
        if first := QueueItem.objects.filter(room=self.host.room_id).waiting().first():
            remove_item(by=self.host, item_id=first.pk)

    def claim(self, device: str) -> None:
        speaker.claim_speaker(member=self.host, device=device, name="Speaker", takeover=True)

    def release(self, device: str) -> None:
        speaker.release_speaker(member=self.host, device=device)

    def report(self, state: str, cause: str = "") -> None:
        """The speaker says this of what plays."""
        known = self.playback()
        speaker.report(
            member=self.host,
            device=known.speaker_device or DEVICES[0],
            play_id=str(known.play_id),
            state=state,
            position_ms=known.position_at(clock.now_ms()),
            cause=cause,
        )

    def go_on(self, by_ms: int) -> None:
        """Time passes, and the conductor does what is due."""
        self._moved.enter_context(clock.shifted(by_ms))
        speaker.let_lapse(room_id=self.host.room_id)
        turns.advance(room_id=self.host.room_id)

    def go_to_end(self) -> None:
        if (ends_at_ms := self.playback().ends_at_ms) is not None:
            self.go_on(ends_at_ms - clock.now_ms())


Act = Callable[[Evening], object]
ACTS: dict[str, Act] = {
    **{f"add {n}": partial(Evening.add, n=n) for n in range(5)},
    "take out": Evening.take_out,
    "play": lambda at: by_hand.play(by=at.host),
    "pause": lambda at: by_hand.pause(by=at.host),
    "seek": lambda at: by_hand.seek(by=at.host, position_ms=50_000),
    "skip": lambda at: by_hand.skip(by=at.host),
    "ask to skip": lambda at: by_hand.ask_to_skip(member=at.host),
    "auto-play": lambda at: by_hand.auto_play(by=at.host),
    **{f"claim {device}": partial(Evening.claim, device=device) for device in DEVICES},
    **{f"release {device}": partial(Evening.release, device=device) for device in DEVICES},
    "report playing": lambda at: at.report("playing"),
    "report a broken file": lambda at: at.report("error", "decode"),
    "report no network": lambda at: at.report("error", "network"),
    "report a broken device": lambda at: at.report("error", "device"),
    "a second": lambda at: at.go_on(1_000),
    "a lapse": lambda at: at.go_on(LEASE_MS + 1),
    "until shortly before the end": lambda at: at.go_on(60_000 - LOCK_AHEAD_MS),
    "until the end": Evening.go_to_end,
}


class Seen(NamedTuple):
    """What a step must not contradict."""

    state: str
    item_id: int | None
    play_id: int
    cue: int


def look(evening: Evening) -> Seen:
    """Check what holds at all times. Returns what the next step is compared with."""
    now = evening.playback()
    items = QueueItem.objects.filter(room=evening.host.room_id)
    playing = list(items.filter(state=ItemState.PLAYING).values_list("pk", flat=True))
    assert playing == ([] if now.item is None else [now.item.pk])
    assert (now.state == IDLE) == (now.item is None)
    assert (now.halt == "") == (now.halt_at_ms is None)
    if now.state == PLAYING:
        assert now.ends_at_ms == now.starts_at_ms + now.item.duration_ms
        assert now.wake_at_ms is not None
        assert not now.halt
    else:
        assert (now.starts_at_ms, now.ends_at_ms) == (None, None)
        assert 0 <= now.position_ms <= (now.item.duration_ms if now.item else 0)
    if now.state == IDLE and items.waiting().exists():
        assert now.halt or now.wake_at_ms is not None, "it waits for ever"
    return Seen(now.state, now.item.pk if now.item else None, now.play_id, now.cue)


def check_step(before: Seen, after: Seen) -> None:
    """Another track is another play; whatever starts, stops or jumps has a number of its own."""
    assert after.play_id >= before.play_id
    assert after.cue >= before.cue
    if after.item_id not in (None, before.item_id):
        assert after.play_id > before.play_id
    if after.state != IDLE and (after.state, after.item_id) != (before.state, before.item_id):
        assert after.cue > before.cue


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(names=st.lists(st.sampled_from([*ACTS]), min_size=4, max_size=24))
@pytest.mark.django_db
def test_every_sequence_of_acts_leaves_a_playback_in_one_of_its_states(
    music_folder: Path, names: list[str]
) -> None:
    with ExitStack() as moved, transaction.atomic():
        evening = Evening(music_folder, moved)
        seen = look(evening)
        for name in names:
            with suppress(RoomError):
                ACTS[name](evening)
            check_step(seen, seen := look(evening))
        transaction.set_rollback(True)
