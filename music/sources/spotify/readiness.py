"""Whether Spotify is ready to be used: one list of checks, for the host's page and the doctor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

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
from rooms import clock
from rooms.vault import UnreadableToken

DASHBOARD = "https://developer.spotify.com/dashboard"
CONNECT_AGAIN = _("Connect again. It takes one tap.")
# What each permission is for, in words that complete "Spotify has not been asked to …".
PERMITS = {
    "streaming": _("play here"),
    "user-read-email": _("play here"),
    "user-read-private": _("play here"),
    "user-modify-playback-state": _("play and pause"),
    "user-read-playback-state": _("see the devices"),
    "playlist-read-private": _("read private playlists"),
    "playlist-read-collaborative": _("read shared playlists"),
    "user-library-read": _("read liked songs"),
    "user-top-read": _("read top tracks"),
}
# What Spotify counts apart, as people know it.
GROUPS = {
    Bucket.SEARCH: _("Search"),
    Bucket.CATALOGUE: _("Tracks"),
    Bucket.PLAYLIST: _("Playlists"),
    Bucket.LIBRARY: _("Liked songs and top tracks"),
    Bucket.PLAYER: _("Playing"),
    Bucket.READS: _("Devices and what plays"),
    Bucket.ALONG: _("Listening along"),
}


class State(StrEnum):
    """How a check came out; the words that people read."""

    OK = _("ready")
    WRONG = _("not ready")
    UNKNOWN = _("not known yet")


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
                gettext("Account"),
                State.UNKNOWN,
                gettext("No Spotify account is connected. The rest is known after a login."),
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
        any(check.next_step == gettext(CONNECT_AGAIN) for check in found)
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
    title = gettext("App at Spotify")
    if not (settings.SPOTIFY_CLIENT_ID and settings.SPOTIFY_CLIENT_SECRET):
        missing = "SPOTIFY_CLIENT_SECRET" if settings.SPOTIFY_CLIENT_ID else "SPOTIFY_CLIENT_ID"
        return Check(
            "client",
            title,
            State.WRONG,
            gettext("{missing} is not set.").format(missing=missing),
            gettext(
                "Make an app at {dashboard} with Web API and Web Playback SDK, and put its client "
                "id and secret into SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET."
            ).format(dashboard=DASHBOARD),
        )
    if findings is not None and isinstance(findings.error, WrongClient):
        return Check(
            "client",
            title,
            State.WRONG,
            gettext("Spotify does not accept the client id with this secret."),
            gettext("Copy both again from the app's settings at {dashboard}.").format(
                dashboard=DASHBOARD
            ),
        )
    if findings is not None and type(findings.error) is Away:
        return Check(
            "client", title, State.UNKNOWN, gettext("Spotify did not answer whether it knows it.")
        )
    if account is None and (findings is None or findings.error is not None):
        return Check("client", title, State.UNKNOWN, gettext("Client id and secret are set."))
    return Check("client", title, State.OK, gettext("Spotify knows the client id and its secret."))


def _redirect(origin: str, account: Account | None) -> Check:
    title = gettext("Way back from Spotify")
    origin = origin_of(origin)
    uri = redirect_uri(origin)
    if refusal := refused_address(uri):
        port = urlsplit(origin).port
        here = f"http://127.0.0.1{f':{port}' if port else ''}"
        return Check(
            "redirect",
            title,
            State.WRONG,
            gettext("From {origin} nobody can log in: {refusal}").format(
                origin=origin, refusal=refusal
            ),
            gettext(
                "On the machine that BeatSync runs on, open {here} and a room there; or let the "
                "operator set PUBLIC_URL to an https address."
            ).format(here=here),
        )
    there = origin_of(uri)
    if there != origin:
        return Check(
            "redirect",
            title,
            State.WRONG,
            gettext("Spotify leads back to {there}, and this is {origin}.").format(
                there=there, origin=origin
            ),
            gettext("Open BeatSync at {there} to log in.").format(there=there),
        )
    if account is not None:
        return Check(
            "redirect", title, State.OK, gettext("Spotify leads back to {uri}").format(uri=uri)
        )
    return Check(
        "redirect",
        title,
        State.UNKNOWN,
        gettext("Spotify is to lead back to {uri}").format(uri=uri),
        gettext(
            "The operator registers exactly this address as a redirect URI in the app's settings "
            "at "
            "Spotify."
        ),
    )


def _operators(account: Account, findings: Findings | None) -> Iterator[Check]:
    """What is wrong with an account and is the operator's to mend, if anything."""
    if isinstance(account.refresh_token, UnreadableToken):
        yield Check(
            "key",
            gettext("Encryption key"),
            State.WRONG,
            gettext("The account's tokens need a key that is not in TOKEN_KEYS."),
            gettext(
                "The operator puts the key back, behind the first one. Nothing is lost until then."
            ),
        )
    if _is(findings, OperatorPremium):
        yield Check(
            "owner",
            gettext("Owner of the app"),
            State.WRONG,
            gettext(
                "The owner of the app at Spotify has no Premium, so Spotify refuses every call."
            ),
            gettext(
                "The owner renews Premium. Spotify answers again by itself, hours later at the "
                "latest."
            ),
        )


