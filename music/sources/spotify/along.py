"""Listening along on a Premium account of one's own, where the operator allows it.

The page of somebody who listens along is a device of their own account, and nothing else is done
with that account: the room neither searches nor plays through it, and nobody but its owner gets a
token of it. Spotify's player has no method to play a track, so its page asks here for that, once
for each track (`along_api`); pausing, resuming and moving it does by itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.utils.translation import gettext_noop as _

from music.errors import StalePlay
from music.models import Playback, PlaybackState
from music.sources.spotify import quota, troubles
from music.sources.spotify.client import Client
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
from music.sources.spotify.models import COMMANDING, Account, Output, Trouble
from music.sources.spotify.quota import Bucket
from music.sources.spotify.shapes import SOURCE
from rooms import clock, leases, limits
from rooms.errors import Conflict, RateLimited, RoomEnded
from rooms.models import Member, Room
from rooms.roles import Role

# Longer than a command takes.
LEASE_MS = 25_000
# Refusals by code as the owner of an account reads them; the others read the same for hosts.
FOR_OWNER: Mapping[str, Callable[..., SpotifyError]] = {
    NotConnected.code: lambda **when: NotConnected(
        _("Connect a Spotify account of your own first."), detail="own_spotify_missing", **when
    ),
    Reconnect.code: lambda **when: Reconnect(
        _("Spotify has logged you out. Connect again."), detail="own_spotify_reconnect", **when
    ),
    MissingScope.code: lambda **when: MissingScope(
        _("Your Spotify account does not permit that yet. Connect again."),
        detail="own_spotify_scope",
        **when,
    ),
    PremiumRequired.code: lambda **when: PremiumRequired(
        _("Spotify Premium is needed to listen along."), detail="own_spotify_premium", **when
    ),
    NoDevice.code: lambda **when: NoDevice(
        _("Spotify does not find this page. Load it again."), detail="own_spotify_no_device", **when
    ),
    Unsure.code: lambda **when: Unsure(
        _("Spotify refuses your account just now. Try again in a minute."),
        detail="own_spotify_unsure",
        **when,
    ),
}


@dataclass(frozen=True)
class AskedPlay:
    """Which of the listener's devices is to sound which play; `ahead_ms` of the room."""

    device_id: str
    play_id: str
    ahead_ms: int = 0


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
    """What its owner has to mend, in the language of the page; empty where nothing is wrong."""
    return FOR_OWNER.get(account.trouble, NotListed)().words if account.trouble else ""


# --- Making it sound ------------------------------------------------------------------------------


def start_play(member: Member, account: Account, asked: AskedPlay) -> None:
    """Have a device of the member's own account play what the room plays, where the room is.

    Spotify is told once. Raises `SpotifyError`s in words for the account's owner, `Conflict`s if
    nothing is to sound there, `StalePlay`, `RoomEnded`, and `RateLimited`.
    """
    # By account: somebody may be a member of many rooms.
    limits.hit("SPOTIFY_ALONG", str(account.pk))
    if _serves_a_room(account):
        raise Conflict(
            _("Another room plays through this account just now."), detail="account_plays_elsewhere"
        )
    with in_words_for_its_owner(), _alone(account):
        _play(member, account, asked)


@contextmanager
def in_words_for_its_owner() -> Iterator[None]:
    """What an account is refused in this block is said to its owner."""
    try:
        yield
    except SpotifyError as error:
        for_owner = FOR_OWNER.get(error.code)
        if for_owner is None:
            raise
        raise for_owner(retry_after=error.retry_after, until_ms=error.until_ms) from error


def _serves_a_room(account: Account) -> bool:
    """Whether it sounds for a room just now: an account plays on one device only."""
    there = Output.objects.filter(account=account, leaving=False)
    return there.sounding().exists()


@contextmanager
def _alone(account: Account) -> Iterator[None]:
    """Only one command to an account is under way, in all processes. Raises `RateLimited`.

    Who is refused asks again; what counts is what the room plays by then, so the newest wins.
    """
    known = Account.objects.filter(pk=account.pk)
    until_ms = leases.take(known, COMMANDING, for_ms=LEASE_MS)
    if not until_ms:
        raise RateLimited(
            _("Your Spotify account is busy. Try again in 1 s."),
            detail="account_busy",
            retry_after=1,
        )
    try:
        yield
    finally:
        leases.give_back(known, COMMANDING, until_ms)


def _play(member: Member, account: Account, asked: AskedPlay) -> None:
    """Have the device play what the room plays, where the room is.

    Raises `SpotifyError`s, as `_wanted`, and `RateLimited` before all listeners together use up
    what Spotify allows the rooms, too.
    """
    uri, starts_at_ms = _wanted(member.room_id, asked)
    quota.check(Bucket.ALONG)  # what is not asked at all uses nothing up
    limits.hit("APP_SPOTIFY_ALONG", settings.SPOTIFY_CLIENT_ID)
    client = Client(account, commands=Bucket.ALONG)
    client.play(asked.device_id, uri, starts_at_ms=starts_at_ms)
    if not account.premium:
        troubles.note_premium(account)


def _wanted(room_id: int, asked: AskedPlay) -> tuple[str, int]:
    """What the room plays, and as if begun when (UTC, ms). Raises `Conflict`s if nothing is to
    sound through Spotify, and `StalePlay` if it is another play than was asked for.
    """
    playback = Playback.objects.select_related("room", "item__track").filter(room=room_id).first()
    if playback is None or playback.item is None or playback.state != PlaybackState.PLAYING:
        raise Conflict(_("The room plays nothing just now."), detail="room_plays_nothing")
    if not playback.room.is_live:
        raise RoomEnded
    if str(playback.play_id) != asked.play_id:
        raise StalePlay
    track = playback.item.track
    if track.source != SOURCE:
        raise Conflict(
            _("The room plays no track of Spotify just now."), detail="room_plays_no_spotify"
        )
    starts_at_ms = (playback.starts_at_ms or 0) - asked.ahead_ms
    # Spotify would go on with something else.
    if clock.now_ms() - starts_at_ms >= track.duration_ms:
        raise StalePlay
    return track.uri, starts_at_ms
