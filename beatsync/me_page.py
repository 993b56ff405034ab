"""The pages of a person: one's rooms, another device, one's data, and being erased."""

from typing import Any

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from beatsync.bindings import SAID, ways_back
from beatsync.logins import end_login
from beatsync.pages import refused
from beatsync.room_page import public_origin
from rooms import access, actions
from rooms.errors import RoomError
from rooms.models import Member, new_guest
from rooms.personal_data import data_of_guest


@require_safe
@never_cache
@ensure_csrf_cookie
def me(request: HttpRequest) -> HttpResponse:
    """The rooms of this browser's person, and what can be done with what is kept of them."""
    return render(request, "me.html", _context(request))


@require_POST
@never_cache
def link(request: HttpRequest) -> HttpResponse:
    """A link for another device, shown once, with its picture to scan."""
    try:
        guest = access.known_guest(request)
        access.count_by_guest(request, "LINKS")
        token, _ = actions.make_identity_link(guest=guest)
    except RoomError as refusal:
        return refused(request, refusal)
    url = f"{public_origin(request)}/on/{token}"
    svg = segno.make(url, error="m").svg_inline(scale=4, border=2, omitsize=True, svgclass="qr")
    picture = mark_safe(svg)  # noqa: S308 - drawn by segno from our own address
    return render(request, "me.html", {**_context(request), "link": url, "qr_svg": picture})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@ensure_csrf_cookie
def go_on(request: HttpRequest, token: str) -> HttpResponse:
    """What the link leads to. Opening it uses nothing up: previews of links are not people."""
    if request.method != "POST":
        return render(request, "go_on.html", {"token": token, "rooms": len(_rooms(request))})
    try:
        access.count_by_guest(request, "LINKS")
        guest = actions.use_identity_link(token=token)
    except RoomError as refusal:
        return refused(request, refusal, back="/")
    response = HttpResponseRedirect("/", status=303)
    access.remember(response, guest)
    return response


@require_safe
@never_cache
def data(request: HttpRequest) -> HttpResponse:
    """All that is kept of this browser's person, as a file."""
    try:
        guest = access.known_guest(request)
        access.count_by_guest(request, "LINKS")
    except RoomError as refusal:
        return refused(request, refusal)
    response = JsonResponse(data_of_guest(guest), json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="beatsync-my-data.json"'
    return response


@require_POST
@never_cache
def erase(request: HttpRequest) -> HttpResponse:
    """Erase this browser's person; the browser is somebody new, and logged out, from then on.

    Somebody who is muted or banned somewhere keeps the cookie, or erasing would end that.
    """
    try:
        guest = access.known_guest(request)
        actions.erase_person(guest=guest)
    except RoomError as refusal:
        return refused(request, refusal)
    is_held = Member.objects.filter(guest=guest).exists()
    context = {"erased": True, "is_held": is_held, "rooms": []}
    response = render(request, "me.html", context)
    access.remember(response, guest if is_held else new_guest())
    end_login(request, response)
    return response


def _rooms(request: HttpRequest) -> list[Member]:
    guest = access.guest_in(request.COOKIES)
    if guest is None:
        return []
    members = Member.objects.select_related("room").filter(guest=guest)
    return list(members.order_by("-room_id"))


def _context(request: HttpRequest) -> dict[str, Any]:
    return {
        "rooms": _rooms(request),
        "said": SAID.get(request.GET.get("said", "")),
        **ways_back(access.guest_in(request.COOKIES)),
    }
