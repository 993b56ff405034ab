"""The files for Umbrel and CasaOS: whole, of this version, and of what is there."""

import re
from typing import Any

import pytest
import yaml

from tests.deploy.image import read_stages
from tests.servers import ROOT

EXAMPLE = (ROOT / ".env.example").read_text()
UMBREL, CASAOS = ROOT / "deploy" / "umbrel", ROOT / "deploy" / "casaos"
# What Umbrel refuses a manifest without (its own schema, of 2026).
NEEDED = {
    "manifestVersion", "id", "category", "name", "version", "tagline", "description", "developer",
    "website", "dependencies", "repo", "support", "port", "gallery", "path", "defaultUsername",
    "defaultPassword", "submitter", "submission",
}  # fmt: skip
SHOP = {
    "architectures", "main", "category", "author", "developer", "icon", "tagline", "description",
    "title", "port_map",
}  # fmt: skip


def read(path: Any) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    return found


SERVICES = {
    "umbrel": read(UMBREL / "docker-compose.yml")["services"]["web"],
    "casaos": read(CASAOS / "docker-compose.yml")["services"]["beatsync"],
}


def version() -> str:
    found = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found is not None
    return found[1]


def test_a_manifest_says_all_that_its_store_asks_for_of_this_version() -> None:
    manifest = read(UMBREL / "umbrel-app.yml")
    assert manifest.keys() >= NEEDED
    assert manifest["version"] == version()
    assert read(CASAOS / "docker-compose.yml")["x-casaos"].keys() >= SHOP


def test_the_steps_of_a_release_name_each_file_in_which_the_address_is_a_placeholder() -> None:
    steps = (ROOT / "docs" / "maintaining.md").read_text().split("\n## A release\n")[1]
    files = [*(ROOT / "deploy").rglob("*"), ROOT / "compose.yaml", ROOT / "docs" / "deploy.md"]
    waiting = [file for file in files if file.is_file() and "REPOSITORY" in file.read_text()]
    assert [each for each in waiting if f"`{each.relative_to(ROOT)}`" not in steps] == []


def test_icons_and_pictures_of_the_stores_are_there() -> None:
    manifest, shop = (
        read(UMBREL / "umbrel-app.yml"),
        read(CASAOS / "docker-compose.yml")["x-casaos"],
    )
    named = [manifest["icon"], *manifest["gallery"], shop["icon"], *shop["screenshot_link"]]
    assert [each for each in named if not (ROOT / each).is_file()] == []


@pytest.mark.parametrize("store", SERVICES)
def test_a_store_runs_the_image_with_no_more_rights_than_it_needs(store: str) -> None:
    service = SERVICES[store]
    assert service["image"].endswith(f"/beatsync:{version()}")
    assert service["cap_drop"] == ["ALL"]
    assert {name for name in service.get("environment", {}) if f"{name}=" not in EXAMPLE} == set()
    text = str(service["volumes"])
    for folder in ("/data", "/music"):
        assert folder in text
        assert folder in str(read_stages()[-1].environment.values())


def test_the_proxies_of_the_stores_lead_to_the_port_of_the_image() -> None:
    [port] = read_stages()[-1].all_of("EXPOSE")
    proxy = read(UMBREL / "docker-compose.yml")["services"]["app_proxy"]["environment"]
    assert str(proxy["APP_PORT"]) == port
    assert proxy["APP_HOST"] == "beatsync_web_1"
    shop = read(CASAOS / "docker-compose.yml")
    assert SERVICES["casaos"]["ports"] == [f"{shop['x-casaos']['port_map']}:{port}"]
    assert shop["x-casaos"]["main"] in shop["services"]
