"""Whether Spotify is ready to be used: one list of checks, for the host's page and the doctor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings

from music.sources.spotify import probing, quota, tokens
from music.sources.spotify.client import Client
from music.sources.spotify.errors import (
    Away,
    Limited,
    NotListed,
    OperatorPremium,
    PremiumRequired,
    Reconnect,
    SpotifyError,
    Unsure,
    WrongClient,
)
from music.sources.spotify.login import (
    SCOPES,
    TO_SOUND,
    Purpose,
    missing_scopes,
    origin_of,
    redirect_uri,
    refused_address,
)
from music.sources.spotify.models import Account
from music.sources.spotify.outputs import account_is_back
from music.sources.spotify.quota import Bucket
from music.sources.spotify.vault import Unreadable
from rooms import clock

DASHBOARD = "https://developer.spotify.com/dashboard"
CONNECT_AGAIN = "Connect again. It takes one tap."
# What each permission is for, in words that complete "Spotify has not been asked to …".
PERMITS = {
    "streaming": "play here",
    "user-read-email": "play here",
    "user-read-private": "play here",
    "user-modify-playback-state": "play and pause",
    "user-read-playback-state": "see the devices",
    "playlist-read-private": "read private playlists",
    "playlist-read-collaborative": "read shared playlists",
    "user-library-read": "read liked songs",
    "user-top-read": "read top tracks",
}
# What Spotify counts apart, as people know it.
GROUPS = {
    Bucket.SEARCH: "Search",
    Bucket.CATALOGUE: "Tracks",
    Bucket.PLAYLIST: "Playlists",
    Bucket.LIBRARY: "Liked songs and top tracks",
    Bucket.PLAYER: "Playing",
    Bucket.READS: "Devices and what plays",
    Bucket.ALONG: "Listening along",
}


class State(StrEnum):
    """How a check came out; the words that people read."""

    OK = "ready"
    WRONG = "not ready"
    UNKNOWN = "not known yet"


@dataclass(frozen=True)
class Check:
    """One thing that must be right: how it is, in a sentence, and what to do about it."""

    name: str
    title: str
    state: State
    sentence: str
    next_step: str = ""


@dataclass(frozen=True)
class Findings:
    """What Spotify answered when it was last asked."""

    error: SpotifyError | None = None
    devices: int | None = None


def checks(
    *, origin: str, account: Account | None = None, findings: Findings | None = None
) -> list[Check]:
    """All checks, the operator's first. `origin`: where BeatSync was reached."""
    return [
        *app_checks(origin=origin, account=account, findings=findings),
        *account_checks(account, findings),
    ]


def app_checks(
    *, origin: str, account: Account | None = None, findings: Findings | None = None
) -> list[Check]:
    """What the operator has to do once: the app at Spotify, and the way back from there."""
    return [_client(account, findings), _redirect(origin, account)]


def account_checks(account: Account | None, findings: Findings | None = None) -> list[Check]:
    """What a connected account must be, have and permit."""
    if account is None:
        return [
            Check(
                "account",
                "Account",
                State.UNKNOWN,
                "No Spotify account is connected. The rest is known after a login.",
            )
        ]
    return [
        *_operators(account, findings),
        _account(account),
        _listed(account, findings),
        _scopes(account),
        _permission(account),
        _premium(account),
        _answers(findings),
        _device(findings),
    ]


def helps_to_connect(account: Account | None, found: Sequence[Check]) -> bool:
    """Whether a new login may mend something: also what has to be mended at Spotify before."""
    mended = {"listed", "premium"}
    return account is not None and (
        any(check.next_step == CONNECT_AGAIN for check in found)
        or any(check.name in mended for check in wrong(found))
    )


def look(account: Account) -> Findings:
    """Ask Spotify who the account is, and which devices it has if it is a host's: two calls.

    When it answers an account that was in trouble, the rooms of that go on.
    """
    had_trouble = bool(account.trouble or account.suspected)
    tokens.ask_again_now(account)
    try:
        Client(account).me()
        found = probing.check(account) if account.hosts or had_trouble else []
    except SpotifyError as error:
        return Findings(error=error)
    if had_trouble:
        account_is_back(account)
    if not account.hosts:
        return Findings()
    return Findings(devices=sum(bool(one.id) and not one.restricted for one in found))


