"""The music folders, and the audio files in them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from music.sources.library import covers
from music.sources.library.paths import is_below
from music.sources.library.unreadable import why

# PostgreSQL cannot index much more; a path of ordinary music has a tenth of it.
_LONGEST_PATH_BYTES = 2000
FORMATS = (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".wav")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or folder that cannot be used, and why in plain words."""

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
    unreadable: list[Unreadable] = field(default_factory=list)


def house() -> Path:
    """The folder of the tracks that come with the project."""
    return (settings.BASE_DIR / "music" / "house").resolve()


def roots() -> list[Path]:
    """The music folders, resolved, each once: the shipped one, then the operator's."""
    named = [Path(folder).resolve() for folder in settings.MUSIC_DIRS]
    return list(dict.fromkeys([house(), *named]))


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
        seen.unreadable.append(Unreadable(folder, why(error)))
        return []
    entries = [entry for entry in entries if not entry.name.startswith(".")]
    cover, cover_changed_ms = covers.in_folder(entries)
    inner = []
    for entry in entries:
        if len(os.fsencode(entry.path)) > _LONGEST_PATH_BYTES:
            seen.unreadable.append(Unreadable(entry.path, "Its path is too long."))
            continue
        try:
            if entry.is_symlink():
                _judge_link(entry, top, tops, seen)
            elif entry.is_dir(follow_symlinks=False):
                if entry.path not in tops:
                    inner.append(entry.path)
            elif is_audio(entry.name) and entry.is_file(follow_symlinks=False):
                status = entry.stat(follow_symlinks=False)
                seen.files.append(
                    Found(
                        entry.path, top, status.st_size, status.st_mtime_ns, cover, cover_changed_ms
                    )
                )
        except FileNotFoundError:
            continue  # it vanished since the folder was listed
        except OSError as error:
            seen.unreadable.append(Unreadable(entry.path, why(error)))
    return inner[::-1]


def _judge_link(entry: os.DirEntry[str], top: str, tops: list[str], seen: Walk) -> None:
    """Note a link that somebody may have meant to be music, with the reason why it is not."""
    target = os.path.realpath(entry.path)
    inside = any(target == root or is_below(target, root) for root in tops)
    if os.path.isdir(target):
        if not inside:
            reason = "The link leads out of the music folder: name its target in MUSIC_DIRS."
            seen.unreadable.append(Unreadable(entry.path, reason))
    elif is_audio(entry.name):
        if not os.path.exists(target):
            seen.files.append(Found(entry.path, top, error="The link leads nowhere."))
        elif not inside:
            reason = "The link leads out of the music folder."
            seen.files.append(Found(entry.path, top, error=reason))


def is_audio(name: str) -> bool:
    """Whether a file's name ends like one of the formats we read."""
    return name.lower().endswith(FORMATS)
