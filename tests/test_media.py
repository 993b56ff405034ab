"""Sound and pictures over HTTP: ranges, conditions, and who may have them."""

import errno
import importlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory

from music import media
from music.models import LibraryFile, Track
from music.sources.library import audio_tags, covers, folders
from music.sources.library.scanner import scan
from music.sources.library.unreadable import UnreadableFile
from rooms import access
from rooms.models import Member, Room, RoomState
from tests.audio import make, music_folder, png

pytestmark = pytest.mark.django_db


@dataclass
class Answer:
    """A response with its whole body."""

    status: int
    headers: Any
    body: bytes


def ask(client: Client, url: str, method: str = "get", **headers: str) -> Answer:
    response = getattr(client, method)(url, headers=headers)
    body = b"".join(response)
    return Answer(response.status_code, response.headers, body)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    return music_folder(settings, tmp_path)


@pytest.fixture
def track(folder: Path) -> Track:
    make(folder / "a.wav", title="A", picture=png())
    scan(folders.roots())
    return Track.objects.get()


@pytest.fixture
def sound(track: Track, folder: Path) -> bytes:
    return (folder / "a.wav").read_bytes()


@pytest.fixture
def member(guest: Member) -> Client:
    """The browser of somebody in a live room."""
    client = Client()
    client.cookies[access.COOKIE] = access.cookie_of(guest.guest)
    return client


def test_a_member_gets_the_whole_sound(member: Client, track: Track, sound: bytes) -> None:
    answer = ask(member, track.audio)
    assert (answer.status, answer.body) == (200, sound)
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Content-Length"] == str(len(sound))
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"].startswith("private, max-age=")


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=500-", 500, None),
        ("bytes=100-199", 100, 199),
        ("bytes=-50", -50, None),
        ("bytes=0-0", 0, 0),
        ("bytes=-1", -1, None),
        ("bytes=7-7", 7, 7),
        ("bytes=0-999999", 0, None),
    ],
)
def test_a_range_is_exactly_the_bytes_asked_for(
    member: Client, track: Track, sound: bytes, asked: str, first: int, last: int | None
) -> None:
    answer = ask(member, track.audio, range=asked)
    start = first % len(sound)
    end = len(sound) - 1 if last is None else last
    assert (answer.status, answer.body) == (206, sound[start : end + 1])
    assert answer.headers["Content-Range"] == f"bytes {start}-{end}/{len(sound)}"
    assert answer.headers["Content-Length"] == str(end + 1 - start)


def test_a_range_beyond_the_end_is_refused(member: Client, track: Track, sound: bytes) -> None:
    for asked in (f"bytes={len(sound)}-", f"bytes={len(sound)}-{len(sound)}"):
        answer = ask(member, track.audio, range=asked)
        assert (answer.status, answer.body) == (416, b"")
        assert answer.headers["Content-Range"] == f"bytes */{len(sound)}"


@pytest.mark.parametrize("asked", ["bytes=x-y", "seconds=1-2", "bytes=", "bytes=0-1,5-6", "1"])
def test_a_range_that_means_nothing_gives_the_whole(
    member: Client, track: Track, sound: bytes, asked: str
) -> None:
    assert ask(member, track.audio, range=asked).body == sound


def test_what_the_browser_has_is_not_sent_again(member: Client, track: Track) -> None:
    etag = ask(member, track.audio).headers["ETag"]
    answer = ask(member, track.audio, if_none_match=etag)
    assert (answer.status, answer.body) == (304, b"")
    assert answer.headers["ETag"] == etag


def test_the_rest_of_another_version_is_never_sent(
    member: Client, track: Track, sound: bytes
) -> None:
    etag = ask(member, track.audio).headers["ETag"]
    same = ask(member, track.audio, range="bytes=9-", if_range=etag)
    other = ask(member, track.audio, range="bytes=9-", if_range='"other"')
    assert (same.status, other.status, other.body) == (206, 200, sound)


def test_head_tells_everything_but_the_sound(member: Client, track: Track, sound: bytes) -> None:
    answer = ask(member, track.audio, method="head")
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(sound))
    assert answer.headers["Content-Type"] == "audio/wav"
    assert ask(member, track.audio, method="post").status == 405


def test_a_cover_is_served_for_ever(member: Client, track: Track) -> None:
    for address, kind in ((track.cover, "jpeg"), (covers.small_of(track.cover), "webp")):
        answer = ask(member, address)
        assert (answer.status, answer.headers["Content-Type"]) == (200, f"image/{kind}")
        assert "immutable" in answer.headers["Cache-Control"]


def test_every_format_has_a_type_and_every_type_a_format() -> None:
    assert set(media._AUDIO_TYPES) == set(folders.FORMATS)


