"""Migrations, on a database that a former version left in the middle of a track: nothing is lost.

What is expected are facts about the dump, written down here; `tests/dumps/README.md` says how it
came about. Times are milliseconds (UTC).
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from music.conductor import advance_due
from music.incident_words import INCIDENT_SENTENCES, incident_in_english
from music.models import (
    Device,
    Hearing,
    Incident,
    Playback,
    QueueItem,
    RoomSource,
    SkipVote,
    Turns,
    Vote,
)
from music.sources import registry
from music.sources.spotify.models import Account, Connection, Output
from rooms import clock
from rooms.models import ClockOffset, Member, Restriction, Room
from tests.conftest import browser_of
from tests.dumps import DUMPED_AT_MS, TOKEN_KEY, restore_postgres, restore_sqlite
from tests.servers import own_database

# Every table that had rows, but for those of which Django and the migrations themselves write more.
ROWS = {
    "music_device": 3,
    "music_hearing": 1,
    "music_incident": 5,
    "music_libraryfile": 12,
    "music_playback": 3,
    "music_queueitem": 30,
    "music_roomsource": 1,
    "music_skipvote": 1,
    "music_track": 13,
    "music_vote": 52,
    "rooms_clockoffset": 1,
    "rooms_member": 17,
    "rooms_receipt": 1,
    "rooms_room": 3,
    "spotify_account": 1,
    "spotify_connection": 1,
    "spotify_output": 1,
}
# Refusals of Spotify that were never told as a condition of a room.
NEVER_AWAY = {"spotify_refused", "spotify_gone", "spotify_not_readable", "spotify_off"}
# They have the words of "spotify", which stands for them.
SAID_ALIKE = {"spotify_away", "spotify_client"}
# The rooms, by their ids: "Thursday" has ended, "Friday at Mika's" plays, "Kitchen" is idle.
THURSDAY, FRIDAY, KITCHEN = 1, 2, 3
MIKA, ANA, JONAS, KIM, LEA, MAX, TOM, UNNAMED = range(3, 11)
PIA, ANA_IN_KITCHEN, NOOR, UMA, VIC, WES, NED = range(11, 18)
# What plays on Friday, and when that began and ends.
PLAYS, STARTED_AT_MS, ENDS_AT_MS = 21, DUMPED_AT_MS - 20_000, DUMPED_AT_MS + 51_247
# What waits there, in playing order: `FIRST` is pinned.
FIRST = 28
WAITING = [FIRST, 26, 25, 23, 30, 24, 27, 22]
# Of each member with a turn: how many, when the last one began, and its virtual finish.
TURNS = {
    1: (1, 1_795_971_600_250, 0),
    2: (2, 1_795_972_200_250, 135_941),
    MIKA: (1, 1_795_980_900_250, 193_459),
    ANA: (3, STARTED_AT_MS, 360_121),
    JONAS: (2, 1_795_981_019_839, 270_045),
    KIM: (2, 1_795_982_320_250, 333_392),
    LEA: (1, 1_795_980_200_583, 65_802),
    MAX: (1, 1_795_980_137_523, 65_802),
    TOM: (1, 1_795_980_600_250, 136_063),
}


@pytest.fixture(scope="module")
def database(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[str | Path]:
    """The name of a database as the former version left it, after the migrations of today."""
    with _restored(tmp_path_factory.mktemp("dumped")) as name, django_db_blocker.unblock():
        with _connected_to(name):
            migrate()
        yield name


@pytest.fixture
def migrated(database: str | Path, settings: Any, django_db_blocker: Any) -> Iterator[None]:
    """That database instead of the tests' own, at the moment of the dump; changes are undone."""
    settings.TOKEN_KEYS = [TOKEN_KEY]
    with (
        django_db_blocker.unblock(),
        _connected_to(database),
        clock.held(DUMPED_AT_MS),
        transaction.atomic(),
    ):
        yield
        transaction.set_rollback(True)


@contextmanager
def _restored(folder: Path) -> Iterator[str | Path]:
    """The name of a new database, filled from the dump of its kind."""
    if connection.vendor == "sqlite":
        restore_sqlite("0011", folder / "dumped.sqlite3")
        yield folder / "dumped.sqlite3"
        return
    with own_database(os.environ["DATABASE_URL"]) as url:
        restore_postgres("0011", url)
        yield urlsplit(url).path.removeprefix("/")


@contextmanager
def _connected_to(name: str | Path) -> Iterator[None]:
    """Let Django's connection lead to the database of this name."""
    connection.close()
    usual, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = usual
        ContentType.objects.clear_cache()  # the ids of that database


def migrate() -> None:
    call_command("migrate", verbosity=0, interactive=False)


