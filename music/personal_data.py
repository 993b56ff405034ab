"""What the music keeps of a guest."""

import uuid
from typing import Any

from music.models import Device, QueueItem, Vote


def data_of_guest(guest: uuid.UUID) -> dict[str, Any]:
    """The tracks that a guest added, the votes on what waits or played, and the named devices."""
    added = QueueItem.objects.filter(added_by__guest=guest).select_related("track", "room")
    votes = Vote.objects.filter(member__guest=guest).select_related("item__track", "item__room")
    devices = Device.objects.filter(member__guest=guest).select_related("member__room")
    return {
        "added": [
            {"room": item.room.code, "title": item.track.title, "at_ms": item.added_at_ms}
            for item in added.order_by("pk")
        ],
        "votes": [
            {"room": vote.item.room.code, "title": vote.item.track.title, "value": vote.value}
            for vote in votes.order_by("pk")
        ],
        "devices": [
            {"room": device.member.room.code, "name": device.name}
            for device in devices.order_by("pk")
        ],
    }
