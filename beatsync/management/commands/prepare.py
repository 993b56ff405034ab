"""Makes an installation ready to serve: database up to date, static files collected."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the database up to date and collect the static files if any has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if not self._collected():
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        for line in self._where():
            self.stdout.write(line)

    def _where(self) -> list[str]:
        """Where to open BeatSync, for the person who has just typed `make run`."""
        port = settings.PORT
        if settings.LISTENS_EVERYWHERE and not (settings.PUBLIC_URL or settings.NETWORK_ADDRESS):
            return [
                f"BeatSync: http://127.0.0.1:{port} (Ctrl-C ends it).",
                "This machine is in no network. Connect it, then start again to let phones in.",
            ]
        if settings.LISTENS_EVERYWHERE:
            phones = settings.PUBLIC_URL or f"http://{settings.NETWORK_ADDRESS}:{port}"
            return [f"BeatSync: http://127.0.0.1:{port} here, {phones} for phones."]
        return [
            f"BeatSync: http://{settings.HOST}:{port} (Ctrl-C ends it).",
            "To let phones in your network join: make run HOST=0.0.0.0",
        ]

    def _collected(self) -> bool:
        """Whether all collected files are there, and younger than what they are made of."""
        manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
        sources = {
            path: Path(storage.path(path))
            for finder in get_finders()
            for path, storage in finder.list([])
        }
        if not _is_complete(manifest, sources):
            return False
        collected = manifest.stat().st_mtime
        # A folder is younger, too, when a file in it was removed or renamed; and the way in which
        # files are collected is part of what they are made of.
        places = {source.parent for source in sources.values()} | {Path(__file__), _STORAGE}
        return all(place.stat().st_mtime < collected for place in (*sources.values(), *places))


def _is_complete(manifest: Path, sources: Iterable[str]) -> bool:
    """Whether a manifest can be read, names every source, and all that it names is there.

    A disk that was full or a collection that was cut short leaves one that is empty or torn.
    """
    try:
        paths = json.loads(manifest.read_bytes())["paths"]
        collected = {str(source): manifest.parent / paths[source] for source in sources}
    except (OSError, ValueError, KeyError, TypeError):
        return False
    return all(file.is_file() for file in collected.values())


_STORAGE = settings.BASE_DIR / "beatsync" / "staticfiles.py"
