"""What every source of music keeps to, and what is Spotify's alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from music.errors import UnknownPlaylist, UnknownTrack
from music.models import RoomSource, Track
from music.shapes import source_shapes
from music.shelf import shelves
from music.sources import packages, registry
from music.sources.base import Page, Source, SourceKind
from music.sources.radio.models import Station
from music.sources.radio.source import STATIONS
from music.sources.spotify import memory, quota
from music.sources.spotify.errors import (
    Away,
    Limited,
    MissingScope,
    NotConnected,
    NotReadable,
)
from music.sources.spotify.models import Account
from music.sources.spotify.source import SpotifySource
from rooms import clock
from rooms.errors import Invalid
from rooms.models import Member, Room
from tests.conftest import make_track
from tests.fakes.spotify import FakeSpotify
from tests.http import ask
from tests.spotify import connected

pytestmark = pytest.mark.django_db


class Case:
    """A source with music in it, and what there is to find there."""

    def __init__(self, source: Source, query: str, found: int, long: str, tracks: int) -> None:
        self.source, self.query, self.found = source, query, found
        self.long, self.tracks = long, tracks


@pytest.fixture
def library(room: Room, music_folder: Path) -> Case:
    for n in range(1, 121):
        make_track(n, music_folder)
    long = next(shelf for shelf in shelves() if shelf.tracks == 120)
    return Case(registry.source("library", room), "track 11", 11, long.key, 120)


@pytest.fixture
def spotify_case(room: Room, account: Account, spotify: FakeSpotify) -> Case:
    long = next(each for each in spotify.playlists.values() if len(each.entries) == 230)
    found = spotify.catalogue.search("e")
    playable = sum(track.can_be_played for track in found)
    return Case(registry.source("spotify", room), "e", playable, long.id, 230)


@pytest.fixture
def radio_case(host: Member) -> Case:
    Station.objects.bulk_create(
        Station(room=host.room, name=f"Station {n}", address=f"http://radio.example/{n}")
        for n in range(1, 61)
    )
    return Case(registry.source("radio", host.room), "station 1", 15, STATIONS, 60)


@pytest.fixture(params=["library", "spotify_case", "radio_case"])
def case(request: pytest.FixtureRequest) -> Case:
    case: Case = request.getfixturevalue(request.param)
    return case


def whole(ask: Callable[[str | None], Page]) -> list[str]:
    """The uris of all pages, of which none may be empty for ever."""
    uris: list[str] = []
    cursor = None
    for _ in range(100):
        page = ask(cursor)
        uris += [track.uri for track in page.tracks]
        if (cursor := page.next) is None:
            return uris
    raise AssertionError("it has no end")


class TestEverySource:
    def test_finds_tracks_of_its_own_that_are_complete(self, case: Case) -> None:
        tracks = case.source.search(case.query, limit=5).tracks
        assert 0 < len(tracks) <= 5
        for track in tracks:
            assert track.uri.startswith(f"{case.source.name}:")
            assert (track.source, bool(track.title)) == (case.source.name, True)
            assert track.duration_ms > 0

    def test_gives_each_result_once_over_all_pages(self, case: Case) -> None:
        uris = whole(lambda cursor: case.source.search(case.query, cursor=cursor, limit=4))
        assert len(uris) == len(set(uris)) == case.found

    def test_finds_nothing_for_what_is_not_there(self, case: Case) -> None:
        page = case.source.search("no such thing zzzz")
        assert (list(page.tracks), page.next) == ([], None)

    @pytest.mark.parametrize("cursor", ["", "x", "-1", "1e3", "٣", "9" * 30])
    def test_refuses_a_cursor_that_it_never_gave(self, case: Case, cursor: str) -> None:
        with pytest.raises(Invalid):
            case.source.search(case.query, cursor=cursor)
        with pytest.raises(Invalid):
            case.source.playlist_tracks(case.long, cursor=cursor)
        with pytest.raises(Invalid):
            case.source.playlists(cursor=cursor)

    def test_knows_each_track_it_has_found_by_its_uri(self, case: Case) -> None:
        found = case.source.search(case.query).tracks[0]
        again = case.source.track(found.uri)
        assert (again.uri, again.title, again.isrc) == (found.uri, found.title, found.isrc)

    @pytest.mark.parametrize("rest", ["", ":", ":track:", ":x\0y", ":track:../me", "x" * 300])
    def test_knows_no_track_of_another_name(self, case: Case, rest: str) -> None:
        with pytest.raises(UnknownTrack):
            case.source.track(case.source.name + rest)

    def test_has_playlists_that_can_be_told_apart(self, case: Case) -> None:
        playlists = case.source.playlists().playlists
        assert case.long in {playlist.id for playlist in playlists}
        assert len({playlist.id for playlist in playlists}) == len(playlists)
        assert all(each.name and (each.readable or each.why_not) for each in playlists)

    def test_gives_a_playlist_in_its_order_over_all_pages(self, case: Case) -> None:
        def page(cursor: str | None) -> Page:
            return case.source.playlist_tracks(case.long, cursor=cursor)

        first, uris = page(None), whole(page)
        assert len(first.tracks) == 50
        assert (uris[:50], len(uris)) == ([track.uri for track in first.tracks], case.tracks)

    @pytest.mark.parametrize("id", ["nosuchplaylist", "0" * 22, "../me", "", "ä"])
    def test_knows_no_playlist_of_another_name(self, case: Case, id: str) -> None:
        with pytest.raises(UnknownPlaylist):
            case.source.playlist_tracks(id)


# --- Whose it is ----------------------------------------------------------------------------------


def test_a_room_has_spotify_when_its_host_has_connected_it(
    room: Room, outsider: Member, account: Account, settings: Any
) -> None:
    assert [source.name for source in registry.sources(room)] == ["library", "spotify"]
    assert [source.name for source in registry.sources(outsider.room)] == ["library"]
    for of_room in (registry.source, registry.resolve):
        with pytest.raises(NotConnected):
            of_room("spotify", outsider.room)
    settings.SPOTIFY_CLIENT_ID = ""
    assert [source.name for source in registry.sources(room)] == ["library"]
    with pytest.raises(Invalid):
        registry.source("spotify", room)


def test_the_wire_says_what_a_source_can(room: Room, account: Account) -> None:
    RoomSource.objects.create(room=room, name="folder:1", state="away")
    spotify, folder = source_shapes(room)
    assert (spotify["title"], folder["can"]) == ("Spotify", None)
    assert spotify["can"] is not None
    assert (spotify["can"]["sounds"], spotify["can"]["personal"]) == ("device", True)


@pytest.mark.parametrize("kind", registry.kinds(), ids=lambda kind: kind.name)
def test_a_source_names_what_its_package_is_called(kind: SourceKind) -> None:
    assert f"music.sources.{kind.name}" in packages.SOURCES
    assert registry.kind_of(kind.name) is kind
    assert all(kind.name in page.path for page in kind.pages)


# --- Few calls ------------------------------------------------------------------------------------


@pytest.fixture
def source(account: Account) -> SpotifySource:
    return SpotifySource(account)


def named(spotify: FakeSpotify, name: str) -> str:
    return next(
        each.id
        for each in spotify.playlists.values()
        if each.name.startswith(name) and (each.owner.id == "ann" or "(ann)" in each.name)
    )


def test_a_search_is_asked_once_however_it_is_typed(
    source: SpotifySource, spotify: FakeSpotify, outsider: Member
) -> None:
    other = SpotifySource(connected(spotify, "finn", outsider))
    for asked, query in ((source, "rain"), (source, "  RAIN "), (other, "Rain")):
        assert asked.search(query).tracks
    assert len(spotify.calls_to("/v1/search")) == 1
    assert source.search("  ").tracks == []
    assert len(spotify.calls_to("/v1/search")) == 1


def test_what_a_search_has_found_is_neither_asked_for_again_nor_saved(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    for track in source.search("rain").tracks:
        assert source.track(track.uri).title == track.title
    assert spotify.calls_to("/v1/tracks/*") == []
    assert not Track.objects.exists()


def test_a_track_that_nobody_has_found_is_asked_for_once(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    uri = spotify.catalogue.track("Applause").uri
    assert source.track(uri).artists == ["Tin Umbrella Society"]
    assert source.track(uri).title == "Applause"
    assert len(spotify.calls_to("/v1/tracks/*")) == 1


def test_a_track_that_is_not_there_is_asked_for_once(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    for _ in range(2):
        with pytest.raises(UnknownTrack):
            source.track("spotify:track:" + "0" * 22)
    assert len(spotify.calls_to("/v1/tracks/*")) == 1


def test_a_track_that_cannot_be_had_here_is_no_track(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    with pytest.raises(UnknownTrack):
        source.track(spotify.catalogue.track("Cliffside Etiquette").uri)


def test_a_warm_list_of_playlists_takes_no_call(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    first = source.playlists()
    spotify.forget_calls()
    assert source.playlists() == first
    assert spotify.calls == []


def test_a_playlist_that_was_listed_takes_one_call_and_then_none(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    source.playlists()
    spotify.forget_calls()
    id = named(spotify, "Friday kitchen")
    for _ in range(2):
        assert len(source.playlist_tracks(id).tracks) == 12
    assert [call.path for call in spotify.calls] == [f"/v1/playlists/{id}/items"]


def test_a_playlist_is_read_again_only_when_something_was_changed(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    id = named(spotify, "Friday kitchen")
    source.playlist_tracks(id)
    playlist = spotify.playlists[id]
    for shift_ms, tracks, reads in ((61_000, 12, 1), (122_000, 11, 2)):
        if tracks == 11:
            playlist.entries.pop()
            playlist.changed()
        with clock.shifted(shift_ms):
            assert len(source.playlist_tracks(id).tracks) == tracks
        assert len(spotify.calls_to(f"/v1/playlists/{id}/items")) == reads


def test_what_is_somebodys_own_is_nobody_elses(
    source: SpotifySource, spotify: FakeSpotify, outsider: Member
) -> None:
    other = SpotifySource(connected(spotify, "finn", outsider))
    source.playlists()
    assert named(spotify, "Odds") not in {each.id for each in other.playlists().playlists}
    with pytest.raises(UnknownPlaylist):
        other.playlist_tracks(named(spotify, "Odds"))


def test_what_was_somebodys_own_is_forgotten_with_their_account(
    source: SpotifySource, spotify: FakeSpotify, account: Account
) -> None:
    source.playlists()
    source.search("rain")
    memory.forget(account)
    spotify.forget_calls()
    source.playlists()
    source.search("rain")
    assert [call.path for call in spotify.calls] == ["/v1/me/playlists"]


# --- What cannot be shown -------------------------------------------------------------------------


def test_what_cannot_be_queued_is_counted(source: SpotifySource, spotify: FakeSpotify) -> None:
    page = source.playlist_tracks(named(spotify, "Odds and ends"))
    assert [track.title for track in page.tracks] == ["Applause", "Sugo", "Room 9", "Ground Floor"]
    assert page.skipped == {"gone": 1, "local": 1, "episode": 1, "market": 1, "unplayable": 1}
    assert source.playlists().skipped == {"gone": 1}


def test_liked_songs_and_top_tracks_are_playlists_too(source: SpotifySource) -> None:
    liked, top = source.playlists().playlists[:2]
    assert (liked.id, top.id, liked.owner, liked.readable) == ("liked", "top", "Ann", True)
    assert len(whole(lambda cursor: source.playlist_tracks("liked", cursor=cursor))) == 43
    assert source.playlist_tracks("top").tracks


def test_what_was_not_permitted_is_said(spotify: FakeSpotify, host: Member) -> None:
    account = connected(spotify, "ann", host, scopes="playlist-read-private streaming")
    source = SpotifySource(account)
    liked = source.playlists().playlists[0]
    assert (liked.readable, liked.why_not) == (False, MissingScope)
    spotify.forget_calls()
    with pytest.raises(MissingScope):
        source.playlist_tracks("liked")
    assert spotify.calls == []


def test_a_playlist_of_somebody_else_says_why_it_stays_closed(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    id = named(spotify, "Made by somebody else")
    shown = next(each for each in source.playlists().playlists if each.id == id)
    assert (shown.readable, shown.why_not) == (False, NotReadable)
    with pytest.raises(NotReadable):
        source.playlist_tracks(id)
    together = named(spotify, "We all add to this")
    assert source.playlist_tracks(together).tracks


# --- When Spotify is away -------------------------------------------------------------------------


def test_what_is_known_is_shown_with_its_moment_while_spotify_is_away(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    before_ms = clock.now_ms()
    lists, found = source.playlists(), source.search("rain")
    liked = source.playlist_tracks("liked")
    assert {lists.stale_since_ms, found.stale_since_ms, liked.stale_since_ms} == {None}
    spotify.fail("api", status=429, retry_after=7200)
    with clock.shifted(3_601_000):
        for page in (source.playlists(), source.search("rain"), source.playlist_tracks("liked")):
            assert before_ms <= (page.stale_since_ms or 0) < before_ms + 60_000
        assert source.playlists().playlists == lists.playlists
        with pytest.raises(Limited):
            source.search("snow")


def test_a_track_that_was_added_once_can_be_added_while_spotify_is_away(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    uri = spotify.catalogue.track("Applause").uri
    with spotify.fail("api", status=503):
        with pytest.raises(Away):
            source.track(uri)
        Track.objects.create(uri=uri, source="spotify", title="Applause", duration_ms=1)
        assert source.track(uri).title == "Applause"


def test_the_groups_of_calls_fail_for_themselves(
    source: SpotifySource, spotify: FakeSpotify
) -> None:
    spotify.fail("search", reason="QUOTA_EXCEEDED")
    with pytest.raises(Limited):
        source.search("rain")
    with pytest.raises(Limited):
        quota.check(quota.Bucket.SEARCH)
    assert source.playlist_tracks(named(spotify, "Friday kitchen")).tracks


@pytest.mark.parametrize("path", ["history?cursor=zzz", "history?cursor=9", "incidents?cursor=x"])
def test_a_cursor_that_no_answer_gave_is_refused_by_one_code(host: Member, path: str) -> None:
    error = ask(host, "GET", f"/api/rooms/{host.room.code}/{path}").json()["error"]
    assert (error["code"], error["detail"]) == ("invalid", "unknown_page")
