"""The music folders, and whether a room would find anything to play."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext_noop as _

from beatsync.doctor.findings import Finding, fine, wrong
from music.models import LibraryFile
from music.sources.library.paths import shown, stored
from music.sources.library.reach import Listing, list_root


def folders() -> Iterator[Finding]:
    """Whether each music folder can be listed, and what of it is known."""
    for folder in settings.MUSIC_DIRS:
        title, name = _("Music in {folder}"), shown(str(folder))
        listing = list_root(str(folder))
        if listing == Listing.UNLISTED:  # nothing else is asked of it: its disk may hang
            step = _(
                "Mount it, let the server read it, or change MUSIC_DIRS: folders begin with /."
            )
            yield wrong(title, _("it cannot be listed."), step, folder=name)
            continue
        below = stored(f"{folder.resolve()}/")
        files = LibraryFile.objects.filter(path__startswith=below)
        known, unreadable = files.count(), files.exclude(error="").count()
        if known and listing == Listing.EMPTY:
            step = _("Mount its disk, or run manage.py scan_library --drop-missing.")
            yield wrong(
                title, _("it is empty; files known: {known}."), step, folder=name, known=known
            )
            continue
        step = _("Run make scan: it names them.") if unreadable else ""
        yield fine(
            title,
            _("files known: {known}, unreadable: {unreadable}."),
            step if known else _("Run make scan."),
            folder=name,
            known=known,
            unreadable=unreadable,
        )


def library() -> Finding:
    """Whether the library has anything to play."""
    files = LibraryFile.objects.filter(error="").count()
    step = "" if files else _("Run make scan.")
    return fine(_("Library"), _("playable files: {files}."), step, files=files)
