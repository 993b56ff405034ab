"""What a guest's page costs on a slow phone: the first visit, and a busy room.

    python -m bench page [--before VERSION]
    python -m bench.page [--before VERSION] [--minutes 0.7] [--part visits|busy]

`--before` is another version, measured in the same run: a folder with its checkout, or a name that
Git knows. Without it that is the version before scripts were bundled, where its commit is at hand.
`--minutes` is how long the busy room is watched; `--part` measures only the visits, or only that.
"""

import argparse
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from bench.busy_room import busy_room
from bench.first_visit import first_visits
from bench.machine import described
from bench.running import checkout, has_commit
from tests.servers import ROOT

# The last version that served each module and each stylesheet by itself.
SINGLE_MODULES = "25352f7d174d3197066b17f4e4dcf159da6c8040"
PARTS = ("visits", "busy")


def main(
    *, before: Path | None = None, minutes: float = 0.7, parts: Collection[str] = PARTS
) -> None:
    print(described())
    chosen = str(before) if before else SINGLE_MODULES if has_commit(SINGLE_MODULES) else None
    with ExitStack() as folders:
        roots = {"now": ROOT}
        if chosen is not None:
            roots = {"before": folders.enter_context(checkout(chosen)), **roots}
        if "visits" in parts:
            print(first_visits(roots), flush=True)
        if "busy" in parts:
            for name, root in roots.items():
                table = busy_room(minutes=minutes, root=root)
                print(f"\n{name.capitalize()}: {table}", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=0.7)
    parser.add_argument("--before", type=Path, metavar="VERSION")
    parser.add_argument("--part", choices=PARTS)
    chosen = parser.parse_args()
    parts = (chosen.part,) if chosen.part else PARTS
    main(before=chosen.before, minutes=chosen.minutes, parts=parts)