def browser(member_id: int) -> Client:
    """The browser of a member of the dump."""
    return browser_of(Member.objects.get(pk=member_id))


def read(member_id: int, path: str = "") -> dict[str, Any]:
    """What a member reads of their room."""
    code = Member.objects.get(pk=member_id).room.code
    answer: dict[str, Any] = browser(member_id).get(f"/api/rooms/{code}{path}").json()
    return answer


def queue(member_id: int) -> list[int]:
    """The ids of what waits in a member's room, in playing order."""
    return [int(item["id"]) for item in read(member_id)["queue"]]


def locked() -> list[int]:
    return list(QueueItem.objects.filter(room=FRIDAY, locked=True).values_list("pk", flat=True))


def turns() -> dict[int, tuple[int, int | None, int | None]]:
    """Of each member with a turn: how many, when the last one began, and its virtual finish."""
    rows = Turns.objects.all()
    return {each.pk: (each.plays, each.played_at_ms, each.finish_ms) for each in rows}


def rows_of(tables: Iterable[str]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of these tables, in the order of their first columns."""
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1, 2")
            rows[table] = cursor.fetchall()
    return rows


def test_no_table_loses_a_row(migrated: None) -> None:
    assert {table: len(rows) for table, rows in rows_of(ROWS).items()} == ROWS


def test_a_second_migration_changes_nothing(migrated: None) -> None:
    tables = connection.introspection.table_names()
    before = rows_of(tables)
    migrate()
    assert connection.introspection.table_names() == tables
    assert rows_of(tables) == before


def test_the_queue_keeps_its_order_and_tallies(migrated: None) -> None:
    assert queue(ANA) == WAITING
    waiting = QueueItem.objects.waiting().filter(room=FRIDAY)
    assert {pk: tally for pk, *tally in waiting.values_list("pk", "up", "down", "held")} == {
        28: [1, 0, 0], 26: [4, 0, 0], 25: [2, 0, 0], 23: [2, 1, 3],
        30: [1, 0, 0], 24: [1, 0, 0], 27: [3, 0, 0], 22: [2, 2, 0],
    }  # fmt: skip


def test_every_vote_on_what_waits_is_kept(migrated: None) -> None:
    votes = Vote.objects.filter(item__room=FRIDAY, item__state="waiting", held=False)
    up, down = votes.filter(value=1), votes.filter(value=-1)
    assert set(up.values_list("item", "member")) == {
        (22, JONAS), (22, TOM), (23, JONAS), (23, TOM), (24, ANA), (25, MIKA), (25, MAX),
        (26, MAX), (26, UMA), (26, VIC), (26, WES), (27, MIKA), (27, KIM), (27, TOM),
        (28, KIM), (30, JONAS),
    }  # fmt: skip
    assert set(down.values_list("item", "member")) == {(22, KIM), (22, LEA), (23, MAX)}


def test_votes_that_are_held_count_when_their_time_comes(migrated: None) -> None:
    held = Vote.objects.filter(held=True)
    assert set(held.values_list("item", "member")) == {(23, UMA), (23, VIC), (23, WES)}
    due_at_ms = DUMPED_AT_MS + 7 * 60_000  # ten minutes after they came
    with clock.held(due_at_ms):
        advance_due(leases=False)
    assert (QueueItem.objects.get(pk=23).up, held.count()) == (5, 0)


def test_a_member_finds_their_votes(migrated: None) -> None:
    items = read(JONAS, "/queue")["items"]
    assert {int(item["id"]): item["my_vote"] for item in items if item["my_vote"]} == {
        22: 1, 23: 1, 30: 1,
    }  # fmt: skip


def test_what_plays_is_in_mid_track(migrated: None) -> None:
    playback = read(MIKA)["playback"]
    assert (playback["state"], playback["play_id"]) == ("playing", "18")
    assert playback["item"]["id"] == str(PLAYS)
    assert playback["track"]["title"] == "Night Bus to Varna"
    assert playback["starts_at_ms"] == STARTED_AT_MS
    assert playback["track"]["duration_ms"] == 71_247  # as its device has corrected it
    assert playback["skip"] == {"asked": 1, "needed": 3}
    assert playback["speaker"] == {
        "member": str(MIKA), "device": "device-laptop", "name": "Laptop (Chromium)",
    }  # fmt: skip


def test_the_conductor_goes_on_by_the_same_clock(migrated: None) -> None:
    row = Playback.objects.get(room=FRIDAY)
    assert (row.ends_at_ms, row.wake_at_ms) == (ENDS_AT_MS, ENDS_AT_MS - 8_000)
    assert (row.cue, row.speaker_until_ms) == (14, DUMPED_AT_MS + 4_000)
    assert (row.run_artist, row.run_length, row.shelf) == ("marlotiede", 1, "house")
    offset = ClockOffset.objects.get()
    assert (offset.offset_ms, offset.last_seen_ms) == (-1_500, DUMPED_AT_MS)
    assert Hearing.objects.get().at_ms == DUMPED_AT_MS - 1_000


def test_the_room_plays_on(migrated: None) -> None:
    with clock.held(ENDS_AT_MS - 8_000):
        advance_due(leases=False)
        assert locked() == [FIRST]
    with clock.held(ENDS_AT_MS - 1_500):
        advance_due(leases=False)
        playback = read(MIKA)["playback"]
        assert (playback["play_id"], playback["item"]["id"]) == ("19", str(FIRST))
        assert playback["starts_at_ms"] == ENDS_AT_MS
        # Rows of the shelf stand behind them.
        assert queue(MIKA)[: len(WAITING) - 1] == WAITING[1:]
    assert QueueItem.objects.get(pk=PLAYS).state == "played"


def test_nobody_loses_a_turn(migrated: None) -> None:
    assert turns() == TURNS


def test_the_next_turn_counts_on_from_those_before(migrated: None) -> None:
    with clock.held(ENDS_AT_MS):
        advance_due(leases=False)
    kims = (3, ENDS_AT_MS + 250, 396_138)  # nothing ran at the end, so the next came just after
    assert turns() == {**TURNS, KIM: kims}


def test_a_track_that_fails_gives_its_turn_back(migrated: None) -> None:
    answer = browser(MIKA).post(
        "/api/rooms/FR7DAY/playback/report",
        {"device": "device-laptop", "play_id": "18", "state": "error", "cause": "decode"},
        "application/json",
    )
    assert answer.status_code == 204
    before_it = (2, 1_795_980_263_329, 135_314)
    assert {**turns(), KIM: TURNS[KIM]} == {**TURNS, ANA: before_it}


def test_who_asked_to_skip_is_not_counted_twice(migrated: None) -> None:
    assert list(SkipVote.objects.values_list("item", "member")) == [(PLAYS, TOM)]
    answer = browser(TOM).post(
        "/api/rooms/FR7DAY/playback/skip-vote", {"play_id": "18"}, "application/json"
    )
    assert answer.json()["asked"] == 1


def test_members_are_who_they_were(migrated: None) -> None:
    told = {
        int(member["id"]): (member["name"], member["role"], member["muted"], member["banned"])
        for member in read(MIKA)["members"]
    }
    assert told == {
        MIKA: ("Mika", "host", False, False),
        ANA: ("Ana", "listener", False, False),
        JONAS: ("Jonas", "listener", False, False),
        KIM: ("Kim", "cohost", False, False),
        LEA: ("Lea", "listener", True, False),
        MAX: ("Max", "listener", False, True),
        TOM: ("Tom", "listener", False, False),
        UNNAMED: ("Warm Ibis", "listener", False, False),
        UMA: ("Uma", "listener", False, False),
        VIC: ("Vic", "listener", False, False),
        WES: ("Wes", "listener", False, False),
        NED: ("Ned", "listener", False, False),
    }


def test_who_was_muted_or_banned_is_so_until_that_is_lifted(migrated: None) -> None:
    held = Restriction.objects.order_by("member").values_list("member", "kind", "until_ms")
    assert list(held) == [(LEA, "mute", None), (MAX, "ban", None)]


def test_who_had_not_arrived_still_has_not(migrated: None) -> None:
    assert not Member.objects.get(pk=NOOR).has_arrived
    assert Member.objects.not_arrived().count() == 1


def test_who_listens_along_still_does_and_who_had_left_does_not(migrated: None) -> None:
    assert read(MIKA)["along"] == [str(TOM)]
    devices = Device.objects.order_by("pk").values_list("member", "device", "corrected_ms")
    assert list(devices) == [
        (NED, "device-ned", None), (TOM, "device-tom", None), (MIKA, "device-laptop", 240),
    ]  # fmt: skip


def test_the_history_is_kept(migrated: None) -> None:
    over = QueueItem.objects.filter(room=FRIDAY).history()
    assert [(item.pk, item.state) for item in over] == [
        (20, "skipped"), (16, "played"), (14, "played"), (15, "played"), (13, "failed"),
        (12, "skipped"), (11, "played"), (10, "played"), (6, "played"), (9, "played"),
        (8, "played"), (7, "played"), (5, "played"),
    ]  # fmt: skip
    failed = QueueItem.objects.get(pk=13)
    assert (failed.cause, failed.failed_on) == ("decode", "device-laptop")


def test_what_was_removed_can_be_brought_back(migrated: None) -> None:
    browser(KIM).post("/api/rooms/FR7DAY/queue/restore", {"items": ["29"]}, "application/json")
    assert 29 in queue(TOM)


def test_a_source_that_is_away_still_is(migrated: None) -> None:
    away = RoomSource.objects.get()
    assert (away.room_id, away.name, away.state) == (FRIDAY, "spotify", "away")
    assert (away.cause, away.until_ms) == ("spotify_limited", DUMPED_AT_MS + 90_000)
    assert away.output == "Sonos"
    assert QueueItem.objects.get(pk=27).track.isrc == "XXTST2600001"


def test_what_stood_in_the_way_has_a_code_where_its_sentence_is_known(migrated: None) -> None:
    assert list(Incident.objects.order_by("pk").values_list("code", "values")) == [
        ("would_not_play_nothing_waits", {"title": "Slow Elevator"}),
        ("speaker_silent", {"who": "Early Koala", "device": "Phone"}),
        ("stalls", {"title": "Night Bus to Varna"}),
        ("plays_on", {"title": "Night Bus to Varna"}),
        ("", {}),
    ]


def test_each_sentence_of_an_incident_is_found_again_by_its_code() -> None:
    migration = import_module("music.migrations.0018_incident_codes")
    facts: dict[str, Any] = {"title": "Blue", "folder": "music", "station": "FM", "n": 2}
    facts |= {"who": "Mika", "device": "laptop", "source": "Spotify", "minutes": 5}
    for code, sentence in {**INCIDENT_SENTENCES, **registry.away_sentences()}.items():
        values = {name: facts[name] for name in facts if f"{{{name}}}" in sentence.text}
        values |= {"who": "Mika"} if "device" in values else {}
        says = incident_in_english(code, values | {"waiting": 1})
        cause = "station_away" if code == "station_back" else ""
        found = migration.code_and_values(says, cause)
        assert found == (code, values | {"waiting": 1}) or code in NEVER_AWAY | SAID_ALIKE, says


def test_what_stood_in_the_way_is_told_as_before(migrated: None) -> None:
    assert list(Incident.objects.order_by("pk").values_list("room", "says")) == [
        (FRIDAY, "Slow Elevator would not play, and nothing else waits."),
        (KITCHEN, "Early Koala’s Phone is not heard of any more."),
        (FRIDAY, "Night Bus to Varna stalls."),
        (FRIDAY, "Night Bus to Varna plays on."),
        (FRIDAY, "Spotify asks us to wait. 1 track keeps its votes and wait."),
    ]


def test_a_repeated_request_gets_the_first_answer(migrated: None) -> None:
    answer = browser(JONAS).post(
        "/api/rooms/FR7DAY/queue",
        {"uri": QueueItem.objects.get(pk=30).track.uri},
        "application/json",
        headers={"Idempotency-Key": "jonas-adds-salt"},
    )
    assert (answer.status_code, answer.json()["id"]) == (201, "30")


def test_a_spotify_account_stays_connected(migrated: None) -> None:
    account = Account.objects.get()
    assert (account.access_token, account.refresh_token) == ("access-of-mika", "refresh-of-mika")
    assert (account.premium, account.suspected_times) == (True, 2)
    connected = Connection.objects.get()
    assert (connected.account, connected.hosts) == (account, True)
    output = Output.objects.get()
    assert (output.room_id, output.device_id, output.tries) == (FRIDAY, "spotify-device", 1)


def test_a_code_still_leads_to_the_live_room(migrated: None) -> None:
    live, ended = Room.objects.named("fr7day")
    assert (live.pk, live.state, live.revision) == (FRIDAY, "live", 140)
    assert live.own_rules == {
        "mode": "fair", "rest_min": 10, "skip_percent": 60, "artist_in_a_row": 1,
        "open_requests": 5,
    }  # fmt: skip
    assert (ended.pk, ended.state, ended.ended_at_ms) == (THURSDAY, "ended", 1_795_972_230_000)


def test_an_ended_room_stays_as_it_ended(migrated: None) -> None:
    items = QueueItem.objects.filter(room=THURSDAY).order_by("pk")
    assert [(item.track.title, item.state, item.score) for item in items] == [
        ("Night Bus to Varna", "played", 1),
        ("Paper Lanterns", "played", 1),
        ("Tin Roof Summer", "playing", 1),
        ("Cardamom", "waiting", 0),
    ]


def test_a_room_that_waits_for_its_first_device_begins_with_one(migrated: None) -> None:
    assert queue(PIA) == [19, 17, 18]
    assert read(PIA)["playback"]["halt"]["why"] == "speaker"
    browser(PIA).put(
        "/api/rooms/K9TCHN/playback/speaker",
        {"action": "claim", "device": "device-phone", "name": "Phone"},
        "application/json",
    )
    assert read(PIA)["playback"]["item"]["id"] == "19"
