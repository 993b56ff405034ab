"""The page of a room's rules: every member reads it, the host changes it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from beatsync import rules as house
from beatsync.pages import for_members, personal, refused
from music.actions.rules import change_rules
from music.sources.spotify.models import Account
from rooms import access, clock
from rooms.errors import (
    RoomEnded,
    RoomError,
)
from rooms.models import Member
from rooms.roles import Act
from rooms.shapes import room_url


@require_http_methods(["GET", "HEAD", "POST"])
@personal
@ensure_csrf_cookie
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """What the room goes by: every member reads it, the host changes it."""
    if request.method == "POST":
        return _changed_rules(request, code)
    return _read_rules(request, code)


def _changed_rules(request: HttpRequest, code: str) -> HttpResponse:
    """A preset, or the form with all the rules in it."""
    try:
        member = access.changer(request, code)
        member.require(Act.GOVERN)
        if not member.room.is_live:
            raise RoomEnded
        if preset := request.POST.get("preset"):
            change_rules(by=member, preset=preset)
        else:
            sent = house.read(request.POST, member.room)
            if sent.wrong:
                return _rules_page(request, member, sent=sent)
            house.save(member, sent)
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(f"{room_url(member.room)}/rules", status=303)


@for_members
def _read_rules(request: HttpRequest, member: Member) -> HttpResponse:
    return _rules_page(request, member)


def _rules_page(
    request: HttpRequest, member: Member, *, sent: house.Sent | None = None
) -> HttpResponse:
    context = {
        "room": {"code": member.room.code, "name": member.room.name},
        "edits": member.may(Act.GOVERN),
        "boot": {
            "code": member.room.code,
            "revision": member.room.revision,
            "server_ms": clock.now_ms(),
        },
        "spotify": _spotify_line(member),
        **house.page_of(member, sent=sent),
    }
    return render(request, "rules.html", context, status=422 if sent and sent.wrong else 200)


def _spotify_line(member: Member) -> str:
    """How Spotify stands in this room, for those who see to it; empty for all others."""
    if not settings.SPOTIFY_CLIENT_ID or not member.may(Act.CONTROL):
        return ""
    account = Account.objects.of_room(member.room).first()
    if account is None:
        return "not connected"
    if account.trouble or account.ends_soon:
        return "needs the host"
    return f"connected as {account}" if member.may(Act.GOVERN) else "connected"
