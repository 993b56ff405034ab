"""`python -m bench [name …]`: run all benches, or the named ones, one after the other."""

import importlib
import sys

BENCHES = (
    "deliveries",
    "votes",
    "joins",
    "growth",
    "reads",
    "idle",
    "flood",
    "unread",
    "writers",
    "library",
    "spotify",
    "sync",
    "sound",
    "soak",
    "first_minute",
)


def main(names: list[str]) -> None:
    unknown = set(names) - set(BENCHES)
    if unknown:
        sys.exit(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHES)}.")
    for name in names or BENCHES:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
