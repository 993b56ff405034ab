"""What a process settles with the machine and with its siblings before it serves."""

import contextlib
import ctypes
import fcntl
import gc
import os
import resource
import sys
from collections.abc import Iterator
from typing import TextIO

from django.conf import settings

# Uvicorn takes this code for a failed start and stops its other workers, instead of trying again.
FAILED_TO_START = 3
# The option's number in glibc's malloc.h, and how many arenas there are at most.
M_ARENA_MAX, ARENAS = -8, 2
# A socket is a file. What is asked for where there is no limit, and where that is refused: the most
# that macOS gives one process by default, and less.
MANY_FILES, FEWER_FILES = 1 << 20, (65_536, 24_576, 10_240)
_held: list[TextIO] = []  # a lock lasts as long as its file is open


def claim() -> None:
    """Be the only process that serves this installation, unless Redis connects several.

    Without Redis, each process would have pushes and limits of its own: one room would fall into
    two. The lock is the kernel's, so it ends with the process, however that ends.
    """
    if (lock := _lock()) is not None:
        _held.append(lock)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Be the only process meanwhile, as `claim` is until its end."""
    lock = _lock()
    try:
        yield
    finally:
        if lock is not None:
            lock.close()


def _lock() -> TextIO | None:
    """The open file whose lock is this process's; None where several may serve."""
    if may_have_siblings():
        return None
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
    return lock


def may_have_siblings() -> bool:
    """Whether other processes may serve this installation, too; `claim` keeps them out if not."""
    return bool(settings.REDIS_URL)


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


def freeze_loaded_objects() -> None:
    """Take all objects that are there by now out of the garbage collection, for good.

    Python looks for dead cycles among old objects only once a quarter as many again have grown old.
    With the 200,000 of a loaded server, 60,000 blocks of memory waited for that; without, 20,000.
    """
    gc.collect()
    gc.freeze()


def limit_malloc_arenas() -> None:
    """Let all threads share two arenas of glibc's malloc, unless MALLOC_ARENA_MAX says how many.

    By itself it gives up to eight a core, and each keeps what was freed in it: 4 to 10 MB more in
    ten minutes. To be called before there are threads. Other C libraries have no such arenas.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
