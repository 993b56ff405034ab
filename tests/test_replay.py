"""A snapshot plus the events after it equals the next snapshot, for every action.

The events go through the reducers of the page itself, run by Node.
"""

import inspect
import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async

from beatsync.snapshot import read_snapshot
from music.actions import devices, folders, members, playback, queue, rules, speaker, turns, voting
from music.actions.newcomers import NEW_FOR_MS, SETTLED_AFTER_MS
from music.models import LEASE_MS, Playback, QueueItem, Track
from music.queue import standing
from music.reordering import present
from music.shelf import shelves
from rooms import actions, clock
from rooms.models import Member, Room
from rooms.roles import Role
from tests import node
from tests.live import connected
from tests.test_newcomers import newcomers

REPLAY = Path(__file__).parent / "js" / "replay.mjs"

pytestmark = pytest.mark.django_db(transaction=True)


class Party:
    """A room in full swing, and shorthands for who and what is in it."""

    def __init__(self, host: Member, guest: Member, other: Member, tracks: list[Track]) -> None:
        self.host, self.guest, self.other, self.tracks = host, guest, other, tracks
        self.first, self.second, self.third = (
            queue.add_track(member=who, track=track)[0]
            for who, track in zip((host, guest, other), tracks, strict=False)
        )
        playback.choose_shelf(member=host, key=None)

    def playback(self) -> Playback:
        return Playback.objects.get(room=self.host.room_id)

    def start(self) -> "Party":
        playback.play(member=self.host)
        return self

    def fall_idle(self) -> "Party":
        """Let everything that waits be skipped."""
        self.start()
        while self.playback().item is not None:
            playback.skip(member=self.host)
        return self

    def wake_at_the_end(self, *, before_ms: int) -> None:
        """Let the conductor look at the room shortly before its track ends."""
        ends_at_ms = self.playback().ends_at_ms
        assert ends_at_ms is not None
        with clock.shifted(ends_at_ms - before_ms - clock.now_ms()):
            assert turns.wake(room_id=self.host.room_id)


@pytest.fixture
def party(host: Member, guest: Member, other: Member, tracks: list[Track]) -> Party:
    return Party(host, guest, other, tracks)


Act = Callable[[Party], Any]

