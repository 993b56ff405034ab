"""Which socket goes where."""

from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import path, re_path

from beatsync.snapshot import read_snapshot
from rooms.consumers import nowhere, room_socket

application = AllowedHostsOriginValidator(
    URLRouter(
        [
            path("ws/rooms/<str:code>/", room_socket(read_snapshot)),
            re_path(r"", nowhere),
        ]
    )
)
