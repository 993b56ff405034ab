"""Print the page about the rules of a room: `docs/rules.md`."""

from typing import Any

from django.core.management.base import BaseCommand

from beatsync.rules_table import rules_page


class Command(BaseCommand):
    """Print it to standard output."""

    help = __doc__ or ""

    def handle(self, *_: Any, **__: Any) -> None:
        """Print the page; the last line has its end already."""
        self.stdout.write(rules_page(), ending="")