# By action (and case): what leads to it, and the action itself.
ACTS: dict[str, tuple[Act, Act]] = {
    "join": (lambda p: None, lambda p: actions.arrive(member=_join(p))),
    "arrive": (lambda p: None, lambda p: actions.arrive(member=_join(p))),
    "arrive, by a vote": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=_join(p), item_id=p.third.pk, value=1),
    ),
    "arrive, by a track": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=_join(p), track=p.tracks[3]),
    ),
    "rename": (lambda p: None, lambda p: actions.rename(member=p.guest, name="Ana B.")),
    "rename, oneself": (lambda p: None, lambda p: actions.rename(member=p.host, name="Mika")),
    "set_role": (
        lambda p: None,
        lambda p: actions.set_role(by=p.host, member_id=p.guest.pk, role=Role.COHOST),
    ),
    "set_muted": (
        lambda p: None,
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True),
    ),
    "set_banned": (
        lambda p: None,
        lambda p: actions.set_banned(by=p.host, member_id=p.guest.pk, banned=True),
    ),
    "change_member": (
        lambda p: None,
        lambda p: members.change_member(
            by=p.host, member_id=p.guest.pk, role=Role.COHOST, muted=True
        ),
    ),
    "change_member, the speaker": (
        lambda p: p.start() and _waits(p) and _claim(p, by=p.guest),
        lambda p: members.change_member(by=p.host, member_id=p.guest.pk, role=Role.LISTENER),
    ),
    "rename_room": (lambda p: None, lambda p: actions.rename_room(by=p.host, name="Saturday")),
    "end_room, with the next locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: actions.end_room(by=p.host),
    ),
    "end_room": (lambda p: p.start(), lambda p: actions.end_room(by=p.host)),
    "add_track": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=p.guest, track=p.tracks[3]),
    ),
    "add_track, one's own": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=p.host, track=p.tracks[3]),
    ),
    "add_track, waiting": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=p.host, track=p.tracks[2]),
    ),
    "cast_vote, up": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=p.host, item_id=p.third.pk, value=1),
    ),
    "cast_vote, down": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=p.host, item_id=p.second.pk, value=-1),
    ),
    "cast_vote, none": (
        lambda p: p.start() and voting.cast_vote(member=p.host, item_id=p.third.pk, value=1),
        lambda p: voting.cast_vote(member=p.host, item_id=p.third.pk, value=0),
    ),
    "cast_vote, by another": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=p.guest, item_id=p.third.pk, value=1),
    ),
    "cast_vote, on the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: voting.cast_vote(member=p.host, item_id=p.second.pk, value=1),
    ),
    "remove_item": (
        lambda p: p.start(),
        lambda p: queue.remove_item(member=p.host, item_id=p.second.pk),
    ),
    "remove_item, one's own": (
        lambda p: None,
        lambda p: queue.remove_item(member=p.host, item_id=p.first.pk),
    ),
    "remove_item, the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: queue.remove_item(member=p.host, item_id=p.second.pk),
    ),
    "clear_queue": (lambda p: p.start(), lambda p: queue.clear_queue(member=p.host)),
    "restore_items": (
        lambda p: p.start() and queue.clear_queue(member=p.host),
        lambda p: queue.restore_items(member=p.host, item_ids=[p.third.pk, p.second.pk]),
    ),
    "pin_item": (
        lambda p: p.start(),
        lambda p: queue.pin_item(member=p.host, item_id=p.third.pk, pinned=True),
    ),
    "pin_item, no longer": (
        lambda p: p.start() and queue.pin_item(member=p.host, item_id=p.third.pk, pinned=True),
        lambda p: queue.pin_item(member=p.host, item_id=p.third.pk, pinned=False),
    ),
    "set_order": (
        lambda p: rules.change_rules(by=p.host, changes={"mode": "host"}),
        lambda p: queue.set_order(member=p.host, item_ids=[p.third.pk, p.first.pk]),
    ),
    "change_rules": (
        lambda p: p.start(),
        lambda p: rules.change_rules(by=p.host, preset="stream", changes={"rest_min": 7}),
    ),
    "change_rules, to host order": (
        lambda p: p.start(),
        lambda p: rules.change_rules(by=p.host, changes={"mode": "host"}),
    ),
    "change_rules, so that it takes more to skip": (
        lambda p: _ask(p.start(), p.guest),
        lambda p: rules.change_rules(by=p.host, changes={"mode": "fair", "skip_percent": 100}),
    ),
    "change_rules, and enough have asked": (
        lambda p: _ask_nearly_enough(p),
        lambda p: rules.change_rules(by=p.host, changes={"mode": "fair", "skip_percent": 50}),
    ),
    "let_count": (
        lambda p: _hold(p),
        lambda p: voting.let_count(member=p.host, item_id=p.third.pk),
    ),
    "let_due_count": (
        lambda p: _hold(p),
        lambda p: _later(lambda: voting.let_due_count(room_id=p.host.room_id)),
    ),
    "cast_vote, held back": (
        lambda p: _settled(p),
        lambda p: [
            voting.cast_vote(member=who, item_id=p.third.pk, value=1) for who in newcomers(p.host)
        ],
    ),
    "ask_to_skip": (lambda p: p.start(), lambda p: playback.ask_to_skip(member=p.host)),
    "ask_to_skip, enough": (
        lambda p: p.start() and playback.ask_to_skip(member=p.guest),
        lambda p: playback.ask_to_skip(member=p.host),
    ),
    "play": (lambda p: None, lambda p: playback.play(member=p.host)),
    "play, again": (
        lambda p: p.start() and playback.pause(member=p.host),
        lambda p: playback.play(member=p.host),
    ),
    "pause": (lambda p: p.start(), lambda p: playback.pause(member=p.host)),
    "pause, with the next locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: playback.pause(member=p.host),
    ),
    "seek": (lambda p: p.start(), lambda p: playback.seek(member=p.host, position_ms=30_000)),
    "seek, back from the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: playback.seek(member=p.host, position_ms=0),
    ),
    "skip": (lambda p: p.start(), lambda p: playback.skip(member=p.host)),
    "skip, into silence": (lambda p: _alone(p), lambda p: playback.skip(member=p.host)),
    "auto_play": (lambda p: p.start(), lambda p: playback.auto_play(member=p.host)),
    "choose_shelf": (
        lambda p: p.start(),
        lambda p: playback.choose_shelf(member=p.host, key=_folder()),
    ),
    "skip, to the shelf": (
        lambda p: _alone(p) and playback.choose_shelf(member=p.host, key=_folder()),
        lambda p: playback.skip(member=p.host),
    ),
    "wake, locks": (lambda p: p.start(), lambda p: p.wake_at_the_end(before_ms=5_000)),
    "wake, starts": (lambda p: p.start(), lambda p: p.wake_at_the_end(before_ms=1_000)),
    "wake, starts the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: p.wake_at_the_end(before_ms=1_000),
    ),
    "wake, idle": (
        lambda p: p.fall_idle() and queue.add_track(member=p.guest, track=p.tracks[3]),
        lambda p: turns.wake(room_id=p.host.room_id),
    ),
    "report, a silent device": (
        lambda p: p.start() and _claim(p),
        lambda p: _report(p, "error", cause="device"),
    ),
    "claim_speaker, after another device played nothing": (
        lambda p: p.start() and _claim(p) and _report(p, "error", cause="device"),
        lambda p: speaker.claim_speaker(
            member=p.host, device="device-2", name="Mika's phone", takeover=True
        ),
    ),
    "claim_speaker, the first one": (lambda p: None, lambda p: _claim(p)),
    "claim_speaker, the first one, with nothing waiting any more": (
        lambda p: [
            queue.remove_item(member=p.host, item_id=item.pk)
            for item in (p.first, p.second, p.third)
        ],
        lambda p: _claim(p),
    ),
    "claim_speaker": (lambda p: p.start(), lambda p: _claim(p)),
    "release_speaker": (
        lambda p: _claim(p),
        lambda p: speaker.release_speaker(member=p.host, device="device-1"),
    ),
    "claim_speaker, after one was lost": (
        lambda p: p.start() and _claim(p) and _lapse(p),
        lambda p: _claim(p),
    ),
    "claim_speaker, where the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p) and _lapse(p),
        lambda p: _claim(p),
    ),
    "let_lapse": (lambda p: p.start() and _claim(p), lambda p: _lapse(p)),
    "let_lapse, and the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p),
        lambda p: _lapse(p),
    ),
    "pause, where the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p) and _lapse(p),
        lambda p: playback.pause(member=p.host),
    ),
    "end_room, where the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p) and _lapse(p),
        lambda p: actions.end_room(by=p.host),
    ),
    "report, error": (lambda p: p.start() and _claim(p), lambda p: _report(p, "error")),
    "report, error in fair turns": (
        lambda p: (
            rules.change_rules(by=p.host, changes={"mode": "fair"})
            and queue.add_track(member=p.host, track=p.tracks[3])
            and p.start()
            and _claim(p)
        ),
        lambda p: _report(p, "error"),
    ),
    "report, error of the shelf": (
        lambda p: _alone(p) and _claim(p) and playback.choose_shelf(member=p.host, key=_folder()),
        lambda p: _report(p, "error"),
    ),
    "report, the third error": (
        lambda p: (
            queue.add_track(member=p.host, track=p.tracks[3])
            and p.start()
            and _claim(p)
            and _report(p, "error")
            and _report(p, "error")
        ),
        lambda p: _report(p, "error"),
    ),
    "report, a longer track": (
        lambda p: p.start() and _claim(p),
        lambda p: _report(p, "playing", length_ms=90_000),
    ),
    "report, a shorter track": (
        lambda p: p.start() and _claim(p),
        lambda p: _report(p, "playing", length_ms=30_000),
    ),
    "report, the third error, of missing files": (
        lambda p: (
            queue.add_track(member=p.host, track=p.tracks[3])
            and p.start()
            and _claim(p)
            and _report(p, "error", cause="missing")
            and _report(p, "error", cause="missing")
        ),
        lambda p: _report(p, "error", cause="missing"),
    ),
    "report, stalled": (lambda p: p.start() and _claim(p), lambda p: _report(p, "stalled")),
    "report, playing again": (
        lambda p: p.start() and _claim(p) and _report(p, "stalled"),
        lambda p: _report(p, "playing"),
    ),
    "note_folder_away": (
        lambda p: p.start(),
        lambda p: folders.note_folder_away(room_id=p.host.room_id, key=_folder()),
    ),
    "note_folder_away, with the next locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: folders.note_folder_away(room_id=p.host.room_id, key=_folder()),
    ),
    "note_folder_back": (
        lambda p: p.start() and folders.note_folder_away(room_id=p.host.room_id, key=_folder()),
        lambda p: folders.note_folder_back(room_id=p.host.room_id, key=_folder()),
    ),
    "skip, while the folder is away": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000) and _take_folder_away(p),
        lambda p: playback.skip(member=p.host),
    ),
    "report, error while the folder is away": (
        lambda p: p.start() and _claim(p) and _take_folder_away(p),
        lambda p: _report(p, "error"),
    ),
    "note_device, along": (lambda p: p.start(), lambda p: _along(p, True)),
    "note_device, no longer along": (
        lambda p: p.start() and _along(p, True),
        lambda p: _along(p, False),
    ),
}


