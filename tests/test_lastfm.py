"""Last.fm as a link of the chain: its oddities, its errors, and how gently it is asked."""

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from discovery.chain import find_suggestions
from discovery.errors import ServiceAway
from discovery.links.lastfm import LastfmLink
from discovery.seed import Mood, Seed
from discovery.services import lastfm
from discovery.services.values import text
from music import outside
from music.cache import JITTER
from music.models import Track
from rooms import clock, limits
from rooms.models import Member
from tests.fakes.discovery import FakeDiscovery
from tests.fakes.discovery.lastfm import KEY
from tests.suggestions import library_track

pytestmark = pytest.mark.django_db

DAY_MS = 24 * 60 * 60_000
SEED = ("Ines Okafor Trio", "Cardamom")
NEAR = [("Wren Abara", "Goldfinch"), ("Odile Frey", "Kerosene Waltz")]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lastfm, "RETRY_AFTER_S", 0)


@pytest.fixture
def fakes(outside_services: FakeDiscovery) -> FakeDiscovery:
    outside_services.know(*SEED, NEAR)
    return outside_services


def similar() -> list[tuple[str, str]]:
    return [(track.artist, track.title) for track in lastfm.load_similar_tracks(*SEED)]


def seed(artist: str = SEED[0], title: str = SEED[1]) -> Seed:
    track = Track(
        uri="library:x", source="library", title=title, artists=[artist], duration_ms=1000
    )
    track.identify()
    return Seed(track, 1.0)


def proposed(*, may_ask: bool = True, of: Seed | None = None) -> list[str]:
    lists = LastfmLink().propose(None, [of or seed()], may_ask=may_ask)  # type: ignore[arg-type]
    return [candidate.title for ranked in lists for candidate in ranked.candidates]


ODDITIES: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "match as text": {"match_as_text": True},
    "no ids": {"mbid": "missing"},
    "no lengths": {"duration": "missing"},
    "lengths of 0": {"duration": "0"},
    "an unknown artist": {"unknown_artist": True},
    "artists as text": {"artist": "text"},
}


@pytest.mark.parametrize("odd", ODDITIES)
def test_odd_answers_are_read(fakes: FakeDiscovery, odd: str) -> None:
    with fakes.lastfm.having(**ODDITIES[odd]):
        assert similar() == NEAR


@pytest.mark.parametrize("duration", [1e308, "1e308", 10**400, float("nan")])
def test_a_length_beyond_all_lengths_is_an_unknown_one(fakes: FakeDiscovery, duration: Any) -> None:
    with fakes.lastfm.having(duration=duration):
        assert similar() == NEAR


@pytest.mark.parametrize("artist", ["empty", "missing"])
def test_a_track_of_nobody_is_left_out(fakes: FakeDiscovery, artist: str) -> None:
    with fakes.lastfm.having(artist=artist):
        assert similar() == []


def test_half_a_character_or_none_in_a_name_is_left_out() -> None:
    assert text("Wren\ud800 \0Abara") == "Wren Abara"


def test_one_thing_in_place_of_a_list_is_a_list_of_one(fakes: FakeDiscovery) -> None:
    fakes.know(*SEED, NEAR[:1])
    with fakes.lastfm.having(single_as_object=True):
        assert similar() == NEAR[:1]


def test_one_thing_in_place_of_a_list_is_read_of_every_method(fakes: FakeDiscovery) -> None:
    fakes.knowledge.artists["x"] = ["Greta Holm"]
    fakes.knowledge.top["greta holm"] = ["Moth Season"]
    fakes.knowledge.tags["x", "y"] = [("jazz", 90)]
    fakes.knowledge.tagged["jazz"] = NEAR[:1]
    with fakes.lastfm.having(single_as_object=True):
        assert lastfm.load_similar_artists("X") == ("Greta Holm",)
        assert [track.title for track in lastfm.load_top_tracks("Greta Holm")] == ["Moth Season"]
        assert lastfm.load_tags("X", "Y") == ("jazz",)
        assert [track.title for track in lastfm.load_tagged("jazz")] == ["Goldfinch"]


def test_of_the_tags_those_count_that_are_strong_and_tell_of_music(fakes: FakeDiscovery) -> None:
    tags = [("Seen Live", 100), ("1994", 90), ("dream pop", 80), ("shoegaze", 20), ("faint", 19)]
    fakes.knowledge.tags["x", "y"] = tags
    with fakes.lastfm.having(match_as_text=True):
        assert lastfm.load_tags("X", "Y") == ("dream pop", "shoegaze")


