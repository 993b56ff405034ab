"""Tracks that are saved, of sources whose tracks may not be kept for ever."""

from django.db import IntegrityError
from django.db.models import QuerySet

from music.models import Track


def unused_tracks(*, source: str) -> QuerySet[Track]:
    """The tracks of a source to which no item and no shelf refers."""
    return Track.objects.filter(source=source, items=None, playlist_shelves=None)


def forget_unused_tracks(*, source: str) -> int:
    """Delete the tracks of a source to which no item and no shelf refers. Returns how many.

    A track is saved in one transaction with an item, and items go with their rooms: what has none
    has outlived its last room.
    """
    try:
        return unused_tracks(source=source).delete()[0]
    except IntegrityError:  # somebody is adding one of them; the next time will do
        return 0
