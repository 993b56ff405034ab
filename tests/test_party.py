"""Invented parties: the same night every time, and what the modes promise in one."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from music.actions.transport import START_AHEAD_MS
from music.party import invented_tracks, tables
from music.party.figures import Report, firsts, least_worst_wait, waits
from music.party.night import spend
from music.party.plan import Party
from rooms import clock
from tests.servers import ROOT

Spend = Callable[[Party], Report]
SMALL = Party(people=12, hours=1, arrive_min=20, flooder_tracks=10)


# The same night every time, as the first test says, so it need not be spent for each of the others.
_spent: dict[Party, Report] = {}


@pytest.fixture
def new_night(db: None, music_folder: Path) -> Spend:
    """Lets a party take place in the database of the test, with a library of invented music."""
    records = invented_tracks.made_in(music_folder)
    return lambda party: spend(party, records)


@pytest.fixture
def night(new_night: Spend) -> Spend:
    """What came of a party, which takes place once."""

    def report(party: Party) -> Report:
        if party not in _spent:
            _spent[party] = new_night(party)
        return _spent[party]

    return report


def test_the_same_seed_gives_the_same_table(night: Spend, new_night: Spend) -> None:
    assert tables.night(new_night(SMALL)) == tables.night(night(SMALL))


def test_another_seed_gives_another_night(night: Spend) -> None:
    other = replace(SMALL, seed=8)
    assert night(SMALL).asks != night(other).asks


def test_a_night_takes_no_time_and_leaves_the_clock_as_it_was(new_night: Spend) -> None:
    before_ms = clock.now_ms()
    new_night(Party(people=2, hours=3, flooders=0, trolls=0))
    assert before_ms <= clock.now_ms() < before_ms + 60_000


def test_people_wait_for_nothing_in_an_empty_night(night: Spend) -> None:
    alone = night(Party(people=1, hours=1, flooders=0, trolls=0))
    assert [ask.waited_ms for ask in firsts(alone.asks)] == [START_AHEAD_MS]
    assert sum(alone.refused.values()) == 0


def test_refused_actions_are_counted_by_their_code(night: Spend) -> None:
    report = night(SMALL)
    assert report.refused["add", "too_many_waiting"] > 0
    assert f"add too_many_waiting {report.refused['add', 'too_many_waiting']}" in tables.night(
        report
    )


def test_without_limits_the_flooder_gets_everything_in(night: Spend) -> None:
    report = night(replace(SMALL, limits=False))
    assert sum(ask.habit == "flooder" for ask in report.asks) == SMALL.flooder_tracks
    assert ("add", "too_many_waiting") not in report.refused


@pytest.mark.parametrize("mode", ["votes", "fair", "host"])
def test_every_mode_plays_without_a_pause(night: Spend, mode: str) -> None:
    report = night(replace(SMALL, mode=mode))
    airtime_ms = sum(ask.airtime_ms for ask in report.asks)
    assert airtime_ms > 0.9 * (SMALL.hours * 3_600_000 - firsts(report.asks)[0].waited_ms)


def test_in_fair_mode_a_flooder_hardly_delays_anybodys_first_track(night: Spend) -> None:
    """All come at once, and nobody votes: what votes do to it is told in docs/fairness.md."""
    flooded = Party(people=30, hours=2.5, arrive_min=5, trolls=0, limits=False, votes=False)
    report = night(replace(flooded, mode="fair"))
    first = firsts(report.guests)
    assert sum(ask.habit == "flooder" for ask in report.asks) == 50
    assert waits(first).unheard == 0
    assert waits(first).worst < 1.15 * least_worst_wait(first)


def test_the_votes_of_a_brigade_are_held_back_and_those_of_friends_are_not(night: Spend) -> None:
    late = Party(people=25, hours=1, arrive_min=20, flooders=0, trolls=0, brigades=1, friends=1)
    votes = {each.habit: each for each in night(late).votes}
    assert votes["brigade"].held >= 30
    assert votes["friend"].cast > 10
    assert votes["friend"].held == 0


def test_waits_count_the_unheard_with_the_time_until_the_end(night: Spend) -> None:
    found = waits(night(SMALL).asks)
    assert found.unheard > 0
    assert found.median <= found.p95 <= found.worst <= SMALL.hours * 60


def simulate(tmp_path: Path, *options: str) -> str:
    """What the command prints, run by an operator whose data is in this folder."""
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "TMPDIR": str(tmp_path)}
    environment["DJANGO_SETTINGS_MODULE"] = "beatsync.settings"
    command = [sys.executable, "manage.py", "simulate_party", "--people", "4", "--hours", "0.2"]
    ran = subprocess.run(
        [*command, *options], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    return ran.stdout


@pytest.mark.servers
def test_several_nights_of_all_modes_are_a_row_each_of_one_table(tmp_path: Path) -> None:
    head, rule, *rows = simulate(tmp_path, "--compare", "--nights", "2", "--seed", "5").splitlines()
    assert head.count("|") == rule.count("|") == rows[0].count("|") == len(tables.COMPARED) + 1
    assert [tuple(row.split(" | ")[:2]) for row in rows] == [
        (f"| {seed}", mode) for seed in (5, 6) for mode in ("votes", "fair", "host")
    ]


def test_a_row_of_the_comparison_is_what_the_night_itself_tells(night: Spend) -> None:
    report = night(SMALL)
    *_, row = tables.comparison([report])
    cells = dict(zip(tables.COMPARED, row.strip("| ").split(" | "), strict=True))
    assert cells["played"] == str(report.played)
    assert cells["Gini"] == f"{report.gini:.2f}"
    assert cells["refused"] == str(sum(report.refused.values()))


@pytest.mark.servers
def test_the_command_leaves_the_operators_data_alone(tmp_path: Path) -> None:
    theirs = tmp_path / "beatsync.sqlite3"
    with sqlite3.connect(theirs) as database:
        database.execute("CREATE TABLE music (title)")
    before = theirs.read_bytes()
    assert "| guests |" in simulate(tmp_path)
    assert (theirs.read_bytes(), list(tmp_path.iterdir())) == (before, [theirs])
