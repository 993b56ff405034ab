"""What the machine has: collected files, room on its disk, memory."""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_noop as _

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
        return fine(_("Static files"), _("served from their folders."))
    if not are_files_collected():
        step = _("Run manage.py prepare, then restart.")
        return wrong(_("Static files"), _("are missing or older than this version."), step)
    return fine(_("Static files"), _("collected."))


def disk() -> Finding:
    """Whether DATA_DIR can be written, and has room."""
    folder = _existing(settings.DATA_DIR)
    if not os.access(folder, os.W_OK):
        step = _("Let the user that runs BeatSync write there, or move DATA_DIR.")
        return wrong(_("Disk"), _("{folder} cannot be written."), step, folder=settings.DATA_DIR)
    free = shutil.disk_usage(folder).free
    text = _("{free:,} MB free for {folder}.")
    values: dict[str, Any] = {"free": free // 1024**2, "folder": settings.DATA_DIR}
    if free < LEAST_FREE_BYTES:
        return wrong(_("Disk"), text, _("Make room, or move DATA_DIR."), **values)
    return fine(_("Disk"), text, **values)


def memory() -> Iterator[Finding]:
    """How much memory is left; nothing where the machine does not say."""
    free = free_memory()
    if free is None:
        return
    text, free_mb = _("{free:,} MB free."), free // 1024**2
    if free < LEAST_MEMORY_BYTES:
        step = _("End other programs, or give the container more.")
        yield wrong(_("Memory"), text, step, free=free_mb)
    else:
        yield fine(_("Memory"), text, free=free_mb)


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
