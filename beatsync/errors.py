"""What can be refused about a request before any action runs, in one tree.

RoomError
├── Malformed           400  the request cannot be read
├── WrongMethod         405  nothing here is asked for that way
├── TooSlow             408  the request did not arrive in time
├── TooLarge            413  the request has too many bytes
├── Unsupported         415  the body of the request is of a kind that is not read here
└── ServerError         500  a fault of our own
Forbidden               403
├── WrongOrigin              a page at an address that is not this server's
└── NoToken                  a form or call without the token of its page (CSRF)
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Forbidden, RoomError


class Malformed(RoomError):
    status, code = 400, "malformed"
    message = _("That could not be read.")


class WrongOrigin(Forbidden):
    code = "wrong_origin"
    message = _("This server does not know this address. Tell its operator.")


class NoToken(Forbidden):
    code = "csrf"
    message = _("Load the page again, then repeat that.")


class WrongMethod(RoomError):
    status, code = 405, "wrong_method"


class TooSlow(RoomError):
    status, code = 408, "too_slow"
    message = _("That took too long to arrive. Try again.")


class TooLarge(RoomError):
    status, code = 413, "too_large"
    message = _("That is too large. A request has at most 64 KB.")


class Unsupported(RoomError):
    status, code = 415, "unsupported_media_type"
    message = _("The body of this request is not JSON. Send JSON.")


class ServerError(RoomError):
    status, code = 500, "server_error"
    message = _("Something broke on our side. Your queue is safe. Try again in a moment.")
