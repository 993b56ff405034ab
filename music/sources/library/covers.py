"""Pictures of tracks: found in folders, judged by their first bytes, kept once each."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

LIMIT_BYTES = 4 * 1024 * 1024
ADDRESS = "/media/covers/"
_STEMS = ("cover", "folder", "front")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_NAMES = [stem + suffix for stem in _STEMS for suffix in _SUFFIXES]


def in_folder(entries: Iterable[os.DirEntry[str]]) -> tuple[str | None, int]:
    """The folder's picture, and when it came or changed (ms UTC); (None, 0) without one."""
    pictures = {
        name: entry
        for entry in entries
        if (name := entry.name.lower()) in _NAMES and entry.is_file(follow_symlinks=False)
    }
    for name in _NAMES:
        if name in pictures:
            try:
                # The change time: copying and renaming keep the modification time.
                changed_ns = pictures[name].stat(follow_symlinks=False).st_ctime_ns
            except OSError:
                continue  # it vanished
            return pictures[name].path, changed_ns // 1_000_000
    return None, 0


def read(path: str) -> bytes:
    """A picture file's bytes; nothing when it is too large or cannot be read."""
    try:
        with open(path, "rb") as file:
            data = file.read(LIMIT_BYTES + 1)
    except OSError:
        return b""
    return data if len(data) <= LIMIT_BYTES else b""


def keep(data: bytes) -> str:
    """Save a picture under the hash of its bytes. Its name, or "" if it is none we serve."""
    suffix = _kind(data)
    if not suffix or len(data) > LIMIT_BYTES:
        return ""
    name = f"{hashlib.sha256(data).hexdigest()[:32]}.{suffix}"
    target = folder() / name
    if target.exists() and target.stat().st_size == len(data):
        return name
    folder().mkdir(parents=True, exist_ok=True)
    # Written aside and moved into place: nobody ever sees half a picture.
    with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as half:
        half.write(data)
    os.chmod(half.name, 0o644)
    os.replace(half.name, target)
    return name


def kept() -> set[str]:
    """The names of all saved pictures."""
    try:
        return set(os.listdir(folder()))
    except FileNotFoundError:
        return set()


def folder() -> Path:
    """Where the pictures are."""
    return Path(settings.DATA_DIR) / "covers"


def _kind(data: bytes) -> str:
    """The suffix that a picture's first bytes prove; "" for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return ""
