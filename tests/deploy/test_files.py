"""The files for hosts and machines: each names what is there, and nothing else."""

import configparser
import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from beatsync.server import PING_EVERY_S
from tests.servers import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
EXAMPLE = (ROOT / ".env.example").read_text()
COMMANDS = {
    file.stem
    for app in ("beatsync", "music", "chat", "music/sources/spotify")
    for file in (ROOT / app / "management" / "commands").glob("*.py")
} | {"migrate"}


def read_unit(file: Path) -> configparser.RawConfigParser:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(file)
    return unit


def is_a_command(words: list[str]) -> bool:
    """Whether these words, after the interpreter, start something of ours."""
    return words[:2] == ["-m", "beatsync"] or (words[0] == "manage.py" and words[1] in COMMANDS)


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_starts_what_is_there_and_writes_to_one_folder(file: Path) -> None:
    unit = read_unit(file)
    if file.suffix == ".timer":
        assert unit["Timer"]["OnCalendar"]
        assert file.with_suffix(".service") in UNITS
        return
    service = unit["Service"]
    for key in ("ExecStart", "ExecStartPre"):
        if command := service.get(key):
            python, *words = shlex.split(command)
            assert python == f"{service['WorkingDirectory']}/.venv/bin/python"
            assert is_a_command(words), command
    assert service["User"] == "beatsync"
    assert service["Environment"] == "DATA_DIR=/var/lib/beatsync"
    assert service["UMask"] == "0077"  # others on the machine would read the database
    if service.get("ProtectSystem"):
        assert service["ReadWritePaths"] == "/var/lib/beatsync"


def test_a_stop_gives_requests_the_time_that_they_have() -> None:
    from beatsync.bounds import FINISH_S

    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    for service in compose["services"].values():
        if "build" in service:
            assert int(service["stop_grace_period"].removesuffix("s")) > FINISH_S
    for file in UNITS:
        if "web" in file.name or file.name == "beatsync.service":
            assert int(read_unit(file)["Service"]["TimeoutStopSec"]) > FINISH_S


def test_every_setting_of_the_app_manifest_is_one() -> None:
    manifest = json.loads((ROOT / "app.json").read_text())
    assert {name for name in manifest["env"] if f"{name}=" not in EXAMPLE} == set()
    for name in ("SECRET_KEY", "HTTPS", "PUBLIC_URL"):
        assert name in manifest["env"]


def test_the_procfile_starts_what_is_there() -> None:
    for line in (ROOT / "Procfile").read_text().splitlines():
        kind, _, command = line.partition(": ")
        assert kind in ("release", "web", "worker")
        words = [word for word in shlex.split(command) if "=" not in word]
        assert words[0] == "python"
        assert is_a_command(words[1:]), line


@pytest.mark.parametrize(
    "name", ["caddy/Caddyfile", "nginx/beatsync.conf", "traefik/beatsync.yaml"]
)
def test_every_proxy_balances_two_processes_and_keeps_metrics_in(name: str) -> None:
    text = (ROOT / "deploy" / name).read_text()
    assert "TRUSTED_PROXIES=1" in text
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", text)) == {"8000", "8001"}
    assert "/metrics" in text
    assert re.search(r"64k\b|64 KB|65536", text)


def test_nginx_cuts_no_socket_on_which_nobody_says_anything() -> None:
    text = (ROOT / "deploy" / "nginx" / "beatsync.conf").read_text()
    read_s = re.search(r"proxy_read_timeout (\d+)s;", text)
    assert read_s is not None
    assert int(read_s[1]) > 2 * PING_EVERY_S


def test_the_file_of_traefik_routes_to_what_it_declares() -> None:
    http = yaml.safe_load((ROOT / "deploy" / "traefik" / "beatsync.yaml").read_text())["http"]
    router = http["routers"]["beatsync"]
    assert router["service"] in http["services"]
    assert set(router["middlewares"]) <= http["middlewares"].keys()
    assert http["services"]["beatsync"]["loadBalancer"]["passHostHeader"]
