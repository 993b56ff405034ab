"""The one door to a room: who is asking, and are they in it? HTTP and sockets both come this way.

A guest is known by a random identity in a signed cookie of its own. It needs no session row, so
finding the member of a request is one query.
"""

import threading
import uuid
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any

from cachetools import TTLCache
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_noop as _

from rooms import limits
from rooms.codes import is_code, normalise_code
from rooms.errors import NoMembership, UnknownRoom
from rooms.models import (
    IdentityBinding,
    Member,
    Room,
    RoomState,
    new_guest,
)

COOKIE = "guest"
# The longest that browsers keep a cookie; renewed at every visit of a page.
COOKIE_AGE_S = 400 * 24 * 60 * 60
# Guests who vote come back within minutes; an entry takes about 300 bytes.
_members: TTLCache[tuple[uuid.UUID | None, str], tuple[int, int]] = TTLCache(50_000, ttl=600)
_members_lock = threading.Lock()
_signer = signing.get_cookie_signer(salt="rooms.guest")


def guest_in(cookies: Mapping[str, str]) -> uuid.UUID | None:
    """The identity in the cookies of a request or a socket, or None without a genuine one."""
    try:
        return uuid.UUID(_signer.unsign(cookies.get(COOKIE, "")))
    except (signing.BadSignature, ValueError):
        return None


def known_guest(request: HttpRequest) -> uuid.UUID:
    """The identity of the asking browser. Raises `NoMembership` where it has none yet."""
    guest = guest_in(request.COOKIES)
    if guest is None:
        raise NoMembership(_("This browser has been in no room yet."), detail="no_room_yet")
    return guest


def guest_or_new(request: HttpRequest) -> uuid.UUID:
    """The identity of this browser; a fresh one if it has none yet (then `remember` it)."""
    return guest_in(request.COOKIES) or new_guest()


def cookie_of(guest: uuid.UUID) -> str:
    """The signed form of an identity, as the cookie holds it."""
    return str(_signer.sign(str(guest)))


def remember(response: HttpResponse, guest: uuid.UUID) -> None:
    """Let the browser keep the identity."""
    response.set_cookie(
        COOKIE,
        cookie_of(guest),
        max_age=COOKIE_AGE_S,
        httponly=True,
        samesite="Lax",
        secure=settings.GUEST_COOKIE_SECURE,
    )


def guest_bound_to(provider: str, account: str) -> uuid.UUID | None:
    """The identity that an account finds again, if any; whose account it is, the caller knows."""
    bound = IdentityBinding.objects.filter(provider=provider, account=account)
    return bound.values_list("guest", flat=True).first()


def visitor(request: HttpRequest, code: str) -> tuple[Room, Member | None]:
    """The room with this code, and the asking member of it, if they are one; in one query then.

    All reads of a room come this way, and are counted here. Raises `UnknownRoom`, `Banned`, and
    `RateLimited` for too many reads and for guessed codes.
    """
    guest = guest_in(request.COOKIES)
    if request.method in ("GET", "HEAD"):
        if guest is not None:
            limits.hit("READS", str(guest))
        limits.hit_by_address("ADDRESS_READS", address_of(request), has_guest=guest is not None)
    found = find_member(guest, code)
    if found is not None:
        return found.room, found
    return room(code, guest=guest, address=address_of(request)), None


def member(request: HttpRequest, code: str) -> Member:
    """The asking member of the room with this code, the room at hand, in one query.

    Raises as `visitor`, and `NoMembership`.
    """
    found = visitor(request, code)[1]
    if found is None:
        raise NoMembership
    return found


def changer(request: HttpRequest, code: str) -> Member:
    """The asking member, to change something that no narrower limit counts.

    Raises as `member`, and `RateLimited`.
    """
    found = member(request, code)
    limits.hit_by("CHANGES", found.pk, address_of(request))
    return found


def cached_member(request: HttpRequest, code: str) -> Member:
    """The asking member, for what many do often; with `pk`, `room_id` and `guest` only.

    Who a guest is in a room never changes, so it need not be asked each time. What they may do
    there does, and is asked of the database when it is done. Raises as `member`, where it has to
    look.
    """
    guest = guest_in(request.COOKIES)
    key = (guest, normalise_code(code))
    with _members_lock:
        known = _members.get(key)
    if known is None:
        found = member(request, code)
        known = (found.pk, found.room_id)
        with _members_lock:
            _members[key] = known
    assert guest is not None  # nobody else is a member
    return Member(pk=known[0], room_id=known[1], guest=guest)


