"""How the API knows who asks: the guest cookie, with Django's CSRF check on writes."""

import uuid
from typing import cast

from django.http import HttpRequest
from ninja.security import APIKeyCookie

from rooms import access


class GuestCookie(APIKeyCookie):
    """Lets everybody in; whose room it is decides `rooms.access`.

    What it adds is the CSRF check that django-ninja makes for cookies.
    """

    param_name = access.COOKIE

    def authenticate(self, request: HttpRequest, key: str | None) -> uuid.UUID:
        return access.guest_or_new(request)


def guest_of(request: HttpRequest) -> uuid.UUID:
    """The identity of the asking browser; a fresh one if it had none."""
    return cast(uuid.UUID, request.auth)  # type: ignore[attr-defined]  # set by django-ninja
