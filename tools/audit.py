"""Look the pinned requirements up against known weaknesses: `python -m tools.audit`.

Ends with 1 where one is found. Where the service that knows them cannot be asked, that is unknown,
and no fault of what is being checked: it says so, and ends with 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, NamedTuple

FILES = ("requirements.txt", "requirements-sentry.txt", "requirements-dev.txt")
WITHIN_S = 180


class Known(NamedTuple):
    """A line for each weakness; of how many packages there is an answer, and of how many none."""

    weaknesses: list[str]
    answered: int
    unanswered: int


def main() -> None:
    try:
        done = subprocess.run(
            [
                sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip",
                "--progress-spinner", "off", "--format", "json",
                *(word for file in FILES for word in ("--requirement", file)),
            ],
            capture_output=True, text=True, timeout=WITHIN_S,
        )  # fmt: skip
        known = judge(done.stdout)
    except subprocess.TimeoutExpired:
        known = Known([], 0, 0)
    if known.answered == 0:
        print("Weaknesses of dependencies could not be asked for, so they are unknown.")
        return
    print(f"Weaknesses that are known of {known.answered} dependencies: {len(known.weaknesses)}.")
    if known.unanswered:
        print(f"{known.unanswered} more could not be asked for, so theirs are unknown.")
    if known.weaknesses:
        sys.exit("\n".join(known.weaknesses))


def judge(said: str) -> Known:
    """What pip-audit says, in JSON; nothing of it where it could not ask."""
    try:
        packages: list[dict[str, Any]] = json.loads(said)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Known([], 0, 0)
    answered = [each for each in packages if "vulns" in each]
    weaknesses = [
        f"{each['name']} {each['version']}: {weakness['id']}, "
        f"mended in {', '.join(weakness['fix_versions']) or 'no version yet'}"
        for each in answered
        for weakness in each["vulns"]
    ]
    return Known(weaknesses, len(answered), len(packages) - len(answered))


if __name__ == "__main__":
    main()
