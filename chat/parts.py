"""The parts of a room that `chat` adds, and how each is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chat.events import SEES_BLOCKED_WORDS, SEES_REPORTS
from chat.models import BlockedWords, ChatMessage, MessageReport, ReactionTally
from chat.shapes import (
    MessageShape,
    ReactionsShape,
    ReportShape,
    message_shape,
    report_shape,
)
from rooms.models import Member, Room
from rooms.parts import Part

# Messages and reported messages; as many as the page keeps, too (chat.js and reports.js in
# static/js/state/parts). Older messages come by pages; the operator lists all that is reported.
LATEST = 50


def _read_chat(room: Room) -> list[MessageShape]:
    """The latest messages, the oldest of them first."""
    latest = ChatMessage.objects.filter(room=room).order_by("-pk")[:LATEST]
    return [message_shape(message) for message in reversed(latest)]


def _read_stay(room: Room, members: Collection[Member]) -> Mapping[int, Mapping[str, int]]:
    """Since when each member has been here: the rule `chat_after_min` counts from then."""
    return {member.pk: {"here_since_ms": member.joined_at_ms} for member in members}


def _read_blocked_words(room: Room) -> list[str]:
    """The words that the host blocks. Those that the operator blocks are sent to no page."""
    return BlockedWords.objects.filter(room=room).values_list("words", flat=True).first() or []


def _read_reports(room: Room) -> list[ReportShape]:
    """What people say against the latest messages of those still shown, the oldest first."""
    reports = MessageReport.objects.filter(message__room=room).open().select_related("message")
    latest = reports.order_by("-message_id").values("message_id").distinct()[:LATEST]
    reports = reports.filter(message__in=latest)
    by_message: dict[int, list[MessageReport]] = {}
    for report in reports.order_by("message", "pk"):
        by_message.setdefault(report.message_id, []).append(report)
    return [report_shape(those[0].message, those) for those in by_message.values()]


def _read_reactions(room: Room) -> ReactionsShape:
    """The counts of the subject that got the latest reaction, which need not be the present one."""
    tally = ReactionTally.objects.filter(room=room).order_by("-counted_at_ms", "-pk").first()
    if tally is None:
        return {"subject": None, "counts": {}}
    return {"subject": tally.subject, "counts": tally.counts}


PARTS = (
    Part("chat", _read_chat, read_own=_read_stay),
    Part("reactions", _read_reactions),
    Part("reports", _read_reports, audience=SEES_REPORTS),
    Part("blocked_words", _read_blocked_words, audience=SEES_BLOCKED_WORDS),
)
