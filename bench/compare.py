"""This version beside another one: CPU, votes a second, queries, bytes, lines of code.

`python -m bench compare --before DIR` measures both in one run, figure by figure, now one version
first and now the other. DIR is a checkout of the other version (`git worktree add DIR TAG`). Each
version runs its own code under the same load. Without `--before` it measures this version alone.
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Self, TypeVar

from bench import report
from bench.compare_bytes import count_bytes
from bench.compare_costs import Figures, Measured, measured
from bench.compare_lines import count_lines
from bench.machine import described
from bench.running import POSTGRES, has_postgres, installation
from tests.servers import ROOT

T = TypeVar("T")

ROUNDS = 5
# Nothing may be worse by more.
WORSE = 1.05
_LIMIT = f"worse by {WORSE - 1:.0%} at most"
QUERIES = Path(__file__).with_name("compare_queries.py")


@dataclass
class Section:
    """Figures of one kind by name, each with what every round has measured, by version."""

    title: str
    digits: int = 0
    more_is_better: bool = False
    rounds: dict[str, dict[Path, list[float]]] = field(default_factory=dict)

    def add(self, root: Path, figures: Figures) -> None:
        for name, value in figures.items():
            self.rounds.setdefault(name, {}).setdefault(root, []).append(value)

    def table(self, roots: list[Path]) -> str:
        now = roots[-1]
        if len(roots) == 1:
            rows = [[name, self._figure(values[now])] for name, values in self.rounds.items()]
            return report.table(self.title, ["", "this version"], rows)
        head = ["", "before", "now", "now ÷ before", "in single rounds", "best ÷ best", _LIMIT]
        rows = [
            [name, *self._row(values.get(roots[0], []), values.get(now, []))]
            for name, values in self.rounds.items()
        ]
        return report.table(self.title, head, rows)

    def without_zeros(self) -> Self:
        """Leave out what is zero in each version."""
        figures = self.rounds.items()
        self.rounds = {name: values for name, values in figures if any(map(any, values.values()))}
        return self

    def _row(self, before: list[float], now: list[float]) -> list[str]:
        cells = [self._figure(before), self._figure(now)]
        if not before or not now or 0 in before:
            return [*cells, "", "", "", ""]
        # Round by round, for the machine is faster in one minute than in another.
        ratios = [present / then for then, present in zip(before, now, strict=True)]
        ratio = median(ratios)
        # What else the machine does only makes rounds worse: the best has the least of it.
        best = max if self.more_is_better else min
        of_best = best(now) / best(before)
        verdict = self._verdict(ratios, of_best)
        if len(ratios) == 1:
            return [*cells, _ratio(ratio), "", "", verdict]
        single = f"{min(ratios):.2f}–{max(ratios):.2f}"
        return [*cells, _ratio(ratio), single, _ratio(of_best), verdict]

    def _verdict(self, ratios: list[float], of_best: float) -> str:
        """Whether it is not worse; unclear where the rounds, or their best ones, disagree."""
        *losses, best = [1 / each if self.more_is_better else each for each in (*ratios, of_best)]
        if median(losses) <= WORSE:
            return "yes"
        return "**no**" if min(*losses, best) > 1 and best > WORSE else "unclear"

    def _figure(self, values: list[float]) -> str:
        return f"{median(values):,.{self.digits}f}" if values else ""


def main(before: Path | None = None) -> None:
    roots = [*([before.resolve()] if before else []), ROOT]
    print(described())
    for section in measure(roots):
        print(section.table(roots), flush=True)


def measure(roots: list[Path]) -> Iterator[Section]:
    """All figures of these checkouts; what is exact comes first."""
    queries, locks = Section("Queries of a request"), Section("Locks of the room's row")
    written, lines = Section("Bytes written to sockets"), Section("Lines of code")
    for root, counts in zip(roots, at_once(_count_queries, roots), strict=True):
        queries.add(root, {name: count for name, (count, _) in counts.items()})
        locks.add(root, {name: count for name, (_, count) in counts.items()})
    for root in roots:
        lines.add(root, count_lines(root))
    yield queries
    if has_postgres():
        yield locks.without_zeros()
    yield lines
    for root, figures in zip(roots, at_once(_count_bytes, roots), strict=True):
        written.add(root, figures)
    yield written
    yield from asyncio.run(_costs(roots))


async def _costs(roots: list[Path]) -> list[Section]:
    """What needs a quiet machine and several rounds, the versions in turns."""
    cpu = Section("CPU of the server", digits=2)
    rates = Section("Votes counted a second, 50 people voting without a pause", more_is_better=True)
    with ExitStack() as stack:
        versions: list[tuple[Path, Measured]] = [
            (root, stack.enter_context(measured(root, rounds=ROUNDS))) for root in roots
        ]
        for _, version in versions:
            await version.open()
        for number in range(ROUNDS):
            value = 1 if number % 2 == 0 else -1  # so that each vote changes something
            for steps in zip(*(version.steps(value) for _, version in versions), strict=True):
                for (root, _), step in zip(versions, steps, strict=True):
                    costs = await step()
                    cpu.add(root, costs.cpu)
                    rates.add(root, costs.rates)
            versions.reverse()  # neither is always the first
        for _, version in versions:
            await version.close()
    return [cpu, rates]


def at_once(count: Callable[[Path], T], roots: list[Path]) -> list[T]:
    """Count in all versions at the same time: for what a busy machine does not change."""
    with ThreadPoolExecutor(len(roots)) as threads:
        return list(threads.map(count, roots))


def _count_bytes(root: Path) -> Figures:
    return asyncio.run(count_bytes(root))


def _count_queries(root: Path) -> dict[str, tuple[int, int]]:
    database = POSTGRES if has_postgres() else ""
    with installation(database=database, root=root, CONDUCTOR="worker") as environment:
        ran = subprocess.run(
            # Not beside this file, but at `root` are the modules that it imports.
            [sys.executable, "-P", str(QUERIES)],
            cwd=root, env=environment | {"PYTHONPATH": str(root)}, check=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
    counts: dict[str, tuple[int, int]] = json.loads(ran.stdout)
    return counts


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"
