"""Paths as text: how the name of a file is kept in the database, and how it is shown.

A name on disk is bytes. Python holds those that are not UTF-8 as lone surrogates, which no
database takes. They are kept as private-use characters instead, so that the way back is exact.
"""

import os
import re

_SURROGATES = range(0xDC80, 0xDD00)
_KEPT_AS = range(0x10FF80, 0x110000)
_TO_STORED = dict(zip(_SURROGATES, _KEPT_AS, strict=True))
_TO_REAL = dict(zip(_KEPT_AS, _SURROGATES, strict=True))
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def stored(path: str) -> str:
    """The path as the database keeps it."""
    return path.translate(_TO_STORED)


def real(path: str) -> str:
    """The path as the file system knows it, from what `stored` made."""
    return path.translate(_TO_REAL)


def shown(path: str) -> str:
    """The path for people: bytes that are no UTF-8 read as Western European, no control codes."""
    raw = os.fsencode(real(path))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return _UNSHOWABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def is_below(path: str, root: str) -> bool:
    """Whether a path lies in a folder; both resolved."""
    return path.startswith(root.rstrip(os.sep) + os.sep)