def look_at_app() -> Findings:
    """Ask Spotify whether it knows the client id with this secret: one call."""
    try:
        tokens.ask(grant_type="client_credentials")
    except SpotifyError as error:
        return Findings(error=error)
    return Findings()


def _client(account: Account | None, findings: Findings | None) -> Check:
    title = "App at Spotify"
    if not (settings.SPOTIFY_CLIENT_ID and settings.SPOTIFY_CLIENT_SECRET):
        missing = "SPOTIFY_CLIENT_SECRET" if settings.SPOTIFY_CLIENT_ID else "SPOTIFY_CLIENT_ID"
        return Check(
            "client",
            title,
            State.WRONG,
            f"{missing} is not set.",
            f"Make an app at {DASHBOARD} with Web API and Web Playback SDK, and put its client id "
            "and secret into SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET.",
        )
    if findings is not None and isinstance(findings.error, WrongClient):
        return Check(
            "client",
            title,
            State.WRONG,
            "Spotify does not accept the client id with this secret.",
            f"Copy both again from the app's settings at {DASHBOARD}.",
        )
    if findings is not None and type(findings.error) is Away:
        return Check("client", title, State.UNKNOWN, "Spotify did not answer whether it knows it.")
    if account is None and (findings is None or findings.error is not None):
        return Check("client", title, State.UNKNOWN, "Client id and secret are set.")
    return Check("client", title, State.OK, "Spotify knows the client id and its secret.")


def _redirect(origin: str, account: Account | None) -> Check:
    title = "Way back from Spotify"
    origin = origin_of(origin)
    uri = redirect_uri(origin)
    if refusal := refused_address(uri):
        port = urlsplit(origin).port
        here = f"http://127.0.0.1{f':{port}' if port else ''}"
        return Check(
            "redirect",
            title,
            State.WRONG,
            f"From {origin} nobody can log in: {refusal}",
            f"On the machine that BeatSync runs on, open {here} and a room there; or let the "
            "operator set PUBLIC_URL to an https address.",
        )
    there = origin_of(uri)
    if there != origin:
        return Check(
            "redirect",
            title,
            State.WRONG,
            f"Spotify leads back to {there}, and this is {origin}.",
            f"Open BeatSync at {there} to log in.",
        )
    if account is not None:
        return Check("redirect", title, State.OK, f"Spotify leads back to {uri}")
    return Check(
        "redirect",
        title,
        State.UNKNOWN,
        f"Spotify is to lead back to {uri}",
        "The operator registers exactly this address as a redirect URI in the app's settings at "
        "Spotify.",
    )


def _operators(account: Account, findings: Findings | None) -> Iterator[Check]:
    """What is wrong with an account and is the operator's to mend, if anything."""
    if isinstance(account.refresh_token, Unreadable):
        yield Check(
            "key",
            "Encryption key",
            State.WRONG,
            "The account's tokens need a key that is not in TOKEN_KEYS.",
            "The operator puts the key back, behind the first one. Nothing is lost until then.",
        )
    if _is(findings, OperatorPremium):
        yield Check(
            "owner",
            "Owner of the app",
            State.WRONG,
            "The owner of the app at Spotify has no Premium, so Spotify refuses every call.",
            "The owner renews Premium. Spotify answers again by itself, hours later at the latest.",
        )


def _account(account: Account) -> Check:
    if account.suspected == Reconnect.code:
        return Check(
            "account",
            "Account",
            State.UNKNOWN,
            f"Spotify has refused the login since {_time(account.suspected_since_ms)}. "
            "It is asked again by itself.",
            CONNECT_AGAIN,
        )
    if account.trouble == Reconnect.code:
        return Check(
            "account", "Account", State.WRONG, "Spotify has ended the permission.", CONNECT_AGAIN
        )
    return Check("account", "Account", State.OK, "Connected.")


def _listed(account: Account, findings: Findings | None) -> Check:
    title = "The app's user list"
    if account.trouble == NotListed.code or _is(findings, NotListed):
        return Check(
            "listed",
            title,
            State.WRONG,
            "The account is not in the list, so Spotify refuses all that it asks.",
            f"The operator adds it at {DASHBOARD} under User Management, by name and email "
            "address. There is room for five.",
        )
    if account.trouble == Reconnect.code:
        return Check("listed", title, State.UNKNOWN, "Spotify says so after the next login.")
    return Check("listed", title, State.OK, "The account is in the list.")


