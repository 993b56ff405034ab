"""`manage.py backup` and `manage.py restore`: one file, and the room goes on in mid-track."""

import gzip
import json
import sqlite3
import time
import uuid
from contextlib import closing
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from beatsync import backups
from music.actions.playback import play
from music.actions.queue import add_track
from music.actions.voting import cast_vote
from music.models import QueueItem, Track, Vote
from rooms import actions, clock, clock_sync
from rooms.models import ClockOffset, Member
from rooms.snapshot import clear_kept_parts, read_snapshot
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(member: Member) -> dict[str, Any]:
    """The room as a member sees it, but for the moment at which they look."""
    clear_kept_parts()
    state = read_snapshot(Member.objects.select_related("room").get(pk=member.pk))
    return {name: value for name, value in state.items() if name != "server_ms"}


@pytest.fixture
def at_its_middle(host: Member, guest: Member, tracks: list[Track]) -> QueueItem:
    """The room plays, and something with a vote waits; gives what waits."""
    for track in tracks[:3]:
        add_track(member=host, track=track)
    play(by=host)
    waiting = QueueItem.objects.filter(room=host.room, state="waiting").first()
    assert waiting is not None
    cast_vote(member=guest, item_id=waiting.pk, value=1)
    return waiting


def written() -> bytes:
    file = BytesIO()
    backups.write(file)
    return file.getvalue()


def restored(packed: bytes, tmp_path: Path) -> str:
    (tmp_path / "backup").write_bytes(packed)
    said = StringIO()
    call_command("restore", tmp_path / "backup", yes=True, stdout=said)
    return said.getvalue()


def test_a_room_is_as_it_was_at_the_backup_in_mid_track(
    host: Member, guest: Member, at_its_middle: QueueItem, tmp_path: Path
) -> None:
    with clock.shifted(7_000):
        before, packed = state_of(guest), written()
        assert before["playback"]["state"] == "playing"
        cast_vote(member=guest, item_id=at_its_middle.pk, value=-1)
        actions.rename(member=guest, name="Somebody else")
        actions.end_room(by=Member.objects.select_related("room").get(pk=host.pk))
        restored(packed, tmp_path)
        assert state_of(guest) == before


def test_people_vote_and_join_after_a_restore(
    host: Member, guest: Member, at_its_middle: QueueItem, tmp_path: Path
) -> None:
    restored(written(), tmp_path)
    path = f"/api/rooms/{host.room.code}/queue/{at_its_middle.pk}/vote"
    answer = browser_of(guest).put(path, {"value": -1}, content_type="application/json")
    assert answer.status_code == 200
    assert Vote.objects.get(item=at_its_middle, member=guest).value == -1
    newcomer = actions.join(room=host.room, guest=uuid.uuid4())
    assert newcomer.pk > guest.pk


def test_a_backup_is_written_while_somebody_holds_the_room(host: Member, tmp_path: Path) -> None:
    """On SQLite, another connection has the lock of all writers."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows, which readers pass")
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        assert str(host.guest) in gzip.decompress(written()).decode()


def test_a_backup_is_for_its_owner_alone_and_whole_or_not_there(
    host: Member, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    for _ in range(3):
        call_command("backup", keep=1, stdout=StringIO())
    [file] = (tmp_path / "backups").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(gzip.decompress(file.read_bytes()).split(b"\n")[0])["format"] == 1


def test_no_secret_of_the_settings_is_in_a_backup(host: Member, settings: Any) -> None:
    assert settings.SECRET_KEY not in gzip.decompress(written()).decode()


@pytest.mark.parametrize("spoil", [lambda it: it[:-40], lambda it: b"music", lambda it: b""])
def test_a_file_that_is_no_backup_changes_nothing(
    host: Member, guest: Member, tmp_path: Path, spoil: Any
) -> None:
    before, packed = state_of(guest), spoil(written())
    with pytest.raises(CommandError):
        restored(packed, tmp_path)
    assert state_of(guest) == before


def test_a_backup_of_another_version_is_refused(host: Member, tmp_path: Path) -> None:
    head, *rows = gzip.decompress(written()).split(b"\n")
    other = json.loads(head) | {"migrations": {"rooms": "9999_future"}}
    packed = gzip.compress(b"\n".join([json.dumps(other).encode(), *rows]))
    with pytest.raises(CommandError, match="Restore it with that version"):
        restored(packed, tmp_path)


def test_a_backup_of_another_key_says_so(host: Member, settings: Any, tmp_path: Path) -> None:
    packed = written()
    settings.REDIS_PREFIX = "beatsync-of-another"
    assert "another SECRET_KEY" in restored(packed, tmp_path)


def test_a_running_process_is_noticed_by_the_moments_that_it_writes_down(db: None) -> None:
    assert not clock_sync.is_anybody_running()
    ClockOffset.objects.get_or_create(pk=1)
    ClockOffset.objects.update(last_seen_ms=round(time.time() * 1000))
    assert not clock_sync.is_anybody_running(within_s=0)


def test_a_backup_is_for_its_owner_alone_whatever_lay_in_its_place(
    host: Member, tmp_path: Path
) -> None:
    others = tmp_path / "of others"
    others.touch(mode=0o644)
    (tmp_path / "backup.part").symlink_to(others)
    call_command("backup", tmp_path / "backup", stdout=StringIO())
    assert (tmp_path / "backup").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "backup").is_symlink()
    assert others.read_bytes() == b""
