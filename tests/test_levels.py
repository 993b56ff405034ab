"""Nothing is used that is too new for Safari 15.4, Firefox 115 or Chromium 87.

The stylesheet is served without layers (`beatsync/stylesheet.py`), and a few methods are filled in
(`static/js/browser/fills.js`). The versions beside each pattern are the first that know it.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "static"
FILLED = (STATIC / "js/browser/fills.js").read_text()
SYNTAX = {
    r"^\S(?!.*\basync\b).*\bawait\b": "await outside a function: Chromium 89",
    r"\bstatic\s*\{": "a static block: Chromium 94, Safari 16.4",
    r"#\w+ in \w": "#name in object: Chromium 91",
    r"\(\?<[=!]": "a lookbehind: Safari 16.4",
    r"/[gimsuy]*[dv][gimsuy]*[;,.)]\s*$": "the flags d and v: Chromium 90 and 112",
    r"\bimport\s.*\bwith\s*\{": "import attributes: Chromium 123",
    r"^\s*using\s": "using: no Safari",
}
# Methods and globals that are filled in, or may not be used; by name.
METHODS = {
    r"\.(at)\(": "Chromium 92",
    r"\.(findLast)\(": "Chromium 97",
    r"\.(findLastIndex|toSorted|toReversed|toSpliced|groupBy|fromAsync)\(": "Chromium 97 to 121",
    r"\bObject\.(hasOwn)\(": "Chromium 93",
    r"\b(structuredClone)\(": "Chromium 98",
    r"\bAbortSignal\.(timeout)\(": "Chromium 103",
    r"\bAbortSignal\.(any)\(": "Chromium 116",
    r"\.(throwIfAborted)\(": "Chromium 100",
    r"\.(requestSubmit)\(": "Safari 16",
    r"\bPromise\.(withResolvers|try)\(": "Chromium 119",
    r"\b(?:new Set|\w+[sS]et)\S*\.(union|intersection|difference|isSubsetOf)\(": "Chromium 122",
    r"\b(CompressionStream|requestIdleCallback|scheduler\.\w+)\(": "Safari has them not, or late",
}
STYLES = {
    # Where :has() is known, so is :is().
    r"^(?!.*:has\().*:(?:is|where)\(": ":is(): Chromium 88; write the list out",
    r"@container|\bcontainer(?:-type)?:": "container queries: Chromium 105",
    r"@scope|@starting-style": "Chromium 117",
    r"\bcolor-mix\(|\boklch\(|\blight-dark\(": "Chromium 111 and later",
    r"@media[^{]*[<>]": "ranges in media queries: Chromium 104",
    r"\b(?:translate|scale|rotate):": "Chromium 104; write transform",
    r"^\s*&|\{\s*&": "nested rules: Chromium 120",
}
# A value that is too new is passed over, so an older one has to stand before it in the same rule.
VALUES = {
    r"(\d(?:dvh|svh|lvh)|\bdv[wh]\b)": "Chromium 108",
    r"\b(subgrid)\b": "Chromium 117",
    r"\boverflow(?:-[xy])?:\s*(clip)\b": "Chromium 90",
}
# Where they are not known, their rule is passed over, and something else is as good.
PASSED_OVER = (":has(", ":dir(")


def scripts() -> Iterator[tuple[str, str]]:
    for path in sorted((STATIC / "js").rglob("*.js")):
        text = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        yield path.name, text


def styles() -> Iterator[tuple[str, str]]:
    for path in sorted((STATIC / "css").rglob("*.css")):
        yield path.name, re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("pattern", SYNTAX)
def test_no_script_is_written_in_newer_syntax(pattern: str) -> None:
    found = [(name, one[0]) for name, text in scripts() for one in re.finditer(pattern, text, re.M)]
    assert found == [], SYNTAX[pattern]


@pytest.mark.parametrize("pattern", METHODS)
def test_newer_methods_are_filled_in(pattern: str) -> None:
    used = {one[1] for _, text in scripts() for one in re.finditer(pattern, text)}
    assert [name for name in used if f'"{name}"' not in FILLED] == [], METHODS[pattern]


def test_every_page_is_filled_in_first() -> None:
    for page in (STATIC / "js/pages").iterdir():
        first = next(line for line in page.read_text().splitlines() if line.startswith("import"))
        assert first == 'import "../browser/fills.js";', page.name


@pytest.mark.parametrize("pattern", STYLES)
def test_no_style_is_written_in_newer_syntax(pattern: str) -> None:
    found = [(name, one[0]) for name, text in styles() for one in re.finditer(pattern, text, re.M)]
    assert found == [], STYLES[pattern]


@pytest.mark.parametrize("pattern", VALUES)
def test_a_newer_value_stands_behind_an_older_one(pattern: str) -> None:
    for name, text in styles():
        for body in re.findall(r"\{([^{}]*)\}", text):
            known: set[str] = set()
            for declaration in body.split(";"):
                prop = declaration.partition(":")[0].strip()
                if re.search(pattern, declaration):
                    assert prop in known, f"{name}: {declaration.strip()}: {VALUES[pattern]}"
                known.add(prop)


def test_a_selector_that_may_be_unknown_stands_alone() -> None:
    preludes = [one for _, text in styles() for one in re.findall(r"([^{}]*)\{", text)]
    newer = [one.strip() for one in preludes if any(name in one for name in PASSED_OVER)]
    assert newer
    assert [one for one in newer if "," in re.sub(r"\(.*\)", "", one)] == []


def test_a_colour_stands_once_and_not_in_a_block_of_each_theme() -> None:
    tokens = dict(styles())["tokens.css"]
    declared = re.findall(r"(--[\w-]+):[^;]*(?:#[\da-fA-F]{6}\b|rgb\()", tokens)
    assert declared
    assert len(declared) == len(set(declared))
