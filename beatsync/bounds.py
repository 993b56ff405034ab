"""What one client may cost the server, in bytes and seconds; docs/operating.md lists it, too."""

from django.conf import settings

# A request has to be there, from its first byte to the last of its body, within this time.
RECEIVE_S = 20
# For how long a connection may be kept between two requests: longer than proxies keep one (nginx
# 60 s, Heroku 90 s), for one that is closed as a request comes is a failure for its sender.
IDLE_S = 95
# A client that is refused while it still sends may read the answer for this long and so many
# bytes; a connection that is closed at once would often be reset before the answer is read.
LINGER_S = 2
LINGER_BYTES = 1024 * 1024
# The most that a message on a socket may have. It is kept in memory until its last byte is there,
# and a client may take any time for that.
SOCKET_MESSAGE_BYTES = 64 * 1024
# Answers are written in pieces, each only when the client has read most of what came before: with
# the connection's buffer, a slow client holds two of them in memory (`python -m bench unread`).
PIECE_BYTES = 64 * 1024
# A client that takes no piece for this long is cut off. A player that has paused may do so; it
# asks for the rest of the file when it needs it.
STALL_S = 60
# Answers that clients of one network have yet to read: enough for 500 slow phones that load a
# page each, and far less than a server has.
UNREAD_BYTES = 128 * 1024 * 1024
# How long the answer to a request is held back that was one too many, times those held back in the
# same network, and at most. A page that is refused asks again much later.
REFUSED_S, LONGEST_REFUSED_S = 0.25, 2.0
# Answers of one network that are held back so at a time, each with its connection and its memory.
# The next one is answered at once.
MOST_REFUSED = 32
# When the process is asked to end: how long requests that are being answered may take, and how long
# clients to read that their socket is closed.
FINISH_S = 10.0
GOODBYE_S = 1.0


def body_limit() -> int:
    """The most bytes that the body of a request may have."""
    limit: int = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return limit
