"""Parties in a process of their own, in a database that is made for them and thrown away.

`python -m music.party.apart` is that process. It is started by `take_place`, which gives it the
folder and the environment; it refuses to work on any other data.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from music.party.plan import Party

ROOT = Path(__file__).parent.parent.parent


def take_place(parties: Sequence[Party], *, compare: bool) -> Iterator[str]:
    """Let parties take place, one after the other; gives the lines of their tables as they come.

    Raises `subprocess.CalledProcessError` when that fails; its errors have been told on stderr.
    """
    with TemporaryDirectory(prefix="beatsync-party-") as folder:
        wanted = json.dumps([asdict(party) for party in parties])
        command = [sys.executable, "-m", __name__, folder, "compare" if compare else "", wanted]
        with subprocess.Popen(  # noqa: S603 (the command is ours)
            command, cwd=ROOT, env=_environment(folder), stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            yield from (line.rstrip("\n") for line in running.stdout)
        if running.returncode:
            raise subprocess.CalledProcessError(running.returncode, command)


def _environment(folder: str) -> dict[str, str]:
    """The operator's, but with nothing in it that leads to their data."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "beatsync.settings",
        "DATA_DIR": folder,
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "MUSIC_DIRS": folder,
        "LOG_LEVEL": "WARNING",
    }


def _main(folder: Path, compare: bool, parties: Sequence[Party]) -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    database = Path(settings.DATABASES["default"]["NAME"])
    if database.parent != folder or database.exists():
        raise SystemExit(f"{database} is not a new database in {folder}.")
    call_command("migrate", verbosity=0, interactive=False)

    from music.party import invented_tracks, tables
    from music.party.night import spend

    records = invented_tracks.made_in(folder)
    nights = (spend(party, records) for party in parties)
    lines = tables.comparison(nights) if compare else map(tables.night, nights)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    folder, compare, wanted = sys.argv[1:]
    _main(Path(folder), bool(compare), [Party(**party) for party in json.loads(wanted)])
