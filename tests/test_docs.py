"""What the documents tell people to type is there: commands, their options, services, files.

`RUN_BY` says of each command what runs it; `NOT_HERE`, why none of our machines can.
"""

import re
import shlex
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class

from tests.servers import ROOT

PAGES = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", *sorted(
    str(file.relative_to(ROOT)) for file in (ROOT / "docs").glob("*.md")
)]  # fmt: skip
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
EXAMPLE = (ROOT / ".env.example").read_text()
# Of compose.yaml and of make, not of BeatSync.
OTHER_SETTINGS = {"MUSIC_FOLDER", "POSTGRES_PASSWORD", "WORKERS", "PYTHON"}

# A command, the file that runs it, and how it stands there.
RUN_BY = (
    (r"make run\b", ".ci/run", "make run PORT="),
    (r"make (engines|test|test-stores|check)$", ".ci/run", "make {}"),
    (
        r"make scan|.*manage\.py scan_library",
        "tests/test_library.py",
        'call_command("scan_library"',
    ),
    (r"make doctor|.*manage\.py doctor", "tests/deploy/test_linux_host.py", "manage.py doctor"),
    (r"make test-fast", "Makefile", '-m "not browser and not servers"'),
    (r"make run-fake-spotify", "tests/test_fake_spotify.py", "tests.fakes.spotify"),
    (r"make run-fakes", "Makefile", "tests.fakes.discovery"),
    (r"make bench|python -m bench", "Makefile", "-m bench"),
    (r"python -m tools\.audit", "Makefile", "-m tools.audit"),
    (r".*manage\.py backup", "tests/test_backup.py", 'call_command("backup"'),
    (r".*manage\.py restore", "tests/test_backup.py", 'call_command("restore"'),
    (r".*manage\.py conductor", "tests/deploy/test_proxies.py", "worker"),
    (
        r".*manage\.py spotify_doctor",
        "tests/test_spotify_pages.py",
        'call_command("spotify_doctor"',
    ),
    (r"python -m beatsync", "tests/servers.py", '"beatsync", "-b"'),
    (
        r"git clone|cp |chmod |sed |install |python3 -c ",
        "tests/deploy/test_linux_host.py",
        "host.type(line)",
    ),
    (r"pip install -r requirements-sentry", "requirements-dev.txt", "-r requirements-sentry.txt"),
    (r"\.venv/bin/pip install -r|python3 -m venv", "Makefile", "-m venv .venv"),
    (r"[A-Z_]+=|echo |cd ", "tests/deploy/test_linux_host.py", "SETTING"),
)
NOT_HERE = {
    "docker": "tests/deploy/test_container.py replays the image and reads compose.yaml",
    "heroku": "needs an account; tests/deploy/test_proxies.py runs the Procfile",
    "git push heroku": "the same",
    "apt-get": "changes the machine; done by hand before a release, on a fresh one",
    "useradd": "the same",
    "su postgres": "the same",
    "git pull": "the same; tests/faults/test_upgrade.py starts this version on older data",
    "systemctl": "needs systemd; tests/deploy/test_linux_host.py starts what the units say",
    "systemd-run": "the same",
}


