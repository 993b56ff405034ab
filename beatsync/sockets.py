"""Which socket goes where."""

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from beatsync.snapshot import read_snapshots
from rooms.admission import Admission
from rooms.close_codes import RESTARTING
from rooms.consumers import nowhere, room_socket
from rooms.relay import Relays

_relays = Relays(read_snapshots)


def say_goodbye() -> None:
    """Close all sockets because this process ends; pages connect again by themselves.

    Call it on the event loop that serves them.
    """
    _relays.finish_all(RESTARTING, "restarting", "BeatSync restarts. This page connects again.")


application = AllowedHostsOriginValidator(
    URLRouter(
        [
            # Django's types know only views here; Channels routes any ASGI application.
            path(
                "ws/rooms/<str:code>/",
                room_socket(_relays, Admission()),  # type: ignore[arg-type]
            ),
            re_path(r"", nowhere),  # type: ignore[arg-type]
        ]
    )
)