def _account(account: Account) -> Check:
    if account.suspected == Reconnect.code:
        return Check(
            "account",
            gettext("Account"),
            State.UNKNOWN,
            gettext(
                "Spotify has refused the login since {time}. It is asked again by itself."
            ).format(time=_time(account.suspected_since_ms)),
            gettext(CONNECT_AGAIN),
        )
    if account.trouble == Reconnect.code:
        return Check(
            "account",
            gettext("Account"),
            State.WRONG,
            gettext("Spotify has ended the permission."),
            gettext(CONNECT_AGAIN),
        )
    return Check("account", gettext("Account"), State.OK, gettext("Connected."))


def _listed(account: Account, findings: Findings | None) -> Check:
    title = gettext("The app's user list")
    if account.trouble == NotListed.code or _is(findings, NotListed):
        return Check(
            "listed",
            title,
            State.WRONG,
            gettext("The account is not in the list, so Spotify refuses all that it asks."),
            gettext(
                "The operator adds it at {dashboard} under User Management, by name and email "
                "address. There is room for five."
            ).format(dashboard=DASHBOARD),
        )
    if account.trouble == Reconnect.code:
        return Check(
            "listed", title, State.UNKNOWN, gettext("Spotify says so after the next login.")
        )
    return Check("listed", title, State.OK, gettext("The account is in the list."))


def _scopes(account: Account) -> Check:
    hosts = account.hosts
    missing = missing_scopes(account, SCOPES[Purpose.HOST] if hosts else TO_SOUND)
    if missing or account.trouble == "spotify_scope":
        wanted = dict.fromkeys(gettext(PERMITS[scope]) for scope in missing)
        what = (
            gettext("may not yet {what}").format(what=_listing(wanted))
            if wanted
            else gettext("may not do all that it needs")
        )
        return Check(
            "scopes",
            gettext("What it may do"),
            State.WRONG,
            gettext("BeatSync {what}.").format(what=what),
            gettext(CONNECT_AGAIN),
        )
    what = gettext("may read the music here and play it") if hosts else gettext("may play here")
    return Check(
        "scopes", gettext("What it may do"), State.OK, gettext("BeatSync {what}.").format(what=what)
    )


