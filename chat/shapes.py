"""Messages as plain JSON data, as they go over the wire."""

from __future__ import annotations

from collections.abc import Collection

# pydantic reads these for the published OpenAPI, and needs this TypedDict before Python 3.12.
from typing_extensions import TypedDict

from chat.models import ChatMessage, MessageReport, MessageState


class MessageShape(TypedDict):
    id: str
    member: str
    at_ms: int
    text: str
    mentions: list[str]
    state: str
    hidden_by: str | None


class ReactionsShape(TypedDict):
    subject: str | None
    counts: dict[str, int]


class ReportShape(TypedDict):
    message: MessageShape
    count: int
    reasons: list[str]


def message_shape(message: ChatMessage) -> MessageShape:
    """A message as everybody sees it: without text and mentions when it is not shown."""
    is_shown = message.state == MessageState.SHOWN
    return {
        "id": str(message.pk),
        "member": str(message.member_id),
        "at_ms": message.created_at_ms,
        "text": message.text if is_shown else "",
        "mentions": [str(member_id) for member_id in message.mentions] if is_shown else [],
        "state": message.state,
        "hidden_by": None if message.hidden_by_id is None else str(message.hidden_by_id),
    }


def report_shape(message: ChatMessage, reports: Collection[MessageReport]) -> ReportShape:
    """What people say against a message, the latest last; who they are stays unsaid."""
    reasons = [report.reason for report in sorted(reports, key=lambda report: report.pk)]
    return {"message": message_shape(message), "count": len(reasons), "reasons": reasons[-10:]}
