"""The figures of parties as markdown."""

from collections import Counter
from collections.abc import Iterable, Sequence

from music.party.figures import Ask, Report, Waits, firsts, least_worst_wait, waits

COMPARED = (
    "seed", "mode", "played", "first wait: median", "p95", "worst", "least possible worst",
    "worst ÷ median", "unheard",
    "all waits: median", "p95", "airtime of flooders", "of trolls", "Gini", "refused",
)  # fmt: skip


def night(report: Report) -> str:
    """One party: a row for each habit, and what was refused."""
    habits = Counter(ask.habit for ask in report.asks)
    rows = [
        _by_habit(habit, report, [ask for ask in report.asks if ask.habit == habit])
        for habit, _ in habits.most_common()
    ]
    head = (
        "", "people", "asked", "played", "first wait: median", "p95", "worst",
        "all waits: median", "p95", "worst", "unheard", "airtime",
    )  # fmt: skip
    refused = sorted(report.refused.items(), key=lambda refusal: -refusal[1])
    told = ", ".join(f"{act} {code} {many}" for (act, code), many in refused) or "nothing"
    held = ", ".join(f"{each.habit} {each.held} of {each.cast}" for each in report.votes)
    skipped = sum(ask.skipped for ask in report.asks)
    return "\n".join(
        [
            *_lines(head, [*rows, _by_habit("guests", report, report.guests)]),
            "",
            f"Played: {report.played} ({skipped} skipped). Gini of airtime: {report.gini:.2f}.",
            f"Refused: {told}.",
            f"Votes held back: {held}.",
        ]
    )


def comparison(reports: Iterable[Report]) -> Iterable[str]:
    """Several parties, a line for each as it comes."""
    yield from _lines(COMPARED, [])
    for report in reports:
        yield _row(_compared(report))


def _compared(report: Report) -> Sequence[object]:
    first, every = waits(firsts(report.guests)), waits(report.guests)
    return (
        report.party.seed,
        report.party.mode or report.party.preset,
        report.played,
        *_minutes(first),
        f"{least_worst_wait(firsts(report.guests)):.1f}",
        f"{first.worst / first.median:.1f}" if first.median else "",
        first.unheard,
        *_minutes(every)[:2],
        _percent(report.share_of("flooder")),
        _percent(report.share_of("troll")),
        f"{report.gini:.2f}",
        sum(report.refused.values()),
    )


def _by_habit(name: str, report: Report, asks: Sequence[Ask]) -> Sequence[object]:
    every = waits(asks)
    return (
        name,
        len({ask.person for ask in asks}),
        every.many,
        every.many - every.unheard,
        *_minutes(waits(firsts(asks))),
        *_minutes(every),
        every.unheard,
        _percent(
            sum(ask.airtime_ms for ask in asks) / max(1, sum(ask.airtime_ms for ask in report.asks))
        ),
    )


def _minutes(found: Waits) -> list[str]:
    return [f"{minutes:.1f}" for minutes in (found.median, found.p95, found.worst)]


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _lines(head: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    rule = ["---", *["--:"] * (len(head) - 1)]
    return [_row(head), _row(rule), *(_row(row) for row in rows)]


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
