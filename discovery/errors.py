"""What the suggestions of a room meet, in one tree.

Unavailable             503
└── ServiceAway              a service outside does not answer, or may not be asked now
    └── KeyRefused           it refuses our key: it is not asked again for a day

None of them reaches a page: where a link of the chain fails, the others answer.
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Unavailable


class ServiceAway(Unavailable):
    message = _("Suggestions from outside are not to be had now.")


class KeyRefused(ServiceAway):
    message = _("The key for suggestions from outside is refused.")