def _permission(account: Account) -> Check:
    ends = datetime.fromtimestamp(account.ends_at_ms / 1000, UTC)
    day = f"{ends.day} {ends:%B %Y}"
    if account.ends_at_ms <= clock.now_ms():
        sentence = gettext("Spotify's permission was given until {day}.").format(day=day)
        return Check(
            "permission", gettext("Permission"), State.WRONG, sentence, gettext(CONNECT_AGAIN)
        )
    if account.ends_soon:
        sentence = gettext(
            "Spotify's permission ends on {day}, whatever is played until then."
        ).format(day=day)
        return Check(
            "permission", gettext("Permission"), State.WRONG, sentence, gettext(CONNECT_AGAIN)
        )
    return Check(
        "permission", gettext("Permission"), State.OK, gettext("Given until {day}.").format(day=day)
    )


def _premium(account: Account) -> Check:
    if account.premium is False or account.trouble == PremiumRequired.code:
        return Check(
            "premium",
            gettext("Premium"),
            State.WRONG,
            gettext("The account has no Premium, and Spotify plays only for those that have."),
            gettext("Connect an account with Premium. Searching works with this one."),
        )
    if account.suspected == PremiumRequired.code:
        sentence = gettext(
            "Spotify has said once that Premium is missing. It is asked again by itself."
        )
        return Check("premium", gettext("Premium"), State.UNKNOWN, sentence)
    if account.premium is None:
        return Check(
            "premium",
            gettext("Premium"),
            State.UNKNOWN,
            gettext("Spotify tells when the first track is played."),
        )
    return Check("premium", gettext("Premium"), State.OK, gettext("The account can play."))


def _answers(findings: Findings | None) -> Check:
    title, wait = (
        gettext("Quota"),
        gettext("Wait. What is known already stays, and library tracks play on."),
    )
    if closed := quota.closings():
        until = [
            gettext("{each}: until {time}.").format(
                each=gettext(GROUPS[each]), time=_time(closed[each].until_ms)
            )
            for each in closed
        ]
        return Check("quota", title, State.WRONG, " ".join(until), wait)
    if findings is None or (findings.error is None and findings.devices is None):
        return Check("quota", title, State.UNKNOWN, gettext("Spotify has not been asked just now."))
    if isinstance(findings.error, Limited):
        sentence = gettext("Too much was asked. Spotify answers again after a while.")
        return Check("quota", title, State.WRONG, sentence, wait)
    if isinstance(findings.error, OperatorPremium | Unsure):
        sentence = gettext("Spotify answers, and refuses for now.")
        return Check("quota", title, State.UNKNOWN, sentence, gettext("Check again in a minute."))
    if isinstance(findings.error, Away):
        return Check(
            "quota",
            title,
            State.UNKNOWN,
            gettext("Spotify did not answer."),
            gettext("Check again in a minute."),
        )
    return Check("quota", title, State.OK, gettext("Spotify answers."))


def _device(findings: Findings | None) -> Check:
    count = None if findings is None else findings.devices
    if count is None:
        return Check(
            "device",
            gettext("Device"),
            State.UNKNOWN,
            gettext("Spotify has not been asked for devices just now."),
        )
    if not count:
        return Check(
            "device",
            gettext("Device"),
            State.WRONG,
            gettext("No device of the account shows."),
            gettext(
                "Open Spotify on the device that is to play, or let the room's page in this "
                "browser "
                "be the speaker."
            ),
        )
    said = ngettext("{n} device can be reached.", "{n} devices can be reached.", count)
    return Check("device", gettext("Device"), State.OK, said.format(n=count))


def _is(findings: Findings | None, kind: type[SpotifyError]) -> bool:
    return findings is not None and isinstance(findings.error, kind)


def _time(moment_ms: int) -> str:
    """ "05:42 UTC": whoever reads it may be anywhere. Nothing is closed for more than a day."""
    return f"{datetime.fromtimestamp(moment_ms / 1000, UTC):%H:%M} UTC"


def _listing(words: dict[str, None]) -> str:
    *first, last = words
    if not first:
        return last
    return gettext("{first} and {last}").format(first=", ".join(first), last=last)


def wrong(found: Sequence[Check]) -> Iterator[Check]:
    """Those that are not ready."""
    return (check for check in found if check.state == State.WRONG)