@pytest.mark.parametrize("kind", ["audio", "cover"])
def test_strangers_get_neither_sound_nor_picture(track: Track, kind: str) -> None:
    answer = ask(Client(), getattr(track, kind))
    assert answer.status == 401
    assert b'"no_membership"' in answer.body


def test_who_is_only_in_rooms_that_ended_is_a_stranger(member: Client, track: Track) -> None:
    assert ask(member, track.audio).status == 200
    Room.objects.update(state=RoomState.ENDED)
    assert ask(member, track.audio).status == 401


@pytest.mark.parametrize(
    "url",
    [
        "/media/audio/none",
        "/media/audio/../../manage.py",
        "/media/audio/..%2f..%2fmanage.py",
        "/media/covers/../beatsync.sqlite3",
        "/media/covers/%2e%2e%2fbeatsync.sqlite3",
        f"/media/covers/{'0' * 32}.png",
        f"/media/covers/{'0' * 32}.png%0a",
        f"/media/covers/{'0' * 32}.sqlite3",
    ],
)
def test_nothing_else_on_the_disk_has_an_address(member: Client, track: Track, url: str) -> None:
    assert ask(member, url).status == 404


def test_a_track_whose_file_is_gone_is_unknown(member: Client, track: Track, folder: Path) -> None:
    make(folder / "b.wav")
    (folder / "a.wav").unlink()
    answer = ask(member, track.audio)
    assert answer.status == 404
    assert b'"unknown_track"' in answer.body
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("broken", ["os.stat", "os.access", "builtins.open"])
def test_a_file_that_cannot_be_read_now_is_not_taken_for_gone(
    member: Client, track: Track, folder: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    module, name = broken.split(".")
    real = getattr(importlib.import_module(module), name)

    def fails(path: Any, *args: Any, **options: Any) -> Any:
        if path != str(folder / "a.wav"):
            return real(path, *args, **options)
        if broken == "os.access":
            return False
        raise OSError(errno.EIO, "the disk does not answer")

    monkeypatch.setattr(broken, fails)
    answer = ask(member, track.audio)
    assert answer.status == 503
    assert b'"unavailable"' in answer.body
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_file_or_folder_swapped_for_a_link_is_not_followed(member: Client, folder: Path) -> None:
    make(folder / "album" / "a.wav", title="A")
    make(folder / "b.wav", title="B")
    scan(folders.roots())
    secret = make(folder.parent / "private" / "a.wav", title="Secret")
    (folder / "b.wav").unlink()
    (folder / "b.wav").symlink_to(secret)
    shutil.rmtree(folder / "album")
    (folder / "album").symlink_to(secret.parent)
    assert Track.objects.filter(available=True).count() == 2
    for track in Track.objects.all():
        assert ask(member, track.audio).status == 404


def test_a_path_in_the_database_outside_the_folders_is_not_served(
    member: Client, track: Track, folder: Path, settings: Any
) -> None:
    secret = make(folder.parent / "secret.wav")
    LibraryFile.objects.update(path=str(secret))
    assert ask(member, track.audio).status == 404
    LibraryFile.objects.update(root=str(folder.parent))
    assert ask(member, track.audio).status == 404


def test_the_file_is_closed_when_the_listener_goes_away(
    member: Client, folder: Path, rf: RequestFactory
) -> None:
    make(folder / "long.wav", seconds=60)
    scan(folders.roots())
    track = Track.objects.get()
    request = rf.get(track.audio)
    request.COOKIES[access.COOKIE] = member.cookies[access.COOKIE].value
    response: Any = media.audio(request, token=track.uri.removeprefix("library:"))

    assert 0 < len(next(iter(response))) < 60 * 8000
    assert open_files(folder) == 1
    response.close()
    assert open_files(folder) == 0


def test_a_member_who_loads_many_files_at_a_time_waits_for_one_of_them(
    member: Client, track: Track
) -> None:
    unread: list[Any] = [member.get(track.audio) for _ in range(media.STREAMS_PER_MEMBER)]
    assert {response.status_code for response in unread} == {200}
    refused = ask(member, track.audio)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    assert b"".join(unread.pop())
    assert ask(member, track.audio).status == 200
    for response in unread:
        assert b"".join(response)


def open_files(folder: Path) -> int:
    """How many files below a folder this process holds open."""
    links = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]
    return sum(os.path.realpath(link).startswith(str(folder)) for link in links)


def test_the_scanner_leaves_no_file_open(folder: Path) -> None:
    make(folder / "a.mp3")
    (folder / "b.mp3").write_bytes(b"x")
    scan(folders.roots())
    with pytest.raises(UnreadableFile):
        audio_tags.read(str(folder / "b.mp3"))
    assert open_files(folder) == 0
    assert covers.kept() == set()
