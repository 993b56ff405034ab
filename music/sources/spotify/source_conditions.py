"""What a question to Spotify tells about the rooms of an account, though nothing was to play."""

from __future__ import annotations

from django.db.models import Q

from music import cache
from music.actions.sources import Condition
from music.models import RoomSource, SourceState
from music.sources.spotify import tokens
from music.sources.spotify.errors import (
    AccountTrouble,
    Away,
    Limited,
    MissingScope,
    NoDevice,
    NotListed,
    OperatorPremium,
    Reconnect,
    SpotifyError,
    UnknownKey,
    Unsure,
    WrongClient,
)
from music.sources.spotify.login import TO_SOUND, missing_scopes, rooms_of
from music.sources.spotify.models import Account, Output, OutputKind, Trouble
from music.sources.spotify.outputs import (
    NAME,
    away_because,
    condition_of,
    note_if_live,
    note_trouble,
    without_device,
)
from rooms import clock
from rooms.models import RoomState

# Where Spotify does not say until when.
DEGRADED_MS = 60_000
# A page whose token is refused gets another one at most once a minute.
REFUSED_EVERY_S = 60.0
# These stop every call, so also what is to play.
STOPS_ALL = (OperatorPremium, UnknownKey, Unsure, WrongClient)
# An answered search shows that these are over.
DISPROVED = (Reconnect.code, NotListed.code, *(each.code for each in STOPS_ALL))


def tell_rooms(*, account: Account, error: SpotifyError | None, **_: object) -> None:
    """Let the rooms of the account know how Spotify has answered."""
    if error is None:
        note_answer(account)
    else:
        note_in_all_rooms(account, error)


def note_in_all_rooms(account: Account, error: SpotifyError) -> None:
    """All rooms of the account say what is wrong: away by its fault, else only degraded.

    What plays in a degraded room goes on.
    """
    if isinstance(error, AccountTrouble) and not isinstance(error, MissingScope):
        note_trouble(account, error)
    elif isinstance(error, Away | Limited):
        for room in rooms_of(account):
            _degrade(room.pk, error)


def note_page_refusal(account: Account, error: SpotifyError) -> None:
    """A page gets no token: it can play nothing, while another device of the account goes on."""
    note_in_all_rooms(account, error)
    if not isinstance(error, STOPS_ALL):
        return
    pages = Output.objects.filter(account=account, kind=OutputKind.BROWSER, leaving=False)
    until_ms = error.until_ms or clock.now_ms() + DEGRADED_MS
    for page in pages.filter(room__state=RoomState.LIVE):
        note_if_live(page.pk, away_because(error, until_ms=until_ms))


def note_answer(account: Account) -> None:
    """The rooms say no more that Spotify refuses, for it has just answered."""
    wrong = Q(state=SourceState.DEGRADED) | Q(cause__in=DISPROVED)
    told = RoomSource.objects.filter(wrong, name=NAME)
    if account.suspected == Trouble.PREMIUM or not told.exists():
        return
    for source in told.filter(room__in=rooms_of(account)):
        there = Output.objects.filter(room=source.room_id, account=account, leaving=False)
        well = condition_of(account) if there.exists() else without_device(account, quietly=True)
        note_if_live(source.room_id, well)


def note_refused_token(account: Account) -> None:
    """A player did not take the account's token: get another one, or say why there is none.

    Pages can say so without end, so only the first one of a minute has another one got.
    """
    try:
        if missing_scopes(account, TO_SOUND):
            raise MissingScope
        if not cache.first(f"spotify.refused.{account.pk}", REFUSED_EVERY_S):
            return
        tokens.access_token(account, refused=account.access_token)
    except MissingScope as missing:
        note_trouble(account, missing)
    except SpotifyError as refusal:
        note_page_refusal(account, refusal)  # it is asked again when the player tries again


def _degrade(room_id: int, error: SpotifyError) -> None:
    source = RoomSource.objects.filter(room=room_id, name=NAME).first()
    until_ms = error.until_ms or clock.now_ms() + DEGRADED_MS
    if source is None:
        return
    if source.state == SourceState.AVAILABLE:
        note_if_live(room_id, Condition(SourceState.DEGRADED, error.code, until_ms))
    elif source.cause == NoDevice.code and isinstance(error, STOPS_ALL):
        note_if_live(room_id, away_because(error, until_ms=until_ms, quietly=True))
