"""A playlist of a source as the room's shelf: chosen by the host, read once, gone with the room."""

from importlib import import_module
from typing import Any

import pytest
from django.apps import apps

from music.actions import playback as playing
from music.actions import queue
from music.actions.sources import THERE, note_source
from music.actions.tracks import forget_unused_tracks
from music.models import Playback, PlaylistShelf, QueueItem, RoomSource, SourceState, Track
from music.queue_state import in_order, standing
from music.shelf import shelf, shelves, tracks_of
from music.sources.base import Page, Playlists
from music.sources.library import folders
from music.sources.library.scanner import scan
from music.sources.spotify.errors import NoDevice
from music.sources.spotify.login import disconnect
from music.sources.spotify.models import Account
from music.sources.spotify.outputs import account_changed, away_because
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import Invalid
from rooms.models import Member
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.player import Device
from tests.http import ask, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def playlist(spotify: FakeSpotify, account: Account, host: Member) -> str:
    """The id of a playlist of the host's that has tracks."""
    answer = ask(host, "GET", f"/api/rooms/{host.room.code}/playlists?source=spotify").json()
    readable = [each for each in answer["items"] if each["readable"] and each["tracks"]]
    return str(readable[0]["id"])


def choose(member: Member, playlist: str, source: str = "spotify") -> int:
    path = f"/api/rooms/{member.room.code}/playback/shelf"
    body = {"shelf": None, "playlist": {"source": source, "id": playlist}}
    return ask(member, "PUT", path, body).status_code


def test_the_room_falls_back_on_the_playlist(
    host: Member, playlist: str, tracks: list[Track], kitchen: Device
) -> None:
    queue.add_track(member=host, track=tracks[0])
    playing.play(by=host)
    assert choose(host, playlist) == 200
    rows = in_order(host.room, standing(host.room))
    assert rows
    assert {row.track.source for row in rows} == {"spotify"}
    chosen = next(each for each in shelves(host.room) if each.key == f"list-{host.room_id}")
    assert chosen.tracks > 0
    assert Playback.objects.get(room=host.room).shelf == chosen.key


def test_a_playlist_that_we_have_named_is_kept_by_its_code(
    host: Member, playlist: str, account: Account
) -> None:
    choose(host, "liked")
    assert PlaylistShelf.objects.values_list("title", "code").get() == ("Liked songs", "liked")
    choose(host, playlist)
    assert PlaylistShelf.objects.get().code == ""


def test_one_that_a_former_version_has_kept_gets_its_code(host: Member) -> None:
    kept = {"room": host.room, "source": "spotify"}
    shelf = PlaylistShelf.objects.create(title="Liked songs", **kept)
    import_module("music.migrations.0019_playlist_shelf_code").fill_codes(apps, None)
    shelf.refresh_from_db()
    assert shelf.code == "liked"


def test_a_playlist_that_a_former_version_has_put_there_since_keeps_its_name(host: Member) -> None:
    PlaylistShelf.objects.create(room=host.room, source="spotify", title="Party", code="liked")
    chosen = shelf(f"list-{host.room_id}")
    assert chosen is not None
    assert (chosen.title.translated, chosen.title.code) == ("Party", "")


class Endless:
    """A source whose playlist has page after page of nothing that could be played."""

    name = "endless"
    personal = False
    pages = 0

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        self.pages += 1
        return Page([], str(self.pages))

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        return Playlists([])


def test_a_playlist_without_end_is_read_so_far_and_no_further(host: Member) -> None:
    source: Any = Endless()
    with pytest.raises(Invalid):
        playing.choose_playlist_shelf(by=host, source=source, playlist_id="x")
    assert source.pages == playing.MOST_PAGES_OF_PLAYLIST


def test_its_rows_come_when_a_device_for_its_source_is_there_again(
    host: Member, playlist: str, tracks: list[Track], kitchen: Device
) -> None:
    queue.add_track(member=host, track=tracks[0])
    playing.play(by=host)
    with changing(System(host.room_id, "test")) as change:
        note_source(change, name="spotify", condition=away_because(NoDevice()))
    assert choose(host, playlist) == 200
    assert not QueueItem.objects.of_shelf().filter(track__source="spotify").exists()
    with changing(System(host.room_id, "test")) as change:
        note_source(change, name="spotify", condition=THERE)
    rows = in_order(host.room, standing(host.room))
    assert {row.track.source for row in rows} == {"spotify"}


def test_only_the_host_chooses_it(host: Member, guest: Member, playlist: str) -> None:
    assert choose(guest, playlist) == 403
    assert not PlaylistShelf.objects.exists()


def test_it_is_no_playlist_of_the_library_in_any_room(
    host: Member, outsider: Member, playlist: str
) -> None:
    choose(host, playlist)
    path = f"/api/rooms/{outsider.room.code}/playlists/list-{host.room_id}?source=library"
    assert ask(outsider, "GET", path).status_code == 404
    assert choose(outsider, f"list-{host.room_id}", source="library") == 404


def test_it_is_no_shelf_of_another_room(host: Member, outsider: Member, playlist: str) -> None:
    choose(host, playlist)
    path = f"/api/rooms/{outsider.room.code}/playback/shelf"
    answer = ask(outsider, "PUT", path, {"shelf": f"list-{host.room_id}"})
    assert refusal(answer)[1] == "invalid"


def test_another_playlist_takes_its_place(host: Member, playlist: str, tracks: list[Track]) -> None:
    choose(host, playlist)
    assert choose(host, tracks[0].folder, source="library") == 200
    key = f"list-{host.room_id}"
    assert {track.source for track in tracks_of(key)} == {"library"}


def test_its_tracks_are_kept_as_long_as_it_is(host: Member, playlist: str) -> None:
    choose(host, playlist)
    QueueItem.objects.all().delete()
    assert forget_unused_tracks(source="spotify") == 0
    host.room.delete()
    assert forget_unused_tracks(source="spotify") > 0


def test_while_its_source_is_away_the_house_plays(host: Member, playlist: str) -> None:
    scan(folders.roots())
    choose(host, playlist)
    RoomSource.objects.update_or_create(
        room=host.room, name="spotify", defaults={"state": SourceState.AWAY}
    )
    playback = playing.play(by=host)
    assert playback.item is not None
    assert playback.item.track.source == "library"


def test_it_goes_with_the_account_through_which_it_was_read(
    host: Member, playlist: str, account: Account
) -> None:
    choose(host, playlist)
    disconnect(host.guest, tell=(account_changed,))
    assert not PlaylistShelf.objects.exists()
    found = shelf(f"list-{host.room_id}")
    assert found is None or found.key == "house"
