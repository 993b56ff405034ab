"""Asks devices that do not report what they really do, and acts on what is certain.

An answer counts at once only where it says that the track plays. Anything else has to be seen
twice, some seconds apart, for Spotify's answers may be old. All rooms together ask as often as one
would: each waits `CHECK_EVERY_MS` for each device that sounds.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace

from music import cache
from music.actions.sources import is_pause, pause_play, put_clock_right
from music.sources.spotify.client import Client
from music.sources.spotify.desired_state import DesiredState
from music.sources.spotify.device_clock import DeviceClock, PositionReading
from music.sources.spotify.device_commands import note_track_refused, update_output
from music.sources.spotify.errors import (
    Away,
    Limited,
    PlayerTrouble,
    PlaysElsewhere,
    Refused,
    SpotifyError,
)
from music.sources.spotify.models import Output, OutputKind, OutputState
from music.sources.spotify.outputs import away_because, note_if_live
from music.sources.spotify.playback_verdict import PlaybackVerdict, is_device, judge
from music.sources.spotify.shapes import Player
from rooms import clock
from rooms.errors import Conflict, Unknown

# Between two questions, for each device that sounds anywhere: so all together ask six times in
# 30 s, and somebody's pause in an app of Spotify is seen within seconds where one room plays.
CHECK_EVERY_MS = 5_000
# What an answer denies is asked once more after this. A command takes longer to be seen than a tap.
SURE_AFTER_MS, SURE_AFTER_COMMAND_MS = 1_500, 5_000
# A device goes on with suggestions at once; what begins later on it, somebody has begun.
SUGGESTED_WITHIN_MS = 10_000
# What was seen is remembered for as long as any track lasts.
REMEMBERED_S = 6 * 60 * 60.0


@dataclass(frozen=True)
class DeviceHistory:
    """What one device has shown in one moment of a room's playback.

    `was_heard`: it has played. `doubt`: what the last answer denied, since `doubt_since_ms`.
    """

    moment: tuple[int, int]
    device_id: str
    was_heard: bool = False
    clock: DeviceClock = field(default_factory=DeviceClock)
    doubt: PlaybackVerdict = PlaybackVerdict.UNKNOWN
    doubt_since_ms: int = 0


def is_check_due(output: Output, desired: DesiredState, now_ms: int) -> bool:
    """Whether it is time to ask what the device does, which was told what it should."""
    if output.kind != OutputKind.CONNECT or not desired.was_told(output):
        return False
    if output.leaving or now_ms < output.check_at_ms:
        return False
    return desired.uri != "" or now_ms - output.check_at_ms < SUGGESTED_WITHIN_MS


def check_device(output: Output, desired: DesiredState) -> None:
    """Ask once what the device plays. An answer that does not come says nothing."""
    next_at_ms = clock.now_ms() + _pause_between_checks_ms() if desired.uri else 0
    update_output(output, check_at_ms=next_at_ms)
    try:
        player = Client(output.account).player()
    except (Away, Limited, PlayerTrouble, Refused):
        return
    if not desired.uri:
        _stop_suggestions(output, player)
        return
    verdict = judge(player, desired, output, now_ms=clock.now_ms())
    history = _remembered(output, desired)
    if verdict == PlaybackVerdict.PLAYS and player is not None:
        _note_heard(output, desired, history, player)
    elif verdict == PlaybackVerdict.UNKNOWN:
        _remember(output, replace(history, doubt=verdict))
    elif _is_certain(output, history, verdict):
        _remember(output, replace(history, doubt=PlaybackVerdict.UNKNOWN))
        _act(output, desired, history, verdict, player)


def _note_heard(
    output: Output, desired: DesiredState, history: DeviceHistory, player: Player
) -> None:
    """It plays: the room's clock goes by the device, where its position can be believed."""
    if output.refusals:
        update_output(output, refused_uri="", refusals=0)
    device_clock, follows = history.clock, False
    position_ms = player.position_ms
    if position_ms is not None:
        reading = PositionReading(position_ms, player.at_ms)
        device_clock, follows = device_clock.add(reading, desired.starts_at_ms)
    _remember(
        output, replace(history, was_heard=True, clock=device_clock, doubt=PlaybackVerdict.UNKNOWN)
    )
    if follows and position_ms is not None:
        with suppress(Conflict, Unknown):
            put_clock_right(
                room_id=output.pk, cue=desired.cue, position_ms=position_ms, at_ms=player.at_ms
            )


