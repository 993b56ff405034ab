"""What the chat of a room refuses, in one tree.

Unknown                 404
└── UnknownMessage
Conflict                409  a rule of the room stands against it
├── NotHereLongEnough
├── StaleSubject
└── BlockedWord
Invalid                 422
├── EmptyMessage
└── MessageTooLong
RateLimited             429
└── SlowMode
"""

from django.utils.translation import gettext_noop as _

from rooms.errors import Conflict, Invalid, RateLimited, Unknown


class UnknownMessage(Unknown):
    code = "unknown_message"
    message = _("That message is not in this room.")


class NotHereLongEnough(Conflict):
    code = "not_here_long_enough"
    message = _("You can chat when you have been here for {after} min.")


class StaleSubject(Conflict):
    code = "stale_subject"
    message = _("What you react to is over.")


class BlockedWord(Conflict):
    code = "blocked_word"
    message = _("The host blocked “{word}” in this room. Write it another way.")


class EmptyMessage(Invalid):
    code = "empty_message"
    message = _("That message is empty. Write something first.")


class MessageTooLong(Invalid):
    code = "message_too_long"
    message = _("A message has up to {most} characters. This one has {length}.")


class SlowMode(RateLimited):
    code = "slow_mode"
    message = _("Slow chat: one message in {slow} s. Try again in {wait} s.")
