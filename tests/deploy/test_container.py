"""The container: its image replayed in a clean environment, and what its files promise."""

import re
import stat
import subprocess
import time
from typing import Any

import pytest
import requests
import yaml

from tests.deploy.image import Image, is_sent, read_stages
from tests.servers import ROOT, START_S, free_port


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, with what its build makes."""
    made = Image(tmp_path_factory.mktemp("image"))
    for command in read_stages()[0].all_of("RUN"):
        if "manage.py" in command:
            made.run(command)
    return made


def wait_until_healthy(image: Image, port: str) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            image.run(image.healthcheck(), PORT=port)
            return
        except subprocess.CalledProcessError:
            assert time.monotonic() < deadline, (image.folder / "log").read_text()
            time.sleep(0.2)


def test_the_image_serves_a_room_with_no_setting_at_all(image: Image) -> None:
    port = str(free_port())
    with image.started(PORT=port):
        wait_until_healthy(image, port)
        # By a name that only the machine around the container has.
        page = requests.get(f"http://127.0.0.1:{port}/", headers={"Host": "192.168.1.7:8000"})
        assert "Open the room" in page.text
        script = re.search(r'"(/static/[^"]+\.js)"', page.text)
        assert script is not None
        assert requests.get(f"http://127.0.0.1:{port}{script[1]}").status_code == 200
    made = {path.name for path in (image.folder / "data").iterdir()}
    assert {"secret-key", "beatsync.sqlite3"} <= made
    assert "static" not in made  # they are in the image, and not made at each start
    secret = image.folder / "data" / "secret-key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_a_container_with_a_public_address_knows_that_name_alone(image: Image) -> None:
    port = str(free_port())
    with image.started(PORT=port, PUBLIC_URL="http://party.example"):
        wait_until_healthy(image, port)
        for host, status in {"party.example": 200, "evil.example": 400}.items():
            page = requests.get(f"http://127.0.0.1:{port}/", headers={"Host": host})
            assert page.status_code == status


def test_the_image_has_the_product_and_nothing_of_the_workshop(image: Image) -> None:
    inside = {path.name for path in image.home.iterdir()}
    assert {"beatsync", "rooms", "music", "chat", "static", "templates"} <= inside
    workshop = {"tests", "bench", "docs", "tools", "README.md", "Makefile", "requirements-dev.txt"}
    assert not inside & workshop
    for path in (".env", ".git/config", "var/beatsync.sqlite3", "rooms/__pycache__/a.pyc"):
        assert not is_sent(path), path


def test_the_image_runs_as_a_user_of_its_own_and_keeps_its_data_in_one_place() -> None:
    build, final = read_stages()
    assert build.base.endswith(" AS build")
    assert final.all_of("USER") == ["beatsync"]
    assert final.all_of("VOLUME") == ["/data"]
    keywords = [keyword for keyword, _ in final.instructions]
    assert keywords.index("USER") < keywords.index("CMD")
    assert all(":" in stage.base and ":latest" not in stage.base for stage in (build, final))
    assert "ADD" not in keywords


def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return read


def test_without_a_profile_compose_starts_one_process_with_sqlite() -> None:
    services = compose()["services"]
    [(name, only)] = [(name, each) for name, each in services.items() if "profiles" not in each]
    assert name == "beatsync"
    assert "DATABASE_URL" not in only["environment"]
    assert "data:/data" in only["volumes"]


def test_the_scaled_profile_has_two_web_processes_a_conductor_and_their_stores() -> None:
    services = compose()["services"]
    scaled = {name for name, each in services.items() if each.get("profiles") == ["scaled"]}
    assert scaled == {
        "prepare", "web-1", "web-2", "conductor", "proxy", "postgres", "redis",
    }  # fmt: skip
    for name in ("web-1", "web-2", "conductor"):
        environment = services[name]["environment"]
        assert {"DATABASE_URL", "REDIS_URL"} <= environment.keys()
        assert services[name]["depends_on"] == {
            "prepare": {"condition": "service_completed_successfully"}
        }
    assert set(services["proxy"]["depends_on"]) <= scaled
    upstreams = (ROOT / "deploy" / "container" / "Caddyfile").read_text()
    assert re.findall(r"web-\d:8000", upstreams) == ["web-1:8000", "web-2:8000"]


def test_every_setting_that_compose_passes_on_is_one() -> None:
    example = (ROOT / ".env.example").read_text()
    names = {
        name
        for service in compose()["services"].values()
        if "build" in service
        for name in service["environment"]
    }
    unknown = {name for name in names if f"{name}=" not in example}
    assert unknown == {"PREPARE"}  # of deploy/container/start.sh


def test_no_service_runs_with_more_rights_than_it_needs() -> None:
    for service in compose()["services"].values():
        if "build" in service:
            assert service["cap_drop"] == ["ALL"]
            assert not service.get("privileged")
