"""Which socket goes where."""

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from rooms.admission import Admission
from rooms.close_codes import RESTARTING
from rooms.frames import Frame
from rooms.relays import Relays
from rooms.room_socket import nowhere, room_socket
from staff import observing, site_state

_relays = Relays(site_state.read_site_state)


def say_goodbye() -> None:
    """Close all sockets because this process ends; pages connect again by themselves.

    Call it on the event loop that serves them.
    """
    words = "BeatSync restarts. This page connects again."
    _relays.finish_all(RESTARTING, {"code": "restarting", "message": words})


def send_to_all_rooms(frame: Frame) -> None:
    """Send a frame to all sockets of this process, from any thread."""
    _relays.send_to_all_rooms(frame)


application = AllowedHostsOriginValidator(
    URLRouter(
        [
            # Django's types know only views here; Channels routes any ASGI application.
            path(
                "ws/rooms/<str:code>/",
                room_socket(_relays, Admission(), observing.room_for_socket),  # type: ignore[arg-type]
            ),
            re_path(r"", nowhere),  # type: ignore[arg-type]
        ]
    )
)
