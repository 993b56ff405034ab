"""What is believed of an account when Spotify refuses it, and what clears that again.

Spotify says for minutes that a token is invalid or that Premium is missing, and is wrong. So
`Reconnect` and `PremiumRequired` are first suspected, then believed when they are told again later.
A trouble is a mark on the account's row. No token is deleted for it, and any success clears it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from music.sources.spotify.errors import (
    AccountTrouble,
    NotListed,
    PremiumRequired,
    Reconnect,
    SpotifyError,
    Unsure,
)
from music.sources.spotify.models import Account, Trouble
from rooms import clock

SECOND_MS, MINUTE_MS, HOUR_MS = 1_000, 60_000, 3_600_000


@dataclass(frozen=True)
class Proof:
    """A refusal is believed after so many times over so many ms at least."""

    times: int
    over_ms: int


PROOFS = {
    Reconnect.code: Proof(times=4, over_ms=3 * HOUR_MS),
    PremiumRequired.code: Proof(times=2, over_ms=MINUTE_MS),
}
# The token endpoint is asked less and less often while it refuses a login.
SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS = 30 * SECOND_MS, 10 * MINUTE_MS
# What is believed is asked again after so many ms. A missing permission takes a login.
ASK_AGAIN_MS = {
    Reconnect.code: HOUR_MS,
    PremiumRequired.code: 30 * MINUTE_MS,
    NotListed.code: 5 * MINUTE_MS,
}
NONE: dict[str, Any] = {
    "trouble": "",
    "trouble_at_ms": None,
    "suspected": "",
    "suspected_since_ms": 0,
    "suspected_times": 0,
}


def ask_again_at_ms(code: str) -> int | None:
    """When to ask whether the trouble of this code is over. None: somebody has to act."""
    after_ms = ASK_AGAIN_MS.get(code)
    return None if after_ms is None else clock.now_ms() + after_ms


def note_and_judge(
    account: Account, error: AccountTrouble, *, is_certain: bool = False
) -> SpotifyError:
    """Write a refusal down with the account; gives what to raise: `Unsure` until it is believed.

    What `is_certain` is believed at once. Nothing is written if the person has logged in again
    since this account was read.
    """
    if error.code not in Trouble.values:
        return error
    with transaction.atomic():
        same = Account.objects.filter(pk=account.pk, authorised_at_ms=account.authorised_at_ms)
        known = same.select_for_update().first()
        if known is None or known.trouble == error.code:
            return error
        changes, refusal = _judge(known, error, is_certain)
        same.update(**changes)
    for name, value in changes.items():
        setattr(account, name, value)
    return refusal


def _judge(
    known: Account, error: AccountTrouble, is_certain: bool
) -> tuple[dict[str, Any], SpotifyError]:
    now_ms, proof = clock.now_ms(), PROOFS.get(error.code)
    is_new = known.suspected != error.code
    since_ms = now_ms if is_new else known.suspected_since_ms
    times = 1 if is_new else known.suspected_times + 1
    # After six months Spotify was to refuse the login.
    is_over = isinstance(error, Reconnect) and known.ends_at_ms <= now_ms
    is_proved = proof is None or (times >= proof.times and now_ms - since_ms >= proof.over_ms)
    if is_certain or is_over or is_proved:
        return _believed(error, now_ms), error
    suspicion: dict[str, Any] = {
        "suspected": error.code,
        "suspected_since_ms": since_ms,
        "suspected_times": min(times, 30_000),
    }
    if isinstance(error, Reconnect):
        until_ms = now_ms + pause_ms(known)
        suspicion["away_until_ms"] = until_ms
    else:
        until_ms = max(since_ms + MINUTE_MS, now_ms + 15 * SECOND_MS)
    return suspicion, Unsure(until_ms=until_ms, retry_after=-(-(until_ms - now_ms) // 1000))


def _believed(error: AccountTrouble, now_ms: int) -> dict[str, Any]:
    changes = NONE | {"trouble": error.code, "trouble_at_ms": now_ms}
    if isinstance(error, PremiumRequired):
        changes["premium"] = False
    if isinstance(error, Reconnect):
        changes["away_until_ms"] = now_ms + ASK_AGAIN_MS[Reconnect.code]
    return changes


def pause_ms(account: Account) -> int:
    """How long to leave the token endpoint alone that refuses this login: longer and longer."""
    if account.trouble == Trouble.RECONNECT:
        return ASK_AGAIN_MS[Reconnect.code]
    is_new = account.suspected != Trouble.RECONNECT
    lasted_ms = 0 if is_new else clock.now_ms() - account.suspected_since_ms
    return min(max(SHORTEST_PAUSE_MS, lasted_ms // 2), LONGEST_PAUSE_MS)


def clear(account: Account) -> bool:
    """Forget every trouble and suspicion, for a check came out well; True if there was any."""
    known = Account.objects.filter(pk=account.pk)
    cleared = _update(account, known.exclude(trouble="", suspected=""), NONE)
    return _update(account, known.filter(premium=False), {"premium": None}) or cleared


def clear_disproved(account: Account) -> bool:
    """Forget what an answered call disproves: that the login has ended, or is not in the list."""
    wrong = (Trouble.RECONNECT, Trouble.NOT_LISTED)
    known = Account.objects.filter(pk=account.pk)
    known = known.filter(Q(trouble__in=wrong) | Q(trouble="", suspected=Trouble.RECONNECT))
    return _update(account, known, NONE)


def note_listed(account: Account) -> bool:
    """Keep that the app may serve the account; True if that is news."""
    known = Account.objects.filter(pk=account.pk, trouble=Trouble.NOT_LISTED)
    return _update(account, known, NONE)


def note_premium(account: Account) -> None:
    """Keep that the account has played, so it can."""
    known = Account.objects.filter(pk=account.pk)
    known.exclude(premium=True).update(premium=True)
    lacking = Q(trouble=Trouble.PREMIUM) | Q(trouble="", suspected=Trouble.PREMIUM)
    _update(account, known.filter(lacking), NONE)


def _update(account: Account, known: Any, changes: dict[str, Any]) -> bool:
    if not known.update(**changes):
        return False
    for name, value in changes.items():
        setattr(account, name, value)
    return True
