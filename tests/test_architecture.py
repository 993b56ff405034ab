"""Who may import whom: rooms nobody, music and chat rooms, discovery music, beatsync all."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from music.sources import packages
from tests.scripts import awaits_at_top, functions_of

ROOT = Path(__file__).parent.parent
APPS = {"beatsync", "rooms", "music", "chat", "staff", "discovery"}
# Words of the music, which `rooms` has no names and no texts for.
OF_MUSIC = set(
    "album along artist device devices music play played playback player playlist plays "
    "queue queued shelf skip skips song songs sound speaker spotify tally track tracks vote voter "
    "votes".split()
)
# Names in `rooms` that have one of these words and mean something else.
EXCUSED = {
    "track_inprogress": "of prometheus-client, counts what is open",
    "skip_locked": "rows that somebody else has locked, of the database",
}
MAY_IMPORT = {
    "rooms": {"rooms"},
    "music": {"music", "rooms"},
    "chat": {"chat", "rooms"},
    "staff": {"staff", "rooms", "music", "chat"},
    "discovery": {"discovery", "music", "rooms"},
    "beatsync": APPS,
}
# Inside an app: models ← events ← actions ← edges. An edge is where the world comes in.
EDGES = {"api", "pages", "room_socket", "admin"}


def imports_of(file: Path) -> set[str]:
    """Dotted names that a module imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def texts_of(file: Path) -> set[str]:
    """The names that a module uses, and its strings but for docstrings."""
    texts: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = ""  # a docstring
        for field in ("id", "attr", "name", "arg", "asname", "value"):
            if isinstance(text := getattr(node, field, None), str):
                texts.add(text)
    return texts


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


@pytest.mark.parametrize("app", ["rooms", "music", "chat", "discovery"])
def test_models_events_and_actions_know_no_edge(app: str) -> None:
    inner = layer(app, "models", "events", "shapes", "actions")
    assert len(inner) >= 4
    reached = {name for file in inner for name in imports_of(file)}
    edges = {f"{app}.{edge}" for edge in EDGES}
    assert not {name for name in reached if ".".join(name.split(".")[:2]) in edges}


@pytest.mark.parametrize("app", ["rooms", "music", "chat", "discovery"])
def test_models_import_neither_events_nor_actions_at_run_time(app: str) -> None:
    bodies = [ast.parse(file.read_text()).body for file in layer(app, "models")]
    nodes = [node for body in bodies for node in body if isinstance(node, ast.ImportFrom)]
    top = {node.module for node in nodes if node.module}
    assert not {name for name in top if {"events", "actions"} & {*name.split(".")}}


def test_rooms_name_nothing_of_the_music() -> None:
    """So that another app, such as a chat, finds every mechanism there, and needs no change."""
    found = {
        f"{file.name}: {text}"
        for file in modules("rooms")
        for text in texts_of(file)
        if text not in EXCUSED
        and OF_MUSIC & {*re.findall(r"[a-z]+", re.sub(r"(?=[A-Z])", "_", text).lower())}
    }
    assert found == set()


def test_only_actions_write_to_the_tables_of_a_room() -> None:
    writing = {"save", "create", "update", "delete", "bulk_create", "get_or_create"}
    allowed = {"actions", "presence", "changes", "receipts", "library", "spotify", "migrations"}
    allowed |= {"clock_sync", "invented_tracks"}  # their rows are of no room
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


# Sources that have folders of their own, and where else their names may stand: in their settings,
# and in the lists of the server and of the page.
SOURCES = ("spotify",)
LISTS_OF_SOURCES = {
    "beatsync/settings.py",
    "music/sources/packages.py",
    "static/js/views/sources-in-page.js",
}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_named_in_its_own_folders_and_in_the_list_alone(name: str) -> None:
    found = {
        str(file.relative_to(ROOT))
        for folder in (*APPS, "static/js", "static/css", "templates")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".js", ".css", ".html"}
        and not {name, "migrations"} & {*file.relative_to(ROOT).parts}
        and name in file.read_text().lower()
    }
    assert found <= LISTS_OF_SOURCES


@pytest.mark.parametrize("name", [package.split(".")[-1] for package in packages.SOURCES[1:]])
def test_what_a_source_can_is_asked_and_not_its_name(name: str) -> None:
    """The first one, the library, is in every room, and may be named."""
    named = re.compile(rf"sources[./]{name}\b|(?<!type=)[\"'`]{name}[\"'`]")
    found = {
        str(file.relative_to(ROOT))
        for folder in (*APPS, "static/js", "templates")
        for file in (ROOT / folder).rglob("*")
        if file.suffix in {".py", ".js", ".html"}
        and not {name, "migrations"} & {*file.relative_to(ROOT).parts}
        and named.search(file.read_text())
    }
    assert found <= LISTS_OF_SOURCES


def test_actions_import_each_other_without_circles() -> None:
    actions = ROOT / "music" / "actions"
    named = {f"music.actions.{file.stem}": imports_of(file) for file in actions.glob("*.py")}
    graph = {name: imports & named.keys() for name, imports in named.items()}
    assert len(graph) > 5
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError on a circle


