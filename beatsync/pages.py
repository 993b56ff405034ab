"""The pages: home and room, and the plain forms that work before and without scripts."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from beatsync import rules as house
from beatsync.origins import is_from_foreign_origin
from beatsync.snapshot import read_snapshot
from music import shelf
from music.actions import playback as playing
from music.actions.newcomers import skips_from_ms
from music.actions.transport import is_unheard
from music.actions.voting import cast_vote
from music.models import Playback, PlaybackState, Vote
from music.queue import in_order, standing
from music.shapes import shelf_shape
from music.sources.spotify import along
from music.sources.spotify.models import Account
from rooms import access, actions, clock, limits
from rooms.api import whole_number
from rooms.codes import CODE_LENGTH, find_code, normalise_code
from rooms.errors import (
    Banned,
    Invalid,
    NoMembership,
    RateLimited,
    RoomError,
    ServerError,
    Unknown,
    UnknownItem,
    UnknownRoom,
    WrongOrigin,
)
from rooms.models import Member, Room, new_guest
from rooms.roles import Act
from rooms.shapes import room_url

BACK_ROOMS = 3
# What waits, as far as the page without scripts shows it: a vote needs no more than the front.
PLAIN_ITEMS = 50
# Characters of a pasted message in which a code is looked for.
MOST_TYPED = 1_000
# Marks the second try of a visitor who has just been given a cookie.
AGAIN = "again"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
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
    """The room. Opening it joins nobody: link previews are not people; the page's script posts."""
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
    response = render(request, "room.html", _room_context(request, there, member))
    access.remember(response, guest or new_guest())
    return response


def _code_in(typed: str) -> str:
    """The code that was typed or pasted. Raises `UnknownRoom` or `Invalid`; neither is a guess."""
    code = find_code(typed)
    if code is None and len(normalise_code(typed)) == CODE_LENGTH:
        raise UnknownRoom  # one of its characters is in no code
    if code is None:
        raise Invalid(f"A code has {CODE_LENGTH} characters.")
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
            raise Invalid("A vote is 1, -1 or 0.")
        cast_vote(member=member, item_id=whole_number(item, UnknownItem()), value=int(value))
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(_plain_url(member.room), status=303)


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


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, and for how long."""
    context = {
        "days": settings.ROOM_RETENTION_DAYS,
        "spotify": settings.SPOTIFY_CLIENT_ID,
        "along": along.is_offered(),
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
def skip(request: HttpRequest, code: str) -> HttpResponse:
    """The plain form behind the skip key: host and co-hosts skip, everybody else asks to."""
    try:
        member = access.member(request, code)
        limits.hit_by("VOTES", member.pk, access.address_of(request))
        play_id = request.POST.get("play_id") or None
        act = playing.skip if member.may(Act.CONTROL) else playing.ask_to_skip
        act(member=member, play_id=play_id)
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(_plain_url(member.room), status=303)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token: an old page, or somebody else's."""
    if is_from_foreign_origin(request):
        return refused(request, WrongOrigin())
    return refused(request, Invalid("This page is too old. Load it again, then repeat that."), 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        error = Unknown("There is nothing at this address.")
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
        "name_error": name_error.message if name_error else "",
        "code_value": code_value,
        "code_error": code_error.message if code_error else "",
        "back_rooms": _back_rooms(guest) if guest else [],
    }
    response = render(request, "home.html", context, status=refusal.status if refusal else 200)
    if refusal is not None and refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _name_guess() -> str:
    """A name for a room opened now, such as "Friday night"."""
    return f"{datetime.fromtimestamp(clock.now_ms() / 1000, UTC):%A} night"


def _back_rooms(guest: Any) -> list[dict[str, Any]]:
    """The latest live rooms of this guest, with how many are there."""
    now_ms = clock.now_ms()
    memberships = (
        Member.objects.select_related("room")
        .filter(guest=guest, banned=False, room__in=Room.objects.live())
        .order_by("-room_id")[:BACK_ROOMS]
    )
    return [
        {
            "name": member.room.name,
            "code": member.room.code,
            "state": member.room.state,
            "here": member.room.members.present(now_ms).count(),
        }
        for member in memberships
    ]


