"""Looking at a live room without being a member: who may, and for how long.

Whoever has given the reason, which stands in the audit log, gets a token for one room. It opens
nothing by itself: page and socket ask for the login of the same user, and for their right, too. So
an address that somebody else has seen is of no use to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.http import HttpRequest

from rooms.errors import NoMembership, RoomEnded
from rooms.models import Room

# After an hour somebody gives the reason again.
TOKEN_S = 60 * 60
RIGHT = "staff.watch_room"
_signer = signing.TimestampSigner(salt="staff.observing")


def token_for(user: Any, room: Room) -> str:
    """What lets this user look at this room for an hour."""
    return str(_signer.sign(f"{room.pk}.{user.pk}"))


def observed_room(token: str, user: Any) -> Room:
    """The live room that a token lets this user look at. Raises `NoMembership`, `RoomEnded`."""
    try:
        room_id, user_id = _signer.unsign(token, max_age=TOKEN_S).split(".")
    except (signing.BadSignature, ValueError):
        raise NoMembership from None
    is_theirs = user.is_active and user.is_staff and str(user.pk) == user_id
    room = Room.objects.filter(pk=room_id).first()
    if room is None or not is_theirs or not user.has_perm(RIGHT):
        raise NoMembership
    if not room.is_live:
        raise RoomEnded
    return room


def room_for_socket(token: str, cookies: Mapping[str, str]) -> Room:
    """The same for a socket, which has only the cookies of its handshake.

    Raises `NoMembership`, `RoomEnded`.
    """
    request = HttpRequest()
    request.session = SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    return observed_room(token, get_user(request))
