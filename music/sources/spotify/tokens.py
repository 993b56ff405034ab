"""Tokens of connected accounts: always a good one, and only one caller asks for the next.

An access token lives for an hour. The next one costs a refresh token, which may work only once: two
who used it at the same time would log the host out. So whoever refreshes first takes a lease on the
account's row, by one conditional UPDATE that holds for processes and threads alike; the others look
at the row until the new token stands there. Neither a transaction nor a lock of the database is
held while Spotify is asked, and the lease of somebody who died runs out by itself.

Protocol: RFC 6749, sections 4.1.3 and 6, and RFC 7636; errors in the shape of section 5.2.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from dataclasses import dataclass, field
from typing import Any

import requests
from django.conf import settings
from django.db import (
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)

from music import cache, outside
from music.sources.spotify import troubles
from music.sources.spotify.errors import (
    Away,
    NotConnected,
    Reconnect,
    UnknownKey,
    Unsure,
    WrongClient,
)
from music.sources.spotify.models import Account, Trouble
from music.sources.spotify.shapes import SOURCE
from rooms import clock, leases
from rooms.actions import unbind_account
from rooms.vault import UnreadableToken

logger = logging.getLogger(__name__)

# A token that is about to expire might do so on its way.
AHEAD_MS = 60_000
# One call to the last byte of its answer; the lease outlasts it, and who waits gives up before.
ANSWER_S = 8.0
LEASE_MS = 15_000
WAIT_S = 6.0
LOOK_EVERY_S = 0.05
# What was granted is saved again so often, while the database is away.
SAVE_EVERY_S = 0.25
# After an answer that is none, nobody asks for so long; Spotify may wish for more, up to a limit.
PAUSE_MS = 5_000
LONGEST_PAUSE_MS = 10 * 60 * 1000
USUAL_LIFE_S = 3600
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+")
_ERROR_CODE = re.compile(r"[a-z_]{1,40}")


@dataclass(frozen=True)
class Grant:
    """What the token endpoint gave. `refresh_token` is empty when the old one goes on."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: str
    expires_at_ms: int


# By account: a refresh token that was used, and what it gave, until that is saved. Nobody else can
# have it, and the used one may never work again.
_unsaved: dict[int, tuple[str, Grant]] = {}


def access_token(account: Account, *, refused: str | None = None) -> str:
    """A token that is good for a minute at least, or until Spotify thinks otherwise.

    `refused`: the one that Spotify has just not accepted; another one comes back. Asks Spotify
    when it has to, so it must not be called inside a transaction. Raises `NotConnected`,
    `Reconnect`, and `Away` when a new token is needed and cannot be had now.
    """
    give_up_at = time.monotonic() + WAIT_S
    while True:
        known = _present(account)
        account.trouble, account.suspected = known.trouble, known.suspected
        if _is_good(known, refused, AHEAD_MS):
            return known.access_token
        if until_ms := _take_lease(known):
            return _refreshed(account, refused, until_ms)
        if _is_good(known, refused):
            return known.access_token  # somebody is getting the next one; this still does
        if known.away_until_ms > clock.now_ms():
            raise _away(known)
        if time.monotonic() > give_up_at:
            raise Away
        time.sleep(LOOK_EVERY_S)


def forget(account: Account) -> None:
    """Delete an account with its tokens, its connections to browsers and its devices in rooms.

    Nobody is found by it any more, either.
    """
    _unsaved.pop(account.pk, None)
    with transaction.atomic():
        # Whoever is choosing a device of it holds this, so that nothing comes after the look-up.
        known = Account.objects.select_for_update().filter(pk=account.pk).first()
        if known is not None:
            unbind_account(provider=SOURCE, account=known.account_id)
            known.delete()


def ask(**form: str) -> Grant:
    """Ask the token endpoint. Raises `Reconnect` for `invalid_grant`, `WrongClient` and `Away`."""
    asked_at_ms = clock.now_ms()
    try:
        answer = outside.ask(
            "POST",
            f"{settings.SPOTIFY_ACCOUNTS_URL}/api/token",
            data=form,
            auth=(settings.SPOTIFY_CLIENT_ID, settings.SPOTIFY_CLIENT_SECRET),
            most_s=ANSWER_S,
            read_s=ANSWER_S,
        )
    except requests.RequestException as failure:
        logger.warning("Spotify's token endpoint did not answer: %s", type(failure).__name__)
        raise Away from None
    if answer.status != 200:
        raise _refusal(answer)
    return _grant(answer, asked_at_ms)


