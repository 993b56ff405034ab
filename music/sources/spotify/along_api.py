"""Listening along on an account of one's own over HTTP; what it does is in `along`."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_noop as _
from ninja import Field, Router
from pydantic import BaseModel, StrictInt, StrictStr

from music.sources.spotify import along, tokens
from music.sources.spotify.api import ReportedTrouble, SpotifyDeviceId
from music.sources.spotify.errors import NotConnected, PremiumRequired
from music.sources.spotify.models import Account
from music.sources.spotify.outputs import note_trouble
from music.sources.spotify.source_conditions import note_refused_token
from rooms import access, limits
from rooms.errors import RoomEnded, Unknown
from rooms.models import Member

router = Router(tags=["spotify"])


class Start(BaseModel):
    """Which of the listener's devices is to sound which play; `ahead_ms` of the room."""

    device_id: SpotifyDeviceId
    play_id: Annotated[StrictStr, Field(max_length=40)]
    ahead_ms: Annotated[StrictInt, Field(ge=-10_000, le=10_000)] = 0


# No POST: the first answer to one of those is kept for repeats, and a token never is.
@router.put("/{code}/spotify/along/token", summary="A token for the player of who listens along")
def token(request: HttpRequest, code: str) -> HttpResponse:
    _, account = _listener(request, code)
    with along.in_words_for_its_owner():
        return JsonResponse({"access_token": tokens.access_token(account)})


@router.put("/{code}/spotify/along", response={204: None}, summary="Sound this play on my device")
def start(request: HttpRequest, code: str, body: Start) -> HttpResponse:
    """What and where is the room's to say; the listener says on which device.

    Spotify is told once: a page that it does not know yet asks again.
    """
    member, account = _listener(request, code)
    asked = along.AskedPlay(body.device_id, body.play_id, body.ahead_ms)
    along.start_play(member, account, asked)
    return HttpResponse(status=204)


@router.put("/{code}/spotify/along/trouble", response={204: None}, summary="What keeps me from it")
def trouble(request: HttpRequest, code: str, body: ReportedTrouble) -> HttpResponse:
    """It is about the account; the room in which it is used to listen hears nothing of it."""
    _, account = _listener(request, code)
    if body.kind == "premium":
        note_trouble(account, PremiumRequired())
    elif body.kind == "token":
        note_refused_token(account)
    return HttpResponse(status=204)


def _listener(request: HttpRequest, code: str) -> tuple[Member, Account]:
    """Who asks, and the account of their own. Raises as `access.member`, and `RateLimited`,
    `RoomEnded`, `NotConnected`; `Unknown` where none of this is offered.
    """
    member = access.member(request, code)
    if not member.room.is_live:
        raise RoomEnded
    if not along.is_offered():
        raise Unknown(_("There is nothing at this address."), detail="nothing_here")
    limits.hit_by("SPOTIFY_CALLS", member.pk, access.address_of(request))
    account = along.own_account(member.room, member.guest)
    if account is None:
        raise along.FOR_OWNER[NotConnected.code]()
    return member, account
