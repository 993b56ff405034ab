"""What is kept of a guest, as plain data for that guest."""

from __future__ import annotations

import uuid
from typing import Any

from rooms import clock
from rooms.features import installed_features
from rooms.log import log_translated
from rooms.models import IdentityBinding, LogEntry, Member, Restriction
from rooms.reasons import reason_translated


def data_of_guest(guest: uuid.UUID) -> dict[str, Any]:
    """All that is kept of a guest in all rooms, by app; times are milliseconds UTC."""
    found: dict[str, Any] = {
        "made_at_ms": clock.now_ms(),
        "bound_to": list(
            IdentityBinding.objects.filter(guest=guest).values("provider", "account", "bound_at_ms")
        ),
        "rooms": _rooms_of(guest),
    }
    for feature in installed_features():
        if feature.data_of_guest is not None:
            found[feature.name] = feature.data_of_guest(guest)
    return found


def _rooms_of(guest: uuid.UUID) -> list[dict[str, Any]]:
    members = list(Member.objects.select_related("room").filter(guest=guest).order_by("pk"))
    restrictions = list(Restriction.objects.filter(member__in=members))
    entries = list(
        (LogEntry.objects.filter(target__in=members) | LogEntry.objects.filter(by__in=members))
        .select_related("by", "target")
        .order_by("pk")
    )
    return [
        {
            "code": member.room.code,
            "name": member.room.name,
            "your_name": member.name,
            "your_role": member.role,
            "joined_at_ms": member.joined_at_ms,
            "seen_at_ms": member.seen_at_ms,
            "network_hash": member.origin,
            "has_left": member.left,
            "restrictions": [
                {"kind": each.kind, "why": reason_translated(each.why), "until_ms": each.until_ms}
                for each in restrictions
                if each.member_id == member.pk
            ],
            "log": [
                {"at_ms": each.at_ms, "says": log_translated(each)}
                for each in entries
                if member.pk in (each.by_id, each.target_id)
            ],
        }
        for member in members
    ]