def _is_certain(output: Output, history: DeviceHistory, verdict: PlaybackVerdict) -> bool:
    """Whether this verdict was seen before, long enough ago; if not, it is looked at again."""
    now_ms = clock.now_ms()
    wait_ms = SURE_AFTER_MS if history.was_heard else SURE_AFTER_COMMAND_MS
    since_ms = history.doubt_since_ms if history.doubt == verdict else now_ms
    if now_ms - since_ms >= wait_ms:
        return True
    update_output(output, check_at_ms=since_ms + wait_ms)
    _remember(output, replace(history, doubt=verdict, doubt_since_ms=since_ms))
    return False


def _act(
    output: Output,
    desired: DesiredState,
    history: DeviceHistory,
    verdict: PlaybackVerdict,
    player: Player | None,
) -> None:
    """The device certainly does not play what it should: the room pauses, repeats or asks."""
    paused_at_ms = (
        _paused_at_ms(desired, history, player) if verdict == PlaybackVerdict.STANDS else None
    )
    if paused_at_ms is not None:
        with suppress(Conflict, Unknown):
            pause_play(room_id=output.pk, cue=desired.cue, position_ms=paused_at_ms)
    elif verdict == PlaybackVerdict.ELSEWHERE and (history.was_heard or output.stood_still):
        # Nothing there is ours to stop any more.
        update_output(output, state=OutputState.NEW, stood_still=False)
        note_if_live(output.pk, away_because(PlaysElsewhere()))
    elif not output.stood_still:
        update_output(output, state=OutputState.AGAIN)
    else:
        update_output(output, state=OutputState.SILENT, check_at_ms=0, stood_still=False)
        note_track_refused(output, desired, cause="stalled")


def _paused_at_ms(
    desired: DesiredState, history: DeviceHistory, player: Player | None
) -> int | None:
    """Where somebody has paused the device; None unless it is certain that it is a pause.

    It was heard at this very moment of the room and stands within its track. What was never heard
    may be a command that got lost, and what stands at an end is over. Where the device's position
    never moved, that of the room counts.
    """
    if player is None or not history.was_heard:
        return None
    known_ms = player.position_ms if history.clock.moves else None
    position_ms = clock.now_ms() - desired.starts_at_ms if known_ms is None else known_ms
    duration_ms = player.duration_ms or desired.duration_ms
    return position_ms if is_pause(position_ms=position_ms, duration_ms=duration_ms) else None


def _stop_suggestions(output: Output, player: Player | None) -> None:
    """Stop what the device plays by itself after the last track of Spotify, once."""
    if player is None or not player.playing or player.device is None:
        return
    if is_device(player.device, output):
        with suppress(SpotifyError):
            Client(output.account).pause(output.device_id)


def _pause_between_checks_ms() -> int:
    there = Output.objects.filter(kind=OutputKind.CONNECT, leaving=False)
    return CHECK_EVERY_MS * max(1, there.sounding().count())


def _remembered(output: Output, desired: DesiredState) -> DeviceHistory:
    known = cache.read(_cache_key(output))
    new = DeviceHistory(desired.moment, output.device_id)
    fits = isinstance(known, DeviceHistory) and (known.moment, known.device_id) == (
        new.moment,
        new.device_id,
    )
    return known if fits else new


def _remember(output: Output, history: DeviceHistory) -> None:
    cache.write(_cache_key(output), history, REMEMBERED_S)


def _cache_key(output: Output) -> str:
    return f"spotify.shown.{output.pk}"
