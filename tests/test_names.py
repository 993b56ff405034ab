"""Names in code are those of docs/glossary.md: none that it replaces is used any more."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent
APPS = ["beatsync", "rooms", "music", "chat", "staff", "discovery"]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
# Where words stand that people read: templates and styles, and the documents but for the glossary.
TEXTS = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("static/css/*.css"), *ROOT.glob("docs/*.md")]


def replaced(heading: str) -> set[str]:
    """The names in the first column of a table of the glossary."""
    table = GLOSSARY.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def names_in_python(file: Path) -> set[str]:
    """What a module defines: classes, functions, and itself."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text())
    return {file.stem, *(node.name for node in ast.walk(tree) if isinstance(node, kinds))}


def names_in_script(file: Path) -> set[str]:
    named = r"^\s*(?:export )?(?:class|(?:async )?function\*?|const) (\w+)"
    return {file.stem, *re.findall(named, file.read_text(), re.MULTILINE)}


def test_no_name_is_used_that_the_glossary_replaces() -> None:
    names = replaced("Names that are not used")
    assert len(names) > 10
    python = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    found = {(file.name, name) for file in python for name in names_in_python(file) & names}
    for file in ROOT.glob("static/js/**/*.js"):
        found |= {(file.name, name) for name in names_in_script(file) & names}
    assert found == set()


def test_no_word_stands_in_texts_that_the_glossary_replaces() -> None:
    words = replaced("Words that are not used")
    assert words
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    python = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    files = [*TEXTS, *python, *ROOT.glob("static/js/**/*.js")]
    found = {
        (file.name, word)
        for file in files
        if file.name != "glossary.md"
        for word in pattern.findall(file.read_text())
    }
    assert found == set()


# What each app, each source and each view has one of.
OF_EACH_PACKAGE = {
    "__init__", "acts", "api", "apps", "errors", "events", "feature", "metrics", "models", "pages",
    "parts", "personal_data", "room_rules", "shapes", "source", "en", "mount", "say",
}  # fmt: skip
# Folders that say what their files are.
LAYERS = {"actions", "api", "links", "models", "pages", "services", "templatetags"}
# Names that are given: by Django, by what people type, by the parts of a snapshot.
GIVEN = {"commands", "migrations", "parts", "sqlite"}


def test_a_file_shares_its_name_only_where_the_folder_of_each_says_what_it_is() -> None:
    python = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    folders = defaultdict(list)
    for file in [*python, *ROOT.glob("static/js/**/*.js")]:
        if file.stem not in OF_EACH_PACKAGE and file.parent.name not in GIVEN:
            folders[file.name].append(file.parent.name)
    shared = {name: inside for name, inside in folders.items() if len(inside) > 1}
    assert {name: inside for name, inside in shared.items() if set(inside) - LAYERS} == {}