@pytest.mark.parametrize("empty", ["list", "missing", "", "\n  "])
def test_an_empty_list_is_empty_however_it_is_written(fakes: FakeDiscovery, empty: str) -> None:
    fakes.know(*SEED, [])
    with fakes.lastfm.having(empty_as=empty):
        assert similar() == []


@pytest.mark.parametrize("container", ["missing", "text"])
def test_an_answer_without_its_container_has_no_data(fakes: FakeDiscovery, container: str) -> None:
    with fakes.lastfm.having(container=container):
        assert similar() == []


def test_a_corrected_name_is_filed_under_what_was_asked(fakes: FakeDiscovery) -> None:
    fakes.knowledge.corrections["ines okafor", "cardamon"] = SEED
    wrong = seed("Ines Okafor", "Cardamon")
    assert proposed(of=wrong) == ["Goldfinch", "Kerosene Waltz"]
    assert proposed(of=wrong, may_ask=False) == ["Goldfinch", "Kerosene Waltz"]


def test_a_title_is_asked_for_cleaned_first_and_then_as_it_is(fakes: FakeDiscovery) -> None:
    fakes.know("X", "Song (Live) - Remastered 2011", NEAR)
    assert lastfm.load_similar_tracks("X", "Song (Live) - Remastered 2011")
    asked = [call.query["track"] for call in fakes.calls]
    assert asked == ["Song", "Song (Live) - Remastered 2011"]


def test_few_similar_tracks_are_filled_up_by_artists_and_tags(fakes: FakeDiscovery) -> None:
    fakes.know(*SEED, [])
    fakes.knowledge.artists[SEED[0].casefold()] = ["Greta Holm"]
    fakes.knowledge.top["greta holm"] = ["Moth Season"]
    fakes.knowledge.tags["ines okafor trio", "cardamom"] = [("seen live", 100), ("jazz", 90)]
    fakes.knowledge.tagged["jazz"] = [("Bo Lindqvist", "Tin Roof Summer")]
    with fakes.lastfm.having(older_container=True):
        assert proposed() == ["Moth Season", "Tin Roof Summer"]


ERRORS: dict[str, dict[str, Any]] = {
    "backend failed, 200": {"error": 8, "status": 200},
    "backend failed, 500": {"error": 8, "status": 500},
    "offline": {"error": 11, "status": 503},
    "unavailable": {"error": 16, "status": 503},
    "too many": {"error": 29, "status": 429},
    "bad key": {"error": 10, "status": 403},
    "suspended key": {"error": 26, "status": 403},
    "unknown method": {"error": 3, "status": 400},
    "a gateway's page": {"html": 502},
    "cut off": {"dropped": True},
}


@pytest.mark.parametrize("wrong", ERRORS)
def test_a_failing_answer_is_that_lastfm_is_away(fakes: FakeDiscovery, wrong: str) -> None:
    with fakes.lastfm.having(**ERRORS[wrong]), pytest.raises(ServiceAway):
        lastfm.load_similar_tracks(*SEED)


@pytest.mark.parametrize("status", [200, 400, 404])
@pytest.mark.parametrize("code", [6, 7])
def test_an_unknown_track_has_no_neighbours_whatever_the_status(
    fakes: FakeDiscovery, code: int, status: int
) -> None:
    with fakes.lastfm.having(error=code, status=status):
        assert similar() == []


# By the integer in the body: how often a call is made, for what may pass is tried once more.
TRIES = {3: 1, 4: 1, 8: 2, 10: 1, 11: 2, 16: 2, 26: 1, 27: 1, 29: 1}


@pytest.mark.parametrize("code", TRIES)
@pytest.mark.parametrize("status", [200, 404])
def test_the_integer_in_the_body_decides_whatever_the_status(
    fakes: FakeDiscovery, code: int, status: int
) -> None:
    with fakes.lastfm.having(error=code, status=status), pytest.raises(ServiceAway):
        lastfm.load_similar_tracks(*SEED)
    assert len(fakes.calls) == TRIES[code]


def test_an_answer_that_never_comes_is_given_up(
    fakes: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "READ_S", 0.1)
    with fakes.lastfm.having(slow_s=5), pytest.raises(ServiceAway):
        lastfm.load_similar_tracks(*SEED)


def test_a_passing_failure_is_tried_once_more(fakes: FakeDiscovery) -> None:
    with fakes.lastfm.having(error=8, times=1):
        assert similar() == NEAR


def test_too_many_closes_the_way_for_a_minute(fakes: FakeDiscovery) -> None:
    with fakes.lastfm.having(error=29, status=429), pytest.raises(ServiceAway):
        lastfm.load_similar_tracks(*SEED)
    calls = len(fakes.calls)
    with pytest.raises(ServiceAway):
        lastfm.load_similar_tracks(*SEED)
    assert len(fakes.calls) == calls


