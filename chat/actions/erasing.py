"""What the chat keeps of a guest, and how it goes."""

import uuid
from contextlib import suppress
from typing import Any

from chat.actions.reports import withdraw_reports
from chat.events import MessageDeleted
from chat.models import ChatMessage, MessageReport, MessageState
from rooms import clock
from rooms.actors import System
from rooms.changes import changing
from rooms.errors import RoomEnded, UnknownRoom
from rooms.models import Member


def erase_messages(guest_id: uuid.UUID) -> None:
    """Delete what a guest wrote and reported in all rooms; in live ones everybody is told."""
    members = Member.objects.filter(guest=guest_id)
    for member_id, room_id in members.values_list("pk", "room_id"):
        with suppress(RoomEnded, UnknownRoom), changing(System(room_id, "erasing")) as change:
            withdraw_reports(change, member_id)
            written = ChatMessage.objects.filter(member=member_id)
            readable = written.exclude(state=MessageState.DELETED).order_by("pk")
            ids = list(readable.values_list("pk", flat=True))
            _delete(member_id)
            change.publish(*(MessageDeleted(str(pk)) for pk in ids))
        _delete(member_id)  # in an ended room nobody has to be told


def data_of_guest(guest: uuid.UUID) -> dict[str, list[dict[str, Any]]]:
    """What a guest wrote and reported in all rooms, the oldest first."""
    written = ChatMessage.objects.filter(member__guest=guest).select_related("room")
    reported = MessageReport.objects.filter(member__guest=guest).select_related("message__room")
    return {
        "messages": [
            {"room": message.room.code, "at_ms": message.created_at_ms, "text": message.text}
            for message in written.order_by("pk")
        ],
        "reports": [
            {
                "room": report.message.room.code,
                "at_ms": report.created_at_ms,
                "reason": report.reason,
            }
            for report in reported.order_by("pk")
        ],
    }


def _delete(member_id: int) -> None:
    MessageReport.objects.filter(member=member_id).delete()
    on_theirs = MessageReport.objects.filter(message__member=member_id)
    on_theirs.open().update(cleared_at_ms=clock.now_ms())
    ChatMessage.objects.filter(member=member_id).update(
        state=MessageState.DELETED, text="", mentions=[], hidden_by=None, hidden_at_ms=None
    )
