"""The codes with which the server closes a socket; docs/protocol.md says what each means.

Servers may send 1000 and 3000 to 4999 alone (RFC 6455, section 7.4.2), and daphne refuses all
others. Where there is a like status of HTTP, the code ends in it.
"""

MALFORMED = 4400
NOT_A_MEMBER = 4401
REMOVED = 4403
NO_ROOM = 4404
LEFT = 4405
TOO_SLOW = 4408
ENDED = 4410
TOO_OFTEN = 4429
UNAVAILABLE = 4503
RESTARTING = 4512
