"""`manage.py doctor`: what is wrong with an installation, and what to do about it."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import requests
from django.core.management import call_command
from django.test import Client

from beatsync.doctor import machine, network
from beatsync.doctor.findings import Verdict, wrong
from beatsync.health import FORGED_ADDRESS, question_header
from rooms.sentences import Sentence
from tests.fakes.discovery import FakeDiscovery
from tests.servers import free_port, serving
from tests.translations import speak_german

SEEN = {"scheme": "https", "host_is_known": True, "is_forgeable": False, "proxies": 1}


def said_by_the_doctor() -> str:
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=said, no_color=True)
    return said.getvalue()


def test_the_doctor_asks_whether_a_misspelled_name_is_meant(db: None, settings: Any) -> None:
    settings.UNKNOWN_SETTINGS = ["SPOTIFY_CLIENTID", "PGPASSWORD"]
    said = StringIO()
    call_command("doctor", stdout=said, no_color=True)
    assert "SPOTIFY_CLIENTID in .env is no setting of BeatSync." in said.getvalue()
    assert "Is SPOTIFY_CLIENT_ID meant?" in said.getvalue()


def test_the_doctor_names_cookies_that_are_not_kept_to_https(db: None, settings: Any) -> None:
    settings.PUBLIC_URL, settings.HTTPS = "https://party.invalid", False
    said = said_by_the_doctor()
    assert "NOT OK  Settings: PUBLIC_URL is https, but cookies are not kept to it." in said
    assert "NOT OK  Reached at https://party.invalid: does not answer (ConnectionError)." in said


def test_the_doctor_names_static_files_that_are_not_collected(
    db: None, settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "beatsync.staticfiles.HashedStorage"}
    }
    assert "Static files: are missing or older than this version." in said_by_the_doctor()


def test_the_doctor_names_a_database_that_a_host_empties_every_day(db: None, settings: Any) -> None:
    settings.IS_DISK_EPHEMERAL = True
    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("about SQLite")
    assert "heroku addons:create heroku-postgresql" in said_by_the_doctor()


def test_memory_is_that_of_the_machine_or_what_its_container_leaves(tmp_path: Path) -> None:
    meminfo = tmp_path / "meminfo"
    assert machine.free_memory(meminfo, tmp_path) is None
    meminfo.write_text("MemTotal: 999 kB\nMemAvailable:   512 kB\n")
    assert machine.free_memory(meminfo, tmp_path) == 512 * 1024
    (tmp_path / "memory.current").write_text("300000\n")
    for limit, expected in {"400000\n": 100_000, "max\n": 512 * 1024}.items():
        (tmp_path / "memory.max").write_text(limit)
        assert machine.free_memory(meminfo, tmp_path) == expected


@pytest.mark.parametrize(
    ("seen", "trusted", "step"),
    [
        ({"scheme": "http"}, 1, "Set HTTPS=true"),
        ({"host_is_known": False}, 1, "pass the Host header on"),
        ({"is_forgeable": True}, 2, "Set TRUSTED_PROXIES=1:"),
        ({"is_forgeable": True, "proxies": 0}, 1, "Set TRUSTED_PROXIES=0:"),
        ({"proxies": 2}, 1, "Set TRUSTED_PROXIES=2."),
        ({}, 0, "Set TRUSTED_PROXIES=1."),
    ],
)
def test_a_proxy_that_passes_the_wrong_things_on_is_named(
    settings: Any, seen: dict[str, object], trusted: int, step: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    [finding] = network.judge_proxy("https://party.example", SEEN | seen)
    assert finding.verdict is Verdict.WRONG
    assert step in finding.next_step


def test_what_is_found_is_put_into_the_language_of_who_reads_it_later(
    settings: Any, tmp_path: Path
) -> None:
    found = wrong("Disk", "{free:,} MB free.", "Make room, or move DATA_DIR.", free=1_200)
    missing = Sentence("{n} changes are missing.", one="{n} change is missing.")
    assert (found.sentence, found.mark) == ("1,200 MB free.", "NOT OK")
    assert wrong("Tables", missing, "", n=1).sentence == "1 change is missing."
    german = {"Disk": "Platte", "{free:,} MB free.": "{free} MB frei.", "NOT OK": "FALSCH"}
    speak_german(settings, tmp_path, german)
    assert (found.title, found.sentence, found.mark) == ("Platte", "1200 MB frei.", "FALSCH")


def test_a_proxy_that_passes_all_on_is_fine(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    [finding] = network.judge_proxy("https://party.example", SEEN)
    assert finding.verdict is Verdict.FINE


@pytest.mark.parametrize(
    ("trusted", "header", "proxies", "is_forgeable"),
    [
        (0, FORGED_ADDRESS, 0, False),
        (1, FORGED_ADDRESS, 0, True),
        (1, f"{FORGED_ADDRESS}, 198.51.100.4", 1, False),
        (2, f"{FORGED_ADDRESS}, 198.51.100.4", 1, True),
        (1, "198.51.100.4", 1, False),
    ],
)
def test_the_doctor_is_told_how_many_proxies_have_written_an_address(
    settings: Any, trusted: int, header: str, proxies: int, is_forgeable: bool
) -> None:
    settings.TRUSTED_PROXIES = trusted
    headers = {**question_header(), "X-Forwarded-For": header}
    seen = Client().get("/healthz", headers=headers).json()["seen"]
    assert (seen["proxies"], seen["is_forgeable"]) == (proxies, is_forgeable)


def test_the_doctor_says_whether_last_fm_takes_the_key(
    outside_services: FakeDiscovery, db: None, settings: Any
) -> None:
    assert network.lastfm().verdict is Verdict.FINE
    settings.LASTFM_API_KEY = "another"
    assert network.lastfm().sentence == "refuses LASTFM_API_KEY."
    outside_services.stop()
    settings.LASTFM_API_KEY = "a third"
    assert network.lastfm().verdict is Verdict.UNSURE


def test_nobody_but_the_doctor_is_told_what_the_server_sees() -> None:
    for question in ("", "doctor", question_header()["X-BeatSync-Doctor"] + "x"):
        answer = Client().get("/healthz", headers={"X-BeatSync-Doctor": question})
        assert answer.json() == {"status": "alive"}


@pytest.mark.servers
def test_the_doctor_reaches_pages_and_sockets_of_a_running_server(
    tmp_path: Path, settings: Any
) -> None:
    secret = settings.SECRET_KEY
    with serving(tmp_path, SECRET_KEY=secret, DATABASE_URL="", REDIS_URL="") as server:
        settings.PUBLIC_URL = server.url
        findings = [*network.reached()]
    assert [finding.title for finding in findings] == [
        f"Reached at {server.url}", "Proxy", "Sockets"
    ]  # fmt: skip
    assert {finding.verdict for finding in findings} == {Verdict.FINE}


@pytest.mark.servers
def test_the_doctor_knows_another_installation_by_its_key(tmp_path: Path, settings: Any) -> None:
    with serving(tmp_path, DATABASE_URL="", REDIS_URL="") as server:
        settings.PUBLIC_URL = server.url
        [finding] = network.reached()
    assert finding.sentence == "another installation answers there."


def test_a_server_that_is_not_running_is_no_fault_without_a_public_address(settings: Any) -> None:
    settings.PORT = free_port()
    [finding] = network.reached()
    assert finding.verdict is Verdict.UNSURE
    settings.PUBLIC_URL = f"http://127.0.0.1:{settings.PORT}"
    with pytest.raises(requests.ConnectionError):
        requests.get(settings.PUBLIC_URL, timeout=1)
    [finding] = network.reached()
    assert finding.verdict is Verdict.WRONG
