"""`docs/deploy.md`, "A Linux host", followed word for word in a folder of its own.

Left out is what takes a machine of its own: packages of the system, a user, systemd itself. The
units are started as systemd would: with the file of settings, each command in its folder. Python's
packages are those of the tests, which were installed by the same pins.
"""

from __future__ import annotations

import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from beatsync.env_file import read_env_file
from tests.deploy.test_files import read_unit
from tests.deploy.test_proxies import caddy, make_certificate, needed, proxy, wait_for
from tests.servers import ROOT, free_port

SECTION = (ROOT / "docs" / "deploy.md").read_text().split("## A Linux host")[1].split("\n## ")[0]
BLOCKS = [block.replace("\\\n", " ") for block in re.findall(r"```sh\n(.*?)```", SECTION, re.S)]
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
# What takes root, systemd or the network; `make run` and the image do the last.
LEFT_OUT = (
    *("apt-get", "useradd", "systemctl", "su ", "git pull"),
    *("python3 -m venv", ".venv/bin/pip", "cd "),
)
SETTING = re.compile(r"[A-Z_]+=")


class Host:
    """A machine whose root is a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        packages = ("etc/systemd/system", "etc/caddy", "etc/nginx/conf.d")
        for folder in (*packages, "srv", "var/lib/beatsync"):
            (root / folder).mkdir(parents=True)
        self.home = root / "srv" / "beatsync"

    def here(self, text: str) -> str:
        text = re.sub(r"(?<![\w/.])/(srv|etc|var/lib)/", rf"{self.root}/\1/", text)
        return text.replace("REPOSITORY", str(ROOT))

    def type(self, line: str) -> None:
        folder = self.home if self.home.exists() else self.root
        subprocess.run(["bash", "-ec", self.here(line)], cwd=folder, check=True, timeout=120)

    @property
    def settings(self) -> dict[str, str]:
        return read_env_file(self.root / "etc" / "beatsync.env")

    def run(self, command: str, **more: str) -> subprocess.Popen[str]:
        """Start a command as a unit or `systemd-run` does."""
        words = shlex.split(self.here(command))
        environment = {"PATH": "/usr/bin:/bin", "DATA_DIR": self.here("/var/lib/beatsync")}
        return subprocess.Popen(
            words, cwd=self.home, env=environment | self.settings | more,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Host:
    """The machine after the whole section but for its services."""
    host = Host(tmp_path_factory.mktemp("host"))
    for line in COMMANDS:
        if SETTING.match(line):
            with (host.root / "etc" / "beatsync.env").open("a") as file:
                # Those of several processes are for who has the stores.
                file.write("" if line.startswith(("DATABASE", "REDIS")) else host.here(f"{line}\n"))
        elif not line.startswith((*LEFT_OUT, "systemd-run")):
            host.type(line)
        if line.startswith("git clone"):
            # As it is here, and not only as it was at the last commit.
            listed = ["git", "ls-files", "-mo", "--exclude-standard"]
            changed = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
            for path in changed.stdout.splitlines():
                if (ROOT / path).is_file():
                    (host.home / path).parent.mkdir(parents=True, exist_ok=True)
                    (host.home / path).write_bytes((ROOT / path).read_bytes())
            (host.home / ".venv").symlink_to(Path(sys.executable).parent.parent)
    return host


def test_settings_are_for_root_alone_and_have_a_secret_of_their_own(host: Host) -> None:
    file = host.root / "etc" / "beatsync.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(host.settings["SECRET_KEY"]) > 50
    assert host.settings["PUBLIC_URL"] == "https://party.example"


def test_the_files_of_the_proxies_are_put_in_place_with_the_name_of_the_site(host: Host) -> None:
    for file in ("etc/caddy/Caddyfile", "etc/nginx/conf.d/beatsync.conf"):
        text = (host.root / file).read_text()
        assert "YOUR-NAME" in text
        assert "party.example {" not in text
        assert "server_name party.example" not in text


def test_a_restart_of_the_first_process_leaves_the_others_running() -> None:
    unit = read_unit(ROOT / "deploy" / "systemd" / "beatsync-web@.service")["Unit"]
    assert not {"Requires", "BindsTo", "PartOf"} & {*unit}
    assert unit["Wants"] == unit["After"] == "beatsync.service"


def test_every_unit_that_is_enabled_lies_where_systemd_looks(host: Host) -> None:
    there = {file.name for file in (host.root / "etc" / "systemd" / "system").iterdir()}
    enabled = [line.split()[3:] for line in COMMANDS if line.startswith("systemctl enable")]
    for unit in (name for names in enabled for name in names):
        name = re.sub(r"@.*", "@", unit)
        assert {name, f"{name}.service"} & there, unit


def caddy_of(host: Host, folder: Path, port: int, behind: int) -> list[str]:
    """The command that runs Caddy with the file of `deploy/`."""
    return caddy(folder, port, (behind, behind))


def nginx_of(host: Host, folder: Path, port: int, behind: int) -> list[str]:
    """The command that runs nginx with what Debian's package has put there, and the page's file.

    The package's own site stays beside it, as it does on a new machine.
    """
    program = needed("nginx")
    if not Path("/etc/nginx/sites-available/default").exists():
        pytest.skip("nginx is not Debian's")
    etc = folder / "etc"
    shutil.copytree("/etc/nginx", etc)
    (etc / "sites-enabled" / "default").unlink(missing_ok=True)
    shutil.copy("/etc/nginx/sites-available/default", etc / "sites-enabled" / "default")
    shutil.copy(host.root / "etc" / "nginx" / "conf.d" / "beatsync.conf", etc / "conf.d")
    plain = free_port()
    for file in (etc / "nginx.conf", *(etc / "sites-enabled").iterdir(), *etc.glob("conf.d/*")):
        text = re.sub(r"listen \[::\].*\n", "", file.read_text())
        for theirs, ours in {
            "/etc/nginx": str(etc), "/run/nginx.pid": f"{folder}/nginx.pid",
            "/var/log/nginx": str(folder), "user www-data;": "user root;",
            "listen 80": f"listen 127.0.0.1:{plain}", "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/letsencrypt/live/YOUR-NAME/fullchain.pem": f"{folder}/site.pem",
            "/etc/letsencrypt/live/YOUR-NAME/privkey.pem": f"{folder}/site.key",
            "YOUR-NAME": "127.0.0.1",
            "127.0.0.1:8000": f"127.0.0.1:{behind}", "127.0.0.1:8001": f"127.0.0.1:{behind}",
        }.items():  # fmt: skip
            text = text.replace(theirs, ours)
        file.write_text(text)
    return [program, "-c", str(etc / "nginx.conf"), "-g", "daemon off;"]


PROXIES = {"caddy": caddy_of, "nginx": nginx_of}


@pytest.fixture(params=PROXIES)
def site(
    request: pytest.FixtureRequest, host: Host, tmp_path: Path
) -> Iterator[tuple[str, dict[str, str]]]:
    """The service behind a proxy of the page; its address, and what differs from the page."""
    certificate, _ = make_certificate(tmp_path)
    port, behind = free_port(), free_port()
    url = f"https://127.0.0.1:{port}"
    more = {
        "PUBLIC_URL": url, "PORT": str(behind),
        "REQUESTS_CA_BUNDLE": str(certificate), "SSL_CERT_FILE": str(certificate),
    }  # fmt: skip
    service = read_unit(host.root / "etc" / "systemd" / "system" / "beatsync.service")["Service"]
    prepared = host.run(service["ExecStartPre"], **more)
    said, _ = prepared.communicate(timeout=120)
    assert prepared.returncode == 0, said
    server = host.run(service["ExecStart"], **more)
    try:
        # A second process is for who has PostgreSQL and Redis.
        with proxy(PROXIES[request.param](host, tmp_path, port, behind), tmp_path) as log:
            wait_for(f"{url}/readyz", log, verify=str(certificate))
            yield url, more
    finally:
        server.terminate()
        server.communicate(timeout=30)


def test_the_doctor_finds_nothing_wrong_with_a_host_that_was_set_up_by_the_page(
    host: Host, site: tuple[str, dict[str, str]]
) -> None:
    url, more = site
    [typed] = [line for line in COMMANDS if line.startswith("systemd-run")]
    doctor = host.run(f"{typed.split()[-3]} manage.py doctor --no-color", **more)
    said, _ = doctor.communicate(timeout=120)
    assert doctor.returncode == 0, said
    assert f"ok      Reached at {url}: answers." in said
    assert "ok      Sockets: come through." in said
    assert "NOT OK" not in said
    assert (host.root / "var" / "lib" / "beatsync" / "beatsync.sqlite3").exists()


@pytest.mark.parametrize("site", ["caddy"], indirect=True)
def test_the_nightly_backup_of_that_host_is_written(
    host: Host, site: tuple[str, dict[str, str]]
) -> None:
    _, more = site
    unit = read_unit(host.root / "etc" / "systemd" / "system" / "beatsync-backup.service")
    backup = host.run(unit["Service"]["ExecStart"], **more)
    said, _ = backup.communicate(timeout=120)
    assert backup.returncode == 0, said
    [file] = (host.root / "var" / "lib" / "beatsync" / "backups").iterdir()
    assert file.stat().st_size > 1000
