"""The library by artists, albums and folders, and shuffled; what cannot be added stands last."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from music.actions import playback, queue
from music.models import LibraryFile, Track
from music.sources.library import catalog
from music.sources.library.folding import sought
from rooms import actions
from rooms.models import Member, Room
from tests.http import ask, refusal

pytestmark = pytest.mark.django_db


def save(folder: Path, path: str, artist: str, album: str = "", **facts: Any) -> Track:
    """A track of the library whose file has this path in the folder; its name is the title."""
    title, file = Path(path).stem, folder.resolve() / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"sound")
    track = Track.objects.create(
        uri=f"library:{path}",
        source="library",
        title=title,
        artists=[artist],
        album=album,
        sought=sought(title, [artist], album),
        **{"duration_ms": 60_000, **facts},
    )
    LibraryFile.objects.create(
        path=str(file), root=str(folder.resolve()), size=5, modified_ns=0, track=track
    )
    catalog.bump_revision()
    return track


@pytest.fixture
def shelf(music_folder: Path) -> Path:
    """Two artists, three albums (one of several artists, one in two folders), three folders."""
    save(music_folder, "Ann/Sea/1 Foam.mp3", "Ann", "Sea")
    save(music_folder, "Ann/Sea/2 Ebb.mp3", "ann", "Sea")
    save(music_folder, "Ann/Sea CD2/1 Anchor.mp3", "Ann", "Sea")
    save(music_folder, "Mix/1 Rain.mp3", "Bo", "Hits")
    save(music_folder, "Mix/2 Sun.mp3", "Ann", "Hits")
    save(music_folder, "Stray.mp3", "Bo")
    return music_folder


def get(member: Member, path: str) -> Any:
    answer = ask(member, "GET", f"/api/rooms/{member.room.code}/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def titles(member: Member, path: str) -> list[str]:
    """The titles of all pages."""
    found, cursor = [], ""
    while True:
        page = get(member, f"{path}{'&' if '?' in path else '?'}{cursor}")
        found += [track["title"] for track in page["items"]]
        if page["next"] is None:
            return found
        cursor = f"cursor={page['next']}"


def groups(member: Member, kind: str) -> list[tuple[str, str | None, int]]:
    items = get(member, f"library/{kind}")["items"]
    return [(each["name"], each["of"], each["tracks"]) for each in items]


def inside(member: Member, kind: str, name: str) -> list[str]:
    items = get(member, f"library/{kind}")["items"]
    id = next(each["id"] for each in items if each["name"] == name)
    return titles(member, f"library/{kind}/{id}")


@pytest.mark.usefixtures("shelf")
def test_an_artist_is_one_in_all_spellings_and_has_tracks_in_the_order_of_their_files(
    guest: Member,
) -> None:
    assert groups(guest, "artists") == [("Ann", None, 4), ("Bo", None, 2)]
    assert inside(guest, "artists", "Ann") == ["1 Anchor", "1 Foam", "2 Ebb", "2 Sun"]


@pytest.mark.usefixtures("shelf")
def test_an_album_is_one_over_its_folders_and_may_have_several_artists(guest: Member) -> None:
    assert groups(guest, "albums") == [("Hits", "Various artists", 2), ("Sea", "Ann", 3)]
    answer = ask(guest, "GET", f"/api/rooms/{guest.room.code}/library/albums").json()
    assert [each["of_code"] for each in answer["items"]] == ["various_artists", None]
    assert inside(guest, "albums", "Hits") == ["1 Rain", "2 Sun"]


def test_a_folder_tells_what_is_around_it_and_no_path_of_the_machine(
    guest: Member, shelf: Path
) -> None:
    top = shelf.name
    assert groups(guest, "folders") == [
        (top, None, 1),
        ("Sea", f"{top} / Ann", 2),
        ("Sea CD2", f"{top} / Ann", 1),
        ("Mix", top, 2),
    ]
    assert inside(guest, "folders", "Mix") == ["1 Rain", "2 Sun"]


def test_groups_come_in_pages_of_a_hundred(guest: Member, music_folder: Path) -> None:
    for n in range(101):
        save(music_folder, f"{n}.mp3", f"Artist {n:03}")
    first = get(guest, "library/artists")
    rest = get(guest, f"library/artists?cursor={first['next']}")
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (100, 1, None)


def test_a_shuffle_has_every_track_once_in_the_order_of_its_seed(
    guest: Member, music_folder: Path
) -> None:
    for n in range(60):
        save(music_folder, f"{n}.mp3", "Ann")
    shuffled = titles(guest, "library/shuffle?seed=7")
    assert sorted(shuffled) == sorted(titles(guest, "search?q="))
    assert shuffled == titles(guest, "library/shuffle?seed=7")
    assert shuffled != titles(guest, "library/shuffle?seed=8")


@pytest.mark.parametrize(
    "path", ["search?q=", "library/shuffle?seed=3", "library/artists/{ann}", "search?q=ann"]
)
def test_what_cannot_be_added_now_stands_behind_all_pages(
    host: Member, guest: Member, music_folder: Path, path: str
) -> None:
    unfit = [
        save(music_folder, "0 Epic.mp3", "Ann", duration_ms=3_600_000),
        save(music_folder, "0 Rude.mp3", "Ann", explicit=True),
        save(music_folder, "0 Rests.mp3", "Ann"),
    ]
    for n in range(1, 61):
        save(music_folder, f"{n}.mp3", "Ann")
    rules = {"longest_min": 10, "explicit": False, "rest_min": 60}
    actions.change_rules(by=host, changes=rules)
    queue.add_track(member=host, track=unfit[2])
    playback.play(by=host)
    ann = get(guest, "library/artists")["items"][0]["id"]
    found = titles(guest, path.format(ann=ann))
    assert len(found) == 63
    assert {*found[-3:]} == {track.title for track in unfit}


@pytest.mark.parametrize("path", ["search?q=ann", "library/albums", "library/shuffle?seed=1"])
def test_no_row_costs_a_query(guest: Member, music_folder: Path, path: str) -> None:
    save(music_folder, "1.mp3", "Ann", "Sea")
    get(guest, path)
    with CaptureQueriesContext(connection) as few:
        get(guest, path)
    for n in range(2, 50):
        save(music_folder, f"{n}.mp3", f"Ann {n}", f"Album {n}")
    get(guest, path)
    with CaptureQueriesContext(connection) as many:
        get(guest, path)
    assert len(many) == len(few)


@pytest.mark.parametrize("id", ["none", "x" * 40, "%00"])
def test_a_group_that_is_not_there_is_unknown(guest: Member, id: str) -> None:
    path = f"/api/rooms/{guest.room.code}/library/albums/{id}"
    assert refusal(ask(guest, "GET", path)) == (404, "unknown_group")


@pytest.mark.parametrize(
    "path", ["library/genres", "library/shuffle?seed=-1", "library/artists?cursor=x"]
)
def test_nothing_else_can_be_browsed(room: Room, guest: Member, path: str) -> None:
    assert refusal(ask(guest, "GET", f"/api/rooms/{room.code}/{path}"))[0] == 422