@pytest.mark.parametrize("name", ACTS)
async def test_snapshot_plus_events_is_the_next_snapshot(
    party: Party, page: "Page", name: str
) -> None:
    """And what a process remembers of a queue is then what stands there."""
    prepare, act = ACTS[name]
    await database_sync_to_async(prepare)(party)
    async with connected(party.host) as socket:
        before = await socket.hear("snapshot")
        await database_sync_to_async(act)(party)
        after = await database_sync_to_async(_snapshot)(party.host)
        assert after["revision"] > before["revision"]
        frames = await socket.hear_until(after["revision"])
    assert comparable(page.replay(before, frames)) == comparable(after)
    remembered, stands = await database_sync_to_async(_queue_remembered_and_read)(party)
    assert remembered == stands
    assert remembered.ids == stands.ids


def _queue_remembered_and_read(party: Party) -> tuple[Any, Any]:
    room = Room.objects.get(pk=party.host.room_id)
    return present(room), standing(room)


def test_every_action_is_replayed() -> None:
    tested = {name.split(",")[0] for name in ACTS}
    modules = (actions, devices, folders, members, queue, playback, rules, speaker, turns, voting)
    public = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).parameters.keys() & {"member", "by", "room_id", "guest"}
    }
    # Opening makes the room itself: there is nobody yet whom an event could reach. The rules are
    # set by `change_rules`, which knows what follows for the queue; who is along, by `note_device`.
    assert public - {"open_room", "set_rules", "set_along"} == tested