def find_member(guest: uuid.UUID | None, code: str) -> Member | None:
    """The guest's membership in the present room of this code, if any. Raises `Banned`."""
    found = None
    if guest is not None and _could_be(code):
        found = Member.objects.in_room(code).filter(guest=guest).first()
    if found is None or found.left:
        return None
    if found.room.state == RoomState.ENDED and newest(code) != found.room:
        return None  # an old room of this guest; another has the code now
    if found.banned:
        raise found.ban_refusal()
    return found


def room(code: str, *, guest: uuid.UUID | None, address: str) -> Room:
    """The room with this code, for somebody who is not a member of it.

    Codes are short, so guessing them is limited: by guest, and under a far higher ceiling by
    address. A guest who guessed too much is answered nothing, right or wrong. Past the ceiling of
    the address only guests without a wrong code are heard, so that they get in while a neighbour
    guesses, and each guess takes a new cookie. Raises `UnknownRoom`, `RateLimited`.
    """
    if not _could_be(code):
        raise UnknownRoom  # nobody guesses with what is no code
    who = None if guest is None else str(guest)
    if who is not None:
        limits.check("WRONG_CODES", who)
    if who is None or not limits.is_unused("WRONG_CODES", who):
        limits.check("ADDRESS_WRONG_CODES", address)
    limits.hit("ADDRESS_CODES", address)
    found = newest(code)
    if found is None:
        if who is not None:
            limits.count("WRONG_CODES", who)
        limits.count("ADDRESS_WRONG_CODES", address)
        raise UnknownRoom
    return found


def count_by_guest(request: HttpRequest, name: str) -> None:
    """Count one use of a limit by the guest, and under a much higher ceiling by their address.

    Raises `RateLimited`.
    """
    guest = guest_in(request.COOKIES)
    if guest is not None:
        limits.hit(name, str(guest))
    limits.hit_by_address(f"ADDRESS_{name}", address_of(request), has_guest=guest is not None)


def count_join(request: HttpRequest) -> None:
    """Count that somebody joins: by guest, and by address only who came without a cookie.

    The page in which people read or type a code has given them one, so nobody with a right code is
    refused for what others in their network do. Raises `RateLimited`.
    """
    guest = guest_in(request.COOKIES)
    if guest is not None:
        limits.hit("JOINS", str(guest))
    else:
        limits.hit("ADDRESS_JOINS", address_of(request))


def newest(code: str) -> Room | None:
    """The live room with this code, else the one that had it last."""
    return Room.objects.named(code).first() if _could_be(code) else None


def _could_be(code: str) -> bool:
    """Whether this is written like a code; of anything else no database need be asked."""
    return is_code(normalise_code(code))


def is_member_anywhere(request: HttpRequest) -> bool:
    """Whether this browser is a member of any live room."""
    guest = guest_in(request.COOKIES)
    return (
        guest is not None
        and Member.objects.inside().filter(guest=guest, room__state=RoomState.LIVE).exists()
    )


def address_of(request: HttpRequest) -> str:
    """The network address that a request came from; see `network_address`."""
    peer = str(request.META.get("REMOTE_ADDR", ""))
    return network_address(peer, str(request.META.get("HTTP_X_FORWARDED_FOR", "")))


def address_in(scope: Mapping[str, Any]) -> str:
    """The network address that an ASGI scope came from, of a socket too; see `network_address`."""
    peer = str((scope.get("client") or [""])[0])
    forwarded = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
    return network_address(peer, b",".join(forwarded).decode("latin-1"))


def network_address(peer: str, forwarded: str) -> str:
    """The client's address, from the connection's other end and the `X-Forwarded-For` header.

    Each proxy adds the address that it was asked from at the end of that header, so the entries
    of the `TRUSTED_PROXIES` proxies are the last ones, and whatever stands before them is the
    client's own invention. Of IPv6 the first 64 bits count: a household has all the addresses
    that begin with them.
    """
    trusted = settings.TRUSTED_PROXIES
    entries = forwarded.split(",") if trusted and forwarded else []
    told = _ip_address(entries[-min(trusted, len(entries))]) if entries else None
    address = told or _ip_address(peer)
    if address is None:
        return peer
    if isinstance(address, IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


def _ip_address(entry: str) -> IPv4Address | IPv6Address | None:
    """The address in "192.0.2.1", "192.0.2.1:443", "2001:db8::1", "[2001:db8::1]:443"."""
    entry = entry.strip()
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    try:
        return ip_address(entry)
    except ValueError:
        return None