def _present(account: Account) -> Account:
    """The account as it stands now. Raises `NotConnected`, `Reconnect`."""
    known = Account.objects.filter(pk=account.pk).first()
    if known is None:
        raise NotConnected
    # A login that is over is tried again now and then, for it may be Spotify that was wrong.
    if known.trouble == Trouble.RECONNECT and known.away_until_ms > clock.now_ms():
        raise Reconnect
    return known


def _away(known: Account) -> Away:
    """Why no new token is asked for just now."""
    seconds = -(-(known.away_until_ms - clock.now_ms()) // 1000)
    kind = Away
    if known.suspected == Trouble.RECONNECT:
        kind = Unsure
    elif cache.read(_client_key()):
        kind = WrongClient
    return kind(retry_after=seconds, until_ms=known.away_until_ms)


def ask_again_now(account: Account) -> None:
    """Let the next caller ask for a new token, though it was to wait: somebody wants to know."""
    Account.objects.filter(pk=account.pk).update(away_until_ms=0)


def _is_good(known: Account, refused: str | None, for_ms: int = 0) -> bool:
    """Whether its access token can be used for so long."""
    return (
        bool(known.access_token)
        and known.access_token != refused
        and known.expires_at_ms - for_ms > clock.now_ms()
    )


def _take_lease(known: Account) -> int:
    """Until when this caller alone may refresh; 0 while somebody else may, or nobody."""
    may_ask = Account.objects.filter(pk=known.pk, away_until_ms__lte=clock.now_ms())
    return leases.take(may_ask, "refreshing_until_ms", for_ms=LEASE_MS)


def _refreshed(account: Account, refused: str | None, until_ms: int) -> str:
    """The new access token, saved; under the lease. Raises as `access_token`."""
    known = _present(account)
    if _is_good(known, refused, AHEAD_MS):  # since it was last looked at
        _end_lease(known, until_ms)
        return known.access_token
    if (unsaved := _unsaved_of(known)) is not None:
        _save(known, unsaved, until_ms)
        return access_token(account, refused=refused)
    try:
        grant = _asked(known)
    except Reconnect as ended:
        return _doubted(known, ended, refused)
    except UnknownKey:
        _end_lease(known, until_ms)
        if _is_good(known, refused):
            return known.access_token
        raise
    except Away as away:
        _end_lease(known, until_ms, away_until_ms=clock.now_ms() + _pause_ms(away))
        if _is_good(known, refused):
            return known.access_token
        raise
    if _save(known, grant, until_ms):
        return grant.access_token
    return access_token(account, refused=refused)


def _doubted(known: Account, ended: Reconnect, refused: str | None) -> str:
    """A token although Spotify refuses the refresh token, which is kept: it may be an outage.

    Raises `Unsure`, or `Reconnect` once it is believed.
    """
    if not _settle(known, away_until_ms=clock.now_ms() + troubles.pause_ms(known)):
        return access_token(known, refused=refused)  # somebody has got another one meanwhile
    refusal = troubles.note_and_judge(known, ended, is_certain=not known.refresh_token)
    if _is_good(known, refused):
        return known.access_token
    raise refusal


def _asked(known: Account) -> Grant:
    """What the refresh token gives. It is remembered here, for the old one may be spent by now."""
    if isinstance(known.refresh_token, UnreadableToken):
        logger.error("Spotify: account %s needs a key that is not in TOKEN_KEYS.", known.pk)
        raise UnknownKey
    if not known.refresh_token:
        raise Reconnect
    grant = ask(grant_type="refresh_token", refresh_token=known.refresh_token)
    _unsaved[known.pk] = known.refresh_token, grant
    return grant


def _unsaved_of(known: Account) -> Grant | None:
    """What its refresh token gave to this process, which then found no database to save it in."""
    spent, grant = _unsaved.get(known.pk, ("", None))
    return grant if spent and spent == known.refresh_token else None


def _save(known: Account, grant: Grant, until_ms: int) -> bool:
    """Save a grant as `_settle`, and try that again for as long as the lease lasts.

    Raises what the database says when it is away for longer; the grant is remembered until then.
    """
    while True:
        try:
            is_saved = _settle(
                known,
                access_token=grant.access_token,
                refresh_token=grant.refresh_token or known.refresh_token,
                scopes=grant.scopes or known.scopes,
                expires_at_ms=grant.expires_at_ms,
            )
        except (OperationalError, InterfaceError):
            if clock.now_ms() + SAVE_EVERY_S * 1000 >= until_ms:
                raise
            if not connection.in_atomic_block:  # the next try takes a line that works
                connection.close_if_unusable_or_obsolete()
            time.sleep(SAVE_EVERY_S)
        else:
            _unsaved.pop(known.pk, None)
            return is_saved


def _settle(known: Account, **changes: Any) -> bool:
    """Save what came of a refresh token, unless the account has another one by now.

    Then somebody has logged in meanwhile, or refreshed after this lease ran out.
    """
    with transaction.atomic():
        now = Account.objects.select_for_update().filter(pk=known.pk).first()
        if now is None:
            raise NotConnected
        if now.refresh_token != known.refresh_token:
            return False
        Account.objects.filter(pk=known.pk).update(refreshing_until_ms=0, **changes)
        return True


def _end_lease(known: Account, until_ms: int, **changes: int) -> None:
    mine = Account.objects.filter(pk=known.pk)
    leases.give_back(mine, "refreshing_until_ms", until_ms, **changes)


def _pause_ms(away: Away) -> int:
    return min(max(PAUSE_MS, (away.retry_after or 0) * 1000), LONGEST_PAUSE_MS)


def _refusal(answer: outside.OutsideAnswer) -> Away | Reconnect:
    """What an answer other than 200 means."""
    code = _error_code(answer)
    if code == "invalid_grant":
        return Reconnect()
    if code == "invalid_client":
        logger.error("Spotify does not accept SPOTIFY_CLIENT_ID with SPOTIFY_CLIENT_SECRET.")
        cache.write(_client_key(), True, PAUSE_MS / 1000)
        return WrongClient()
    logger.warning("Spotify's token endpoint answered %s %s", answer.status, code)
    wish = answer.headers.get("Retry-After", "")
    is_sane = wish.isascii() and wish.isdigit() and len(wish) < 10
    return Away(retry_after=int(wish) if is_sane else None)


def _client_key() -> str:
    """Where it is remembered that Spotify refuses the app, for as long as nobody asks again."""
    secrets = f"{settings.SPOTIFY_CLIENT_ID}:{settings.SPOTIFY_CLIENT_SECRET}"
    return f"spotify.client.{hashlib.sha256(secrets.encode()).hexdigest()[:12]}"


def _error_code(answer: outside.OutsideAnswer) -> str:
    """The OAuth error of a refused request, if it is one; an outage names none."""
    if answer.status not in (400, 401, 403):
        return ""
    said = _json(answer).get("error")
    return said if isinstance(said, str) and _ERROR_CODE.fullmatch(said) else ""


def _grant(answer: outside.OutsideAnswer, asked_at_ms: int) -> Grant:
    said = _json(answer)
    access, refresh = said.get("access_token"), said.get("refresh_token")
    lives_s, scopes = said.get("expires_in"), said.get("scope")
    if not (isinstance(access, str) and _HEADER_SAFE.fullmatch(access)):
        logger.warning("Spotify's token endpoint answered without a token")
        raise Away
    # A number that no column holds would keep the grant from being saved, too.
    lives_s = lives_s if isinstance(lives_s, int) and 0 < lives_s < 10**9 else USUAL_LIFE_S
    return Grant(
        access_token=access,
        refresh_token=refresh if isinstance(refresh, str) else "",
        scopes=scopes if isinstance(scopes, str) else "",
        expires_at_ms=asked_at_ms + lives_s * 1000,
    )


def _json(answer: outside.OutsideAnswer) -> dict[str, Any]:
    """The object in an answer; an empty one when there is none."""
    try:
        said = answer.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
