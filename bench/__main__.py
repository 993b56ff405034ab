"""`python -m bench [name …]`: run all benches, or the named ones, one after the other."""

import importlib
import pkgutil
import sys

import bench


def main(names: list[str]) -> None:
    known = [
        module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__"
    ]
    runnable = [name for name in known if hasattr(importlib.import_module(f"bench.{name}"), "main")]
    unknown = set(names) - set(runnable)
    if unknown:
        sys.exit(f"No such bench: {', '.join(sorted(unknown))}. There are: {', '.join(runnable)}.")
    for name in names or runnable:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
