"""Whether a file of the library can be had now, and whether it is gone or only out of reach.

A disk or a share may be away: not mounted, not answering, without permission, or an empty folder in
its place. That says nothing about the files on it. So only a file whose folder is there, with other
things in it, is gone. Nobody waits longer than `PATIENCE_S` for a disk that hangs.
"""

import os
import stat
import threading
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from music.sources.library.paths import is_below

# Callers may hold a room's lock, so it is short. But on a busy machine even a thread may take more
# than a second to begin, and a folder that is only slow must not cost a track its turn.
PATIENCE_S = 3.0


T = TypeVar("T")


class FileReach(Enum):
    """How a file stands."""

    THERE = auto()
    GONE = auto()  # removed: what lay beside it is there
    UNREACHABLE = auto()  # it cannot be opened now, or its own folder is empty
    FOLDER_AWAY = auto()  # nothing of its music folder can be reached


class Listing(Enum):
    """What a music folder shows of itself."""

    FILLED = auto()
    EMPTY = auto()
    UNLISTED = auto()


def reach_of(path: str, root: str) -> FileReach:
    """How a file below a music folder stands; both are real paths."""
    return ask_disk(root, lambda: _look_for(path, root), FileReach.FOLDER_AWAY)


def list_root(root: str) -> Listing:
    """What a music folder shows of itself now."""
    return ask_disk(root, lambda: _list(root), Listing.UNLISTED)


def _look_for(path: str, root: str) -> FileReach:
    try:
        is_file = stat.S_ISREG(os.stat(path).st_mode)
        if not is_file or os.path.realpath(path) != path:
            return FileReach.GONE  # something else, or a link, is in its place
        return FileReach.THERE if os.access(path, os.R_OK) else FileReach.UNREACHABLE
    except (FileNotFoundError, NotADirectoryError):
        return _judge_missing(path, root)
    except OSError:
        away = _list(root) == Listing.UNLISTED
        return FileReach.FOLDER_AWAY if away else FileReach.UNREACHABLE


def _judge_missing(path: str, root: str) -> FileReach:
    """The nearest folder above that is there decides: it holds other things, or nothing at all."""
    folder = os.path.dirname(path)
    while is_below(folder, root) and not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    if _list(folder) == Listing.FILLED:
        return FileReach.GONE
    return FileReach.UNREACHABLE if is_below(folder, root) else FileReach.FOLDER_AWAY


def _list(folder: str) -> Listing:
    """Names with a dot do not count: mount points are often marked with such a file."""
    try:
        with os.scandir(folder) as entries:
            filled = any(not entry.name.startswith(".") for entry in entries)
    except OSError:
        return Listing.UNLISTED
    return Listing.FILLED if filled else Listing.EMPTY


# Questions that a disk has not answered yet, by the music folder that it holds.
_unanswered: dict[str, threading.Thread] = {}


def ask_disk(root: str, question: Callable[[], T], otherwise: T) -> T:
    """The answer of the disk with this folder, or `otherwise` if there is none in time.

    A system call on a share that hangs cannot be ended, so it is left to a thread; while one hangs,
    the same disk is asked nothing else.
    """
    if (stuck := _unanswered.get(root)) is not None and stuck.is_alive():
        return otherwise
    answers: list[T] = []
    thread = threading.Thread(target=lambda: answers.append(question()), name="disk", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    if thread.is_alive():
        _unanswered[root] = thread
    else:
        _unanswered.pop(root, None)
    return answers[0] if answers else otherwise
