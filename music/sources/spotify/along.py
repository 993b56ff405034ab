"""Listening along on a Premium account of one's own, where the operator allows it.

The page of somebody who listens along is a device of their own account, and nothing else is done
with that account: the room neither searches nor plays through it, and nobody but its owner gets a
token of it. Spotify's player has no method to play a track, so its page asks here for that, once
for each track; pausing, resuming and moving it does by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router
from pydantic import BaseModel, StrictInt, StrictStr

from music.models import Playback, PlaybackState
from music.sources.spotify import quota, tokens, troubles
from music.sources.spotify.api import Report, SpotifyDevice
from music.sources.spotify.client import Client
from music.sources.spotify.desired_state import SILENCE
from music.sources.spotify.errors import (
    MissingScope,
    NoDevice,
    NotConnected,
    NotListed,
    PremiumRequired,
    Reconnect,
    SpotifyError,
    Unsure,
)
from music.sources.spotify.models import Account, Output, Trouble
from music.sources.spotify.outputs import NAME, note_trouble
from music.sources.spotify.quota import Bucket
from music.sources.spotify.source_conditions import note_refused_token
from rooms import access, clock, limits
from rooms.errors import Conflict, RateLimited, RoomEnded, StalePlay, Unknown
from rooms.models import Member, Room
from rooms.roles import Role

router = Router(tags=["spotify"])

# Longer than a command takes.
LEASE_MS = 25_000
# What the others say is the same for hosts and for listeners.
SAYS: dict[str, str] = {
    NotConnected.code: "Connect a Spotify account of your own first.",
    Reconnect.code: "Spotify has logged you out. Connect again.",
    MissingScope.code: "Your Spotify account does not permit that yet. Connect again.",
    PremiumRequired.code: "Spotify Premium is needed to listen along.",
    NoDevice.code: "Spotify has lost sight of this page.",
    Unsure.code: "Spotify refuses your account just now. Try again in a minute.",
}


class Start(BaseModel):
    """Which of the listener's devices is to sound which play; `ahead_ms` of the room."""

    device_id: SpotifyDevice
    play_id: Annotated[StrictStr, Field(max_length=40)]
    ahead_ms: Annotated[StrictInt, Field(ge=-10_000, le=10_000)] = 0


# --- What a page shows ----------------------------------------------------------------------------


def is_offered() -> bool:
    """Whether the operator lets people listen along on accounts of their own."""
    return bool(settings.SPOTIFY_CLIENT_ID and settings.SPOTIFY_LISTEN_ALONG)


def own_account(room: Room, guest: uuid.UUID) -> Account | None:
    """The account of this browser; None without one, and for that through which the room plays."""
    rooms_own = Account.objects.of_room(room).values("pk")
    return Account.objects.of_guest(guest).exclude(pk__in=rooms_own).first()


def standing(room: Room, guest: uuid.UUID | None) -> Literal["", "connect", "connected"]:
    """What to show of this to somebody who opens a room, for the first time perhaps: nothing, the
    way to a login, or the player.
    """
    if not is_offered():
        return ""
    if guest is None:
        return "connect"
    if room.members.filter(role=Role.HOST, guest=guest).exists():
        return ""
    account = own_account(room, guest)
    if account is None:
        return "" if Account.objects.of_guest(guest).exists() else "connect"
    return "connect" if account.trouble in (Trouble.RECONNECT, Trouble.SCOPE) else "connected"


def trouble_of(account: Account) -> str:
    """What its owner has to mend, in a sentence; empty where nothing is wrong."""
    return SAYS.get(account.trouble, NotListed.message) if account.trouble else ""


# --- Over HTTP ------------------------------------------------------------------------------------


# No POST: the first answer to one of those is kept for repeats, and a token never is.
@router.put("/{code}/spotify/along/token", summary="A token for the player of who listens along")
def token(request: HttpRequest, code: str) -> HttpResponse:
    _, account = _listener(request, code)
    with _in_words_for_its_owner():
        return JsonResponse({"access_token": tokens.access_token(account)})