def test_the_modules_of_rooms_import_each_other_without_circles() -> None:
    """Imports of names for type checks alone do not count: nothing runs them."""
    graph = {}
    for file in modules("rooms"):
        top = [node for node in ast.parse(file.read_text()).body if not isinstance(node, ast.If)]
        nodes = [each for node in top for each in ast.walk(node)]
        graph[_dotted(file)] = {
            name
            for node in nodes
            if isinstance(node, ast.ImportFrom) and node.module
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
        }
    graph = {name: imports & graph.keys() for name, imports in graph.items()}
    assert len(graph) > 20
    assert list(TopologicalSorter(graph).static_order())  # raises CycleError on a circle


def _dotted(file: Path) -> str:
    """The name by which a module is imported."""
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


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


# From the innermost: a folder of scripts imports itself and those before it.
SCRIPT_LAYERS = ["words", "browser", "net", "state", "audio", "views", "pages"]


def test_folders_of_scripts_import_one_way() -> None:
    """Types named in comments do not count: nothing loads them."""
    scripts = ROOT / "static" / "js"
    wrong = set()
    for file in scripts.rglob("*.js"):
        code = re.sub(r"/\*.*?\*/|^\s*//.*?$", "", file.read_text(), flags=re.DOTALL | re.MULTILINE)
        layer = SCRIPT_LAYERS.index(file.relative_to(scripts).parts[0])
        for found in re.findall(r"""(?:from|import|import\()\s*["'](\.[^"']+)""", code):
            target = (file.parent / found).resolve().relative_to(scripts)
            if SCRIPT_LAYERS.index(target.parts[0]) > layer:
                wrong.add((str(file.relative_to(scripts)), str(target)))
    assert not wrong


LONGEST_FUNCTION = 60
LONGEST_SCRIPT = 350


def scripts() -> dict[str, str]:
    folder = ROOT / "static" / "js"
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*.js")}


def test_functions_and_files_of_scripts_are_short() -> None:
    # The catalogues of words are data.
    code = {name: text for name, text in scripts().items() if not name.endswith("/en.js")}
    found = {name: len(text.splitlines()) for name, text in code.items()}
    functions = {
        f"{name}: {head}": lines
        for name, text in code.items()
        for head, lines in functions_of(text)
    }
    assert len(functions) > 500
    assert {name: n for name, n in found.items() if n > LONGEST_SCRIPT} == {}
    assert {name: n for name, n in functions.items() if n > LONGEST_FUNCTION} == {}


def test_functions_are_found_by_their_braces() -> None:
    text = """/* { */
class A {
  of(x) {
    return `{${x.map((y) => {
      return /[{]/;
    })}`;
  }
}
"""
    assert [*functions_of(text)] == [("return `{${x.map((y) => {", 3), ("of(x) {", 5)]


def test_no_script_keeps_those_that_import_it_waiting() -> None:
    """An `await` outside of functions needs a newer engine, and the whole page waits for it."""
    assert awaits_at_top("const x = await import('./x.js');")
    assert {name for name, text in scripts().items() if awaits_at_top(text)} == set()


def templates() -> list[Path]:
    """Those of the site, and those of each source."""
    return [*ROOT.glob("templates/**/*.html"), *ROOT.glob("music/sources/*/templates/**/*.html")]


def test_lines_of_templates_are_short() -> None:
    found = {
        f"{file.relative_to(ROOT)}:{number}"
        for file in templates()
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if len(line) >= 140
    }
    assert found == set()


def test_no_two_classes_have_one_name() -> None:
    for files in ([*ROOT.glob("static/js/**/*.js")], [f for app in APPS for f in modules(app)]):
        text = "".join(file.read_text() for file in files)
        names = re.findall(r"^(?:export )?class (\w+)", text, flags=re.MULTILINE)
        twice = {name for name in names if names.count(name) > 1}
        assert twice <= {"Command"}  # so Django wants it


# Names of the look, whose words stand in the design: in code stand row, queue, accent and playing.
OF_THE_LOOK = re.compile(r"[\w-]*\b(?:rack|strip|lit|lamp|bone)\b[\w-]*")


def test_styles_and_markup_have_names_in_plain_words() -> None:
    found: set[tuple[str, str]] = set()
    for file in (*ROOT.glob("static/css/*.css"), *templates()):
        text = re.sub(r"/\*.*?\*/|\{#.*?#\}", "", file.read_text(), flags=re.DOTALL)
        found |= {(file.name, name) for name in OF_THE_LOOK.findall(text)}
    assert found == set()


def test_every_custom_property_is_set_and_used() -> None:
    styles = "".join(file.read_text() for file in ROOT.glob("static/css/*.css"))
    markup = "".join(file.read_text() for file in templates())
    scripts = "".join(file.read_text() for file in ROOT.glob("static/js/**/*.js"))
    in_scripts = set(re.findall(r'"(--[\w-]+)"', scripts))
    are_set = {*re.findall(r"(--[\w-]+)\s*:", styles + markup), *in_scripts}
    are_used = {*re.findall(r"var\(\s*(--[\w-]+)", styles + markup), *in_scripts}
    assert are_set ^ are_used == set()
