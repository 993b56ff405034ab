"""The pages of the protocol say what the code does: all events, refusals and close codes."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

import beatsync.errors
import chat.errors
import chat.events
import music.errors
import music.events  # its events are found as subclasses
import rooms.errors
import staff.errors
import staff.events
from music.sources.spotify import errors as spotify
from rooms import close_codes
from rooms.errors import RoomError
from rooms.events import Event, PersonalEvent
from rooms.features import installed_parts
from rooms.roles import installed_acts
from tests import node

T = TypeVar("T")
ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").glob("protocol*.md"))
PAGE = "".join(page.read_text() for page in PAGES)


def subclasses(of: type[T]) -> list[type[T]]:
    found = [each for child in of.__subclasses__() for each in (child, *subclasses(child))]
    return [each for each in found if not each.__module__.startswith("tests.")]


def documented_events() -> dict[str, str]:
    """From the table of events: name to the cell with its fields."""
    rows = re.findall(r"^\| `(\w+\.\w+)` \| ([^|]*) \|", PAGE, re.MULTILINE)
    return dict(rows)


def events() -> list[type[Event]]:
    """All events that go over the wire; bases of several have no name there."""
    return [event for event in subclasses(Event) if "type" in vars(event)]


def fields_on_the_wire(event: type[Event]) -> list[str]:
    """A personal event is sent to its member alone, without the id of that member."""
    names = [field.name for field in fields(event)]
    return [
        name for name in names if not (issubclass(event, PersonalEvent) and name == "member_id")
    ]


def test_every_event_is_documented_with_its_fields() -> None:
    known = {event.type: event for event in events()}
    assert known.keys() == documented_events().keys()
    for name, cell in documented_events().items():
        documented = re.findall(r"`(\w+)`", cell.split(":")[0])
        expected = fields_on_the_wire(known[name])
        assert documented[: len(expected)] == expected


def test_every_event_that_changes_a_snapshot_has_a_reducer() -> None:
    script = (
        "import { PARTS } from './static/js/state/parts/index.js';"
        "const facts = PARTS.flatMap((part) => [part, ...Object.values(part.mine ?? {})]);"
        "console.log(facts.flatMap((fact) => Object.keys(fact.reducers ?? {})).join(' '))"
    )
    done = subprocess.run(
        [node.executable(), "--input-type=module", "-e", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    changing = [
        event
        for event in events()
        if event.parts or event.changes_all_parts or issubclass(event, PersonalEvent)
    ]
    # These come in frames without a number.
    unnumbered = {"presence", "site_notice"}
    assert set(done.stdout.split()) - unnumbered == {event.type for event in changing}


def test_every_part_and_act_is_documented() -> None:
    quoted = {part.name for part in installed_parts()} | {act.key for act in installed_acts()}
    assert {name for name in quoted if f"`{name}`" not in PAGE} == set()


def test_every_refusal_is_documented_with_its_status() -> None:
    raised = {(error.status, error.code) for error in subclasses(RoomError)}
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", PAGE, re.MULTILINE)
    documented = {
        (int(status), code) for status, cell in rows for code in re.findall(r"`(\w+)`", cell)
    }
    assert raised == documented


@pytest.mark.parametrize(
    "module", [rooms.errors, music.errors, chat.errors, spotify, beatsync.errors, staff.errors]
)
def test_a_module_of_refusals_opens_with_its_whole_tree(module: ModuleType) -> None:
    drawn: set[tuple[str, str]] = set()
    roots: set[str] = set()
    above: list[str] = []
    lines = r"^((?:[│ ]   )*)([├└]── )?([A-Z]\w+)(?:$|  )"
    for before, branch, name in re.findall(lines, module.__doc__ or "", re.MULTILINE):
        depth = len(before) // 4 + 1 if branch else 0
        if branch:
            drawn.add((name, above[depth - 1]))
        else:
            roots.add(name)
        above[depth:] = [name]
    own = [each for each in subclasses(RoomError) if each.__module__ == module.__name__]
    assert drawn
    named = [each for each in own if each.__name__ not in roots]
    assert drawn == {(each.__name__, each.__mro__[1].__name__) for each in named}


def test_every_close_code_is_documented() -> None:
    used = {value for name, value in vars(close_codes).items() if name.isupper()}
    documented = {int(code) for code in re.findall(r"^\| (\d{4}) \|", PAGE, re.MULTILINE)}
    assert used == documented
