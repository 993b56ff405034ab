"""Many at once: no vote is lost or counted twice, no track starts twice."""

import re
import threading
import time
import uuid
from collections.abc import Callable
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from beatsync.accounts import first_admin_path
from music.actions import playback, queue, turns, voting
from music.conductor import advance_due
from music.models import Playback, QueueItem, RoomSource, Track, Vote
from music.sources.spotify import outputs, tokens
from music.sources.spotify.models import Account, Output, OutputKind
from rooms import actions, clock, presence
from rooms.actors import System
from rooms.changes import changing
from rooms.models import Member, Room
from tests.conftest import arrived
from tests.http import ask

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Do all of these in threads that start together; what they raised."""
    start = threading.Barrier(len(works))
    raised: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except Exception as failure:  # noqa: BLE001 - handed to the test, which judges it
            raised.append(failure)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture
def crowd(room: Room) -> list[Member]:
    return [arrived(room) for _ in range(THREADS)]


def test_votes_of_many_at_once_are_all_counted_once(
    guest: Member, crowd: list[Member], tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])

    def votes_of(member: Member) -> Callable[[], None]:
        def vote() -> None:
            for value in (1, -1, 0, -1, 1):
                voting.cast_vote(member=member, item_id=item.pk, value=value)

        return vote

    assert at_once(*map(votes_of, crowd)) == []
    item.refresh_from_db()
    assert (item.up, item.down) == (THREADS + 1, 0)
    assert Vote.objects.filter(item=item, value=1).count() == THREADS + 1


def test_a_member_who_votes_from_many_tabs_has_one_vote(
    guest: Member, other: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=guest, track=tracks[0])
    vote = lambda: voting.cast_vote(member=other, item_id=item.pk, value=1)  # noqa: E731
    assert at_once(*[vote] * THREADS) == []
    item.refresh_from_db()
    assert (item.up, Vote.objects.filter(item=item).count()) == (2, 2)


def test_a_track_added_by_many_at_once_waits_once_with_all_their_votes(
    crowd: list[Member], tracks: list[Track]
) -> None:
    def add(member: Member) -> Callable[[], object]:
        return lambda: queue.add_track(member=member, track=tracks[0])

    assert at_once(*map(add, crowd)) == []
    item = QueueItem.objects.get()
    assert item.up == THREADS


def test_between_the_tracks_that_somebody_adds_at_once_others_get_to_the_room(
    guest: Member, tracks: list[Track]
) -> None:
    path, uris = f"/api/rooms/{guest.room.code}/queue/many", [track.uri for track in tracks[:3]]
    with CaptureQueriesContext(connection) as queries:
        ask(guest, "POST", path, {"uris": uris}, Idempotency_Key="once")
    steps = [each["sql"] for each in queries if re.match("COMMIT|INSERT.*queueitem", each["sql"])]
    added = [n for n, step in enumerate(steps) if step != "COMMIT"]
    assert len(added) == 3
    assert all("COMMIT" in steps[one:next] for one, next in pairwise(added))


def test_a_guest_who_joins_many_times_at_once_is_one_member(room: Room) -> None:
    guest = uuid.uuid4()
    assert at_once(*[lambda: actions.join(room=room, guest=guest)] * THREADS) == []
    assert Member.objects.filter(room=room, guest=guest).count() == 1


def test_many_conductors_start_the_next_track_once(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    for track in tracks[:3]:
        queue.add_track(member=guest, track=track)
    playback.play(by=host)
    before = Playback.objects.get(room=host.room)
    with clock.shifted(before.ends_at_ms - clock.now_ms() - turns.LEAD_MS):
        assert at_once(*[advance_due] * THREADS) == []
    assert Playback.objects.get(room=host.room).play_id == before.play_id + 1
    assert QueueItem.objects.filter(state="waiting").count() == 1


@pytest.mark.parametrize("backwards", [True, False])
def test_presence_never_stands_in_the_way_of_who_writes_two_of_its_members(
    host: Member, guest: Member, backwards: bool
) -> None:
    """An action may write the rows of two members in any order; presence writes both at once."""
    pair = sorted([host.pk, guest.pk], reverse=backwards)
    has_one = threading.Event()

    def write_two() -> None:
        with changing(System(host.room_id, "test")):
            Member.objects.filter(pk=pair[0]).update(muted=True)
            has_one.set()
            time.sleep(0.3)  # long enough for presence to come between
            Member.objects.filter(pk=pair[1]).update(muted=True)

    def note_presence() -> None:
        has_one.wait()
        presence.write_presence({host.room_id: set(pair)}, set())

    with clock.shifted(60_000):
        assert at_once(write_two, note_presence) == []
        seen = Member.objects.present(clock.now_ms()).filter(muted=True)
        assert {member.pk for member in seen} == set(pair)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="there is one writer at a time")
def test_an_account_that_goes_takes_the_device_with_it_that_is_just_being_chosen(
    account: Account, host: Member
) -> None:
    outputs.keep_right()
    kitchen = outputs.OutputDevice(account, OutputKind.CONNECT, "kitchen", "Kitchen")
    held, chosen, gone = threading.Event(), threading.Event(), threading.Event()

    def hold_up() -> None:
        with transaction.atomic():
            RoomSource.objects.select_for_update().get()
            held.set()
            until(lambda: waiting_for_locks() == 1)  # the device is written, but not for others
            chosen.set()
            until(lambda: gone.is_set() or waiting_for_locks() == 2)

    def choose() -> None:
        held.wait()
        outputs.choose_output(member=host, device=kitchen)

    def let_go() -> None:
        chosen.wait()
        tokens.forget(account)
        gone.set()

    assert at_once(hold_up, choose, let_go) == []
    assert not Account.objects.exists()
    assert not Output.objects.exists()


def until(is_so: Callable[[], bool]) -> None:
    """Look until it is so, for ten seconds."""
    give_up_at = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < give_up_at
        threading.Event().wait(0.01)


def waiting_for_locks() -> int:
    """How many others wait in this database for a lock."""
    with connection.cursor() as cursor:
        # Within a transaction this view is read once, otherwise.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
        return int(count)


def test_revisions_have_no_holes_however_many_write(room: Room, crowd: list[Member]) -> None:
    before = Room.objects.get(pk=room.pk).revision

    def rename(member: Member) -> Callable[[], object]:
        return lambda: actions.rename(member=member, name=f"Number {member.pk}")

    assert at_once(*map(rename, crowd)) == []
    assert Room.objects.get(pk=room.pk).revision == before + 2 * THREADS  # each name is told twice


def test_two_who_have_the_one_link_make_one_first_admin() -> None:
    link, secret = first_admin_path(), "a long enough secret"
    statuses: list[int] = []

    def make(name: str) -> None:
        form = {"username": name, "password1": secret, "password2": secret}
        statuses.append(Client().post(link, form).status_code)

    assert at_once(lambda: make("mara"), lambda: make("paul")) == []
    assert sorted(statuses) == [303, 404]
    assert User.objects.count() == 1
