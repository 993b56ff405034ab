"""Which socket goes where."""

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from beatsync.snapshot import read_snapshots
from rooms.admission import Admission
from rooms.consumers import nowhere, room_socket
from rooms.relay import Relays

application = AllowedHostsOriginValidator(
    URLRouter(
        [
            # Django's types know only views here; Channels routes any ASGI application.
            path(
                "ws/rooms/<str:code>/",
                room_socket(Relays(read_snapshots), Admission()),  # type: ignore[arg-type]
            ),
            re_path(r"", nowhere),  # type: ignore[arg-type]
        ]
    )
)
