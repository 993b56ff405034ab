"""Lines of code of a checkout: without blank lines, comments and docstrings."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

APPS = ("beatsync", "rooms", "music")
# Tokens that are no code by themselves.
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def count_lines(root: Path) -> dict[str, float]:
    """Lines of code by kind. Migrations are not counted."""
    python = {app: sum(map(_python_lines, _files(root / app, "*.py"))) for app in APPS}
    return {
        "Python: " + " + ".join(APPS): sum(python.values()),
        **{f"Python: {app}": lines for app, lines in python.items()},
        "Python: tests": sum(map(_python_lines, _files(root / "tests", "*.py"))),
        "JavaScript: pages": sum(map(_script_lines, _files(root / "static" / "js", "*.js"))),
        "JavaScript: tests": sum(map(_script_lines, _files(root / "tests" / "js", "*.mjs"))),
    }


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    return (file for file in folder.rglob(pattern) if "migrations" not in file.parts)


def _python_lines(file: Path) -> int:
    source = file.read_text()
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in LAYOUT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return len(lines - set(_docstring_lines(ast.parse(source))))


def _docstring_lines(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        # A string that is a statement by itself does nothing: it documents.
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            assert node.end_lineno is not None
            if isinstance(node.value.value, str):
                yield from range(node.lineno, node.end_lineno + 1)


def _script_lines(file: Path) -> int:
    """Lines that are neither blank nor within a comment that begins a line."""
    count, in_comment = 0, False
    for line in map(str.strip, file.read_text().splitlines()):
        if in_comment or line.startswith("/*"):
            in_comment = "*/" not in line
        elif line and not line.startswith("//"):
            count += 1
    return count
