"""The protocol page says what the code does: every event, every refusal, every close code."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path
from types import ModuleType

import pytest

import music.events  # noqa: F401 - its events are found as subclasses
from music.sources.spotify import errors as spotify
from music.sources.spotify.errors import SpotifyError
from rooms import close_codes, errors
from rooms.errors import RoomError
from rooms.events import Event
from tests import node

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "protocol.md").read_text()


def subclasses(of: type) -> list[type]:
    return [each for child in of.__subclasses__() for each in (child, *subclasses(child))]


def documented_events() -> dict[str, str]:
    """From the table of events: name to the cell with its fields."""
    rows = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE)
    return dict(rows)


def test_every_event_is_documented_with_its_fields() -> None:
    known = {event.type: event for event in subclasses(Event)}
    assert known.keys() == documented_events().keys()
    for name, cell in documented_events().items():
        assert re.findall(r"`(\w+)`", cell.split(":")[0])[: len(fields(known[name]))] == [
            field.name for field in fields(known[name])
        ]


def test_every_event_has_a_reducer() -> None:
    script = (
        "import { reducers } from './static/js/reducers.js';"
        "console.log(Object.keys(reducers).join(' '))"
    )
    done = subprocess.run(
        [node.executable(), "--input-type=module", "-e", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert set(done.stdout.split()) == {event.type for event in subclasses(Event)}


def test_every_refusal_is_documented_with_its_status() -> None:
    raised = {(error.status, error.code) for error in subclasses(RoomError)}
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", PAGE, re.MULTILINE)
    documented = {
        (int(status), code) for status, cell in rows for code in re.findall(r"`(\w+)`", cell)
    }
    assert raised == documented


@pytest.mark.parametrize(("module", "root"), [(errors, RoomError), (spotify, SpotifyError)])
def test_a_module_of_refusals_opens_with_its_whole_tree(
    module: ModuleType, root: type[RoomError]
) -> None:
    drawn, above = set(), [root.__name__]
    branches = r"^((?:[│ ]   )*)[├└]── (\w+)"
    for before, name in re.findall(branches, module.__doc__ or "", re.MULTILINE):
        depth = len(before) // 4
        drawn.add((name, above[depth]))
        above[depth + 1 :] = [name]
    own = [each for each in subclasses(root) if each.__module__ == module.__name__]
    assert drawn == {(each.__name__, each.__base__.__name__) for each in own}


def test_every_close_code_is_documented() -> None:
    used = {value for name, value in vars(close_codes).items() if name.isupper()}
    documented = {int(code) for code in re.findall(r"^\| (\d{4}) \|", PAGE, re.MULTILINE)}
    assert used == documented
