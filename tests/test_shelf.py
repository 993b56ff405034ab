"""What a room falls back on: shelves, and the track that has rested longest."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from music.models import ItemState, QueueItem, Track
from music.shelf import Shelf, next_track, shelf, shelves
from music.sources.library import folders
from music.sources.library.scanner import scan
from music.titles import own_title
from rooms.models import Member, Room
from tests.audio import make, music_folder
from tests.http import ask
from tests.translations import speak_german

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    return music_folder(settings, tmp_path)


@pytest.fixture
def house(folder: Path) -> list[Track]:
    """Three tracks in the house, in the order of their files."""
    for number, title in enumerate("ABC", start=1):
        make(folders.house() / f"{number:02}-{title}.wav", title=title)
    scan(folders.roots())
    return list(Track.objects.order_by("title"))


def played(room: Room, track: Track, at_ms: int, state: str = ItemState.PLAYED) -> QueueItem:
    return QueueItem.objects.create(room=room, track=track, state=state, started_at_ms=at_ms)


def next_title(room: Room) -> str:
    track = next_track(room=room, key="house")
    return track.title if track else ""


def test_the_house_is_the_first_shelf_and_folders_follow(house: list[Track], folder: Path) -> None:
    make(folder / "a.wav")
    make(folder / "b.wav", seconds=3)
    scan(folders.roots())
    first, second = shelves()
    assert first == Shelf("house", own_title("house"), 3, 6000)
    assert (second.title.text, second.tracks, second.duration_ms) == ("Music", 2, 5000)
    assert shelf(second.key) == second
    assert second.key.startswith("folder-")


def test_a_title_of_ours_travels_as_a_code_and_is_put_into_words_by_who_shows_it(
    house: list[Track], host: Member, settings: Any, tmp_path: Path
) -> None:
    [found] = ask(host, "GET", f"/api/rooms/{host.room.code}/shelves").json()["items"]
    assert (found["title"], found["title_code"]) == ("House dozen", "house")
    speak_german(settings, tmp_path, {"House dozen": "Hausdutzend", "Again: {name}": "Mal: {name}"})
    assert shelves()[0].title.translated == "Hausdutzend"
    assert own_title("past_room", name="Friday").translated == "Mal: Friday"
    assert shelves()[0].title.text == "House dozen"


def test_a_folder_called_like_the_house_keeps_its_own_name(folder: Path, settings: Any) -> None:
    settings.MUSIC_DIRS = [folder.parent / "House dozen"]
    make(settings.MUSIC_DIRS[0] / "a.wav")
    scan(folders.roots())
    assert [(found.title.text, found.title.code) for found in shelves()] == [("House dozen 2", "")]


def test_folders_of_one_name_have_different_titles_and_keys(folder: Path, settings: Any) -> None:
    settings.MUSIC_DIRS = [folder.parent / disk / "Music" for disk in ("one", "two")]
    for root in settings.MUSIC_DIRS:
        make(root / "a.wav")
    scan(folders.roots())
    assert [found.title.text for found in shelves()] == ["Music", "Music 2"]
    assert len({found.key for found in shelves()}) == 2


def test_a_folder_without_playable_tracks_is_no_shelf(house: list[Track]) -> None:
    assert [found.key for found in shelves()] == ["house"]
    Track.objects.update(available=False)
    assert shelves() == []
    assert shelf("house") is None


def test_tracks_never_played_come_first_in_the_order_of_their_files(
    house: list[Track], room: Room
) -> None:
    assert next_title(room) == "A"
    played(room, house[0], at_ms=1)
    assert next_title(room) == "B"


def test_then_comes_what_has_rested_longest(house: list[Track], room: Room) -> None:
    for track, at_ms in zip([*house, house[0]], (30, 20, 40, 50), strict=True):
        played(room, track, at_ms)
    assert next_title(room) == "B"


def test_the_playing_track_comes_only_when_there_is_no_other(
    house: list[Track], room: Room
) -> None:
    played(room, house[0], at_ms=10, state=ItemState.PLAYING)
    played(room, house[1], at_ms=20)
    played(room, house[2], at_ms=30)
    assert next_title(room) == "B"
    Track.objects.exclude(pk=house[0].pk).update(available=False)
    assert next_title(room) == "A"


def test_a_waiting_or_unavailable_track_is_left_out(house: list[Track], room: Room) -> None:
    QueueItem.objects.create(room=room, track=house[0])
    Track.objects.filter(pk=house[1].pk).update(available=False)
    assert next_title(room) == "C"
    QueueItem.objects.create(room=room, track=house[2])
    assert next_title(room) == ""


def test_what_other_rooms_play_or_what_was_removed_changes_nothing(
    house: list[Track], room: Room, outsider: Member
) -> None:
    played(outsider.room, house[0], at_ms=1)
    QueueItem.objects.create(room=outsider.room, track=house[0])
    QueueItem.objects.create(room=room, track=house[0], state=ItemState.REMOVED)
    assert next_title(room) == "A"


def test_an_unknown_shelf_has_no_track(house: list[Track], room: Room) -> None:
    for key in ("", "folder-00000000", uuid.uuid4().hex):
        assert next_track(room=room, key=key) is None
        assert shelf(key) is None


def test_the_next_track_is_one_query_however_long_the_history(
    house: list[Track], room: Room, django_assert_num_queries: Any
) -> None:
    for at_ms in range(1, 60):
        played(room, house[at_ms % 3], at_ms)
    with django_assert_num_queries(1):
        assert next_title(room) == "A"
