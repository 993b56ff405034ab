"""Which Node runs the page's scripts in tests: the system's, or the one that playwright brings."""

import shutil
from pathlib import Path

import playwright


def executable() -> str:
    """The path of a Node."""
    return shutil.which("node") or str(Path(playwright.__file__).parent / "driver" / "node")


if __name__ == "__main__":
    print(executable())
