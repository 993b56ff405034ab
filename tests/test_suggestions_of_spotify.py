"""Suggestions that play from Spotify: found by names above a threshold, with few questions."""

from contextlib import suppress
from typing import Any

import pytest

from discovery.candidate import Candidate, Reason
from discovery.library_index import library_index
from discovery.resolver import Resolver
from discovery.services import labs
from music import cache as kept
from music.models import Track
from music.sources.spotify import quota
from music.sources.spotify.client import Client
from music.sources.spotify.errors import SpotifyError
from music.sources.spotify.models import Account
from music.sources.spotify.quota import Bucket
from rooms import clock
from rooms.models import Member
from tests.fakes.discovery import FakeDiscovery, mbid_for
from tests.fakes.spotify import FakeSpotify
from tests.http import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account")]

DAY_MS = 24 * 60 * 60 * 1000
BAND, TITLE = "Tin Umbrella Society", "Gutterball Hymn"


def candidate(artist: str = BAND, title: str = TITLE, **facts: Any) -> Candidate:
    return Candidate(artist, title, Reason("similar"), "lastfm", **facts)


def found(host: Member, *wanted: Candidate, most_asked: int = 5) -> list[str]:
    resolver = Resolver(host.room, library_index(), most_asked=most_asked)
    return [each.track.title for each in resolver.suggestions(wanted)]


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        (BAND, TITLE),
        (BAND.lower(), "Gutterball Hymn - Remastered 2011"),
        (BAND.upper(), "Gutterball Hymn (feat. Nobody)"),
    ],
)
def test_a_track_is_found_by_artist_and_title(host: Member, artist: str, title: str) -> None:
    assert found(host, candidate(artist, title)) == [TITLE]


@pytest.mark.parametrize(
    "wanted",
    [
        candidate("Oblong Motel", TITLE),
        candidate(title="Gutterball"),
        candidate("Oblong Motel", "Neon Psalm (Live)", duration_ms=200_000),
        candidate(duration_ms=600_000),
    ],
    ids=["another artist", "another title", "another length, live", "another length"],
)
def test_what_is_less_alike_than_the_threshold_is_not_it(host: Member, wanted: Candidate) -> None:
    assert found(host, wanted) == []


def test_a_live_take_is_another_recording(host: Member) -> None:
    assert found(host, candidate("Oblong Motel", "Neon Psalm")) == ["Neon Psalm"]
    assert found(host, candidate("Oblong Motel", "Neon Psalm - Live")) == ["Neon Psalm - Live"]


@pytest.fixture
def mbid(outside_services: FakeDiscovery, spotify: FakeSpotify) -> str:
    """The id of a recording of which ListenBrainz knows the id at Spotify."""
    mbid = mbid_for(BAND, TITLE)
    outside_services.knowledge.spotify[mbid] = [spotify.catalogue.track(TITLE).id]
    return mbid


def test_an_id_of_listenbrainz_saves_the_search(
    host: Member, spotify: FakeSpotify, mbid: str
) -> None:
    assert found(host, candidate("Another Spelling", "Of It", mbid=mbid)) == [TITLE]
    assert spotify.calls_to("/v1/search") == []


def test_where_the_id_is_gone_the_search_finds_it(
    host: Member, outside_services: FakeDiscovery, mbid: str
) -> None:
    outside_services.knowledge.spotify[mbid] = ["0" * 22]
    assert found(host, candidate(mbid=mbid)) == [TITLE]


def test_where_listenbrainz_is_away_the_search_finds_it(
    host: Member, outside_services: FakeDiscovery, mbid: str
) -> None:
    with outside_services.labs.having(status=500):
        assert found(host, candidate(mbid=mbid)) == [TITLE]
    assert not labs.SOURCE_IDS.is_fresh("spotify", mbid)


def test_that_there_is_no_such_track_is_kept_for_two_days(
    host: Member, spotify: FakeSpotify
) -> None:
    unknown = candidate("Nobody", "Nothing")
    assert found(host, unknown) == []
    asked = len(spotify.calls_to("/v1/search"))
    assert asked > 0
    assert found(host, unknown) == []
    assert len(spotify.calls_to("/v1/search")) == asked
    with clock.shifted(2 * DAY_MS):
        kept.forget()
        found(host, unknown)
    assert len(spotify.calls_to("/v1/search")) > asked


def test_what_was_found_is_not_searched_again(host: Member, spotify: FakeSpotify) -> None:
    found(host, candidate())
    spotify.forget_calls()
    assert found(host, candidate(), most_asked=0) == [TITLE]
    assert spotify.calls_to("/v1/search") == []


def test_while_spotify_may_not_be_asked_nothing_is_known_to_be_missing(
    host: Member, spotify: FakeSpotify, account: Account
) -> None:
    quota.limited(Bucket.SEARCH, 60)
    with suppress(SpotifyError):
        Client(account).search("rain")
    assert found(host, candidate()) == []
    assert spotify.calls_to("/v1/search") == []
    with clock.shifted(61_000):
        assert found(host, candidate()) == [TITLE]


def test_five_questions_at_most_are_asked_for_one_track(host: Member, spotify: FakeSpotify) -> None:
    found(host, *(candidate("Nobody", f"Nothing {n}") for n in range(9)))
    assert len(spotify.calls_to("/v1/search")) <= 2 * 5


def test_a_track_that_is_gone_keeps_no_other_from_being_found(
    host: Member, spotify: FakeSpotify, mbid: str
) -> None:
    gone = candidate("Of", "Late", mbid=mbid)
    assert found(host, gone) == [TITLE]
    spotify.catalogue.track(TITLE).playable = False
    with clock.shifted(13 * 60 * 60 * 1000):
        kept.forget()
        assert found(host, gone, candidate("Mirelle Oxbow", "Curtains")) == ["Curtains"]


def test_more_like_a_track_that_a_search_has_found(host: Member) -> None:
    room = f"/api/rooms/{host.room.code}"
    searched = ask(host, "GET", f"{room}/search?q=gutterball&source=spotify").json()
    uri = searched["items"][0]["uri"]
    assert not Track.objects.filter(uri=uri).exists()
    answer = ask(host, "GET", f"{room}/suggestions?like={uri}")
    assert answer.status_code == 200
