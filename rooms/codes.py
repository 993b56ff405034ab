"""Room codes: how one is made, and how one is read from what a person typed or pasted."""

import re
import secrets

# No 0 O 1 I L: a code is read from a wall across a room and typed on a phone.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6
# A code as people write it: in one piece or in two halves, not inside a longer word.
_WRITTEN = re.compile(
    rf"(?<![^\W_])([{CODE_ALPHABET}]{{3}})([\s.·–—-]?)([{CODE_ALPHABET}]{{3}})(?![^\W_])",
    re.IGNORECASE,
)
_IN_LINK = re.compile(r"/r/([^/?#\s]+)", re.IGNORECASE)
# A word announces a code within so many characters; looking further back, for each of the
# thousands that a long text may hold, would take seconds.
_ANNOUNCED_WITHIN = 40
_ANNOUNCED = re.compile(r"\bcode\b[^\w]*(?:is\b[^\w]*)?$", re.IGNORECASE)


def new_code() -> str:
    """Six characters without look-alikes, from the operating system's randomness."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH))


def normalise_code(typed: str) -> str:
    """Letters and figures alone, in capitals: blanks, dashes and the like do not count."""
    return re.sub(r"[\W_]+", "", typed).upper()


def is_code(text: str) -> bool:
    """Whether a normalised text is written like a code; of anything else no room can be found."""
    return len(text) == CODE_LENGTH and set(text) <= set(CODE_ALPHABET)


def find_code(typed: str) -> str | None:
    """The code in a text: the code itself, a link to a room, or words around either.

    In words, what "code" announces comes first, then what has a figure, then what is in capitals,
    in one piece, and last. The page does the same (`static/js/views/home/code-entry.js`).
    """
    if link := _IN_LINK.search(typed):
        typed = link[1]
    if is_code(whole := normalise_code(typed)):
        return whole
    found = max(_WRITTEN.finditer(typed), key=_likelihood, default=None)
    return None if found is None else normalise_code(found[0])


def _likelihood(found: re.Match[str]) -> tuple[bool, bool, bool, bool, int]:
    written, before = found[0], max(0, found.start() - _ANNOUNCED_WITHIN)
    return (
        _ANNOUNCED.search(found.string, before, found.start()) is not None,
        any(letter.isdigit() for letter in written),
        written.isupper(),
        not found[2],
        found.start(),
    )
