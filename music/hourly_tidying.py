"""What is tidied up every hour, beside a conductor."""

from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from music.actions.tracks import forget_unused_tracks, unused_tracks
from music.sources import registry
from rooms.actions.housekeeping import erase_old, find_expired, room_retention_days


def tidy() -> None:
    """Erase ended rooms that are old, and what nothing needs any more."""
    erase_old(retention_days=room_retention_days())
    for kind in registry.kinds():
        if kind.forgets:
            forget_unused_tracks(source=kind.name)
        if kind.tidy:
            kind.tidy()
    SessionStore.clear_expired()


def count_expired() -> dict[str, int]:
    """How many rows of each kind `tidy` would delete now, by the name that an operator reads."""
    rows = find_expired(retention_days=room_retention_days())
    found = {name: each.count() for name, each in rows.items()}
    for kind in registry.kinds():
        if kind.forgets:
            found[f"unused tracks of {kind.title}"] = unused_tracks(source=kind.name).count()
    found["logins that have ended"] = Session.objects.filter(expire_date__lt=timezone.now()).count()
    return found


def start_sources() -> None:
    """Start the threads of the sources that are offered here."""
    for kind in registry.offered():
        if kind.start:
            kind.start()
