"""Many who write into one SQLite file: in order of arrival, and never for ever."""

import gc
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, transaction

from beatsync.sqlite.base import is_write
from rooms.models import Member, Room
from tests.conftest import browser_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "sqlite", reason="is about SQLite"),
]
# Far more than anything takes; only a test that fails waits so long.
PATIENCE_S = 10


class Writer(threading.Thread):
    """Someone who begins a transaction in a thread, and ends it when told to."""

    def __init__(self, name: str, order: list[str]) -> None:
        super().__init__(daemon=True)
        self.said = name
        self.writes, self.may_end = threading.Event(), threading.Event()
        self._order = order

    def run(self) -> None:
        try:
            with transaction.atomic():
                self._order.append(self.said)
                self.writes.set()
                self.may_end.wait(PATIENCE_S)
        finally:
            connection.close()


@contextmanager
def writing() -> Iterator[Writer]:
    """Somebody has their turn meanwhile."""
    writer = Writer("first", [])
    writer.start()
    assert writer.writes.wait(PATIENCE_S)
    try:
        yield writer
    finally:
        writer.may_end.set()
        writer.join()


def waiting_in_line() -> int:
    """How many threads stand in the queue of the database."""
    from beatsync.sqlite import base

    return len(base._queues[str(connection.settings_dict["NAME"])]._waiting)


def test_writers_have_their_turns_in_the_order_in_which_they_came(db: None) -> None:
    order: list[str] = []
    writers = [Writer(f"writer {n}", order) for n in range(8)]
    with writing():
        for number, writer in enumerate(writers):
            writer.may_end.set()
            writer.start()
            deadline = time.monotonic() + PATIENCE_S
            while waiting_in_line() <= number and time.monotonic() < deadline:
                time.sleep(0.001)  # until it stands in line: there is nothing to be awaited
    for writer in writers:
        writer.join(PATIENCE_S)
    assert order == [writer.said for writer in writers]


def test_a_turn_that_does_not_come_is_a_503_that_says_when_to_try_again(
    guest: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, path = browser_of(guest), f"/api/rooms/{guest.room.code}/members/{guest.pk}"
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    with writing():
        answer = browser.patch(path, {"name": "Ana B."}, "application/json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer.json()["error"]["code"] == "unavailable"
    assert browser.patch(path, {"name": "Ana B."}, "application/json").status_code == 200


@pytest.mark.parametrize("ends", ["commit", "rollback", "close", "lone write", "failed begin"])
def test_the_turn_ends_however_the_writing_ends(room: Room, ends: str) -> None:
    if ends == "commit":
        with transaction.atomic(), transaction.atomic():
            Room.objects.update(revision=5)
    elif ends == "rollback":
        with pytest.raises(KeyError), transaction.atomic():
            raise KeyError
    elif ends == "close":
        with pytest.raises(OperationalError), transaction.atomic():
            _lose_connection()
    elif ends == "lone write":
        Room.objects.update(revision=6)
    else:
        with _another_process_writes(), pytest.raises(OperationalError), transaction.atomic():
            pass
    with writing():
        pass


def _lose_connection() -> None:
    connection.close()
    raise OperationalError


@contextmanager
def _another_process_writes() -> Iterator[None]:
    connection.close()
    connection.settings_dict["OPTIONS"]["timeout"] = 0.05
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.close()
        connection.settings_dict["OPTIONS"]["timeout"] = 3
        connection.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # which is what it is about
def test_a_connection_that_is_forgotten_in_a_transaction_leaves_the_turn_to_others(
    db: None,
) -> None:
    thread = threading.Thread(target=transaction.atomic().__enter__)
    thread.start()
    thread.join()
    gc.collect()
    with writing():
        pass


def test_a_lone_write_waits_in_line_and_a_read_does_not(room: Room) -> None:
    done = threading.Event()

    def write() -> None:
        Room.objects.filter(pk=room.pk).update(name="Later")
        connection.close()
        done.set()

    with writing():
        thread = threading.Thread(target=write)
        thread.start()
        assert Room.objects.get(pk=room.pk).name == room.name
        assert not done.is_set()
    thread.join(PATIENCE_S)
    assert Room.objects.get(pk=room.pk).name == "Later"


def test_a_statement_is_a_write_unless_it_begins_like_a_read() -> None:
    assert not is_write("\n select 1")
    assert not is_write("SAVEPOINT a")
    assert is_write("UPDATE rooms_room SET revision = 1")
    assert is_write(" insert into a values (1)")
