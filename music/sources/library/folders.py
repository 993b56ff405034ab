"""The music folders, and the audio files in them."""

import hashlib
import math
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from music.sources.library import covers
from music.sources.library.paths import is_below, shown
from music.sources.library.reach import Listing, ask_disk, list_root
from music.sources.library.unreadable import (
    FOLDER_LINK_OUTSIDE,
    LINK_NOWHERE,
    LINK_OUTSIDE,
    PATH_TOO_LONG,
    why,
)
from music.titles import Title, own_title

# PostgreSQL cannot index much more; a path of ordinary music has a tenth of it.
_LONGEST_PATH_BYTES = 2000
HOUSE = "house"
_UNTITLED = own_title("folder")
_RESOLVED_FOR_S = 5.0
FORMATS = (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".wav")


@dataclass(frozen=True, slots=True)
class UnreadablePath:
    """A file or folder that cannot be used, and the code that says why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """An audio file as its folder lists it; not opened yet.

    `path` is resolved, but for a link, which is useless anyway: `error` says why.
    """

    path: str
    root: str
    size: int = 0
    modified_ns: int = 0
    folder_cover: str | None = None
    cover_changed_ms: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Walk:
    """Everything below some folders."""

    files: list[Found] = field(default_factory=list)
    unreadable: list[UnreadablePath] = field(default_factory=list)
    # Folders and files of which nothing is known: not listed, or with nothing in them.
    uncertain: set[str] = field(default_factory=set)

    def is_certain(self, path: str) -> bool:
        """Whether the walk would have met this path, were it there."""
        while path not in self.uncertain:
            above = os.path.dirname(path)
            if above == path:
                return True
            path = above
        return False


def house() -> Path:
    """The folder of the tracks that come with the project."""
    return _resolve(settings.BASE_DIR / "music" / "house")


def roots() -> list[Path]:
    """The music folders, resolved, each once: the shipped one, then the operator's."""
    named = [_resolve(Path(folder)) for folder in settings.MUSIC_DIRS]
    return list(dict.fromkeys([house(), *named]))


# Where folders really are, and when that was looked up (monotonic seconds).
_resolved: dict[Path, tuple[Path, float]] = {}


def _resolve(folder: Path) -> Path:
    """A folder's path without links; as it last was, where its disk hangs or a link is gone.

    Rooms are locked while this is asked, and it is asked often: so the disk is, every few seconds.
    """
    known, at_s = _resolved.get(folder, (None, -math.inf))
    if known is not None and time.monotonic() - at_s < _RESOLVED_FOR_S:
        return known

    def look() -> Path:
        # Some systems mount a disk behind a link that they remove with it: without the link the
        # folder would be another one, and all that is known of the first one gone.
        return folder.resolve() if known is None or folder.exists() else known

    now = ask_disk(str(folder), look, known or folder.absolute())
    _resolved[folder] = (now, time.monotonic())
    return now


def is_any_missing() -> bool:
    """Whether one of the folders cannot be listed: it may be known by another path than now."""
    return any(list_root(str(root)) == Listing.UNLISTED for root in roots())


def roots_by_key() -> dict[str, Path]:
    """The music folders by their keys, which say nothing of where they are."""
    return {key_of(root): root for root in roots()}


def key_of(root: Path) -> str:
    """What a (resolved) music folder is called on the wire: as a shelf, and of its tracks."""
    if root == house():
        return HOUSE
    return f"folder-{hashlib.sha256(os.fsencode(root)).hexdigest()[:8]}"


def title_of(key: str) -> Title:
    """What people call a music folder. Folders of one name are numbered; no path is shown."""
    return titles().get(key, _UNTITLED)


def titles() -> dict[str, Title]:
    """The titles of all music folders, by key."""
    titles: dict[str, Title] = {}
    for key, root in roots_by_key().items():
        named = shown(root.name)
        title = first = own_title("house") if key == HOUSE else Title(named) if named else _UNTITLED
        number = 1
        while title.text in {other.text for other in titles.values()}:
            number += 1
            title = Title(f"{first.text} {number}")
        titles[key] = title
    return titles


def walk(folders: Iterable[str]) -> Walk:
    """List the audio files of these (resolved) folders. A folder inside another keeps its own.

    Links are not followed: what a link inside the folders leads to is found by its own name, and
    what lies outside is none of ours. So there are no loops either.
    """
    tops = list(dict.fromkeys(folders))
    seen = Walk()
    for top in tops:
        waiting = [top]
        while waiting:
            waiting += _list_folder(waiting.pop(), top, tops, seen)
    return seen


def _list_folder(folder: str, top: str, tops: list[str], seen: Walk) -> list[str]:
    """Add one folder's files to `seen`; the folders in it that are still to be listed."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        seen.unreadable.append(UnreadablePath(folder, why(error)))
        seen.uncertain.add(folder)
        return []
    entries = [entry for entry in entries if not entry.name.startswith(".")]
    if not entries:
        seen.uncertain.add(folder)
    cover, cover_changed_ms = covers.in_folder(entries)
    inner = []
    for entry in entries:
        if len(os.fsencode(entry.path)) > _LONGEST_PATH_BYTES:
            seen.unreadable.append(UnreadablePath(entry.path, PATH_TOO_LONG))
            continue
        try:
            if entry.is_symlink():
                _judge_link(entry, top, tops, seen)
            elif entry.is_dir(follow_symlinks=False):
                if entry.path not in tops:
                    inner.append(entry.path)
            elif is_audio(entry.name) and entry.is_file(follow_symlinks=False):
                size, changed_ns = _size_and_change(entry)
                found = Found(entry.path, top, size, changed_ns, cover, cover_changed_ms)
                seen.files.append(found)
        except FileNotFoundError:
            # It vanished since the folder was listed, alone or with its disk: the next scan knows.
            seen.uncertain.add(entry.path)
        except OSError as error:
            seen.unreadable.append(UnreadablePath(entry.path, why(error)))
            seen.uncertain.add(entry.path)
    return inner[::-1]


def _size_and_change(entry: os.DirEntry[str]) -> tuple[int, int]:
    """In bytes, and when the file was last changed, in ns."""
    status = entry.stat(follow_symlinks=False)
    return status.st_size, status.st_mtime_ns


def _judge_link(entry: os.DirEntry[str], top: str, tops: list[str], seen: Walk) -> None:
    """Note a link that somebody may have meant to be music, with the reason why it is not."""
    target = os.path.realpath(entry.path)
    inside = any(target == root or is_below(target, root) for root in tops)
    if os.path.isdir(target):
        if not inside:
            seen.unreadable.append(UnreadablePath(entry.path, FOLDER_LINK_OUTSIDE))
    elif is_audio(entry.name):
        if not os.path.exists(target):
            seen.files.append(Found(entry.path, top, error=LINK_NOWHERE))
        elif not inside:
            seen.files.append(Found(entry.path, top, error=LINK_OUTSIDE))


def is_audio(name: str) -> bool:
    """Whether a file's name ends like one of the formats we read."""
    return name.lower().endswith(FORMATS)
