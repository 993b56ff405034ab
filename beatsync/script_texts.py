"""The texts in the code of a script: its strings and templates, without comments and patterns.

Enough of a parser for that and no more: `beatsync/word_catalogue.py` looks for sentences in them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Stands in the text of a template for each `${…}`.
VALUE = "\0"
# Comments, strings and regular expressions, which may hold braces. A regular expression follows
# an operator or an opening bracket; anything else before a slash makes it a division.
LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'"""
    r"""|(?:(?<=[(,=:\[!&|?{};\n])|(?<=\breturn))\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/""",
    re.DOTALL,
)
TEXT_OF_TEMPLATE = re.compile(r"(?:\\.|(?!\$\{)[^`\\])*", re.DOTALL)
# What may begin a literal, or open or close a block.
_NEXT = re.compile(r"""["'`/{}]|\s+/""")


@dataclass(frozen=True)
class ScriptText:
    """One string or template of a script, where it begins, and the code of its line before it."""

    text: str
    line: int
    before: str


def texts_of(script: str) -> Iterator[ScriptText]:
    """All of them, in no order; of a template in a template both."""
    found: list[tuple[int, str]] = []
    _scan(script, 0, found)
    for at, text in found:
        before = script[script.rfind("\n", 0, at) + 1 : at]
        yield ScriptText(text, script.count("\n", 0, at) + 1, before)


def _scan(script: str, at: int, found: list[tuple[int, str]]) -> int:
    """Read code up to the brace that closes what it is in, or the end. Returns where that is."""
    depth = 0
    while interesting := _NEXT.search(script, at):
        at = interesting.start()
        sign = interesting.end() - 1
        if literal := LITERAL.match(script, at) or LITERAL.match(script, sign):
            if script[at] in "\"'":
                found.append((at, literal[0][1:-1]))
            at = literal.end()
            continue
        at = sign
        if script[at] == "`":
            at = _scan_template(script, at, found)
            continue
        depth += {"{": 1, "}": -1}.get(script[at], 0)
        if depth < 0:
            return at
        at += 1
    return len(script)


def _scan_template(script: str, begin: int, found: list[tuple[int, str]]) -> int:
    """Read a template and the code in it. Returns where it is over."""
    parts: list[str] = []
    at = begin + 1
    while words := TEXT_OF_TEMPLATE.match(script, at):
        parts.append(words[0])
        at = words.end()
        if not script.startswith("${", at):
            break
        parts.append(VALUE)
        at = _scan(script, at + 2, found) + 1
    found.append((begin, "".join(parts)))
    return at + 1
