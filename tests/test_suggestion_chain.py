"""The chain of links: any may fail, the others answer, and what was used is said."""

from pathlib import Path
from typing import Any

import pytest

from discovery import background
from discovery.actions.suggesting import note_look, prefetch, prefetch_outside
from discovery.candidate import Candidate, RankedList, Reason, blend
from discovery.chain import find_suggestions
from discovery.models import RoomSuggestions
from discovery.moods import Chosen, Direction, chips, find_in_mood
from discovery.name_matching import are_same, cleaned_title
from discovery.seed import Mood, Seed
from discovery.services import lastfm
from music.models import Track
from music.sources.library.musical import genres_of, musical_key, tempo_of, year_of
from rooms import clock
from rooms.actions import change_rules
from rooms.models import Member
from tests.fakes.discovery import FakeDiscovery
from tests.http import ask
from tests.suggestions import library_track, room_that_played, start

pytestmark = pytest.mark.django_db

ALL = ["lastfm", "listenbrainz", "own", "tags"]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lastfm, "RETRY_AFTER_S", 0)


@pytest.fixture
def jazz(music_folder: Path) -> list[Track]:
    return [
        library_track(
            music_folder,
            f"Trio {n}",
            f"Blue {n}",
            genres=["jazz"],
            year=1960 + 4 * n,
            tempo=80 + 10 * n,
            key="Am",
        )
        for n in range(12)
    ]


@pytest.fixture
def known(outside_services: FakeDiscovery, jazz: list[Track]) -> FakeDiscovery:
    """Services and rooms that know all what goes with the first track."""
    outside_services.know("Trio 0", "Blue 0", [(f"Trio {n}", f"Blue {n}") for n in range(1, 9)])
    for _ in range(2):
        room_that_played(jazz[:3])
    return outside_services


def find(host: Member, track: Track, *, may_ask: bool = True) -> Any:
    return find_suggestions(host.room, Mood((Seed(track, 1.0),), {}), may_ask=may_ask)


def test_all_links_answer_together(known: FakeDiscovery, host: Member, jazz: list[Track]) -> None:
    assert find(host, jazz[0]).used == ALL


FAILURES: dict[str, dict[str, dict[str, Any]]] = {
    "lastfm": {
        "slow": {"slow_s": 0.3},
        "dripping": {"drip_s": 0.05},
        "refusing": {"error": 10, "status": 403},
        "too many": {"error": 29, "status": 429},
        "broken": {"html": 502},
        "cut off": {"dropped": True},
        "without data": {"container": "missing"},
    },
    "labs": {
        "slow": {"slow_s": 0.3},
        "dripping": {"drip_s": 0.05},
        "refusing": {"status": 401},
        "too many": {"status": 429},
        "broken": {"html": True},
        "cut off": {"dropped": True},
        "without data": {"empty": True},
    },
}
CASES = [(which, how) for which, failures in FAILURES.items() for how in failures]


