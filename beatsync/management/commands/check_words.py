"""`manage.py check_words`: is every key of the catalogue there and used; `make check` runs it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from beatsync.server_words import server_words
from beatsync.untranslated import find_untranslated
from beatsync.word_catalogue import find_faults, read_catalogue


class Command(BaseCommand):
    """Name what is wrong with the words of scripts and pages. Ends with 1 if anything is."""

    help = __doc__ or ""

    def handle(self, *_: Any, **__: Any) -> None:
        """Compare catalogue and scripts."""
        if faults := [*find_faults(of_server=server_words()), *find_untranslated()]:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"The catalogue has {len(read_catalogue())} keys, all of them used.")
