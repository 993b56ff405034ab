"""Commands to the Spotify device of one room, and what follows from those that fail.

The caller holds the lease on the account (`commander.serve`), so no two commands overlap.
"""

from __future__ import annotations

from contextlib import suppress

from music.actions.sources import fail_play
from music.sources.spotify import device_search, troubles
from music.sources.spotify.client import Client
from music.sources.spotify.desired_state import AHEAD_MS, DesiredState
from music.sources.spotify.errors import (
    AccountTrouble,
    Away,
    Limited,
    NoDevice,
    PlayerTrouble,
    Refused,
    RefusesAll,
    Restricted,
    SpotifyError,
)
from music.sources.spotify.models import Output, OutputKind, OutputState
from music.sources.spotify.outputs import away_because, note_if_live
from rooms import clock
from rooms.errors import Conflict, Unknown
from rooms.models import RoomState

# A device that has just come is not known everywhere at once: waits before the next tries, in ms.
# After the last of them it is made the active one first.
AGAIN_AFTER_MS = (300, 700, 1_500, 500)
# After other trouble a command is tried so many times more, with this pause in ms.
OTHER_TRIES, OTHER_AGAIN_MS = 3, 1_000
# A device that does not stop is told up to 10 times more, at growing intervals.
STOP_TRIES = 10
# Devices outside of a page do not report, so they are asked 3 s after a command.
CHECK_AFTER_MS = 3_000
# Where nobody says until when Spotify is away, it is asked again after this.
PROBE_AFTER_MS = 15_000
# Different tracks that a device refuses in a row before it is the device, not the tracks.
MOST_REFUSED = 2
REFUSED_FOR_MS, LONGEST_REFUSED_MS = 60_000, 10 * 60_000


def send_command(output: Output, desired: DesiredState) -> None:
    """Tell the device to play or to be silent. Raises `SpotifyError`."""
    client = Client(output.account)
    if desired.uri:
        starts_at_ms = desired.starts_at_ms - AHEAD_MS
        client.play(output.device_id, desired.uri, starts_at_ms=starts_at_ms)
    elif output.sounds and not _sounds_for_another_room(output):
        with suppress(PlayerTrouble, Refused):  # silent already, or gone
            client.pause(output.device_id)
    is_repeat = output.state == OutputState.AGAIN
    # After a track of its own a device may go on with what it suggests itself.
    checks = desired.uri or desired.follows_end
    check_at_ms = clock.now_ms() + CHECK_AFTER_MS if checks else 0
    update_output(
        output, **desired.as_told, check_at_ms=check_at_ms, tries=0, stood_still=is_repeat
    )
    if output.leaving:
        let_go(output)
    elif desired.uri and (output.account.suspected or not output.account.premium):
        troubles.note_premium(output.account)
    if desired.uri and output.state == OutputState.NEW:
        _play_once(client, output.device_id)


def handle_failure(output: Output, desired: DesiredState, error: SpotifyError) -> None:
    """What follows from a command that failed: another try, or word that it cannot be done.

    Of a failed check only what the account must mend comes here: all its rooms are away.
    `docs/architecture-music.md` has a table.
    """
    tries, passes = output.tries, isinstance(error, Away | Restricted)
    if not desired.uri:
        _stop_later(output, error)
    elif isinstance(error, NoDevice) and tries < len(AGAIN_AFTER_MS):
        if tries == len(AGAIN_AFTER_MS) - 1:
            _transfer(output)
        update_output(output, tries=tries + 1, next_at_ms=clock.now_ms() + AGAIN_AFTER_MS[tries])
    elif passes and tries < OTHER_TRIES:
        if tries == OTHER_TRIES - 1:
            _transfer(output)
        update_output(output, tries=tries + 1, next_at_ms=clock.now_ms() + OTHER_AGAIN_MS)
    elif isinstance(error, NoDevice) and device_search.adopt_new_id(output):
        update_output(output, tries=0, next_at_ms=0)
    elif isinstance(error, Restricted) and output.kind == OutputKind.CONNECT:
        # It says so also while it plays: the checks that follow tell.
        check_at_ms = clock.now_ms() + CHECK_AFTER_MS
        update_output(output, **desired.as_told, check_at_ms=check_at_ms, tries=0, stood_still=True)
    elif isinstance(error, Restricted | Refused):
        update_output(output, **desired.as_told, tries=0)
        note_track_refused(output, desired, cause="refused")
    else:
        _give_up(output, desired, error)


