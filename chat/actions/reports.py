"""Reporting a message to the host, the co-hosts and the site, and clearing what was reported."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from chat.actions.messages import messages_in
from chat.acts import REPORT
from chat.events import MessageReported, ReportsCleared
from chat.models import MessageReport, MessageState
from chat.shapes import report_shape
from rooms import clock
from rooms.actors import Actor
from rooms.acts import MODERATE
from rooms.changes import Change, changing
from rooms.errors import Conflict, NotAllowed
from rooms.models import Member
from rooms.names import cleaned

REASON_LENGTH = 200


def report_message(*, member: Member, message_id: int, reason: str) -> None:
    """Report a message of somebody else, once. The room does not learn who reported it.

    Raises `NotAllowed`, `Muted`, `UnknownMessage`, `Conflict`, `Invalid`.
    """
    reason = cleaned(reason, what="reason", length=REASON_LENGTH)
    with changing(member) as change:
        member.require(REPORT)
        [message] = messages_in(change.room, [message_id])
        if message.member_id == member.pk:
            raise NotAllowed(
                _("That is your own message. You can delete it."), detail="own_message"
            )
        if message.state != MessageState.SHOWN:
            raise Conflict(_("That message can no longer be read here."), detail="unread_message")
        _report, is_new = MessageReport.objects.get_or_create(
            message=message, member=member, defaults={"reason": reason}
        )
        if is_new:
            reports = MessageReport.objects.filter(message=message).open()
            change.publish(MessageReported(report_shape(message, list(reports))))


def clear_reports(*, by: Actor, message_id: int) -> None:
    """Leave a reported message as it is: host and co-hosts have looked at it.

    Raises `NotAllowed`, `UnknownMessage`.
    """
    with changing(by) as change:
        by.require(MODERATE)
        [message] = messages_in(change.room, [message_id])
        reports = MessageReport.objects.filter(message=message).open()
        if reports.update(cleared_at_ms=clock.now_ms()):
            change.publish(ReportsCleared(str(message.pk)))


def withdraw_reports(change: Change, member_id: int) -> None:
    """Delete what a member has reported, and tell what is left against these messages."""
    of_member = MessageReport.objects.filter(member=member_id)
    messages = {
        report.message_id: report.message for report in of_member.open().select_related("message")
    }
    of_member.delete()
    left: dict[int, list[MessageReport]] = {pk: [] for pk in messages}
    for report in MessageReport.objects.filter(message__in=messages).open():
        left[report.message_id].append(report)
    for pk, reports in left.items():
        if reports:
            change.publish(MessageReported(report_shape(messages[pk], reports)))
        else:
            change.publish(ReportsCleared(str(pk)))
