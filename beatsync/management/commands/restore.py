"""`manage.py restore`: the database as a backup has it."""

import sys
from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from beatsync import backups
from rooms import clock_sync, processes


class Command(BaseCommand):
    help = "Replace all rows of the database by those of a backup. Stop BeatSync before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help='a file of manage.py backup; "-" is standard input')
        parser.add_argument("--yes", action="store_true", help="do not ask first")

    def handle(self, *args: Any, file: str, yes: bool, **options: Any) -> None:
        with processes.alone():
            self._restore(file, is_sure=yes)

    def _restore(self, file: str, *, is_sure: bool) -> None:
        try:
            packed = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        try:
            head = backups.read_head(BytesIO(packed))
            call_command("migrate", verbosity=0, interactive=False)
            if clock_sync.is_anybody_running():
                raise CommandError("BeatSync still runs. Stop all its processes, then try again.")
            if not is_sure and not self._is_meant(head.made_at):
                raise CommandError("Nothing was changed.")
            rows = backups.restore(BytesIO(packed))
        except backups.NoBackup as reason:
            raise CommandError(str(reason)) from reason
        self.stdout.write(f"{rows} rows as of {head.made_at}. Start BeatSync now.")
        if not backups.is_of_this_key(head):
            self.stdout.write(
                "The backup is of another SECRET_KEY: set that one, or everybody is a stranger."
            )

    def _is_meant(self, made_at: str) -> bool:
        self.stdout.write(f"This replaces everything by the backup of {made_at}.")
        return input("Type yes to go on: ").strip().lower() == "yes"