class Page:
    """The page's own store and reducers, in one Node for all cases."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            [node.executable(), REPLAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def replay(self, snapshot: dict[str, Any], frames: list[dict[str, Any]]) -> dict[str, Any]:
        """What a page holds after a snapshot and some frames, which leave no hole."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(f"{json.dumps({'snapshot': snapshot, 'frames': frames})}\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert not answer["hole"], f"a frame is missing after {answer['state']['revision']}"
        state: dict[str, Any] = answer["state"]
        return state

    def close(self) -> None:
        self._node.communicate()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    page = Page()
    yield page
    page.close()


def comparable(state: dict[str, Any]) -> dict[str, Any]:
    """What a page draws. Presence is noise, told apart; the clock runs on."""
    plain: dict[str, Any] = json.loads(json.dumps(state))
    for passing in ("type", "server_ms"):
        plain.pop(passing, None)
    for member in plain["members"]:
        member.pop("here")
    return plain


def _settled(party: Party) -> Party:
    """The room is old enough to know newcomers from the rest."""
    party.start()
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS - 1)
    return party


def _hold(party: Party) -> None:
    _settled(party)
    for who in newcomers(party.host):
        voting.cast_vote(member=who, item_id=party.third.pk, value=1)


def _ask(party: Party, *people: Member) -> None:
    for person in people:
        playback.ask_to_skip(member=person)


def _ask_nearly_enough(party: Party) -> None:
    rules.change_rules(by=party.host, changes={"skip_percent": 100})
    _ask(party.start(), party.guest, party.other)


def _later(act: Callable[[], Any]) -> Any:
    with clock.shifted(NEW_FOR_MS + 1000):
        return act()


def _take_folder_away(party: Party) -> None:
    folder = Path(party.tracks[0].file.root)
    folder.rename(folder.parent / "away")


def _join(party: Party) -> Member:
    return actions.join(room=party.host.room, guest=uuid.uuid4())


def _alone(party: Party) -> Party:
    """Only one track is left, and it plays."""
    QueueItem.objects.exclude(pk=party.first.pk).delete()
    return party.start()


def _folder() -> str:
    return next(shelf.key for shelf in shelves() if shelf.key.startswith("folder-"))


def _claim(party: Party, *, by: Member | None = None) -> Any:
    if by is not None:
        actions.set_role(by=party.host, member_id=by.pk, role=Role.COHOST)
    who = by or party.host
    return speaker.claim_speaker(member=who, device="device-1", name="Mika's laptop")


def _waits(party: Party) -> Any:
    return rules.change_rules(by=party.host, changes={"speaker_gone": "wait"})


def _lapse(party: Party) -> bool:
    with clock.shifted(LEASE_MS + 1):
        return speaker.let_lapse(room_id=party.host.room_id)


def _snapshot(member: Member) -> dict[str, Any]:
    """The room as it is now: a member that was read before knows only an older revision."""
    return read_snapshot(Member.objects.select_related("room").get(pk=member.pk))


def _report(party: Party, state: str, **facts: Any) -> bool:
    play_id = str(party.playback().play_id)
    speaker.report(member=party.host, device="device-1", play_id=play_id, state=state, **facts)
    return True


def _along(party: Party, along: bool) -> bool:
    step = devices.Step("Phone", along, "precise", 12, 3, 5, None)
    devices.note_device(member=party.guest, device="phone-of-ana", step=step)
    return True