@router.put("/{code}/spotify/along", response={204: None}, summary="Sound this play on my device")
def start(request: HttpRequest, code: str, body: Start) -> HttpResponse:
    """What and where is the room's to say; the listener says on which device.

    Spotify is told once: a page that it does not know yet asks again.
    """
    member, account = _listener(request, code)
    # By account: somebody may be a member of many rooms.
    limits.hit("SPOTIFY_ALONG", str(account.pk))
    if _serves_a_room(account):
        raise Conflict("Another room plays through this account just now.")
    with _in_words_for_its_owner(), _alone(account):
        _play(member, account, body)
    return HttpResponse(status=204)


@router.put("/{code}/spotify/along/trouble", response={204: None}, summary="What keeps me from it")
def trouble(request: HttpRequest, code: str, body: Report) -> HttpResponse:
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
    if not is_offered():
        raise Unknown("There is nothing at this address.")
    limits.hit_by("SPOTIFY_CALLS", member.pk, access.address_of(request))
    account = own_account(member.room, member.guest)
    if account is None:
        raise NotConnected(SAYS[NotConnected.code])
    return member, account


def _serves_a_room(account: Account) -> bool:
    """Whether it sounds for a room just now: an account plays on one device only."""
    there = Output.objects.filter(account=account, leaving=False)
    return there.exclude(told__in=("", SILENCE)).exists()


@contextmanager
def _in_words_for_its_owner() -> Iterator[None]:
    try:
        yield
    except SpotifyError as error:
        error.message = SAYS.get(error.code, error.message)
        raise


@contextmanager
def _alone(account: Account) -> Iterator[None]:
    """Only one command to an account is under way, in all processes. Raises `RateLimited`.

    Who is refused asks again; what counts is what the room plays by then, so the newest wins.
    """
    now_ms = clock.now_ms()
    until_ms = now_ms + LEASE_MS
    known = Account.objects.filter(pk=account.pk)
    if not known.filter(commanding_until_ms__lte=now_ms).update(commanding_until_ms=until_ms):
        raise RateLimited("Your account is just being told something.", retry_after=1)
    try:
        yield
    finally:
        known.filter(commanding_until_ms=until_ms).update(commanding_until_ms=0)


def _play(member: Member, account: Account, asked: Start) -> None:
    """Have the device play what the room plays, where the room is.

    Raises `SpotifyError`s, as `_wanted`, and `RateLimited` before all listeners together use up
    what Spotify allows the rooms, too.
    """
    uri, position_ms = _wanted(member.room_id, asked)
    quota.check(Bucket.ALONG)  # what is not asked at all uses nothing up
    limits.hit("APP_SPOTIFY_ALONG", settings.SPOTIFY_CLIENT_ID)
    Client(account, commands=Bucket.ALONG).play(asked.device_id, uri, position_ms)
    if not account.premium:
        troubles.note_premium(account)


def _wanted(room_id: int, asked: Start) -> tuple[str, int]:
    """What the room plays and where it is by now, in ms. Raises `Conflict`s if nothing is to
    sound through Spotify, and `StalePlay` if it is another play than was asked for.
    """
    playback = Playback.objects.select_related("room", "item__track").filter(room=room_id).first()
    if playback is None or playback.item is None or playback.state != PlaybackState.PLAYING:
        raise Conflict("The room plays nothing just now.")
    if not playback.room.is_live:
        raise RoomEnded
    if str(playback.play_id) != asked.play_id:
        raise StalePlay
    track = playback.item.track
    if track.source != NAME:
        raise Conflict("The room plays no track of Spotify just now.")
    ahead_ms = clock.now_ms() + asked.ahead_ms - (playback.starts_at_ms or 0)
    # Spotify would go on with something else.
    if ahead_ms >= track.duration_ms:
        raise StalePlay
    return track.uri, max(0, ahead_ms)
