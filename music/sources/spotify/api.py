"""Spotify's devices over HTTP: which one sounds for a room, how loud, and a token for a page."""

from __future__ import annotations

import uuid
from typing import Annotated, Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router
from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from music import acts
from music.sources.spotify import tokens
from music.sources.spotify.client import Client
from music.sources.spotify.errors import (
    NoDevice,
    NotConnected,
    PremiumRequired,
    SpotifyError,
)
from music.sources.spotify.models import Account, Output
from music.sources.spotify.outputs import (
    choose_output,
    device_at_spotify,
    device_in_page,
    drop_output,
    note_page_cannot,
    note_trouble,
)
from music.sources.spotify.source_conditions import note_page_refusal, note_refused_token
from rooms import access, limits
from rooms.auth import GuestCookie
from rooms.errors import RoomEnded
from rooms.models import Member


class WhereSpotifyIs(GuestCookie):
    """Lets everybody in where the operator has set Spotify up. Elsewhere there is nothing here."""

    def authenticate(self, request: HttpRequest, key: str | None) -> uuid.UUID:
        if not settings.SPOTIFY_CLIENT_ID:
            raise Http404
        return super().authenticate(request, key)


router = Router(tags=["spotify"], auth=WhereSpotifyIs())

SpotifyDeviceId = Annotated[StrictStr, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")]


class OutputChoice(BaseModel):
    kind: Literal["browser", "connect"]
    device_id: SpotifyDeviceId
    # Of a page, what it calls itself. Other devices have the name that Spotify tells.
    name: StrictStr = "A browser"
    page: Annotated[StrictStr, Field(max_length=64, pattern=r"^[!-~]*$")] = ""
    # Also where the account sounds for another room, which then gives it up.
    takeover: StrictBool = False


class ReportedTrouble(BaseModel):
    kind: Literal["premium", "unsupported", "token"]


class Loudness(BaseModel):
    percent: Annotated[StrictInt, Field(ge=0, le=100)]


# No POST: the first answer to one of those is kept for repeats, and a token never is.
@router.put("/{code}/spotify/token", summary="A token for the player in this page (who connected)")
def token(request: HttpRequest, code: str) -> HttpResponse:
    """The one place where a token leaves the server: to the person whose account it is."""
    _, account = _connected(request, code)
    try:
        return JsonResponse({"access_token": tokens.access_token(account)})
    except SpotifyError as refusal:
        note_page_refusal(account, refusal)
        raise


@router.get("/{code}/spotify/devices", summary="Where Spotify could sound (host, co-host)")
def devices(request: HttpRequest, code: str) -> HttpResponse:
    member = _asker(request, code)
    member.require(acts.CONTROL)
    output = Output.objects.filter(room=member.room_id, leaving=False).first()
    items = [
        {
            "id": each.id,
            "name": each.name,
            "type": each.kind,
            "active": each.active,
            "chosen": output is not None and each.id == output.device_id,
            "restricted": each.restricted or each.id is None,
            "private": each.private,
            "volume": each.volume,
            "supports_volume": each.has_volume,
        }
        for each in Client(_account(member)).devices()
    ]
    return JsonResponse({"items": items, "next": None})


@router.put("/{code}/spotify/output", response={204: None}, summary="Let this device sound")
def choose(request: HttpRequest, code: str, body: OutputChoice) -> HttpResponse:
    in_page = body.kind == "browser"
    member = access.changer(request, code) if in_page else _asker(request, code)
    member.require(acts.CONTROL)
    account = _account(member)
    if in_page:
        device = device_in_page(account, body.device_id, name=body.name, page=body.page)
    else:
        device = device_at_spotify(account, body.device_id)
    choose_output(member=member, device=device, takeover=body.takeover)
    return HttpResponse(status=204)


@router.delete("/{code}/spotify/output", response={204: None}, summary="Let none sound")
def drop(request: HttpRequest, code: str) -> HttpResponse:
    drop_output(member=access.changer(request, code))
    return HttpResponse(status=204)


@router.put("/{code}/spotify/trouble", response={204: None}, summary="What keeps a page from it")
def trouble(request: HttpRequest, code: str, body: ReportedTrouble) -> HttpResponse:
    """The player in the page of whoever connected the account cannot sound."""
    member, account = _connected(request, code)
    if body.kind == "premium":
        note_trouble(account, PremiumRequired())
    elif body.kind == "unsupported":
        note_page_cannot(member)
    else:
        note_refused_token(account)
    return HttpResponse(status=204)


@router.put("/{code}/spotify/volume", response={204: None}, summary="How loud it is, 0 to 100")
def volume(request: HttpRequest, code: str, body: Loudness) -> HttpResponse:
    member = _asker(request, code)
    member.require(acts.CONTROL)
    # Not on a device of somebody whose account the room has no more.
    account = _account(member)
    output = Output.objects.filter(room=member.room_id, account=account, leaving=False).first()
    if output is None:
        raise NoDevice
    Client(output.account).volume(body.percent, output.device_id)
    return HttpResponse(status=204)


def _connected(request: HttpRequest, code: str) -> tuple[Member, Account]:
    """Whose browser has connected the room's account, and that account. Raises `NotConnected`."""
    member = _asker(request, code)
    account = _account(member)
    if not account.connections.filter(guest=member.guest).exists():
        raise NotConnected
    return member, account


def _asker(request: HttpRequest, code: str) -> Member:
    """The asking member, for what may ask Spotify. Raises as `access.member`, and `RateLimited`."""
    member = access.member(request, code)
    limits.hit_by("SPOTIFY_CALLS", member.pk, access.address_of(request))
    return member


def _account(member: Member) -> Account:
    """The account of the member's room. Raises `RoomEnded`, `NotConnected`."""
    if not member.room.is_live:
        raise RoomEnded
    account = Account.objects.of_room(member.room).first()
    if account is None:
        raise NotConnected
    return account
