"""The functions of a script, by its braces: enough of a parser to measure lengths."""

import re
from collections.abc import Iterator

from beatsync.script_texts import LITERAL, TEXT_OF_TEMPLATE

_NO_FUNCTIONS = {"if", "for", "while", "switch", "catch", "with"}


def code_of(text: str) -> str:
    """The script with blanks in place of comments and literals; its lines stay."""
    made: list[str] = []
    depths: list[int] = []  # of braces inside each ${} that is open
    at = 0
    while at < len(text):
        literal = LITERAL.match(text, at)
        closes = text[at] == "}" and depths and depths[-1] == 0
        if literal and not closes:
            made.append(re.sub(r"[^\n]", " ", literal[0]))
            at = literal.end()
        elif text[at] == "`" or closes:
            if closes:
                depths.pop()
            words = TEXT_OF_TEMPLATE.match(text, at + 1)
            assert words
            made.append(" " + re.sub(r"[^\n]", " ", words[0]))
            at = words.end()
            if text.startswith("${", at):
                depths.append(0)
                at += 1
            made.append(" ")
            at += 1
        else:
            if depths and text[at] in "{}":
                depths[-1] += 1 if text[at] == "{" else -1
            made.append(text[at])
            at += 1
    return "".join(made)


def functions_of(text: str) -> Iterator[tuple[str, int]]:
    """Each function with its head, and how many lines it has."""
    code = code_of(text)
    opened: list[int] = []
    for at, sign in enumerate(code):
        if sign == "{":
            opened.append(at)
        elif sign == "}":
            brace = opened.pop()
            start = _start_of_function(code, brace)
            if start is not None:
                head = text[start : text.find("\n", start)].strip()
                yield head, code.count("\n", start, at) + 1
    assert not opened


def awaits_at_top(text: str) -> bool:
    """Whether a module waits before it has run, which keeps all that import it waiting."""
    depth = 0
    for sign in re.finditer(r"[{}]|\bawait\b|=>\s*(?!\{)[^;]*", code_of(text)):
        if sign[0] == "await" and depth == 0:
            return True
        depth += sign[0].count("{") - sign[0].count("}")
    return False


def _start_of_function(code: str, brace: int) -> int | None:
    before = code[:brace].rstrip()
    if before.endswith("=>"):
        return code.rfind("\n", 0, brace) + 1
    if not before.endswith(")"):
        return None
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[at], 0)
        if depth == 0:
            break
    name = re.search(r"([\w$#]+)\s*$", before[:at])
    return name.start() if name and name[1] not in _NO_FUNCTIONS else None
