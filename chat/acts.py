"""The acts of the chat of a room. Hiding messages of others belongs to `rooms.acts.MODERATE`."""

from django.utils.translation import gettext_noop as _

from rooms.roles import EVERYONE, Act

CHAT = Act(
    key="chat",
    description="chat",
    roles=EVERYONE,
    refusal=_("Only the host and co-hosts chat in this room."),
    closing_rule="may_chat",
)
REPORT = Act(
    key="report",
    description="report messages",
    roles=EVERYONE,
    refusal=_("You cannot report messages here."),
)
REACT = Act(
    key="react",
    description="react to what plays",
    roles=EVERYONE,
    refusal=_("Only the host and co-hosts react in this room."),
    closing_rule="may_react",
)
