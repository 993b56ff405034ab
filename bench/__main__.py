"""`python -m bench [name …]`: run all benches, or the named ones, one after the other.

`--before DIR` is for `compare`, `idle` and `page`: the checkout of another version, to measure
beside this one.
"""

import argparse
import importlib
import sys
from pathlib import Path

BENCHES = (
    "deliveries",
    "votes",
    "chat",
    "joins",
    "growth",
    "reads",
    "idle",
    "flood",
    "unread",
    "writers",
    "library",
    "discovery",
    "spotify",
    "sync",
    "sound",
    "evening",
    "soak",
    "first_minute",
    "page",
    "long_chat",
    "staff_lists",
    "staff_reach",
    "compare",
)
# Those that can measure another version beside this one.
COMPARING = ("compare", "idle", "page")


def main(names: list[str], *, before: Path | None = None) -> None:
    unknown = set(names) - set(BENCHES)
    if unknown:
        sys.exit(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    for name in names or BENCHES:
        options = {"before": before} if name in COMPARING else {}
        importlib.import_module(f"bench.{name}").main(**options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", metavar="name")
    parser.add_argument("--before", type=Path, metavar="DIR")
    wanted = parser.parse_args()
    main(wanted.names, before=wanted.before)
