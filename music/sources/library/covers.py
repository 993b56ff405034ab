"""Covers of tracks: found in folders, and kept once each, in two sizes (`thumbnails`)."""

import os
import re
import stat
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

from django.conf import settings

from music.sources.library.file_facts import Cover

ADDRESS = "/media/covers/"
_LARGE, _SMALL = "-l.jpg", "-s.webp"
_WHOLE = re.compile(r"[0-9a-f]{32}\.(?:jpg|png|webp)")
_STEMS = ("cover", "folder", "front")
_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_NAMES = [stem + suffix for stem in _STEMS for suffix in _SUFFIXES]


def in_folder(entries: Iterable[os.DirEntry[str]]) -> tuple[str | None, int]:
    """The folder's picture, and when it came or changed (ms UTC); (None, 0) without one."""
    named = {name: entry for entry in entries if (name := entry.name.lower()) in _NAMES}
    for name in filter(named.__contains__, _NAMES):
        try:
            status = named[name].stat(follow_symlinks=False)
        except OSError:
            continue  # it vanished, or the disk refuses it
        if stat.S_ISREG(status.st_mode):
            # The change time: copying and renaming keep the modification time.
            return named[name].path, status.st_ctime_ns // 1_000_000
    return None, 0


def keep(cover: Cover | None) -> str:
    """Save a cover in both sizes. The address of the large one, or "" for none."""
    if cover is None:
        return ""
    address = f"{ADDRESS}{cover.name}{_LARGE}"
    _write(cover.name + _LARGE, cover.large)
    _write(cover.name + _SMALL, cover.small)
    return address


def small_of(address: str) -> str:
    """The address of the small size of a cover; "" for what was not saved in two."""
    if address.startswith(ADDRESS) and address.endswith(_LARGE):
        return address.removesuffix(_LARGE) + _SMALL
    return ""


def is_kept(address: str, saved: Collection[str]) -> bool:
    """Whether a cover is among the `saved` names in both sizes."""
    small = small_of(address).removeprefix(ADDRESS)
    return address.removeprefix(ADDRESS) in saved and small in saved


def drop_whole_pictures(used: Collection[str]) -> None:
    """Delete the pictures that were saved as they were found, but for these addresses.

    Until 2026 they were, with up to 4 MB each; a scan gives tracks covers in two sizes.
    """
    for name in kept():
        if _WHOLE.fullmatch(name) and ADDRESS + name not in used:
            (folder() / name).unlink(missing_ok=True)


def kept() -> set[str]:
    """The names of all saved pictures."""
    try:
        return set(os.listdir(folder()))
    except FileNotFoundError:
        return set()


def folder() -> Path:
    """Where the pictures are."""
    return Path(settings.DATA_DIR) / "covers"


def _write(name: str, data: bytes) -> None:
    """Written aside and moved into place: nobody ever sees half a picture."""
    target = folder() / name
    if target.exists() and target.stat().st_size == len(data):
        return
    folder().mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as half:
        try:
            half.write(data)
            half.flush()
            os.chmod(half.name, 0o644)
            os.replace(half.name, target)
        except OSError:
            os.unlink(half.name)  # on a full disk, each scan would leave another one
            raise
