"""Bring the database up to date with the music folders.

Only new and changed files are opened. What is read is saved in small batches, so a scan may be
interrupted at any moment, and two may run at once: each finds what the other has saved.
"""

import logging
import os
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.db import IntegrityError, OperationalError, transaction

from music.models import LibraryFile, Track
from music.sources.library import covers, tags
from music.sources.library.folders import Found, Unreadable, walk
from music.sources.library.folding import sought
from music.sources.library.paths import real, shown, stored
from rooms import clock

# A batch is written in about 20 ms, for which it holds SQLite's only write lock.
_BATCH = 50
# Another scan may save the same files a moment earlier; the next attempt then finds them.
_ATTEMPTS = 5

# Told how many files have been looked into, and how many are to be.
Progress = Callable[[int, int], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """What a scan found: all files, those it opened, those that have gone, those of no use."""

    files: int
    read: int
    gone: int
    unreadable: tuple[Unreadable, ...]


class _Row(NamedTuple):
    """What the database holds of a file."""

    pk: int
    root: str
    size: int
    modified_ns: int
    error: str
    scanned_at_ms: int
    available: bool | None
    cover: str | None


@dataclass(frozen=True)
class _Reading:
    """A file just looked into: its tags, or why it cannot be played."""

    found: Found
    at_ms: int
    said: tags.Tags | None = None
    cover: str = ""
    error: str = ""


def scan(roots: Iterable[Path], *, progress: Progress | None = None) -> Report:
    """Make the library equal to the audio files below these folders.

    A file that is gone, or whose folder is no longer among them, leaves its track unavailable;
    the same track returns with the file. Broken files are reported, never raised. Raises only
    what the database does.
    """
    seen = walk(str(root.resolve()) for root in roots)
    rows = _rows()
    saved_covers = covers.kept()
    present = {found.path for found in seen.files}
    gone = _withdraw([row for path, row in rows.items() if path not in present])
    changed = [
        found for found in seen.files if not _is_current(found, rows.get(found.path), saved_covers)
    ]
    unreadable = [Unreadable(shown(entry.path), entry.reason) for entry in seen.unreadable]
    folder_covers: dict[str, str] = {}
    if progress:
        progress(0, len(changed))
    for start in range(0, len(changed), _BATCH):
        readings = [_look_into(found, folder_covers) for found in changed[start : start + _BATCH]]
        unreadable += [
            Unreadable(shown(reading.found.path), reading.error)
            for reading in readings
            if reading.error
        ]
        _save([reading for reading in readings if not _is_noted(reading, rows)])
        if progress:
            progress(start + len(readings), len(changed))
    return Report(len(seen.files), len(changed), gone, tuple(unreadable))


def _rows() -> dict[str, _Row]:
    """All files in the database, by their real path."""
    fields = LibraryFile.objects.values_list(
        "path",
        "pk",
        "root",
        "size",
        "modified_ns",
        "error",
        "scanned_at_ms",
        "track__available",
        "track__cover",
    )
    return {real(path): _Row._make(rest) for path, *rest in fields.iterator()}


def _withdraw(rows: Sequence[_Row]) -> int:
    """Make the tracks of files that are gone unavailable; how many there were.

    Tracks stay, because queues point to them; a file that never gave one is forgotten.
    """
    tracks = [row.pk for row in rows if row.available]
    useless = [row.pk for row in rows if row.available is None]
    for start in range(0, len(tracks), _BATCH):
        Track.objects.filter(file__in=tracks[start : start + _BATCH]).update(available=False)
    for start in range(0, len(useless), _BATCH):
        LibraryFile.objects.filter(pk__in=useless[start : start + _BATCH], track=None).delete()
    return len(tracks)


def _is_current(found: Found, row: _Row | None, saved_covers: set[str]) -> bool:
    """Whether the database already knows this file as it is now.

    Files with an error are always tried again: mending a permission leaves no trace on the file.
    """
    return (
        row is not None
        and bool(row.available)
        and not (row.error or found.error)
        and (row.root, row.size, row.modified_ns)
        == (stored(found.root), found.size, found.modified_ns)
        and found.cover_changed_ms < row.scanned_at_ms
        and (not row.cover or row.cover.removeprefix(covers.ADDRESS) in saved_covers)
        and os.access(found.path, os.R_OK)
    )


def _look_into(found: Found, folder_covers: dict[str, str]) -> _Reading:
    """Open one file. The moment is taken first: what changes meanwhile counts as newer."""
    at_ms = clock.now_ms()
    if found.error:
        return _Reading(found, at_ms, error=found.error)
    try:
        read = tags.read(found.path)
    except tags.UnreadableFile as error:
        return _Reading(found, at_ms, error=str(error))
    try:
        cover = covers.keep(read.picture) or _folder_cover(found, folder_covers)
    except OSError as error:
        _log.warning("The cover of %s could not be saved: %s", shown(found.path), error)
        cover = ""
    return _Reading(found, at_ms, said=read, cover=cover)


def _folder_cover(found: Found, names: dict[str, str]) -> str:
    """The name of the picture beside a file, read once for the whole folder."""
    path = found.folder_cover
    if path is None:
        return ""
    if path not in names:
        names[path] = covers.keep(covers.read(path))
    return names[path]


def _is_noted(reading: _Reading, rows: dict[str, _Row]) -> bool:
    """Whether this is an error that the database holds already, word for word."""
    row, found = rows.get(reading.found.path), reading.found
    return (
        bool(reading.error)
        and row is not None
        and not row.available
        and (row.error, row.root, row.size, row.modified_ns)
        == (reading.error, stored(found.root), found.size, found.modified_ns)
    )


def _save(readings: Sequence[_Reading]) -> None:
    """Write a batch, in one short transaction."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with transaction.atomic():
                _write(readings)
            return
        except (IntegrityError, OperationalError):
            if attempt == _ATTEMPTS:
                raise


def _write(readings: Sequence[_Reading]) -> None:
    paths = [stored(reading.found.path) for reading in readings]
    files = {
        file.path: file
        for file in LibraryFile.objects.select_related("track").filter(path__in=paths)
    }
    for path, reading in zip(paths, readings, strict=True):
        file = files.get(path) or LibraryFile(path=path)
        file.root = stored(reading.found.root)
        file.size = reading.found.size
        file.modified_ns = reading.found.modified_ns
        file.scanned_at_ms = reading.at_ms
        file.error = reading.error
        if reading.said is not None:
            file.track = _saved_track(file.track, reading.said, reading.cover)
        elif file.track is not None:
            file.track.available = False
            file.track.save(update_fields=["available"])
        file.save()


def _saved_track(track: Track | None, read: tags.Tags, cover: str) -> Track:
    if track is None:
        token = secrets.token_urlsafe(12)
        track = Track(source="library", uri=f"library:{token}", audio=f"/media/audio/{token}")
    track.title = read.title
    track.artists = read.artists
    track.album = read.album
    track.isrc = read.isrc
    track.duration_ms = read.duration_ms
    track.explicit = read.explicit
    track.gain_db = read.gain_db
    track.cover = covers.ADDRESS + cover if cover else ""
    track.sought = sought(read.title, read.artists, read.album)
    track.available = True
    track.save()
    return track
