"""`manage.py simulate_party`: what a night with invented people would be like."""

import argparse
from dataclasses import replace
from subprocess import CalledProcessError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from music.party.apart import take_place
from music.party.plan import Party
from music.room_rules import PRESETS, Mode


class Command(BaseCommand):
    help = (
        "Let invented people spend a night with the real actions, in a database of its own that is "
        "deleted afterwards, and print who waited how long."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Party()
        parser.add_argument("--people", type=_many(2), default=usual.people)
        parser.add_argument("--hours", type=float, default=usual.hours)
        parser.add_argument("--seed", type=int, default=usual.seed, help="the same night again")
        presets = [preset.key for preset in PRESETS]
        parser.add_argument("--preset", choices=presets, default=usual.preset)
        parser.add_argument("--mode", choices=list(Mode), help="instead of the preset's")
        parser.add_argument(
            "--no-limits", dest="limits", action="store_false",
            help="as many open requests as anybody likes",
        )  # fmt: skip
        parser.add_argument(
            "--no-votes", dest="votes", action="store_false",
            help="nobody votes, so that only the mode decides",
        )  # fmt: skip
        parser.add_argument(
            "--arrive-min", type=float, default=usual.arrive_min, metavar="MINUTES",
            help="over which people arrive",
        )  # fmt: skip
        parser.add_argument("--flooders", type=_many(0), default=usual.flooders)
        parser.add_argument("--flooder-tracks", type=_many(0), default=usual.flooder_tracks)
        parser.add_argument("--trolls", type=_many(0), default=usual.trolls)
        parser.add_argument("--brigades", type=_many(0), default=usual.brigades)
        parser.add_argument(
            "--friends", type=_many(0), default=usual.friends, help="groups of five who come late"
        )
        parser.add_argument("--compare", action="store_true", help="all modes, in one table")
        parser.add_argument(
            "--nights", type=_many(1), default=1, help="so many seeds from --seed on, in one table"
        )

    def handle(self, *args: Any, compare: bool, nights: int, **options: Any) -> None:
        party = Party(**{name: options[name] for name in Party.__dataclass_fields__})
        parties = [
            replace(party, seed=party.seed + night, mode=mode)
            for night in range(nights)
            for mode in (list(map(str, Mode)) if compare else [party.mode])
        ]
        try:
            for line in take_place(parties, compare=compare or nights > 1):
                self.stdout.write(line)
        except CalledProcessError as failure:
            raise CommandError("The party came to nothing; see above.") from failure


def _many(least: int) -> Any:
    """A whole number of at least so many."""

    def many(typed: str) -> int:
        if int(typed) < least:
            raise argparse.ArgumentTypeError(f"at least {least}")
        return int(typed)

    return many
