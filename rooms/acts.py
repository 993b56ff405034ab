"""The acts of any room: to look after its people, and to decide about the room."""

from django.utils.translation import gettext_noop as _

from rooms.roles import HOST_ONLY, HOSTS, Act

MODERATE = Act(
    key="moderate",
    description="mute or remove people",
    roles=HOSTS,
    refusal=_("Only the host and co-hosts can do that."),
)
GOVERN = Act(
    key="govern",
    description="change the room and its co-hosts, or end it",
    roles=HOST_ONLY,
    refusal=_("Only the host can do that."),
)
