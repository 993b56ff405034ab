"""Tracks that are saved, of sources whose tracks may not be kept for ever."""

from django.db import IntegrityError

from music.models import Track


def forget_unused_tracks(*, source: str) -> int:
    """Delete the tracks of a source to which no item refers any more. Returns how many.

    A track is saved in one transaction with an item, and items go with their rooms: what has none
    has outlived its last room.
    """
    try:
        return Track.objects.filter(source=source, items=None).delete()[0]
    except IntegrityError:  # somebody is adding one of them; the next time will do
        return 0
