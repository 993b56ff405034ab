"""What an installation needs, looked at once: each finding with what to do about it."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from music.models import LibraryFile
from music.sources.library.paths import shown, stored
from music.sources.library.reach import Listing, list_root

# Below this, a disk is named; SQLite and covers have to be written somewhere.
LEAST_FREE_BYTES = 500 * 1024 * 1024


class Verdict(StrEnum):
    """How a thing was found."""

    FINE = "ok"
    WRONG = "NOT OK"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `next_step` says what to do where it is wrong."""

    title: str
    verdict: Verdict
    sentence: str
    next_step: str = ""


def examine() -> Iterator[Finding]:
    """Look at all that BeatSync needs to run, one thing after the other."""
    database = _database()
    yield database
    if database.verdict is Verdict.FINE:
        yield _migrations()
        yield from _music_folders()
    if settings.REDIS_URL:
        yield _redis()
    yield _disk()


def _database() -> Finding:
    try:
        connection.ensure_connection()
    except DatabaseError as failure:
        step = "Start it, or set DATABASE_URL to where it is."
        return Finding("Database", Verdict.WRONG, f"does not answer ({_kind(failure)}).", step)
    return Finding("Database", Verdict.FINE, f"{connection.display_name} answers.")


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return Finding(
            "Tables", Verdict.WRONG, f"{len(missing)} changes are missing.", "Run make run."
        )
    return Finding("Tables", Verdict.FINE, "up to date.")


def _music_folders() -> Iterator[Finding]:
    for folder in settings.MUSIC_DIRS:
        title = f"Music in {shown(str(folder))}"
        listing = list_root(str(folder))
        if listing == Listing.UNLISTED:  # nothing else is asked of it: its disk may hang
            step = "Mount it, let the server read it, or change MUSIC_DIRS: folders begin with /."
            yield Finding(title, Verdict.WRONG, "it cannot be listed.", step)
            continue
        below = stored(f"{folder.resolve()}/")
        files = LibraryFile.objects.filter(path__startswith=below)
        known, unreadable = files.count(), files.exclude(error="").count()
        if known and listing == Listing.EMPTY:
            step = "Mount its disk, or run manage.py scan_library --drop-missing."
            yield Finding(title, Verdict.WRONG, f"it is empty; files known: {known}.", step)
            continue
        step = "Run make scan: it names them." if unreadable else ""
        sentence = f"files known: {known}, unreadable: {unreadable}."
        yield Finding(title, Verdict.FINE, sentence, step if known else "Run make scan.")


def _redis() -> Finding:
    try:
        cache.get("doctor")
    except (RedisError, OSError) as failure:
        step = "Start it, or set REDIS_URL to where it is."
        return Finding("Redis", Verdict.WRONG, f"does not answer ({_kind(failure)}).", step)
    return Finding("Redis", Verdict.FINE, "answers.")


def _disk() -> Finding:
    free = shutil.disk_usage(_existing(settings.DATA_DIR)).free
    sentence = f"{free // 1024**2:,} MB free for {settings.DATA_DIR}."
    if free < LEAST_FREE_BYTES:
        return Finding("Disk", Verdict.WRONG, sentence, "Make room, or move DATA_DIR.")
    return Finding("Disk", Verdict.FINE, sentence)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder.resolve(), *folder.resolve().parents) if each.exists())


def _kind(failure: Exception) -> str:
    """The kind of a failure; its text may hold an address with a password in it."""
    return type(failure).__name__
