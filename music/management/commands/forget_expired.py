"""Deletes now what has outlived its time, as a conductor does every hour."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from music.hourly_tidying import count_expired, tidy


class Command(BaseCommand):
    help = "Delete what has outlived its time, as is done every hour beside the music."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="only say how many rows would be deleted"
        )

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        found = count_expired()
        if not dry_run:
            tidy()
        verb = "would be deleted" if dry_run else "deleted"
        for name, many in found.items():
            self.stdout.write(f"{name}: {many} {verb}")