def _scopes(account: Account) -> Check:
    hosts = account.hosts
    missing = missing_scopes(account, SCOPES[Purpose.HOST] if hosts else TO_SOUND)
    if missing or account.trouble == "spotify_scope":
        wanted = dict.fromkeys(PERMITS[scope] for scope in missing)
        what = f"may not yet {_listing(wanted)}" if wanted else "may not do all that it needs"
        return Check("scopes", "What it may do", State.WRONG, f"BeatSync {what}.", CONNECT_AGAIN)
    what = "may read the music here and play it" if hosts else "may play here"
    return Check("scopes", "What it may do", State.OK, f"BeatSync {what}.")


def _permission(account: Account) -> Check:
    ends = datetime.fromtimestamp(account.ends_at_ms / 1000, UTC)
    day = f"{ends.day} {ends:%B %Y}"
    if account.ends_at_ms <= clock.now_ms():
        sentence = f"Spotify's permission was given until {day}."
        return Check("permission", "Permission", State.WRONG, sentence, CONNECT_AGAIN)
    if account.ends_soon:
        sentence = f"Spotify's permission ends on {day}, whatever is played until then."
        return Check("permission", "Permission", State.WRONG, sentence, CONNECT_AGAIN)
    return Check("permission", "Permission", State.OK, f"Given until {day}.")


def _premium(account: Account) -> Check:
    if account.premium is False or account.trouble == PremiumRequired.code:
        return Check(
            "premium",
            "Premium",
            State.WRONG,
            "The account has no Premium, and Spotify plays only for those that have.",
            "Connect an account with Premium. Searching works with this one.",
        )
    if account.suspected == PremiumRequired.code:
        sentence = "Spotify has said once that Premium is missing. It is asked again by itself."
        return Check("premium", "Premium", State.UNKNOWN, sentence)
    if account.premium is None:
        return Check(
            "premium", "Premium", State.UNKNOWN, "Spotify tells when the first track is played."
        )
    return Check("premium", "Premium", State.OK, "The account can play.")


def _answers(findings: Findings | None) -> Check:
    title, wait = "Quota", "Wait. What is known already stays, and library tracks play on."
    if closed := quota.closings():
        until = [f"{GROUPS[each]}: until {_time(closed[each].until_ms)}." for each in closed]
        return Check("quota", title, State.WRONG, " ".join(until), wait)
    if findings is None or (findings.error is None and findings.devices is None):
        return Check("quota", title, State.UNKNOWN, "Spotify has not been asked just now.")
    if isinstance(findings.error, Limited):
        sentence = "Too much was asked. Spotify answers again after a while."
        return Check("quota", title, State.WRONG, sentence, wait)
    if isinstance(findings.error, OperatorPremium | Unsure):
        sentence = "Spotify answers, and refuses for now."
        return Check("quota", title, State.UNKNOWN, sentence, "Check again in a minute.")
    if isinstance(findings.error, Away):
        return Check(
            "quota", title, State.UNKNOWN, "Spotify did not answer.", "Check again in a minute."
        )
    return Check("quota", title, State.OK, "Spotify answers.")


def _device(findings: Findings | None) -> Check:
    count = None if findings is None else findings.devices
    if count is None:
        return Check(
            "device", "Device", State.UNKNOWN, "Spotify has not been asked for devices just now."
        )
    if not count:
        return Check(
            "device",
            "Device",
            State.WRONG,
            "No device of the account shows.",
            "Open Spotify on the device that is to play, or let the room's page in this browser "
            "be the speaker.",
        )
    devices = "1 device" if count == 1 else f"{count} devices"
    return Check("device", "Device", State.OK, f"{devices} can be reached.")


def _is(findings: Findings | None, kind: type[SpotifyError]) -> bool:
    return findings is not None and isinstance(findings.error, kind)


def _time(moment_ms: int) -> str:
    """ "05:42 UTC": whoever reads it may be anywhere. Nothing is closed for more than a day."""
    return f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%H:%M} UTC"


def _listing(words: dict[str, None]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def wrong(found: Sequence[Check]) -> Iterator[Check]:
    """Those that are not ready."""
    return (check for check in found if check.state == State.WRONG)
