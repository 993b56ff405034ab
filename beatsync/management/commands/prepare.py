"""Makes an installation ready to serve: database up to date, static files collected."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand

from beatsync import bundling, staticfiles, stylesheet
from beatsync.accounts import first_admin_path, is_first_admin_missing


class Command(BaseCommand):
    help = "Bring the database up to date and collect the static files if any has changed."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0, interactive=False)
        if not are_files_collected():
            call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        for line in self._where():
            self.stdout.write(line)
        if is_first_admin_missing():
            self.stdout.write(f"Make its first admin within the hour: {_first_admin_link()}")

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


def are_files_collected() -> bool:
    """Whether all collected files are there, and younger than what they are made of."""
    folder = Path(settings.STATIC_ROOT)
    sources = {
        path: Path(storage.path(path))
        for finder in get_finders()
        for path, storage in finder.list([])
    }
    if not _is_complete(folder, sources):
        return False
    collected = (folder / MANIFEST).stat().st_mtime
    # A folder is younger, too, when a file in it was removed or renamed; and the way in which
    # files are collected is part of what they are made of.
    places = {source.parent for source in sources.values()} | _WAY
    return all(place.stat().st_mtime < collected for place in (*sources.values(), *places))


def _first_admin_link() -> str:
    """Where the first admin is made: on this machine, unless the site has an address of its own."""
    return f"{settings.PUBLIC_URL or f'http://127.0.0.1:{settings.PORT}'}{first_admin_path()}"


def _is_complete(folder: Path, sources: Iterable[str]) -> bool:
    """Whether a folder holds what is served for every source, made as the settings say now.

    A disk that was full or a collection that was cut short leaves a manifest that is empty or torn.
    """
    served = bundling.read_served(folder)
    if served is None or not bundling.is_as_set(served):
        return False
    try:
        paths = json.loads((folder / MANIFEST).read_bytes())["paths"]
        hashed = {paths[source] for source in {*sources} - {*served.replaced}}
        return all((folder / name).is_file() for name in (*hashed, *served.files))
    except (OSError, ValueError, KeyError, TypeError):
        return False


MANIFEST = "staticfiles.json"
_WAY = {
    Path(__file__),
    *(Path(str(module.__file__)) for module in (bundling, staticfiles, stylesheet)),
}
