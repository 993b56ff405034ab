"""The pages: home and room, and the plain forms that work before and without scripts."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from beatsync.errors import ServerError, WrongOrigin
from beatsync.origins import is_from_foreign_origin
from beatsync.room_page import room_context
from discovery.services.asked import asked_services
from music import acts
from music.actions import playback as playing
from music.actions.voting import cast_vote
from music.errors import UnknownItem
from music.sources import registry
from music.sources.base import SourcePage
from rooms import access, actions, clock, limits, presence
from rooms.actions.housekeeping import room_retention_days
from rooms.api import whole_number
from rooms.codes import CODE_LENGTH, find_code, normalise_code
from rooms.errors import (
    Banned,
    Invalid,
    NoMembership,
    RateLimited,
    RoomError,
    Unknown,
    UnknownMember,
    UnknownRoom,
)
from rooms.models import LogEntry, Member, Room, new_guest
from rooms.reasons import reason_translated
from rooms.shapes import room_url
from staff.retention import AUDIT_DAYS

BACK_ROOMS = 3
# Characters of a pasted message in which a code is looked for.
MOST_TYPED = 1_000
# Marks the second try of a visitor who has just been given a cookie.
AGAIN = "again"
_NOT_KEPT = {"Cache-Control": "private, no-store"}
personal = cache_control(private=True, no_cache=True)


@require_safe
@personal
@ensure_csrf_cookie
def home(request: HttpRequest) -> HttpResponse:
    """The front door: open a room, join by code, or go back to one."""
    response = _home(request)
    # Known from the first page on: two requests at once, or one repeated, are one person's.
    access.remember(response, access.guest_or_new(request))
    return response


@require_POST
def open_room(request: HttpRequest) -> HttpResponse:
    """Open a room and go there; a refused name comes back with the reason beside it."""
    guest = access.guest_or_new(request)
    name = request.POST.get("name", "")
    try:
        access.count_by_guest(request, "ROOMS")
        host = actions.open_room(guest=guest, name=name, address=access.address_of(request))
    except RoomError as refusal:
        return _home(request, name_value=name, name_error=refusal)
    return _go(room_url(host.room), guest)


@require_POST
def join_by_code(request: HttpRequest) -> HttpResponse:
    """Join the room with a typed code and go there."""
    typed = request.POST.get("code", "")[:MOST_TYPED]
    try:
        guest, there = _joined(request, _code_in(typed))
    except RoomError as refusal:
        return _home(request, code_value=typed, code_error=refusal)
    return _go(room_url(there), guest)


@require_safe
@personal
@ensure_csrf_cookie
def room(request: HttpRequest, code: str) -> HttpResponse:
    """The room. Opening it joins nobody: link previews are not people; the page's script does."""
    code = find_code(code) or code
    guest = access.guest_in(request.COOKIES)
    try:
        there, member = access.visitor(request, code)
    except Banned as refusal:
        return _ended(request, access.newest(code), refusal=refusal)
    except RateLimited as refusal:
        if guest is None and AGAIN not in request.GET:
            # A link is never refused for what others in this network do: with a cookie of their
            # own, its visitors are told from them.
            return _go(f"/r/{quote(code)}?{AGAIN}", new_guest())
        return _home(request, code_value=code, code_error=refusal)
    except RoomError as refusal:
        response = _home(request, code_value=code, code_error=refusal)
        access.remember(response, guest or new_guest())
        return response
    if request.path != room_url(there):
        return HttpResponseRedirect(room_url(there))
    if not there.is_live:
        return _ended(request, there)
    if member is not None:
        actions.arrive(member=member)
        presence.note_poll(member)
    response = render(request, "room.html", room_context(request, there, member))
    access.remember(response, guest or new_guest())
    return response


def _code_in(typed: str) -> str:
    """The code that was typed or pasted. Raises `UnknownRoom` or `Invalid`; neither is a guess."""
    code = find_code(typed)
    if code is None and len(normalise_code(typed)) == CODE_LENGTH:
        raise UnknownRoom  # one of its characters is in no code
    if code is None:
        raise Invalid(_("A code has {length} characters."), length=CODE_LENGTH)
    return code


