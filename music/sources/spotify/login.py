"""Connecting a browser to a Spotify account, and letting go of it again."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from music import outside
from music.sources.spotify import parsing, tokens, troubles
from music.sources.spotify.errors import Away, Limited, NotListed, OperatorPremium
from music.sources.spotify.models import Account, Connection
from music.sources.spotify.quota import Bucket
from music.sources.spotify.refusals import Answer, refusal_of
from music.sources.spotify.tokens import Grant
from rooms import clock
from rooms.models import Room
from rooms.roles import Role


class Purpose(StrEnum):
    """What somebody logs in for. Each asks for no more than it uses."""

    HOST = "host"
    ALONG = "along"
    FIND = "find"  # who they are, to find their rooms again; nothing of the login is kept


# What Spotify's player in a page asks for, whoever's it is.
TO_SOUND = (
    "streaming",
    "user-read-email",
    "user-read-private",
    "user-modify-playback-state",
)
SCOPES: dict[Purpose, tuple[str, ...]] = {
    Purpose.HOST: (
        *TO_SOUND,
        "user-read-playback-state",
        "playlist-read-private",
        "playlist-read-collaborative",
        "user-library-read",
        "user-top-read",
    ),
    Purpose.ALONG: TO_SOUND,
    Purpose.FIND: (),
}
LOOPBACK = {"127.0.0.1", "::1"}
ANSWER_S = 8.0
MOST = 200  # characters of an id, and of a name that is kept

# Told of an account that was connected or let go, and of the live rooms that it serves or served.
Told = Callable[[Account, list[Room]], None]


@dataclass(frozen=True)
class Profile:
    """Whose account it is. `account_id` never changes; `user_id` names owners of playlists."""

    account_id: str
    user_id: str
    name: str

    @classmethod
    def read(cls, said: Any) -> Self:
        """From what `/me` answers. Raises `Away` for anything else."""
        fields = said if isinstance(said, dict) else {}
        user = _id(fields.get("id"))
        account = _id(fields.get("account_id") or user)
        return cls(account, user, parsing.text(fields.get("display_name"), MOST))


def missing_scopes(account: Account, needed: Iterable[str] = SCOPES[Purpose.HOST]) -> list[str]:
    """What the account has not permitted of what is needed."""
    permitted = account.scopes.split()
    return [scope for scope in needed if scope not in permitted]


def redirect_uri(origin: str) -> str:
    """Where Spotify sends people back to, as it must be registered there, character by character.

    `origin`: where BeatSync was reached. `PUBLIC_URL` wins, unless Spotify would not take it.
    """
    path = reverse("spotify_callback")
    public = origin_of(settings.PUBLIC_URL) + path
    takes_public = settings.PUBLIC_URL and not refused_address(public)
    return public if takes_public else origin_of(origin) + path


def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as browsers write them: `https://party.example`."""
    parts = urlsplit(address.strip())
    scheme, host = parts.scheme.lower(), parts.netloc.lower()
    usual = {"https": ":443", "http": ":80"}.get(scheme, "")
    return f"{scheme}://{host.removesuffix(usual) if usual else host}"


def refused_address(uri: str) -> str:
    """Why Spotify would refuse to send people back there, in the active language; or empty."""
    parts = urlsplit(uri)
    if parts.hostname == "localhost":
        return gettext("Spotify refuses the name localhost.")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        return gettext("Spotify refuses addresses without https, but for this machine itself.")
    return ""


def profile_of(access_token: str) -> Profile:
    """Who has just logged in. Raises `NotListed`, `Limited`, `Away`, `OperatorPremium`.

    Somebody who is not in the user list of the operator's app can log in all the same; whatever is
    asked after that is refused, in JSON or as plain text.
    """
    try:
        answer = outside.ask(
            "GET",
            f"{settings.SPOTIFY_API_URL}/me",
            headers={"Authorization": f"Bearer {access_token}"},
            most_s=ANSWER_S,
            read_s=ANSWER_S,
        )
        if answer.status == 200:
            return Profile.read(answer.json())
    except (requests.RequestException, ValueError, RecursionError):  # also one that is no JSON
        raise Away from None
    if answer.status == 429:
        raise Limited
    refusal = refusal_of(Answer(answer.status, answer.headers, answer.body), Bucket.CATALOGUE)
    # What else is refused here says nothing about the account.
    raise refusal if isinstance(refusal, NotListed | OperatorPremium) else Away


