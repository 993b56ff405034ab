"""`manage.py doctor`: is everything there that BeatSync needs, and what to do where it is not."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from beatsync.doctor import Finding, Verdict, examine
from music.sources import registry


class Command(BaseCommand):
    help = (
        "Look at settings, stores, music, machine, proxies and sources, and say what to do. "
        "Ends with 1 if anything is wrong."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        is_wrong = False
        for finding in examine():
            self._print(finding)
            is_wrong = is_wrong or finding.verdict is Verdict.WRONG
        for kind in registry.offered():
            if kind.doctor:
                call_command(kind.doctor, stdout=self.stdout)  # ends with 1 by itself
        if is_wrong:
            raise SystemExit(1)

    def _print(self, finding: Finding) -> None:
        style = {
            Verdict.FINE: self.style.SUCCESS,
            Verdict.UNSURE: self.style.WARNING,
            Verdict.WRONG: self.style.ERROR,
        }[finding.verdict]
        mark = style(f"{finding.mark:8}")
        self.stdout.write(f"  {mark}{finding.title}: {finding.sentence}")
        if finding.next_step:
            self.stdout.write(f"          {finding.next_step}")
