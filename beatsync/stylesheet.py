"""The one stylesheet that is served: imports put in, cascade layers flattened, blanks taken out.

Chromium knows `@layer` since 99. Without layers, the more specific selector wins; so each selector
gets `:not(#_)`, which always holds and counts like an id, once for each layer below its own. The
order of the cascade stays what the layers say. `!important` turns the order of layers round: a
property that is important in two layers is refused.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path

_STRING = r'"(?:\\.|[^"\\])*"' + r"|'(?:\\.|[^'\\])*'"
_COMMENT = re.compile(rf"({_STRING})|/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(
    r"""@import\s+url\(\s*["']?([^"')]+)["']?\s*\)\s*(?:layer\(\s*([\w-]+)\s*\))?\s*;"""
)
_LAYERS = re.compile(r"@layer\s+([\w\s,-]+);")
_PIECE = re.compile(rf"{_STRING}|[{{}};]|[^{{}};\"']+|.", re.DOTALL)
_IMPORTANT = re.compile(r"([\w-]+)\s*:[^;]*!important")
# At-rules that hold rules; what another holds is no selectors.
_GROUPS = ("@media", "@supports", "@container")
_STEP = ":not(#_)"


class CannotFlatten(ValueError):
    """A stylesheet that would mean something else without layers; its text says where."""


@dataclass(frozen=True)
class StyleRule:
    """A rule. `body` is the text of declarations, or rules; None for a statement."""

    prelude: str
    body: "str | list[StyleRule] | None"


def build_stylesheet(source: Path, *, without: Collection[str] = ()) -> str:
    """The whole stylesheet as one text, without these of its imports. Raises `CannotFlatten`."""
    text = _without_comments(source.read_text())
    order = [name.strip() for said in _LAYERS.findall(text) for name in said.split(",")]
    important: dict[str, str] = {}
    built: list[str] = []
    for place, layer in _IMPORT.findall(text):
        if layer not in order:
            raise CannotFlatten(f"{place}: the layer {layer!r} is not in the order of layers")
        if place in without:
            continue
        part = _without_comments((source.parent / place).read_text())
        for name in _IMPORTANT.findall(part):
            if important.setdefault(name, layer) != layer:
                raise CannotFlatten(f"{place}: {name} is !important in two layers")
        built.extend(_write(rule, _STEP * order.index(layer)) for rule in _parse(part, place))
    return "".join(built)


def write_stylesheet(
    source: Path, folder: Path, name: str, *, without: Collection[str] = ()
) -> str:
    """Write the stylesheet into a folder. Returns its name, with a hash of what it says."""
    text = build_stylesheet(source, without=without).encode()
    stem, dot, ending = name.rpartition(".")
    hashed = f"{stem}.{md5(text, usedforsecurity=False).hexdigest()[:12]}{dot}{ending}"
    (folder / hashed).parent.mkdir(parents=True, exist_ok=True)
    (folder / hashed).write_bytes(text)
    return hashed


def _without_comments(text: str) -> str:
    return _COMMENT.sub(lambda found: found[1] or " ", text)


def _parse(text: str, place: str) -> list[StyleRule]:
    pieces = iter(_PIECE.findall(text))
    rules = list(_rules(pieces, place))
    if next(pieces, None) is not None:
        raise CannotFlatten(f"{place}: a brace too many")
    return rules


def _rules(pieces: Iterator[str], place: str) -> Iterator[StyleRule]:
    """The rules up to the end of the block that is open."""
    prelude = ""
    for piece in pieces:
        if piece == "}":
            return
        if piece == ";":
            yield StyleRule(_squeezed(prelude), None)
        elif piece == "{":
            prelude = _squeezed(prelude)
            if prelude.startswith("@layer"):
                raise CannotFlatten(f"{place}: a layer is named where the file is imported")
            is_group = prelude.startswith(_GROUPS)
            yield StyleRule(prelude, list(_rules(pieces, place)) if is_group else _raw(pieces))
        else:
            prelude += piece
            continue
        prelude = ""


def _raw(pieces: Iterator[str]) -> str:
    """The text up to the end of the block that is open, with the blocks in it."""
    depth, text = 1, ""
    for piece in pieces:
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if depth == 0:
            break
        text += piece
    return text


def _write(rule: StyleRule, step: str) -> str:
    if rule.body is None:
        return f"{rule.prelude};"
    if isinstance(rule.body, list):
        return f"{rule.prelude}{{{''.join(_write(one, step) for one in rule.body)}}}"
    declarations = _squeezed(rule.body).removesuffix(";")
    if not declarations:
        return ""
    if rule.prelude.startswith("@"):
        return f"{rule.prelude}{{{declarations}}}"
    selectors = ",".join(_raised(one, step) for one in _split(rule.prelude))
    return f"{selectors}{{{declarations}}}"


def _raised(selector: str, step: str) -> str:
    """A selector that counts as much more as its layer stands above the lowest."""
    first = re.match(r"\*|[a-zA-Z][\w-]*", selector)
    end = first.end() if first else 0
    if not step:
        return selector
    return f"{selector[:end].removeprefix('*')}{step}{selector[end:]}"


def _split(prelude: str) -> list[str]:
    """The selectors of a list; commas in brackets and strings are their own."""
    parts, depth = [""], 0
    for piece in re.findall(rf"{_STRING}|.", prelude):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(piece, 0)
        if piece == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _squeezed(text: str) -> str:
    """The text without blanks that mean nothing; strings stay as they are."""
    pieces = re.split(rf"({_STRING})", text.strip())
    return "".join(piece if odd % 2 else _squeeze(piece) for odd, piece in enumerate(pieces))


def _squeeze(piece: str) -> str:
    piece = re.sub(r"\s+", " ", piece)
    # The blank of an empty custom property is its value.
    piece = re.sub(r"(?<!:) ?([{};,>~]) ?", r"\1", piece)
    # After the colon of a declaration or a media feature; before one, a blank is a descendant.
    return re.sub(r": (?!;)", ":", piece).replace(";}", "}")
