"""What the rooms of an account are to hear of, told without knowing them: rooms import sources."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.dispatch import Signal

from music.sources.spotify.errors import SpotifyError
from music.sources.spotify.models import Account

# Sent with `account` and `error`: a `SpotifyError`, or None where Spotify has answered. Received by
# `source_conditions.tell_rooms` (connected in `apps.py`).
music_asked_for = Signal()


@contextmanager
def announcing(account: Account) -> Iterator[None]:
    """Send `music_asked_for` for what is asked of Spotify in this block."""
    try:
        yield
    except SpotifyError as error:
        music_asked_for.send(Account, account=account, error=error)
        raise
    music_asked_for.send(Account, account=account, error=None)