@pytest.mark.parametrize(("which", "how"), CASES)
def test_one_service_fails_and_the_others_answer(
    which: str,
    how: str,
    known: FakeDiscovery,
    host: Member,
    jazz: list[Track],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("music.outside.READ_S", 0.1)
    monkeypatch.setattr("discovery.services.connection.CALL_S", 0.5)
    missing = {"lastfm": "lastfm", "labs": "listenbrainz"}[which]
    with getattr(known, which).having(**FAILURES[which][how]):
        found = find(host, jazz[0])
    assert found.used == [link for link in ALL if link != missing]
    assert len(found.items) >= 10


def test_without_any_past_and_any_tag_services_answer(
    outside_services: FakeDiscovery, host: Member, music_folder: Path
) -> None:
    seed = library_track(music_folder, "A", "Seed")
    other = library_track(music_folder, "B", "Other")
    outside_services.know("A", "Seed", [("B", "Other")])
    found = find(host, seed)
    assert found.used[:2] == ["lastfm", "listenbrainz"]
    assert found.items[0].track == other


def test_with_the_whole_chain_dark_the_library_is_there(
    host: Member, music_folder: Path, outside_services: FakeDiscovery
) -> None:
    seed = library_track(music_folder, "A", "Seed")
    other = library_track(music_folder, "B", "Other")
    outside_services.stop()
    found = find(host, seed)
    assert found.used == ["library"]
    assert {each.track for each in found.items} == {seed, other}


def test_a_page_asks_nobody_outside(known: FakeDiscovery, host: Member, jazz: list[Track]) -> None:
    playback = start(host, jazz[0])
    prefetch(room_id=host.room_id, play_id=playback.play_id)
    path = f"/api/rooms/{host.room.code}/suggestions"
    for query in ("", f"?like={jazz[1].uri}", "?mood=slower", "?genre=jazz", "?decade=1960"):
        assert ask(host, "GET", path + query).status_code == 200
    assert known.calls == []


def test_a_room_whose_host_forbids_it_asks_no_service(
    known: FakeDiscovery, host: Member, jazz: list[Track]
) -> None:
    change_rules(by=host, changes={"ask_services": False})
    start(host, jazz[0])
    ask(host, "GET", f"/api/rooms/{host.room.code}/suggestions?like={jazz[1].uri}")
    background.do_due()
    background.do_due_outside()
    assert known.calls == []
    assert RoomSuggestions.objects.get(room=host.room).used == ["own", "tags"]


def test_services_are_asked_beside_and_better_ones_announced(
    known: FakeDiscovery, host: Member, jazz: list[Track]
) -> None:
    start(host, jazz[0])
    note_look(room_id=host.room_id)
    background.do_due()
    before = RoomSuggestions.objects.get(room=host.room)
    background.do_due_outside()
    after = RoomSuggestions.objects.get(room=host.room)
    assert "lastfm" not in before.used
    assert after.used == ALL
    assert after.announced_at_ms is not None
    calls = len(known.calls)
    background.do_due_outside()
    assert len(known.calls) == calls


def test_more_like_a_track_asks_beside_and_then_knows_more(
    known: FakeDiscovery, host: Member, jazz: list[Track]
) -> None:
    path = f"/api/rooms/{host.room.code}/suggestions?like={jazz[0].uri}"
    assert "lastfm" not in ask(host, "GET", path).json()["used"]
    background.do_due_outside()
    said = ask(host, "GET", path).json()
    assert "lastfm" in said["used"]
    credits = {credit["link"]: credit["page"] for credit in said["credits"]}
    assert credits.get("lastfm") == "https://www.last.fm/"
    item = next(each for each in said["items"] if each["link"] == "lastfm")
    assert item["credit"]["title"] == "Last.fm"
    assert item["credit"]["page"].startswith("https://www.last.fm/music/")


def test_looking_again_at_what_goes_with_a_track_is_no_news(
    known: FakeDiscovery, host: Member, jazz: list[Track]
) -> None:
    path = f"/api/rooms/{host.room.code}/suggestions?like={jazz[0].uri}"
    ask(host, "GET", path)
    background.do_due_outside()
    told = RoomSuggestions.objects.get(room=host.room).announced_at_ms
    assert told is not None
    with clock.shifted(5_000):
        ask(host, "GET", path)
        background.do_due_outside()
    assert RoomSuggestions.objects.get(room=host.room).announced_at_ms == told


def test_a_room_whose_suggestions_fail_keeps_none_from_another(
    known: FakeDiscovery, host: Member, outsider: Member, jazz: list[Track]
) -> None:
    for member in (host, outsider):
        start(member, jazz[0])
    background.ask_outside_about(host.room, Track(uri="broken", artists=[None]))
    background.do_due_outside()
    rows = RoomSuggestions.objects.filter(room__in=[host.room, outsider.room])
    assert [row.used for row in rows] == [ALL, ALL]


def test_one_room_does_not_take_all_places_for_questions(
    known: FakeDiscovery, host: Member, outsider: Member, jazz: list[Track]
) -> None:
    for n in range(200):
        background.ask_outside_about(host.room, Track(uri=f"library:{n}", artists=[]))
    path = f"/api/rooms/{outsider.room.code}/suggestions?like={jazz[0].uri}"
    ask(outsider, "GET", path)
    background.do_due_outside()
    assert "lastfm" in ask(outsider, "GET", path).json()["used"]


def test_outside_calls_for_a_track_are_few(
    known: FakeDiscovery, host: Member, jazz: list[Track]
) -> None:
    playback = start(host, jazz[0])
    prefetch_outside(room_id=host.room_id, play_id=playback.play_id)
    assert len(known.calls) == 3
    assert known.most_at_once <= 2


def test_markup_of_a_service_is_a_title_like_any_other(
    known: FakeDiscovery, host: Member, music_folder: Path
) -> None:
    title = "<img src=x onerror=alert(1)>"
    library_track(music_folder, "Trio 1", title)
    seed = Track.objects.get(title="Blue 0")
    with known.lastfm.having(markup=True):
        find(host, seed)
    answer = ask(host, "GET", f"/api/rooms/{host.room.code}/suggestions?like={seed.uri}")
    assert answer["Content-Type"].startswith("application/json")
    assert title in [item["track"]["title"] for item in answer.json()["items"]]


def _candidate(title: str, link: str, reason: str = "similar") -> Candidate:
    return Candidate("A", title, Reason(reason), link)


def test_lists_are_blended_by_rank_and_agreement_counts() -> None:
    one = RankedList([_candidate("X", "own"), _candidate("Both", "own")], 1.0)
    other = RankedList([_candidate("Y", "tags"), _candidate("Both", "tags")], 1.0)
    assert blend([one, other])[0].title == "Both"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Ines Okafor", "Cardamom"), ("INES OKAFOR", "Cardamom - Remastered 2011"), True),
        (("The Beatles", "Help!"), ("Beatles", "Help"), True),
        (("Beyoncé", "Halo"), ("Beyonce", "Halo (feat. Nobody)"), True),
        (("Wren Abara", "Goldfinch"), ("Wren Abarra", "Goldfinch"), True),
        (("Wren Abara", "Goldfinch"), ("Wren Abara", "Goldfinch (Live)"), False),
        (("Wren Abara", "Goldfinch"), ("Wren Abara", "Bullfinch"), False),
        (("Wren Abara", "Goldfinch"), ("Wren Abara", "Goldfinches"), True),
        (("Wren Abara", "Goldfinch"), ("Wren Abara", "Goldfinch II"), False),
        (("Wren Abara", "A Long Symphony No. 5"), ("Wren Abara", "A Long Symphony No. 6"), False),
        (("Wren Abara", "Goldfinch"), ("Somebody Else", "Goldfinch"), False),
    ],
)
def test_names_are_the_same_above_the_threshold(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    assert are_same(one, other) is same


def test_a_title_is_cleaned_of_its_pressing_and_guests() -> None:
    assert cleaned_title("Song (feat. X) [Live] - Remastered 2011") == "Song"
    assert cleaned_title("(I Can't Get No) Satisfaction") == "Satisfaction"
    assert cleaned_title("(Untitled)") == "(Untitled)"


def test_tags_of_files_are_read_as_taggers_write_them() -> None:
    assert genres_of(["Dream Pop; Shoegaze", "dream pop"]) == ["dream pop", "shoegaze"]
    assert [year_of(text) for text in ("2004-05-01", "May 2004", "20")] == [2004, 2004, None]
    assert [tempo_of(text) for text in ("127.97", "128 BPM", "0", "999")] == [128, 128, None, None]
    keys = {"A minor": "Am", "8A": "Am", "8B": "C", "F# maj": "F#", "gis": "", "D♭": "Db"}
    assert {text: musical_key(text) for text in keys} == keys


DIRECTIONS = {
    Direction.SLOWER: lambda file: file.tempo < 130,
    Direction.FASTER: lambda file: file.tempo > 130,
    Direction.NEWER: lambda file: file.year > 1980,
    Direction.OLDER: lambda file: file.year < 1980,
}


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_chips_lead_where_they_say(direction: Direction, host: Member, jazz: list[Track]) -> None:
    mood = Mood((Seed(jazz[5], 1.0),), {})
    found = find_in_mood(host.room, mood, Chosen(direction=direction)).items
    assert found
    assert all(DIRECTIONS[direction](each.track.file) for each in found)


def test_a_decade_a_genre_and_something_else(
    host: Member, jazz: list[Track], music_folder: Path
) -> None:
    metal = [library_track(music_folder, f"I{n}", f"M{n}", genres=["metal"]) for n in range(6)]
    mood = Mood((Seed(jazz[0], 1.0),), {})

    def found(**chosen: Any) -> set[Track]:
        return {each.track for each in find_in_mood(host.room, mood, Chosen(**chosen)).items}

    assert found(genre="metal") == {*metal}
    assert all(1970 <= track.file.year < 1980 for track in found(decade=1970))
    assert found(direction=Direction.OTHER) == {*metal}
    assert chips().genres == ["jazz", "metal"]
