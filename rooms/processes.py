"""What a process settles with the machine and with its siblings before it serves."""

import contextlib
import fcntl
import os
import resource
import sys
from typing import TextIO

from django.conf import settings

# Uvicorn takes this code for a failed start and stops its other workers, instead of trying again.
FAILED_TO_START = 3
# A socket is a file. What is asked for where there is no limit, and where that is refused: the most
# that macOS gives one process by default, and less.
MANY_FILES, FEWER_FILES = 1 << 20, (65_536, 24_576, 10_240)
_held: list[TextIO] = []  # a lock lasts as long as its file is open


def claim() -> None:
    """Be the only process that serves this installation, unless Redis connects several.

    Without Redis, each process would have pushes and limits of its own: one room would fall into
    two. The lock is the kernel's, so it ends with the process, however that ends.
    """
    if settings.REDIS_URL:
        return
    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    lock = (settings.DATA_DIR / "process.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        print(
            f"BeatSync already runs here (process {lock.read().strip() or 'unknown'}): "
            "for more than one process set REDIS_URL, and DATABASE_URL to PostgreSQL.",
            file=sys.stderr,
        )
        sys.exit(FAILED_TO_START)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    _held.append(lock)


def open_many_files() -> None:
    """Let this process hold as many sockets as it may; at first it is often 1,024 files.

    macOS calls the hard limit unlimited and refuses to be asked for that, so the kernel is asked
    for less and less; where it grants nothing, the process keeps what it has.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MANY_FILES if hard == resource.RLIM_INFINITY else hard
    for files in (most, *(fewer for fewer in FEWER_FILES if fewer < most)):
        if soft != resource.RLIM_INFINITY and files > soft:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
                return
