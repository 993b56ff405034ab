"""Dismissing a suggestion, and what that keeps of a guest."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from discovery.models import Dismissal
from discovery.suggestion import key_of
from music.models import Track
from rooms.errors import RoomEnded
from rooms.models import Member

# The oldest go first.
MOST_OF_MEMBER = 500


def dismiss(*, member: Member, track: Track) -> None:
    """Suggest a recording to this member no more. For the room it counts as `suggestion` says.

    Nobody else is told, so there is no event. Raises `RoomEnded`.
    """
    if not member.room.is_live:
        raise RoomEnded
    with transaction.atomic():
        own = Dismissal.objects.filter(member=member)
        own.get_or_create(member=member, key=key_of(track))
        oldest = own.order_by("-pk").values_list("pk", flat=True)[MOST_OF_MEMBER:]
        Dismissal.objects.filter(pk__in=list(oldest)).delete()


def take_back_dismissal(*, member: Member, track: Track) -> None:
    """Suggest it again."""
    Dismissal.objects.filter(member=member, key=key_of(track)).delete()


def erase_dismissals(guest_id: uuid.UUID) -> None:
    """Delete what a guest has dismissed in all rooms."""
    Dismissal.objects.filter(member__guest=guest_id).delete()


def data_of_guest(guest: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
    """What a guest has dismissed in all rooms, the oldest first."""
    rows = Dismissal.objects.filter(member__guest=guest).select_related("member__room")
    return {
        "dismissed": [
            {"room": row.member.room.code, "at_ms": row.dismissed_at_ms, "recording": row.key}
            for row in rows.order_by("pk")
        ]
    }
