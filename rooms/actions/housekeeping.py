"""What is deleted by itself when its time is over."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from rooms import clock
from rooms.features import installed_features, merge
from rooms.models import IdentityLink, Member, Receipt, Room

DAY_MS = 24 * 60 * 60 * 1000
# A member who has not opened the room an hour after joining is deleted.
NOT_ARRIVED_FOR_MS = 60 * 60 * 1000
ORIGINS, ROOMS = "hashes of network addresses", "ended rooms"


def room_retention_days() -> int:
    """For how many days ended rooms are kept: what a feature has of it, else the environment."""
    declared = (feature.room_retention_days for feature in installed_features())
    chosen = (read() for read in declared if read is not None)
    return next((days for days in chosen if days is not None), settings.ROOM_RETENTION_DAYS)


def find_expired(*, retention_days: int) -> dict[str, QuerySet[Any]]:
    """The rows that have outlived their time, by the name that an operator reads.

    Of network addresses only the hash is deleted, of all others the row.
    """
    now_ms = clock.now_ms()
    not_arrived = Member.objects.not_arrived()
    gone = Member.objects.filter(seen_at_ms__lt=now_ms - DAY_MS).exclude(origin="")
    found: dict[str, QuerySet[Any]] = {
        "links to another browser": IdentityLink.objects.filter(until_ms__lt=now_ms),
        "receipts of requests": Receipt.objects.filter(created_at_ms__lt=now_ms - DAY_MS),
        "people who never opened their room": not_arrived.filter(
            joined_at_ms__lt=now_ms - NOT_ARRIVED_FOR_MS
        ),
        ORIGINS: gone,
        ROOMS: Room.objects.ended_before(now_ms - retention_days * DAY_MS),
    }
    return found | _find_expired_of_features(now_ms)


def _find_expired_of_features(now_ms: int) -> dict[str, QuerySet[Any]]:
    finders = (feature.find_expired for feature in installed_features())
    return merge(find(now_ms) for find in finders if find is not None)


def erase_old(*, retention_days: int) -> int:
    """Delete what is kept for a while only.

    Ended rooms go past their retention; receipts, and the origins of who is gone, in a day; members
    who have not arrived, in an hour. Features add rows of their own.

    Returns how many rooms were erased.
    """
    expired = find_expired(retention_days=retention_days)
    expired.pop(ORIGINS).update(origin="")
    old = expired.pop(ROOMS)
    for rows in expired.values():
        rows.delete()
    ids = list(old.values_list("pk", flat=True))
    for room_id in ids:  # each in a transaction of its own: nobody waits for all of them
        with transaction.atomic():
            for feature in installed_features():
                if feature.erase_room is not None:
                    feature.erase_room(room_id)
            Room.objects.filter(pk=room_id).delete()
    return len(ids)