def _room_context(request: HttpRequest, there: Room, member: Member | None) -> dict[str, Any]:
    # Pages whose browser runs no scripts go on to this one (see the template).
    plain = "plain" in request.GET
    join_url = f"{_public_origin(request)}{room_url(there)}"
    host = urlsplit(join_url).hostname or ""
    return {
        "room": {"code": there.code, "name": there.name, "state": there.state},
        "code_parts": (there.code[:3], there.code[3:]),
        "join_url": join_url,
        "local_only": host in LOOPBACK,
        "qr_svg": _qr(join_url, there.code),
        "member": member is not None,
        "spotify": bool(settings.SPOTIFY_CLIENT_ID),
        "spotify_sdk": _spotify_sdk(there, member),
        "along": along.standing(there, access.guest_in(request.COOKIES)),
        "along_sdk": settings.SPOTIFY_SDK_URL,
        "plain": plain,
        "playing": _playing(there, member) if plain else None,
        "may_vote": member is not None and member.may(Act.VOTE),
        "downvotes": there.rules.downvotes,
        "mode_word": house.MODES[there.rules.mode],
        **(_plain_queue(there, member) if plain else {}),
        "boot": {
            "code": there.code,
            "member": member is not None,
            "snapshot": None if member is None or plain else read_snapshot(member),
            "server_ms": clock.now_ms(),
            "shelves": [shelf_shape(each) for each in shelf.shelves()],
            "public_host": urlsplit(join_url).netloc,
            "join_url": join_url,
            "modes": house.MODES,
        },
    }


def _plain_queue(there: Room, member: Member | None) -> dict[str, Any]:
    """The front of the queue for those without scripts, and how many items wait behind it."""
    stands = standing(there)
    front = in_order(there, stands, most=PLAIN_ITEMS)
    own = Vote.objects.filter(member=member, item__in=front) if member else Vote.objects.none()
    votes = dict(own.values_list("item_id", "value"))
    return {
        "plain_queue": [
            {
                "id": item.pk,
                "title": item.track.title,
                "artists": ", ".join(item.track.artists),
                "link": item.track.link,
                "up": item.up,
                "down": item.down,
                "vote": votes.get(item.pk, 0),
            }
            for item in front
        ],
        "plain_more": len(stands.ids) - len(front),
    }


def _spotify_sdk(there: Room, member: Member | None) -> str:
    """The script of Spotify's player, for the browser that has connected the room's account."""
    if not settings.SPOTIFY_CLIENT_ID or member is None:
        return ""
    theirs = Account.objects.of_room(there).filter(pk__in=Account.objects.of_guest(member.guest))
    return str(settings.SPOTIFY_SDK_URL) if theirs.exists() else ""


def _playing(there: Room, member: Member | None) -> dict[str, Any] | None:
    """What plays, for those who see the page without scripts, and what its skip key would say."""
    playback = Playback.objects.of(there)
    if playback.item is None:
        return None
    track = playback.item.track
    skips = member is not None and member.may(Act.CONTROL)
    return {
        "title": track.title,
        "artists": ", ".join(track.artists),
        "link": track.link,
        "lamp": playback.state == PlaybackState.PLAYING and not is_unheard(playback),
        "play_id": str(playback.play_id),
        "skips": skips,
        "asks": not skips
        and playback.state == PlaybackState.PLAYING
        and member is not None
        and member.may(Act.SKIP_VOTE)
        and skips_from_ms(member, opened_at_ms=there.created_at_ms) is None,
        "asked": playback.skip_asked,
        "needed": playback.skip_needed,
    }


def _public_origin(request: HttpRequest) -> str:
    """Where phones reach this server: as the operator says, else as this request came.

    A host who sits at the server itself has a loopback address in the browser; phones get the
    machine's address in its network instead, if the server listens there.
    """
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    came = urlsplit(f"{request.scheme}://{request.get_host()}")
    if came.hostname in LOOPBACK and settings.LISTENS_EVERYWHERE and settings.NETWORK_ADDRESS:
        return f"{came.scheme}://{settings.NETWORK_ADDRESS}:{came.port or 80}"
    return came.geturl()


def _qr(url: str, code: str) -> str:
    """The address as an inline SVG picture, named for those who hear it."""
    picture = segno.make(url, error="m").svg_inline(
        scale=4, border=2, omitsize=True, svgclass="qr", title=f"Code {' '.join(code)}"
    )
    return mark_safe(picture)  # noqa: S308 - drawn by segno from our own address


def _ended(
    request: HttpRequest, there: Room | None, *, refusal: RoomError | None = None
) -> HttpResponse:
    context = {
        "room": {"code": there.code, "name": there.name} if there else None,
        "reason": refusal.message if refusal else "",
    }
    return render(request, "ended.html", context, status=refusal.status if refusal else 410)


def refused(
    request: HttpRequest, refusal: RoomError, status: int | None = None, *, back: str = ""
) -> HttpResponse:
    """A page with the sentence of a refusal, and the way back: the page before, if it was ours."""
    came = back or request.headers.get("Referer", "/")
    if not url_has_allowed_host_and_scheme(came, {request.get_host()}):
        came = "/"
    context = {"message": refusal.message, "back": came}
    response = render(request, "refused.html", context, status=status or refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response
