"""`manage.py chat_reports`: what people report of messages, for who runs the site."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions.messages import set_hidden
from chat.actions.reports import clear_reports
from chat.models import ChatMessage, MessageReport
from rooms.actors import Staff
from rooms.errors import RoomError


class Command(BaseCommand):
    help = "List the messages that people have reported, or hide or leave one of them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--hide", metavar="ID", type=int, help="hide this message")
        parser.add_argument("--leave", metavar="ID", type=int, help="leave this message as it is")

    def handle(self, *args: Any, hide: int | None, leave: int | None, **options: Any) -> None:
        chosen = leave if hide is None else hide
        if chosen is None:
            self._list()
            return
        message = ChatMessage.objects.filter(pk=chosen).first()
        if message is None:
            raise CommandError("There is no message with this id.")
        staff = Staff(message.room_id, "operator")
        try:
            if hide is not None:
                set_hidden(by=staff, message_ids=[message.pk], hidden=True)
            else:
                clear_reports(by=staff, message_id=message.pk)
        except RoomError as refusal:
            raise CommandError(refusal.message) from refusal

    def _list(self) -> None:
        reports = MessageReport.objects.open().select_related("message__room", "message__member")
        for report in reports.order_by("message", "pk"):
            message = report.message
            # Names and texts in quotes: no control character of theirs reaches the terminal.
            self.stdout.write(
                f"{message.pk} in {message.room.code}, {message.member.name!r}: "
                f"{message.text!r}, reported for {report.reason!r}"
            )
