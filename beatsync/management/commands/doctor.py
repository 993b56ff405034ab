"""`manage.py doctor`: is everything there that BeatSync needs, and what to do where it is not."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from beatsync.doctor import Finding, Verdict, examine


class Command(BaseCommand):
    help = "Look at database, music folders, Redis, disk and Spotify. Ends with 1 if one is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        is_wrong = False
        for finding in examine():
            self._print(finding)
            is_wrong = is_wrong or finding.verdict is Verdict.WRONG
        if settings.SPOTIFY_CLIENT_ID:
            call_command("spotify_doctor", stdout=self.stdout)  # ends with 1 by itself
        if is_wrong:
            raise SystemExit(1)

    def _print(self, finding: Finding) -> None:
        style = self.style.SUCCESS if finding.verdict is Verdict.FINE else self.style.ERROR
        mark = style(f"{finding.verdict:8}")
        self.stdout.write(f"  {mark}{finding.title}: {finding.sentence}")
        if finding.next_step:
            self.stdout.write(f"          {finding.next_step}")