def test_too_many_again_closes_the_way_for_twice_as_long_up_to_15_minutes(
    fakes: FakeDiscovery,
) -> None:
    shift_ms, minutes = 0, []
    for _ in range(6):
        with clock.shifted(shift_ms), fakes.lastfm.having(error=29), suppress(ServiceAway):
            lastfm.load_similar_tracks(*SEED)
        pause_ms = lastfm.CONNECTION.closed_until_ms() - clock.now_ms() - shift_ms
        minutes.append(round(pause_ms / 60_000))
        shift_ms += pause_ms + 1000
    assert minutes == [1, 2, 4, 8, 15, 15]


def test_a_refused_key_is_not_tried_again_but_another_is(
    fakes: FakeDiscovery, settings: Any
) -> None:
    settings.LASTFM_API_KEY = "f" * 32
    for _ in range(2):
        with pytest.raises(ServiceAway):
            lastfm.load_similar_tracks(*SEED)
    assert len(fakes.calls) == 1
    settings.LASTFM_API_KEY = KEY
    assert similar() == NEAR


def test_without_a_key_nothing_is_asked(fakes: FakeDiscovery, settings: Any) -> None:
    settings.LASTFM_API_KEY = ""
    with pytest.raises(ServiceAway):
        proposed()
    assert fakes.calls == []


def test_repeated_failures_close_the_way(fakes: FakeDiscovery) -> None:
    with fakes.lastfm.having(dropped=True):
        for _ in range(5):
            with pytest.raises(ServiceAway):
                lastfm.load_similar_tracks(*SEED)
        assert len(fakes.calls) == 3


def test_nothing_is_asked_twice_for_the_same_seed(fakes: FakeDiscovery) -> None:
    fakes.know(*SEED, [*NEAR, *[("Band", f"Song {n}") for n in range(5)]])
    first = proposed()
    with clock.shifted(int(30 * DAY_MS * (1 - JITTER)) - 60_000):
        assert proposed() == first
    assert len(fakes.calls) == 1


def test_while_lastfm_is_away_what_it_said_a_month_ago_is_good_enough(fakes: FakeDiscovery) -> None:
    first = proposed()
    calls = len(fakes.calls)
    with clock.shifted(31 * DAY_MS), fakes.lastfm.having(dropped=True):
        assert proposed() == first
    assert len(fakes.calls) > calls


def test_without_leave_to_ask_nobody_is_asked(fakes: FakeDiscovery) -> None:
    with pytest.raises(ServiceAway):
        proposed(may_ask=False)
    assert fakes.calls == []


def test_the_key_is_in_no_log(fakes: FakeDiscovery, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="discovery")
    for wrong in ERRORS.values():
        lastfm.CONNECTION.forget()
        with fakes.lastfm.having(**wrong), pytest.raises(ServiceAway) as refused:
            lastfm.load_similar_tracks(*SEED)
        assert KEY not in str(refused.value)
    assert KEY not in caplog.text


def test_we_say_who_we_are(fakes: FakeDiscovery) -> None:
    similar()
    assert all(call.user_agent.startswith("BeatSync/") for call in fakes.calls)


def test_the_rate_holds_for_all_processes_together(
    fakes: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discovery.services.connection.PATIENCE_S", 0)
    for _ in range(4):
        limits.hit("LASTFM", "all")  # as other processes do, which share the storage
    with pytest.raises(ServiceAway):
        lastfm.load_similar_tracks(*SEED)
    assert fakes.calls == []


def test_karaoke_is_left_out_unless_the_seed_is(fakes: FakeDiscovery) -> None:
    fakes.know(*SEED, [("Sing Along", "Goldfinch (Karaoke Version)"), *NEAR])
    assert proposed() == ["Goldfinch", "Kerosene Waltz"]


def test_an_address_that_is_not_theirs_is_dropped() -> None:
    item = {"name": "X", "artist": {"name": "Y"}, "url": "javascript:alert(1)"}
    [track] = lastfm._tracks([item])
    assert track.page == ""


def test_what_lastfm_names_is_found_in_the_library(
    fakes: FakeDiscovery, host: Member, music_folder: Path
) -> None:
    goldfinch = library_track(music_folder, "Wren Abara", "Goldfinch")
    fakes.know(*SEED, [("The Wren Abara", "Goldfinch (Remastered)"), ("Nobody", "Not Here")])
    found = find_suggestions(host.room, Mood((seed(),), {}), may_ask=True)
    first = found.items[0]
    assert (first.track, first.link) == (goldfinch, "lastfm")
    assert first.page.startswith("https://www.last.fm/music/")
    assert "lastfm" in found.used
