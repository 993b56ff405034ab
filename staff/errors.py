"""What the site's staff keeps people from, as a branch of the tree in `rooms/errors.py`.

Forbidden               403
├── SiteBanned               may be in no room of this site
└── NetworkOff               nobody new from that network may, for a time
Unavailable             503
└── SiteClosed               closed for maintenance
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Forbidden, Unavailable


class SiteBanned(Forbidden):
    code = "site_banned"
    message = _("This site banned you from its rooms.")


class NetworkOff(Forbidden):
    code = "site_network_banned"
    message = _("Nobody new may join from your network for now.")


class SiteClosed(Unavailable):
    code = "site_closed"
    message = _("This site is closed for maintenance. Nothing is lost.")
