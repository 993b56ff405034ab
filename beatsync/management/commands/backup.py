"""`manage.py backup`: all rows in one file, while BeatSync runs."""

import os
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from beatsync import backups

STDOUT = "-"


class Command(BaseCommand):
    help = "Write all rows of the database into one file. BeatSync may run meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", help='where to; "-" is standard output. Default: DATA_DIR/backups/'
        )
        parser.add_argument("--keep", type=int, help="delete all but so many in DATA_DIR/backups/")

    def handle(self, *args: Any, file: str | None, keep: int | None, **options: Any) -> None:
        if file == STDOUT:
            backups.write(sys.stdout.buffer)
            return
        target = Path(file) if file else _folder() / f"beatsync-{_moment()}.jsonl.gz"
        try:
            rows = _write(target)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"{target}: {rows} rows. Keep SECRET_KEY and TOKEN_KEYS with it.")
        if keep is not None and not file:
            _delete_all_but(keep)


def _write(target: Path) -> int:
    """Write beside the file and rename it, so that a backup is whole or not there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    # It holds names and votes of people: for its owner alone, and so never a file that is there.
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        rows = backups.write(file)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    return rows


def _delete_all_but(keep: int) -> None:
    for old in sorted(_folder().glob("beatsync-*.jsonl.gz"))[: -max(1, keep)]:
        old.unlink()


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "backups"


def _moment() -> str:
    return datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
