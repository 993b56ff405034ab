"""Asks Spotify whether it is back, where it was away until a moment that is over."""

from __future__ import annotations

from music.models import RoomSource, SourceState
from music.sources.spotify import probing
from music.sources.spotify.device_commands import until_probe, update_output
from music.sources.spotify.errors import Limited, SpotifyError
from music.sources.spotify.models import Account, Output
from music.sources.spotify.outputs import NAME, away_because, condition_of, note_if_live
from rooms.models import RoomState


def accounts_to_probe(now_ms: int) -> list[int]:
    """Accounts of live rooms from which Spotify is away until a moment that is over."""
    over = RoomSource.objects.filter(
        name=NAME,
        state=SourceState.AWAY,
        until_ms__lte=now_ms,
        room__state=RoomState.LIVE,
    )
    waiting = Output.objects.filter(room__in=over.values("room"), leaving=False)
    return list(waiting.values_list("account_id", flat=True))


def probe(account_id: int) -> None:
    """Ask once, and note in all rooms of the account what came of it."""
    account = Account.objects.get(pk=account_id)
    try:
        probing.check(account)
        condition = condition_of(account)
    except Limited:
        # Questions are limited apart from commands, which may pass.
        condition = condition_of(account)
    except SpotifyError as error:
        condition = away_because(error, until_ms=until_probe(error))
    there = Output.objects.filter(account=account, leaving=False)
    for output in there.filter(room__state=RoomState.LIVE):
        if condition.state != SourceState.AWAY:
            update_output(output, tries=0, next_at_ms=0)
        note_if_live(output.pk, condition)