def connect(
    *,
    guest: uuid.UUID,
    grant: Grant,
    profile: Profile,
    purpose: Purpose,
    tell: Iterable[Told] = (),
) -> Account:
    """Let this browser use the account for that. One that no browser uses any more is forgotten.

    Who hosts with it here goes on to, whatever it is connected for besides. `tell`: as for
    `disconnect`.
    """
    left = None
    with transaction.atomic():
        account, _ = Account.objects.select_for_update().get_or_create(
            account_id=profile.account_id
        )
        if purpose == Purpose.HOST or not _would_lose(account, grant):
            _renew(account, grant, profile)
        elif troubles.note_listed(account):  # or nobody could have logged in
            account.refresh_from_db()
        before = Account.objects.of_guest(guest).exclude(pk=account.pk).first()
        hosted = account.connections.to_host().filter(guest=guest).exists()
        Connection.objects.update_or_create(
            guest=guest,
            defaults={
                "account": account,
                "connected_at_ms": clock.now_ms(),
                "hosts": hosted or purpose == Purpose.HOST,
            },
        )
        if before is not None and not before.connections.exists():
            left = before
    if left is not None:
        tokens.forget(left)  # now, when what stands against it shows at once and not at the end
    for told in tell:
        if left is not None:
            told(left, [])
        told(account, rooms_of(account))
    return account


def _would_lose(account: Account, grant: Grant) -> bool:
    """Whether rooms that it serves would have less with this grant than they were permitted.

    Who listens along in a second browser was not asked for all that their room needs. Their next
    login there asks for that, too.
    """
    permitted, granted = account.scopes.split(), grant.scopes.split()
    lost = [s for s in SCOPES[Purpose.HOST] if s in permitted and s not in granted]
    return bool(lost) and account.hosts


def _renew(account: Account, grant: Grant, profile: Profile) -> None:
    """From now on the account goes by this login."""
    account.user_id, account.name = profile.user_id, profile.name
    account.access_token = grant.access_token
    account.refresh_token = grant.refresh_token or account.refresh_token
    account.expires_at_ms, account.scopes = grant.expires_at_ms, grant.scopes
    account.authorised_at_ms = clock.now_ms()
    for field, value in troubles.NONE.items():
        setattr(account, field, value)
    account.refreshing_until_ms = account.away_until_ms = 0
    account.premium = account.premium or None  # perhaps they have it now
    account.save()


def disconnect(guest: uuid.UUID, *, tell: Iterable[Told] = ()) -> bool:
    """Let this browser be without its account; whether that is deleted, for all its browsers.

    It is where this one hosts with it, and with the last that only listens along. `tell`: who must
    drop what was derived from it, or say so in its rooms. They are told after.
    """
    with transaction.atomic():
        # Of two that let go at the same time, one is the last.
        known = Account.objects.of_guest(guest).select_for_update(of=("self",)).first()
        connection = Connection.objects.filter(guest=guest, account=known).first()
        if known is None or connection is None:
            return False
        if not connection.holds_account:
            connection.delete()
            return False
        account, rooms = known, rooms_of(known)
        tokens.forget(account)
    for told in tell:
        told(account, rooms)
    return True


def rooms_of(account: Account) -> list[Room]:
    """The live rooms whose hosts use this account."""
    guests = Connection.objects.to_host().filter(account=account).values("guest")
    return list(
        Room.objects.live().filter(members__role=Role.HOST, members__guest__in=guests).distinct()
    )


def _id(told: object) -> str:
    """An id as it is: one that would have to be changed to be kept is none."""
    if not isinstance(told, str) or not told or parsing.text(told, MOST) != told:
        raise Away
    return told
