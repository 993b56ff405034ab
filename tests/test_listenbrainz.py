"""ListenBrainz Labs as a link of the chain: ids, algorithms, oddities, and announced limits."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from discovery.errors import ServiceAway
from discovery.links.listenbrainz import ListenBrainzLink
from discovery.seed import Seed
from discovery.services import labs
from music import outside
from music.cache import JITTER
from music.models import Track
from rooms import clock, limits
from tests.fakes.discovery import FakeDiscovery, mbid_for
from tests.fakes.discovery.knowledge import folded
from tests.suggestions import library_track

pytestmark = pytest.mark.django_db

DAY_MS = 24 * 60 * 60_000
SEED = ("Ines Okafor Trio", "Cardamom")
NEAR = [("Wren Abara", "Goldfinch"), ("Odile Frey", "Kerosene Waltz")]
MBID = mbid_for(*folded(*SEED))


@pytest.fixture
def fakes(outside_services: FakeDiscovery) -> FakeDiscovery:
    outside_services.know(*SEED, NEAR)
    return outside_services


def seed(*, isrc: str = "", names: tuple[str, str] = SEED) -> Seed:
    artist, title = names
    track = Track(
        uri="library:x", source="library", title=title, artists=[artist], duration_ms=1, isrc=isrc
    )
    track.identify()
    return Seed(track, 1.0)


def proposed(*seeds: Seed, may_ask: bool = True) -> list[str]:
    lists = ListenBrainzLink().propose(
        None,  # type: ignore[arg-type]  # it needs no room
        seeds or [seed()],
        may_ask=may_ask,
    )
    return [candidate.title for ranked in lists for candidate in ranked.candidates]


ODDITIES: dict[str, dict[str, Any]] = {
    "as it should be": {},
    "wrapped in data": {"wrapped": True},
    "without the seed itself": {"seed_in_answer": False},
    "ties": {"ties": True},
    "without ids of artists": {"without_artist_ids": True},
    "scores as text": {"score_as_text": True},
    "the best one last": {"best_last": True},
}


@pytest.mark.parametrize("odd", ODDITIES)
def test_odd_answers_are_read(fakes: FakeDiscovery, odd: str) -> None:
    with fakes.labs.having(**ODDITIES[odd]):
        assert proposed() == ["Goldfinch", "Kerosene Waltz"]


def test_names_in_another_spelling_are_the_same(fakes: FakeDiscovery) -> None:
    with fakes.labs.having(other_spelling=True):
        assert [each.casefold() for each in proposed()] == ["goldfinch", "kerosene waltz"]


def test_a_seed_that_was_merged_into_another_id_is_not_near_itself(fakes: FakeDiscovery) -> None:
    old = mbid_for("Before the merge")
    with fakes.labs.having(merged={old: MBID}):
        found = labs.load_similar_recordings(old)
    assert [(each.artist, each.title) for each in found] == NEAR


def test_few_similar_recordings_are_filled_up_from_the_library_by_similar_artists(
    fakes: FakeDiscovery, music_folder: Path
) -> None:
    for names in (SEED, *NEAR):
        library_track(music_folder, *names)
    fakes.know(*SEED, [])
    fakes.knowledge.artists[SEED[0]] = [SEED[0], "[unknown]", "Wren Abara"]
    assert proposed() == ["Goldfinch"]


def test_an_empty_answer_is_no_failure(fakes: FakeDiscovery) -> None:
    with fakes.labs.having(empty=True):
        assert proposed() == []


def test_an_unknown_recording_is_looked_up_once_in_two_weeks(fakes: FakeDiscovery) -> None:
    unknown = seed(names=("Nobody", "Nothing"))
    assert proposed(unknown) == []
    calls = len(fakes.calls)
    assert proposed(unknown) == []
    assert len(fakes.calls) == calls


def test_ids_of_several_seeds_are_looked_up_in_one_call(fakes: FakeDiscovery) -> None:
    fakes.know("B", "Other", NEAR)
    proposed(seed(), seed(names=("B", "Other")))
    assert len(fakes.calls_to("/artist-credit-recording-lookup/json")) == 1


def test_an_isrc_needs_no_look_up_by_names(fakes: FakeDiscovery) -> None:
    fakes.knowledge.isrcs["GBAYE0000001"] = folded(*SEED)
    assert proposed(seed(isrc="GBAYE0000001"))
    assert fakes.calls_to("/artist-credit-recording-lookup/json") == []


def test_where_musicbrainz_is_busy_names_do(fakes: FakeDiscovery) -> None:
    other = seed(isrc="GBAYE0000002")
    with fakes.labs.having(musicbrainz_status=503):
        assert proposed(seed(isrc="GBAYE0000001"), other)
    assert [call.path for call in fakes.calls if "isrc" in call.path] == ["/ws/2/isrc/GBAYE0000001"]


def test_musicbrainz_is_asked_once_a_second_by_all_processes_together(
    fakes: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discovery.services.connection.PATIENCE_S", 0)
    limits.hit("MUSICBRAINZ", "all")  # as another process does, which shares the storage
    with pytest.raises(ServiceAway):
        labs.load_mbid_of_isrc("GBAYE0000001")
    assert fakes.calls == []


def test_an_isrc_that_musicbrainz_does_not_know_is_asked_for_once_in_two_weeks(
    fakes: FakeDiscovery,
) -> None:
    for days in (0, 12):  # kept for up to a tenth less
        with clock.shifted(days * DAY_MS):
            proposed(seed(isrc="GBAYE0000001"))
    assert len(fakes.calls_to("/ws/2/isrc/GBAYE0000001")) == 1


def test_another_algorithm_is_tried_where_one_is_unknown_and_remembered(
    fakes: FakeDiscovery, settings: Any
) -> None:
    settings.LISTENBRAINZ_RECORDING_ALGORITHMS = ["old", "new"]
    with fakes.labs.having(algorithms=("new",)):
        assert labs.load_similar_recordings(MBID)
        assert labs.load_similar_recordings(MBID)
    asked = [call.query["algorithm"] for call in fakes.calls]
    assert asked == ["old", "new", "new"]


def test_where_no_algorithm_is_known_it_is_away(fakes: FakeDiscovery, settings: Any) -> None:
    settings.LISTENBRAINZ_RECORDING_ALGORITHMS = ["old"]
    with fakes.labs.having(algorithms=("new",)), pytest.raises(ServiceAway):
        labs.load_similar_recordings(MBID)


ERRORS: dict[str, dict[str, Any]] = {
    "too many": {"status": 429},
    "token wanted": {"status": 401},
    "broken": {"status": 500},
    "a gateway's page": {"html": True},
    "cut off": {"dropped": True},
}


@pytest.mark.parametrize("wrong", ERRORS)
def test_a_failing_answer_is_that_it_is_away(fakes: FakeDiscovery, wrong: str) -> None:
    with fakes.labs.having(**ERRORS[wrong]), pytest.raises(ServiceAway):
        proposed()


def test_an_answer_that_never_comes_is_given_up(
    fakes: FakeDiscovery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "READ_S", 0.1)
    with fakes.labs.having(slow_s=5), pytest.raises(ServiceAway):
        labs.load_similar_recordings(MBID)


@pytest.mark.parametrize("how", [{"status": 429, "times": 1}, {"remaining": 0}])
def test_announced_limits_are_obeyed(fakes: FakeDiscovery, how: dict[str, Any]) -> None:
    with fakes.labs.having(reset_in=7, **how):
        with suppress(ServiceAway):
            labs.load_similar_recordings(MBID)
        asked = len(fakes.calls)
        with pytest.raises(ServiceAway):
            labs.load_similar_recordings(MBID)
        assert len(fakes.calls) == asked
    with clock.shifted(7_500):
        assert labs.load_similar_recordings(MBID)


@pytest.mark.parametrize(("reset_in", "minutes"), [(None, 1), (10**9, 60)])
def test_too_many_without_a_moment_or_with_an_endless_one_closes_the_way_for_a_while(
    fakes: FakeDiscovery, reset_in: int | None, minutes: int
) -> None:
    with fakes.labs.having(status=429, reset_in=reset_in), pytest.raises(ServiceAway):
        labs.load_similar_recordings(MBID)
    closed_ms = labs.CONNECTION.closed_until_ms() - clock.now_ms()
    assert round(closed_ms / 60_000) == minutes


def test_a_service_that_is_broken_for_an_hour_is_asked_ever_more_rarely(
    fakes: FakeDiscovery,
) -> None:
    with fakes.labs.having(status=500):
        for minute in range(60):
            with clock.shifted(minute * 60_000), suppress(ServiceAway):
                labs.load_similar_recordings(MBID)
    assert 3 < len(fakes.calls) < 12


def test_nothing_is_asked_twice_for_the_same_seed_in_30_days(fakes: FakeDiscovery) -> None:
    first = proposed()
    calls = len(fakes.calls)
    with clock.shifted(int(30 * DAY_MS * (1 - JITTER)) - 60_000):
        assert proposed() == first
    assert len(fakes.calls) == calls


def test_it_is_not_asked_where_the_operator_does_not_want_it(
    fakes: FakeDiscovery, settings: Any
) -> None:
    settings.LISTENBRAINZ = False
    with pytest.raises(ServiceAway):
        proposed()
    assert fakes.calls == []


def test_we_say_who_we_are(fakes: FakeDiscovery) -> None:
    proposed()
    assert all(call.user_agent.startswith("BeatSync/") for call in fakes.calls)