@require_POST
def join(request: HttpRequest, code: str) -> HttpResponse:
    """The plain form behind joining."""
    try:
        guest, there = _joined(request, code)
    except RoomError as refusal:
        return _home(request, code_value=code, code_error=refusal)
    return _go(_plain_url(there), guest)


@require_POST
def vote(request: HttpRequest, code: str, item: str) -> HttpResponse:
    """The plain form behind a vote key."""
    try:
        member = access.member(request, code)
        limits.hit_by("VOTES", member.pk, access.address_of(request))
        value = request.POST.get("value", "")
        if value not in ("-1", "0", "1"):
            raise Invalid(_("A vote is 1, -1 or 0."))
        cast_vote(member=member, item_id=whole_number(item, UnknownItem()), value=int(value))
    except RoomError as refusal:
        return refused(request, refusal)
    there = _plain_url if "plain" in request.GET else room_url
    return HttpResponseRedirect(there(member.room), status=303)


def for_members(view: Callable[[HttpRequest, Member], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a page of a live room the member who asks; everybody else gets what is theirs.

    A refusal that the page itself raises is said on a page, too.
    """

    @wraps(view)
    def page(request: HttpRequest, code: str) -> HttpResponse:
        try:
            member = access.member(request, code)
        except NoMembership:
            # The room's own page lets people in, by a script or a button.
            return HttpResponseRedirect(f"/r/{normalise_code(code)}")
        except Banned as refusal:
            return _ended(request, access.newest(code), refusal=refusal)
        except RoomError as refusal:
            return _home(request, code_value=code, code_error=refusal)
        if not member.room.is_live:
            return _ended(request, member.room)
        try:
            return view(request, member)
        except RoomError as refusal:
            return refused(request, refusal)

    return page


def source_page(page: SourcePage) -> Callable[..., HttpResponse]:
    """The view of a page that a source of music has."""
    if page.of_room:
        of_members: Callable[..., HttpResponse] = for_members(page.view)
        return personal(ensure_csrf_cookie(of_members))

    @wraps(page.view)
    def answered(request: HttpRequest) -> HttpResponse:
        try:
            return page.view(request)
        except RoomError as refusal:
            return refused(request, refusal, back=page.back(request))

    return personal(answered)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, and for how long."""
    context = {
        "days": room_retention_days(),
        "audit_days": AUDIT_DAYS.days,
        "accounts": settings.LOCAL_ACCOUNTS,
        "services": asked_services(),
        "source_facts": {
            kind.name: kind.site_facts() for kind in registry.offered() if kind.site_facts
        },
    }
    return render(request, "privacy.html", context)


@require_POST
def end_room(request: HttpRequest, code: str) -> HttpResponse:
    """The plain form that ends a room."""
    try:
        there = actions.end_room(by=access.changer(request, code))
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(room_url(there), status=303)


@require_POST
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    """The plain form by which the host makes another member the host for good."""
    try:
        member = access.changer(request, code)
        heir = whole_number(request.POST.get("member", ""), UnknownMember())
        actions.hand_over(by=member, member_id=heir)
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(f"{room_url(member.room)}/rules", status=303)


@require_POST
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """The plain form that leaves a room for good."""
    try:
        actions.leave(member=access.changer(request, code))
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect("/", status=303)


@require_POST
def skip(request: HttpRequest, code: str) -> HttpResponse:
    """The plain form behind the skip key: host and co-hosts skip, everybody else asks to."""
    try:
        member = access.member(request, code)
        limits.hit_by("VOTES", member.pk, access.address_of(request))
        play_id = request.POST.get("play_id") or None
        if member.may(acts.CONTROL):
            playing.skip(by=member, play_id=play_id)
        else:
            playing.ask_to_skip(member=member, play_id=play_id)
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(_plain_url(member.room), status=303)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: an old page, or somebody else's."""
    if is_from_foreign_origin(request):
        return refused(request, WrongOrigin())
    return refused(
        request, Invalid(_("This page is too old. Load it again, then repeat that.")), 403
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        error = Unknown(_("There is nothing at this address."), detail="nothing_here")
        return JsonResponse(error.as_json(), status=404, headers=_NOT_KEPT)
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return JsonResponse(ServerError().as_json(), status=500, headers=_NOT_KEPT)
    return render(request, "500.html", status=500)


def _joined(request: HttpRequest, code: str) -> tuple[uuid.UUID, Room]:
    """Make who asks a member of the room with this code."""
    address = access.address_of(request)
    there = access.room(code, guest=access.guest_in(request.COOKIES), address=address)
    access.count_join(request)
    guest = access.guest_or_new(request)
    actions.join(room=there, guest=guest, address=address)
    return guest, there


def _plain_url(there: Room) -> str:
    """The page of a room for browsers without scripts; its forms lead back to it."""
    return f"{room_url(there)}?plain"


def _go(url: str, guest: uuid.UUID) -> HttpResponse:
    response = HttpResponseRedirect(url, status=303)
    access.remember(response, guest)
    return response


def _home(
    request: HttpRequest,
    *,
    name_value: str = "",
    name_error: RoomError | None = None,
    code_value: str = "",
    code_error: RoomError | None = None,
) -> HttpResponse:
    refusal = name_error or code_error
    guest = access.guest_in(request.COOKIES)
    context = {
        "name_guess": _name_guess(),
        "name_value": name_value,
        "name_error": name_error.words if name_error else "",
        "code_value": code_value,
        "code_error": code_error.words if code_error else "",
        "back_rooms": _back_rooms(guest) if guest else [],
    }
    response = render(request, "home.html", context, status=refusal.status if refusal else 200)
    if refusal is not None and refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _name_guess() -> str:
    """A name for a room opened now, such as "Friday night"."""
    return f"{datetime.fromtimestamp(clock.now_ms() / 1000, UTC):%A} night"


def _back_rooms(guest: uuid.UUID) -> list[Any]:
    """The latest live rooms of this guest, with how many are there. Ended ones are no way back."""
    own = Member.objects.inside().filter(guest=guest).values("room")
    present = Member.objects.present(clock.now_ms())
    return list(
        Room.objects.live()
        .filter(pk__in=own)
        .annotate(here=Count("members", filter=Q(members__in=present)))
        .order_by("-pk")
        .values("name", "code", "here")[:BACK_ROOMS]
    )


def _ended(
    request: HttpRequest, there: Room | None, *, refusal: RoomError | None = None
) -> HttpResponse:
    context = {
        "room": {"code": there.code, "name": there.name} if there else None,
        "reason": refusal.words if refusal else "",
        "why_ended": _why_ended(there) if there and not refusal else "",
        "back_in": _time_until(refusal.until_ms) if refusal and refusal.until_ms else "",
    }
    return render(request, "ended.html", context, status=refusal.status if refusal else 410)


def _why_ended(there: Room) -> str:
    """What the site's staff said when they ended a room; empty where it ended by itself."""
    ends = LogEntry.objects.filter(room=there, kind="room.ended", by=None).exclude(why="")
    why = ends.values_list("why", flat=True).first()
    if not why:
        return ""
    reason = reason_translated(why)
    return gettext("The site ended this room. Reason: {why}.").format(why=reason)


def _time_until(moment_ms: int) -> str:
    """How long it is until then, rounded up: "1 minute", "3 hours", "2 days"."""
    minutes = max(1, -(-(moment_ms - clock.now_ms()) // 60_000))
    if minutes > 2 * 24 * 60:
        days = -(-minutes // (24 * 60))
        return ngettext("{n} day", "{n} days", days).format(n=days)
    if minutes > 2 * 60:
        hours = -(-minutes // 60)
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)


def refused(
    request: HttpRequest, refusal: RoomError, status: int | None = None, *, back: str = ""
) -> HttpResponse:
    """A page with the sentence of a refusal, and the way back: the page before, if it was ours."""
    came = back or request.headers.get("Referer", "/")
    if not url_has_allowed_host_and_scheme(came, {request.get_host()}):
        came = "/"
    context = {"message": refusal.words, "back": came}
    response = render(request, "refused.html", context, status=status or refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response
