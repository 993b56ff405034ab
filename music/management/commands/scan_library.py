"""`manage.py scan_library`: look through the music folders now, or name what cannot be played."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from music.models import LibraryFile
from music.sources.library import folders
from music.sources.library.paths import shown
from music.sources.library.reader import ReaderDidNotStart
from music.sources.library.scanner import Progress, scan
from music.sources.library.unreadable_words import unreadable_translated


class Command(BaseCommand):
    help = "Bring the library up to date with the music folders (MUSIC_DIRS and the shipped one)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--quiet", action="store_true", help="name only the files that cannot be played"
        )
        parser.add_argument(
            "--list",
            action="store_true",
            help="do not scan: name the files that the last scan could not use, and why",
        )
        parser.add_argument(
            "--drop-missing",
            action="store_true",
            help="also drop the tracks below folders that are empty or cannot be listed",
        )

    def handle(
        self, *args: Any, quiet: bool, list: bool, drop_missing: bool, **options: Any
    ) -> None:
        if list:
            for file in LibraryFile.objects.exclude(error="").order_by("path"):
                self.stdout.write(
                    self._printable(f"{shown(file.path)}: {unreadable_translated(file.error)}")
                )
            return
        progress = None if quiet else self._progress()
        try:
            report = scan(folders.roots(), progress=progress, drops_missing=drop_missing)
        except ReaderDidNotStart as error:
            raise CommandError("The process that reads files does not start.") from error
        for entry in report.unreadable:
            self.stderr.write(
                self._printable(f"{entry.path}: {unreadable_translated(entry.reason)}")
            )
        if not quiet:
            self.stdout.write(
                f"{report.files} files, {report.read} of them new or changed, {report.gone} gone, "
                f"{len(report.unreadable)} unreadable."
            )

    def _progress(self) -> Progress:
        """A line per tenth of the work, the same in a terminal and in a log."""
        told = -1

        def tell(read: int, total: int) -> None:
            nonlocal told
            tenth = read * 10 // total if total else 10
            if total and tenth > told:
                told = tenth
                self.stdout.write(f"{read} of {total} new or changed files read")

        return tell

    def _printable(self, text: str) -> str:
        """The text in what the terminal can show, which need not be UTF-8."""
        encoding = getattr(self.stderr, "encoding", None) or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)