def note_track_refused(output: Output, desired: DesiredState, *, cause: str) -> None:
    """The device certainly does not play that track: it has failed, or the device refuses all.

    Of two different tracks in a row the first has failed; the second waits again with its votes,
    for then Spotify is away. After a minute, later on less often, the device is tried again.
    """
    is_other = output.refused_uri not in ("", desired.uri)
    refusals = output.refusals + 1 if is_other or output.refusals >= MOST_REFUSED else 1
    update_output(output, refused_uri=desired.uri, refusals=refusals)
    if refusals < MOST_REFUSED:
        with suppress(Conflict, Unknown):
            fail_play(room_id=output.pk, play_id=desired.play_id, cause=cause)
        return
    pause_ms = min(REFUSED_FOR_MS * 2 ** (refusals - MOST_REFUSED), LONGEST_REFUSED_MS)
    until_ms = clock.now_ms() + pause_ms
    note_if_live(output.pk, away_because(RefusesAll(), until_ms=until_ms))


def until_probe(error: SpotifyError) -> int | None:
    """When Spotify is asked again whether it is back (UTC ms); None: somebody has to act."""
    if isinstance(error, Away | Limited):
        return error.until_ms or clock.now_ms() + PROBE_AFTER_MS
    return troubles.ask_again_at_ms(error.code)


def let_go(output: Output) -> None:
    """Forget a device that was to be stopped."""
    same = Output.objects.filter(pk=output.pk, device_id=output.device_id)
    same.filter(leaving=True).delete()


def update_output(output: Output, **facts: str | int | None) -> None:
    """Write down how it went, unless another device has been chosen meanwhile."""
    Output.objects.filter(pk=output.pk, device_id=output.device_id).update(**facts)


def _play_once(client: Client, device_id: str) -> None:
    """A track that ends on this device is over, whatever its owner listens to otherwise."""
    with suppress(SpotifyError):
        client.repeat_off(device_id)
        client.shuffle_off(device_id)


def _transfer(output: Output) -> None:
    """Make it the active device, which wakes one that sleeps."""
    with suppress(SpotifyError):
        Client(output.account).transfer(output.device_id)


def _sounds_for_another_room(output: Output) -> bool:
    """Whether the account plays for a room that took it over: that must not be stopped."""
    others = Output.objects.filter(account=output.account_id, leaving=False).exclude(pk=output.pk)
    return output.leaving and others.sounding().exists()


def _give_up(output: Output, desired: DesiredState, error: SpotifyError) -> None:
    """Spotify is away for the room, or for all rooms of an account that only somebody can mend."""
    until_ms = until_probe(error)
    if isinstance(error, Away):
        # It may have been done all the same: then it has to be stopped.
        update_output(output, **desired.as_told)
    rooms = Output.objects.filter(pk=output.pk)
    if isinstance(error, AccountTrouble):
        rooms = Output.objects.filter(account=output.account, room__state=RoomState.LIVE)
    for other in rooms:
        search_at_ms = clock.now_ms() + device_search.FIRST_AFTER_MS
        update_output(
            other, tries=0, next_at_ms=until_ms or 0, searches=0, search_at_ms=search_at_ms
        )
        note_if_live(other.pk, away_because(error, until_ms=until_ms))


def _stop_later(output: Output, error: SpotifyError) -> None:
    """A device that could not be stopped is tried again, for some minutes, less and less often."""
    if output.tries >= STOP_TRIES:
        update_output(output, state=OutputState.SILENT, check_at_ms=0, tries=0)
        if output.leaving:
            let_go(output)
        return
    wait_ms = OTHER_AGAIN_MS * 2 ** min(output.tries, 6)
    at_ms = max(clock.now_ms() + wait_ms, error.until_ms or 0)
    update_output(output, tries=output.tries + 1, next_at_ms=at_ms)
