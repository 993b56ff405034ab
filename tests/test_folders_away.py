"""A music folder that is away for a while costs nothing: what is of it waits, with its votes."""

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from music.actions.playback import choose_shelf, play, skip
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker, report
from music.actions.voting import cast_vote
from music.conductor import advance_due
from music.models import Incident, ItemState, LibraryFile, Playback, QueueItem, Track
from music.sources import registry
from music.sources.library import folders, reach, startup_scan
from music.sources.library.folder_watch import FolderWatch
from music.sources.library.folders import key_of
from music.sources.library.reach import FileReach, reach_of
from music.sources.library.scanner import scan
from rooms import clock
from rooms.models import Member
from rooms.snapshot import read_snapshot
from tests.audio import make
from tests.conftest import make_track

pytestmark = pytest.mark.django_db


@pytest.fixture
def silent(host: Member) -> Member:
    """The host of a room that falls back on no shelf."""
    choose_shelf(by=host, key=None)
    return host


@pytest.fixture
def other_folder(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "other"
    folder.mkdir()
    settings.MUSIC_DIRS = [*settings.MUSIC_DIRS, folder]
    return folder


def take_away(folder: Path) -> None:
    folder.rename(folder.with_suffix(".away"))


def bring_back(folder: Path) -> None:
    folder.with_suffix(".away").rename(folder)


def states(member: Member) -> dict[str, str]:
    items = QueueItem.objects.filter(room=member.room).order_by("pk")
    return dict(items.values_list("track__title", "state"))


def snapshot_of(member: Member) -> dict[str, Any]:
    return read_snapshot(Member.objects.select_related("room").get(pk=member.pk))


def playing(member: Member) -> str | None:
    item = Playback.objects.of(member.room).item
    return item.track.title if item else None


# --- In a room ------------------------------------------------------------------------------------


def test_a_folder_that_is_away_during_a_skip_costs_no_item_and_no_vote(
    silent: Member, guest: Member, tracks: list[Track], music_folder: Path, other_folder: Path
) -> None:
    items = [add_track(member=silent, track=track)[0] for track in tracks[:3]]
    cast_vote(member=guest, item_id=items[2].pk, value=1)
    add_track(member=guest, track=make_track(9, other_folder))
    play(by=silent)
    take_away(music_folder)
    skip(by=silent)
    assert states(silent) == {
        "Track 1": "waiting",
        "Track 2": "waiting",
        "Track 3": "skipped",
        "Track 9": "playing",
    }
    bring_back(music_folder)
    FolderWatch().look()
    skip(by=silent)
    assert playing(silent) == "Track 1"


def test_a_room_says_which_folder_is_away_and_when_it_is_back(
    silent: Member, tracks: list[Track], music_folder: Path
) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    take_away(music_folder)
    FolderWatch().look()
    snapshot = snapshot_of(silent)
    [source] = snapshot["sources"]
    assert (source["name"], source["title"]) == (key_of(music_folder), "music")
    assert (source["state"], source["cause"]) == ("away", "folder_away")
    assert {item["track"]["folder"] for item in snapshot["queue"]} == {source["name"]}
    bring_back(music_folder)
    FolderWatch().look()
    assert snapshot_of(silent)["sources"] == []
    assert list(Incident.objects.order_by("pk").values_list("says", flat=True)) == [
        "The folder music cannot be reached. 2 tracks keep their votes and wait.",
        "The folder music is back.",
    ]


def test_what_waits_of_a_folder_that_is_away_has_no_time_and_is_never_fixed_as_next(
    silent: Member, tracks: list[Track], music_folder: Path, other_folder: Path
) -> None:
    add_track(member=silent, track=make_track(8, other_folder))
    play(by=silent)
    first = add_track(member=silent, track=tracks[0])[0]
    second = add_track(member=silent, track=make_track(9, other_folder))[0]
    take_away(music_folder)
    FolderWatch().look()
    ends_at_ms = Playback.objects.get().ends_at_ms or 0
    with clock.shifted(ends_at_ms - 5_000 - clock.now_ms()):
        advance_due()
    etas = {item["id"]: item["eta_ms"] for item in snapshot_of(silent)["queue"]}
    assert etas == {str(first.pk): None, str(second.pk): ends_at_ms}
    assert QueueItem.objects.get(locked=True) == second


def test_the_shipped_tracks_play_while_the_folder_of_the_shelf_is_away(
    host: Member, tracks: list[Track], music_folder: Path, settings: Any, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path / "app"
    folders.house().mkdir(parents=True)
    make_track(9, folders.house())
    choose_shelf(by=host, key=key_of(music_folder))
    take_away(music_folder)
    play(by=host)
    assert playing(host) == "Track 9"


def test_a_track_that_its_device_cannot_get_from_a_folder_that_is_away_waits_again(
    silent: Member, tracks: list[Track], music_folder: Path
) -> None:
    add_track(member=silent, track=tracks[0])
    claim_speaker(member=silent, device="d", name="Laptop")
    play(by=silent)
    take_away(music_folder)
    report(member=silent, device="d", play_id="1", state="error", cause="network")
    assert states(silent) == {"Track 1": "waiting"}
    bring_back(music_folder)
    FolderWatch().look()
    advance_due()
    assert playing(silent) == "Track 1"


def test_a_single_file_that_cannot_be_opened_waits_is_told_and_tried_again(
    silent: Member, tracks: list[Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    closed, may_read = tracks[0].file.path, os.access
    with monkeypatch.context() as locked:
        locked.setattr(os, "access", lambda path, mode: path != closed and may_read(path, mode))
        play(by=silent)
        assert states(silent) == {"Track 1": "waiting", "Track 2": "playing"}
        skip(by=silent)
    said = "Track 1 cannot be read now. It keeps its votes and waits."
    assert list(Incident.objects.values_list("says", flat=True)) == [said]
    with clock.shifted(61_000):
        advance_due()
    assert playing(silent) == "Track 1"


def test_a_file_that_was_removed_beside_others_is_set_aside(
    silent: Member, tracks: list[Track]
) -> None:
    for track in tracks[:2]:
        add_track(member=silent, track=track)
    Path(tracks[0].file.path).unlink()
    play(by=silent)
    assert states(silent) == {"Track 1": "failed", "Track 2": "playing"}


# --- Away, or gone? -------------------------------------------------------------------------------


def test_only_a_file_whose_neighbours_are_there_is_gone(tmp_path: Path) -> None:
    cases: dict[str, tuple[Callable[[Path], object], FileReach]] = {
        "all is well": (lambda root: None, FileReach.THERE),
        "file removed": (lambda root: (root / "a/b/1.mp3").unlink(), FileReach.GONE),
        "album removed": (lambda root: shutil.rmtree(root / "a/b"), FileReach.GONE),
        "artist removed": (lambda root: shutil.rmtree(root / "a"), FileReach.GONE),
        "root missing": (take_away, FileReach.FOLDER_AWAY),
        "root an empty mount point": (empty, FileReach.FOLDER_AWAY),
        "root no folder any more": (
            lambda root: (take_away(root), root.touch()),
            FileReach.FOLDER_AWAY,
        ),
        "album an empty mount point": (lambda root: empty(root / "a/b"), FileReach.UNREACHABLE),
    }
    found = {}
    for number, (name, (act, _)) in enumerate(cases.items()):
        root = tmp_path / str(number)
        for path in ("a/b/1.mp3", "a/b/2.mp3", "a/3.mp3", "4.mp3"):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(b"sound")
        act(root)
        found[name] = reach_of(str(root / "a/b/1.mp3"), str(root))
    assert found == {name: expected for name, (_, expected) in cases.items()}


def empty(folder: Path) -> None:
    """As an unmounted disk leaves it; some mark the place with a hidden file."""
    shutil.rmtree(folder)
    folder.mkdir()
    (folder / ".not-mounted").touch()


def test_a_disk_that_hangs_is_waited_for_once_and_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, asked = threading.Event(), []
    right = os.stat

    def hanging(path: Any, **options: Any) -> os.stat_result:
        if path == str(tmp_path / "1.mp3"):
            asked.append(path)
            answers.wait()
        return right(path, **options)

    (tmp_path / "1.mp3").touch()
    monkeypatch.setattr(reach, "PATIENCE_S", 0.05)
    monkeypatch.setattr(os, "stat", hanging)
    try:
        for _ in range(3):
            assert reach_of(str(tmp_path / "1.mp3"), str(tmp_path)) == FileReach.FOLDER_AWAY
        assert len(asked) == 1
    finally:
        answers.set()


def test_the_music_folders_are_known_while_a_disk_hangs(
    music_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, answers, right = folders.roots(), threading.Event(), os.lstat

    def hanging(path: Any, **options: Any) -> os.stat_result:
        if str(path) == str(music_folder):
            answers.wait()
        return right(path, **options)

    monkeypatch.setattr(reach, "PATIENCE_S", 0.05)
    monkeypatch.setattr(folders, "_RESOLVED_FOR_S", 0)
    monkeypatch.setattr(os, "lstat", hanging)
    try:
        assert folders.roots() == known
    finally:
        answers.set()


def test_a_folder_behind_a_link_that_goes_with_its_disk_is_away_and_not_another_one(
    silent: Member,
    other_folder: Path,
    tmp_path: Path,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folders, "_RESOLVED_FOR_S", 0)
    monkeypatch.setattr(startup_scan, "start", lambda: scan(folders.roots()))
    settings.DATA_DIR = tmp_path / "var"
    add_track(member=silent, track=make_track(9, other_folder))
    play(by=silent)
    disk, link = tmp_path / "disk", tmp_path / "usb"
    make(disk / "1.wav", title="One")
    link.symlink_to(disk)
    settings.MUSIC_DIRS = [*settings.MUSIC_DIRS, link]
    scan(folders.roots())
    item = add_track(member=silent, track=Track.objects.get(title="One"))[0]
    link.unlink()
    take_away(disk)
    skip(by=silent)
    item.refresh_from_db()
    assert item.state == ItemState.WAITING
    assert scan(folders.roots()).gone == 0
    folders._resolved.clear()  # as after a restart
    assert scan(folders.roots()).gone == 0
    assert registry.reach(item.track) == FileReach.UNREACHABLE
    watch = FolderWatch()
    watch.look()
    folders._resolved.clear()
    bring_back(disk)
    link.symlink_to(disk)
    make(disk / "2.wav", title="Two")
    watch.look()
    assert Track.objects.filter(title="Two").exists()
    play(by=silent)
    assert playing(silent) == "One"


# --- The library ----------------------------------------------------------------------------------


def test_a_scan_withdraws_nothing_below_what_is_away(
    music_folder: Path, other_folder: Path, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "var"
    for path in (music_folder / "1.wav", music_folder / "nas" / "2.wav", other_folder / "3.wav"):
        make(path, title=path.stem)
    scan(folders.roots())
    empty(music_folder / "nas")
    take_away(other_folder)
    assert scan(folders.roots()).gone == 0
    assert scan(folders.roots(), drops_missing=True).gone == 2


def test_a_scan_withdraws_nothing_that_vanished_while_it_looked(
    music_folder: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path / "var"
    make(music_folder / "1.wav", title="One")
    scan(folders.roots())
    right = os.scandir

    def unmounting(folder: str) -> Any:
        with right(folder) as listing:
            entries = list(listing)
        if folder == str(music_folder):
            take_away(music_folder)
        return nullcontext(entries)

    monkeypatch.setattr(os, "scandir", unmounting)
    assert scan(folders.roots()).gone == 0


def test_a_folder_that_goes_away_while_its_files_are_read_costs_no_track(
    music_folder: Path, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "var"
    for path in (music_folder / "1.wav", music_folder / "2.wav"):
        make(path, title=path.stem)
    scan(folders.roots())
    LibraryFile.objects.update(read_version=0)  # another version of the server read them

    def leave_and_return(read: int, total: int) -> None:
        if read:
            bring_back(music_folder)
        else:
            take_away(music_folder)

    report = scan(folders.roots(), progress=leave_and_return)
    assert [entry.path for entry in report.unreadable] == [str(music_folder)]
    assert registry.reach(Track.objects.get(title="1")) == FileReach.THERE


def test_a_file_that_the_disk_refused_for_a_moment_plays(music_folder: Path) -> None:
    track = make_track(1, music_folder)
    LibraryFile.objects.filter(track=track).update(error="The disk refused it.", read_version=0)
    assert registry.reach(track) == FileReach.THERE


def test_a_folder_that_returns_is_scanned_by_itself(
    music_folder: Path, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_DIR = tmp_path / "var"
    scans = []
    monkeypatch.setattr(startup_scan, "start", lambda: scans.append(scan(folders.roots())))
    watch = FolderWatch()
    watch.look()  # it is empty as yet, as a disk that is mounted late
    make(music_folder / "1.wav", title="One")
    watch.look()
    assert Track.objects.filter(title="One", available=True).exists()
    take_away(music_folder)
    watch.look()
    make(music_folder.with_suffix(".away") / "2.wav", title="Two")
    bring_back(music_folder)
    watch.look()
    watch.look()
    assert Track.objects.filter(title="Two").exists()
    assert len(scans) == 2


def test_rooms_hear_of_a_folder_only_where_something_of_it_waits(
    silent: Member, outsider: Member, tracks: list[Track], music_folder: Path
) -> None:
    add_track(member=silent, track=tracks[0])
    QueueItem.objects.update(state=ItemState.WAITING)
    take_away(music_folder)
    watch = FolderWatch()
    watch.look()
    watch.look()
    assert [incident.room for incident in Incident.objects.all()] == [silent.room]
