"""Bring the database up to date with the music folders.

Only new and changed files are opened, in a process of their own (`reader`). The results are saved
in small batches, so a scan may be interrupted at any moment, and two may run at once: each finds
what the other has saved.
"""

import logging
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from django.db import IntegrityError, OperationalError, transaction

from music.models import LibraryFile, Track
from music.sources.library import covers
from music.sources.library.catalog import bump_revision
from music.sources.library.file_facts import Tags
from music.sources.library.folders import Found, UnreadablePath, Walk, key_of, walk
from music.sources.library.folding import sought
from music.sources.library.paths import real, shown, stored
from music.sources.library.reach import Listing, list_root
from music.sources.library.reader import FileReader
from music.sources.library.unreadable import WENT_AWAY, UnreadableFile
from rooms import clock

# What is read from a file, and how. Raise it with either: then the next scan reads all files again.
READ_VERSION = 3
# A batch is written in about 20 ms, for which it holds SQLite's only write lock.
_BATCH = 50
# Another scan may save the same files a moment earlier; the next attempt then finds them.
_ATTEMPTS = 5

# Told how many files have been looked into, and how many are to be.
Progress = Callable[[int, int], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ScanReport:
    """What a scan found: all files, those it opened, those that have gone, those of no use."""

    files: int
    read: int
    gone: int
    unreadable: tuple[UnreadablePath, ...]


class _Row(NamedTuple):
    """What the database holds of a file."""

    pk: int
    root: str
    size: int
    modified_ns: int
    error: str
    read_version: int
    scanned_at_ms: int
    available: bool | None
    cover: str | None


@dataclass(frozen=True)
class _Reading:
    """A file just looked into: its tags, or why it cannot be played, and whether that may pass."""

    found: Found
    at_ms: int
    said: Tags | None = None
    cover: str = ""
    error: str = ""
    is_passing: bool = False

    @property
    def may_pass(self) -> bool:
        """Whether the fault lies with the disk or a permission: the track is still one to find."""
        return self.is_passing and not self.found.error

    @property
    def read_version(self) -> int:
        return 0 if self.is_passing else READ_VERSION


def scan(
    roots: Iterable[Path],
    *,
    progress: Progress | None = None,
    reader: FileReader | None = None,
    drops_missing: bool = False,
) -> ScanReport:
    """Make the library equal to the audio files below these folders.

    A file that is gone, or whose folder is no longer among them, leaves its track unavailable;
    the same track returns with the file. Nothing is gone below what cannot be listed or is empty,
    for a disk may be away; nor, while one of the folders is missing, below what is not among them.
    `drops_missing`: that is gone, too. Broken files are reported, never raised, and left alone
    until they change. `reader`: one that is there already. Raises what the database does, and
    `ReaderDidNotStart`.
    """
    if reader is None:
        with FileReader() as own:
            return scan(roots, progress=progress, reader=own, drops_missing=drops_missing)
    tops = [str(root.resolve()) for root in roots]
    seen = walk(tops)
    rows = _rows()
    saved_covers = covers.kept()
    gone = _withdraw(_missing(rows, seen, tops=tops, uncertain_too=drops_missing))
    changed = [
        found for found in seen.files if not _is_current(found, rows.get(found.path), saved_covers)
    ]
    unreadable = [UnreadablePath(shown(entry.path), entry.reason) for entry in seen.unreadable]
    unreadable += _known_unreadable(seen.files, changed, rows)
    _name_folders(tops)
    unreadable += _read_and_save(changed, rows, reader, progress or (lambda read, total: None))
    used = Track.objects.filter(cover__startswith=covers.ADDRESS)
    covers.drop_whole_pictures(set(used.values_list("cover", flat=True)))
    return ScanReport(len(seen.files), len(changed), gone, tuple(unreadable))


def _rows() -> dict[str, _Row]:
    """All files in the database, by their real path."""
    fields = LibraryFile.objects.values_list(
        "path",
        "pk",
        "root",
        "size",
        "modified_ns",
        "error",
        "read_version",
        "scanned_at_ms",
        "track__available",
        "track__cover",
    )
    return {real(path): _Row._make(rest) for path, *rest in fields.iterator()}


def _missing(
    rows: dict[str, _Row], seen: Walk, *, tops: Sequence[str], uncertain_too: bool
) -> list[_Row]:
    """The files that a walk would have met and did not, or whose folder is no longer named.

    While a named folder is missing, the latter is not certain: it may be the same by another path.
    """
    present = {found.path for found in seen.files}
    is_each_listed = not any(entry.path in tops for entry in seen.unreadable)
    return [
        row
        for path, row in rows.items()
        if path not in present
        and (uncertain_too or (seen.is_certain(path) if real(row.root) in tops else is_each_listed))
    ]


def _name_folders(tops: Iterable[str]) -> None:
    """Let the tracks that the database has of these folders know them by their keys."""
    for top in tops:
        key = key_of(Path(top))
        tracks = Track.objects.filter(file__root=stored(top)).exclude(folder=key)
        tracks.update(folder=key)


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
    if tracks:
        bump_revision()
    return len(tracks)


def _is_current(found: Found, row: _Row | None, saved_covers: set[str]) -> bool:
    """Whether the database already knows this file as it is now.

    A file that was refused for what is in it stays refused; what lies with the disk or a permission
    leaves no trace on the file, so `read_version` was left at 0.
    """
    if (
        row is None
        or found.error
        or row.read_version != READ_VERSION
        or (row.root, row.size, row.modified_ns)
        != (stored(found.root), found.size, found.modified_ns)
    ):
        return False
    if row.error:
        return True
    return (
        bool(row.available)
        and found.cover_changed_ms < row.scanned_at_ms
        and (not row.cover or covers.is_kept(row.cover, saved_covers))
        and os.access(found.path, os.R_OK)
    )


def _known_unreadable(
    files: Iterable[Found], changed: Iterable[Found], rows: dict[str, _Row]
) -> list[UnreadablePath]:
    """The files that are not tried again, with the reason that was found before."""
    tried = {found.path for found in changed}
    return [
        UnreadablePath(shown(found.path), rows[found.path].error)
        for found in files
        if found.path not in tried and rows[found.path].error
    ]


def _read_and_save(
    changed: Sequence[Found], rows: dict[str, _Row], reader: FileReader, progress: Progress
) -> list[UnreadablePath]:
    """Read new and changed files, and save them batch by batch; those that cannot be used."""
    folder_covers: dict[str, str] = {}
    unreadable: list[UnreadablePath] = []
    away: set[str] = set()
    progress(0, len(changed))
    for start in range(0, len(changed), _BATCH):
        batch = changed[start : start + _BATCH]
        readings = list(_look_into_each(batch, reader, folder_covers, away))
        unreadable += [
            UnreadablePath(shown(reading.found.path), reading.error)
            for reading in readings
            if reading.error
        ]
        _save([reading for reading in readings if not _is_noted(reading, rows)])
        progress(start + len(batch), len(changed))
    return unreadable + [UnreadablePath(shown(root), WENT_AWAY) for root in sorted(away)]


def _look_into_each(
    batch: Iterable[Found], reader: FileReader, folder_covers: dict[str, str], away: set[str]
) -> Iterator[_Reading]:
    """Read these files, but none of a music folder that is `away` or goes away meanwhile.

    Nothing is known of such a file, and a disk that hangs would take a minute for each.
    """
    for found in batch:
        if found.root in away:
            continue
        reading = _look_into(found, reader, folder_covers)
        if reading.may_pass and list_root(found.root) != Listing.FILLED:
            away.add(found.root)
        else:
            yield reading


def _look_into(found: Found, reader: FileReader, folder_covers: dict[str, str]) -> _Reading:
    """Read one file. The moment is taken first: what changes meanwhile counts as newer."""
    at_ms = clock.now_ms()
    if found.error:
        return _Reading(found, at_ms, error=found.error, is_passing=True)
    try:
        read = reader.read(found.path)
    except UnreadableFile as error:
        return _Reading(found, at_ms, error=str(error), is_passing=error.is_passing)
    try:
        cover = covers.keep(read.cover) or _folder_cover(found, reader, folder_covers)
    except OSError as error:
        _log.warning("The cover of %s could not be saved: %s", shown(found.path), error)
        cover = ""
    return _Reading(found, at_ms, said=read, cover=cover)


def _folder_cover(found: Found, reader: FileReader, addresses: dict[str, str]) -> str:
    """The address of the picture beside a file, read once for the whole folder."""
    path = found.folder_cover
    if path is None:
        return ""
    if path not in addresses:
        addresses[path] = covers.keep(reader.read_cover(path))
    return addresses[path]


def _is_noted(reading: _Reading, rows: dict[str, _Row]) -> bool:
    """Whether this is an error that the database holds already, word for word."""
    row, found = rows.get(reading.found.path), reading.found
    return (
        bool(reading.error)
        and row is not None
        and not row.available
        and (row.error, row.read_version, row.root, row.size, row.modified_ns)
        == (
            *(reading.error, reading.read_version),
            *(stored(found.root), found.size, found.modified_ns),
        )
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
        file.read_version = reading.read_version
        if reading.said is not None:
            _note_facts(file, reading.said)
            file.track = _saved_track(
                file.track, reading.said, reading.cover, folder=key_of(Path(reading.found.root))
            )
        elif file.track is not None and not reading.may_pass:
            file.track.available = False
            file.track.save(update_fields=["available"])
        file.save()
    if readings:
        bump_revision()


def _note_facts(file: LibraryFile, read: Tags) -> None:
    """What the file says of the music, for suggestions."""
    file.genres, file.year, file.tempo = read.genres, read.year, read.tempo
    file.key, file.mbid = read.key, read.mbid


def _saved_track(track: Track | None, read: Tags, cover: str, *, folder: str) -> Track:
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
    track.cover = cover
    track.folder = folder
    track.sought = sought(read.title, read.artists, read.album)
    track.available = True
    track.save()
    return track
