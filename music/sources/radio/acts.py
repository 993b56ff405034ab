from django.utils.translation import gettext_noop as _

from rooms.roles import HOSTS, Act

STATIONS = Act(
    key="stations",
    description="add and remove radio stations",
    roles=HOSTS,
    refusal=_("Only the host and co-hosts add radio stations."),
)