def lines_to_type(page: str) -> list[str]:
    """The lines of a page's shell blocks, continued lines joined, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line.partition(" #")[0].strip() for line in lines if line.strip()]


def commands_in(page: str) -> list[list[str]]:
    parts = [part for line in lines_to_type(page) for part in re.split(r"&&|\|\|", line)]
    return [words for part in parts if (words := shlex.split(part.partition(" > ")[0]))]


def after(words: list[str], name: str) -> list[str]:
    return words[words.index(name) + 1 :] if name in words else []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_is_run_by_a_test_or_by_ci_or_says_why_not(page: str) -> None:
    for line in lines_to_type(page):
        if line.startswith(tuple(NOT_HERE)):
            continue
        ways = [(file, how) for known, file, how in RUN_BY if re.match(known, line)]
        assert ways, f"{line}: name in RUN_BY what runs it"
        file, how = ways[0]
        assert how.format(line.split()[-1]) in (ROOT / file).read_text(), (line, file)


@pytest.mark.parametrize("page", PAGES)
def test_every_target_of_make_is_one(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {words[1] for words in commands_in(page) if words[0] == "make" and len(words) > 1}
    assert named <= targets


@pytest.mark.parametrize("page", PAGES)
def test_every_management_command_takes_the_options_that_stand_there(page: str) -> None:
    text = (ROOT / page).read_text()
    named = set(re.findall(r"manage\.py (\w+)", text))
    assert named <= get_commands().keys()
    for words in commands_in(page):
        if typed := after(words, "manage.py"):
            command = load_command_class(get_commands()[typed[0]], typed[0])
            given = [word for word in typed[1:] if word != "<"]
            command.create_parser("manage.py", typed[0]).parse_args(given[:2])


@pytest.mark.parametrize("page", PAGES)
def test_every_service_and_profile_of_compose_is_one(page: str) -> None:
    services = COMPOSE["services"]
    for words in commands_in(page):
        if words[:2] != ["docker", "compose"]:
            continue
        if profile := after(words, "--profile"):
            assert profile[0] in {p for each in services.values() for p in each.get("profiles", [])}
        verb = next(word for word in words[2:] if word in ("up", "exec", "run", "stop"))
        named = [word for word in after(words, verb) if not word.startswith("-")]
        for service in named if verb in ("up", "stop") else named[:1]:
            assert service in services, words


@pytest.mark.parametrize("page", PAGES)
def test_every_unit_that_is_enabled_is_a_file(page: str) -> None:
    units = {file.name for file in (ROOT / "deploy" / "systemd").iterdir()}
    for words in commands_in(page):
        if words[0] == "systemctl" and words[1] in ("enable", "restart"):
            for unit in words[2:]:
                name = re.sub(r"@.*", "@", unit) if "@" in unit else unit
                assert unit == "--now" or {name, f"{name}.service"} & units, unit


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_is_to_be_written_is_one(page: str) -> None:
    written = {
        match[1] for line in lines_to_type(page) if (match := re.match(r"([A-Z][A-Z_]+)=", line))
    }
    named = {*written, *re.findall(r'echo "([A-Z_]+)=', "\n".join(lines_to_type(page)))}
    assert {name for name in named - OTHER_SETTINGS if f"{name}=" not in EXAMPLE} == set()


def anchors_of(page: Path) -> set[str]:
    """The names of a page's headings in links, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_to_a_file_leads_to_one_and_to_a_heading_of_it(page: str) -> None:
    text = (ROOT / page).read_text()
    for target, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", text):
        file = (ROOT / page).parent / target if target else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in anchors_of(file), f"{target}#{anchor}"


# Where code, settings and text name pages of the documents.
NAMING = [
    *(
        "*.md",
        "Makefile",
        "*.yaml",
        ".env.example",
        "docs/*.md",
        "deploy/**/*",
        "static/js/**/*.js",
    ),
    *(f"{app}/**/*.py" for app in ("beatsync", "rooms", "music", "chat", "staff", "discovery")),
    *(f"{folder}/**/*.py" for folder in ("tests", "bench", "tools")),
]


def test_every_page_that_is_named_is_there() -> None:
    files = [file for pattern in NAMING for file in ROOT.glob(pattern) if file.is_file()]
    named = {
        name for file in files for name in re.findall(r"\bdocs/[\w-]+\.md\b", file.read_text())
    }
    assert len(named) > 10
    assert {name for name in named if not (ROOT / name).exists()} == set()


LONGEST_PAGE = 250


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_documents_is_short(page: str) -> None:
    """One subject and one reader a page: past this length it has become two."""
    assert len((ROOT / page).read_text().splitlines()) <= LONGEST_PAGE


def test_every_drawing_is_text() -> None:
    """What is drawn is changed with the code; a picture shows the product alone."""
    pictures = {file.name for file in (ROOT / "docs").iterdir() if file.suffix != ".md"}
    assert pictures == {"room.png"}


def test_every_test_that_the_threat_model_names_is_one() -> None:
    source = "".join(file.read_text() for file in (ROOT / "tests").rglob("*.py"))
    rows = [row for row in (ROOT / "SECURITY.md").read_text().splitlines() if row.startswith("| ")]
    assert len(rows) > 25
    for row in rows[1:]:
        name = row.split("|")[-2].strip().strip("`")
        assert f"def {name}(" in source, name


def test_the_version_of_the_product_is_in_the_list_of_changes() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_page_of_the_documents_is_named_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    docs = {f"docs/{file.name}" for file in (ROOT / "docs").glob("*.md")}
    linked = "".join((ROOT / page).read_text() for page in PAGES if page.startswith("docs/"))
    assert {page for page in docs if page not in readme and Path(page).name not in linked} == set()
