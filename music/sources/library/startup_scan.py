"""The scan that runs beside the server when it starts."""

import logging
import threading
import time

from django.db import DatabaseError, connection

from music.sources.library import folders
from music.sources.library.reader import ReaderDidNotStart
from music.sources.library.scanner import Progress, scan
from music.sources.library.unreadable_words import unreadable_in_english

_PROGRESS_EVERY_S = 5.0

_log = logging.getLogger(__name__)
_starting = threading.Lock()
_running: threading.Thread | None = None


def start() -> threading.Thread:
    """Scan all music folders in a thread of its own, at most one at a time; returns at once.

    The thread dies with the process at any moment, which a scan endures.
    """
    global _running
    with _starting:
        if _running is None or not _running.is_alive():
            _running = threading.Thread(target=_scan, name="library-scan", daemon=True)
            _running.start()
        return _running


def _scan() -> None:
    try:
        report = scan(folders.roots(), progress=_logged())
    except DatabaseError:
        _log.exception("The library scan stopped; it will start over with the server")
    except ReaderDidNotStart:
        _log.error("The library cannot be scanned: the process that reads files does not start")
    else:
        for entry in report.unreadable:
            _log.warning("%s: %s", entry.path, unreadable_in_english(entry.reason))
        _log.info(
            "Library: %d files, %d of them new or changed, %d gone, %d unreadable",
            report.files,
            report.read,
            report.gone,
            len(report.unreadable),
        )
    finally:
        connection.close()


def _logged() -> Progress:
    """A progress that writes a line every few seconds, none for a scan shorter than that."""
    last = time.monotonic()

    def log(read: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _PROGRESS_EVERY_S:
            last = time.monotonic()
            _log.info("Library: %d of %d new or changed files read", read, total)

    return log
