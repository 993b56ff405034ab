"""The music folders, and whether a room would find anything to play."""

from collections.abc import Iterator

from django.conf import settings

from beatsync.doctor.findings import Finding, fine, wrong
from music.models import LibraryFile
from music.sources.library.paths import shown, stored
from music.sources.library.reach import Listing, list_root


def folders() -> Iterator[Finding]:
    """Whether each music folder can be listed, and what of it is known."""
    for folder in settings.MUSIC_DIRS:
        title = f"Music in {shown(str(folder))}"
        listing = list_root(str(folder))
        if listing == Listing.UNLISTED:  # nothing else is asked of it: its disk may hang
            step = "Mount it, let the server read it, or change MUSIC_DIRS: folders begin with /."
            yield wrong(title, "it cannot be listed.", step)
            continue
        below = stored(f"{folder.resolve()}/")
        files = LibraryFile.objects.filter(path__startswith=below)
        known, unreadable = files.count(), files.exclude(error="").count()
        if known and listing == Listing.EMPTY:
            step = "Mount its disk, or run manage.py scan_library --drop-missing."
            yield wrong(title, f"it is empty; files known: {known}.", step)
            continue
        step = "Run make scan: it names them." if unreadable else ""
        sentence = f"files known: {known}, unreadable: {unreadable}."
        yield fine(title, sentence, step if known else "Run make scan.")


def library() -> Finding:
    """Whether the library has anything to play."""
    files = LibraryFile.objects.filter(error="").count()
    return fine("Library", f"playable files: {files}.", "" if files else "Run make scan.")
