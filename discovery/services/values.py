"""Values out of answers that keep to no type: numbers as text, one thing in place of a list.

The one place where such answers are read; behind it all values are typed.
"""

from __future__ import annotations

from typing import Any

from rooms.names import normalised

TEXT_LENGTH = 300
# No count, score, second or moment of a service is as large: what is can overflow where it is used.
LARGEST = 1e12
LONGEST_LIST = 200


def text(value: Any) -> str:
    """A text that a database and an address can carry, 300 characters at most; else ""."""
    return normalised(value[: 4 * TEXT_LENGTH])[:TEXT_LENGTH] if isinstance(value, str) else ""


def number(value: Any) -> float:
    """A number up to `LARGEST`, also out of a text; 0 for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return 0.0
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return 0.0
    return found if abs(found) <= LARGEST else 0.0


def items(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; a single object is a list of one, and anything else an empty one."""
    several = value if isinstance(value, list) else [value]
    return [each for each in several[:LONGEST_LIST] if isinstance(each, dict)]


def inside(value: Any, *names: str) -> Any:
    """What lies under these names, one in the other; None where anything else stands there."""
    for name in names:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def web_address(value: Any, *, host: str) -> str:
    """An https address at this host; "" for anything else, so that nothing else is shown."""
    address = text(value)
    begins = (f"https://{host}/", f"https://www.{host}/")
    return address if address.startswith(begins) and len(address) < TEXT_LENGTH else ""
