"""What the machine has: collected files, room on its disk, memory."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from beatsync.doctor.findings import Finding, fine, wrong
from beatsync.management.commands.prepare import are_files_collected

# Below this, a disk is named; SQLite and covers have to be written somewhere.
LEAST_FREE_BYTES = 500 * 1024 * 1024
# Less than this beside what runs already, and a crowd is too many.
LEAST_MEMORY_BYTES = 100 * 1024 * 1024
_CGROUP = Path("/sys/fs/cgroup")


def static_files() -> Finding:
    """Whether what pages load was made from the present version."""
    backend: str = settings.STORAGES["staticfiles"]["BACKEND"]
    if settings.DEBUG or not backend.startswith("beatsync."):
        return fine("Static files", "served from their folders.")
    if not are_files_collected():
        step = "Run manage.py prepare, then restart."
        return wrong("Static files", "are missing or older than this version.", step)
    return fine("Static files", "collected.")


def disk() -> Finding:
    """Whether DATA_DIR can be written, and has room."""
    folder = _existing(settings.DATA_DIR)
    if not os.access(folder, os.W_OK):
        step = "Let the user that runs BeatSync write there, or move DATA_DIR."
        return wrong("Disk", f"{settings.DATA_DIR} cannot be written.", step)
    free = shutil.disk_usage(folder).free
    sentence = f"{free // 1024**2:,} MB free for {settings.DATA_DIR}."
    if free < LEAST_FREE_BYTES:
        return wrong("Disk", sentence, "Make room, or move DATA_DIR.")
    return fine("Disk", sentence)


def memory() -> Iterator[Finding]:
    """How much memory is left; nothing where the machine does not say."""
    free = free_memory()
    if free is None:
        return
    sentence = f"{free // 1024**2:,} MB free."
    if free < LEAST_MEMORY_BYTES:
        yield wrong("Memory", sentence, "End other programs, or give the container more.")
    else:
        yield fine("Memory", sentence)


def free_memory(meminfo: Path = Path("/proc/meminfo"), cgroup: Path = _CGROUP) -> int | None:
    """Bytes that a process may still take: of the machine, or of its container if that is less."""
    left = []
    with suppress(OSError, ValueError, IndexError):
        lines = meminfo.read_text().splitlines()
        available = next(line for line in lines if line.startswith("MemAvailable:"))
        left.append(int(available.split()[1]) * 1024)
    with suppress(OSError, ValueError):  # "max" where there is no bound
        limit = int((cgroup / "memory.max").read_text())
        left.append(limit - int((cgroup / "memory.current").read_text()))
    return min(left, default=None)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder.resolve(), *folder.resolve().parents) if each.exists())
