"""The feature of `chat`: what members write to each other, and how they react."""

from django.utils.translation import gettext_noop as _

from chat.actions.erasing import data_of_guest, erase_messages
from chat.actions.messages import is_final_hiding, undo_hiding
from chat.acts import CHAT, REACT, REPORT
from chat.parts import PARTS
from chat.room_rules import ChatRules
from rooms.features import Feature
from rooms.limits import Limit
from rooms.log import LogKind

FEATURE = Feature(
    name="chat",
    acts=(CHAT, REACT, REPORT),
    rules=ChatRules,
    limits={
        "CHAT": Limit("8/10", _("Easy: {count} messages {window}. Try again in {wait} s.")),
        "REACTIONS": Limit("1/1", _("Easy: {count} {window}. Try again in {wait} s.")),
        "REPORTS": Limit("10/60", _("Easy: {count} reports {window}. Try again in {wait} s.")),
    },
    parts=PARTS,
    log_kinds={
        "messages.hidden": LogKind(
            _("{by} hid {n} messages of {target}"),
            sentence_of_one=_("{by} hid a message of {target}"),
            counts="messages",
            undo=undo_hiding,
            is_final=is_final_hiding,
        ),
    },
    erase_guest=erase_messages,
    data_of_guest=data_of_guest,
)
