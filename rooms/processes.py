"""What a process settles with the machine and with its siblings before it serves."""

import fcntl
import os
import resource
import sys
from typing import TextIO

from django.conf import settings

# Uvicorn takes this code for a failed start and stops its other workers, instead of trying again.
FAILED_TO_START = 3
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
    """Let this process hold as many sockets as it may; at first it is often 1,024 files."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
