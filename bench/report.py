"""Numbers as markdown tables, with the aims beside them."""

import math
from collections.abc import Iterable, Sequence


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A markdown table under a heading."""
    lines = [f"\n### {title}\n", _row(head), _row(["---", *["--:"] * (len(head) - 1)])]
    return "\n".join([*lines, *(_row(row) for row in rows)])


def aim(met: bool, text: str) -> str:
    """An aim, and whether it was met."""
    return f"{text}: {'met' if met else 'MISSED'}"


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least this share of all values does not exceed."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1] if values else math.nan


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
