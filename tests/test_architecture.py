"""Who may import whom: rooms nobody, music and chat only rooms, beatsync everything."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
APPS = {"beatsync", "rooms", "music"}
MAY_IMPORT = {"rooms": {"rooms"}, "music": {"music", "rooms"}, "beatsync": APPS}
# Inside an app: models ← events ← actions ← edges. An edge is where the world comes in.
EDGES = {"api", "pages", "consumers", "admin"}


def imports_of(file: Path) -> set[str]:
    """Dotted names that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def modules(app: str) -> list[Path]:
    return [file for file in (ROOT / app).rglob("*.py") if "migrations" not in file.parts]


def layer(app: str, *names: str) -> list[Path]:
    """The modules of these names, and those in packages of these names."""
    return [f for f in modules(app) if {*names} & {*f.relative_to(ROOT).parent.parts, f.stem}]


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_an_app_imports_only_what_the_drawing_allows(app: str) -> None:
    ours = {
        (file.name, name.split(".")[0])
        for file in modules(app)
        for name in imports_of(file)
        if name.split(".")[0] in APPS
    }
    assert {top for _, top in ours} <= MAY_IMPORT[app]


@pytest.mark.parametrize("app", ["rooms", "music"])
def test_models_events_and_actions_know_no_edge(app: str) -> None:
    inner = layer(app, "models", "events", "shapes", "actions")
    assert len(inner) >= 4
    reached = {name for file in inner for name in imports_of(file)}
    edges = {f"{app}.{edge}" for edge in EDGES}
    assert not {name for name in reached if ".".join(name.split(".")[:2]) in edges}


@pytest.mark.parametrize("app", ["rooms", "music"])
def test_models_import_neither_events_nor_actions_at_run_time(app: str) -> None:
    bodies = [ast.parse(file.read_text()).body for file in layer(app, "models")]
    nodes = [node for body in bodies for node in body if isinstance(node, ast.ImportFrom)]
    top = {node.module for node in nodes if node.module}
    assert not {name for name in top if {"events", "actions"} & {*name.split(".")}}


def test_only_actions_write_to_the_tables_of_a_room() -> None:
    writing = {"save", "create", "update", "delete", "bulk_create", "get_or_create"}
    allowed = {"actions", "presence", "publish", "receipts", "library", "spotify", "migrations"}
    allowed |= {"clock_sync"}  # its row is of no room
    found = {
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for app in APPS
        for file in modules(app)
        if not allowed & {*file.relative_to(ROOT).parts, file.stem}
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in writing
        and "objects" in ast.unparse(node.func)
    }
    assert found == set()


def test_actions_import_each_other_without_circles() -> None:
    actions = ROOT / "music" / "actions"
    named = {f"music.actions.{file.stem}": imports_of(file) for file in actions.glob("*.py")}
    graph = {name: imports & named.keys() for name, imports in named.items()}
    assert len(graph) > 5
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError on a circle


def test_scripts_import_each_other_without_circles() -> None:
    """A module's served name is made from what it imports: a circle would have none."""
    scripts = ROOT / "static" / "js"
    graph = {
        file: {
            (file.parent / found).resolve()
            for found in re.findall(r"""(?:from|import|import\()\s*["'](\.[^"']+)""", text)
        }
        for file in scripts.rglob("*.js")
        if (text := file.read_text())
    }
    assert all(target.exists() for targets in graph.values() for target in targets)
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError on a circle
