"""Tells the Spotify device of each room what the room plays.

A device cannot follow a room, so it is told: whenever the playback is started, moved or stopped
(`Playback.cue`), one command goes out. What was told last is written down, so that any process can
go on. What is told to one account never overlaps, for Spotify does not keep the order of commands:
a lease on the account sees to that across processes, and when several are due only what holds now
is told. The volume alone goes past it: in whatever order it comes, it does no harm.

Runs beside the conductor, in a thread of its own: what is outside never holds up the music inside.
"""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import QuerySet

from music import cache
from music.actions.sources import fail_play, is_pause, pause_play, put_clock_right
from music.models import Playback, PlaybackState, RoomSource, SourceState
from music.recordings import isrc_of
from music.sources.spotify import probing, troubles
from music.sources.spotify.client import Client
from music.sources.spotify.errors import (
    AccountTrouble,
    Away,
    Limited,
    NoDevice,
    PlayerTrouble,
    Refused,
    Restricted,
    SpotifyError,
)
from music.sources.spotify.models import Account, Output, OutputKind
from music.sources.spotify.outputs import NAME, away, condition_of, keep_right, note_if_live
from music.sources.spotify.shapes import Player
from rooms import clock
from rooms.errors import Conflict, Unknown
from rooms.models import RoomState

logger = logging.getLogger(__name__)

TICK_S = 0.25
KEEP_RIGHT_EVERY_MS = 1_000
AT_ONCE = 4
# From a command to its sound it takes about so long.
AHEAD_MS = 300
# What is told to one device takes no longer, with all calls and their tries.
LEASE_MS = 45_000
# A device that has just come is not known everywhere at once. After the last of these it is made
# the active one, and tried once more.
AGAIN_AFTER_MS = (300, 700, 1_500, 500)
# Other trouble is tried again so often, so much later.
OTHER_TRIES, OTHER_AGAIN_MS = 3, 1_000
# So often it is tried to stop a device, later and later.
STOP_TRIES = 10
# A page reports by itself; other devices are asked, so long after a command and now and then.
CHECK_AFTER_MS, CHECK_EVERY_MS = 3_000, 20_000
# Where it is not said until when Spotify is away, it is asked again after this.
PROBE_AFTER_MS = 15_000
# That it was heard at a moment of the room is remembered for as long as any track lasts.
HEARD_S = 6 * 60 * 60.0
SILENCE = "silence"
# It stood still, and is told once more.
AGAIN = "again"


@dataclass(frozen=True)
class Wanted:
    """What a device should do: play `uri` as if begun at `starts_at_ms` (UTC), or be silent.

    `key` names this moment of the room's playback; another key is another command.
    """

    key: str
    play_id: int = 0
    cue: int = 0
    uri: str = ""
    isrc: str = ""
    starts_at_ms: int = 0


def wanted(output: Output) -> Wanted:
    """What the room wants of its device now."""
    try:
        playback: Playback = output.room.playback
    except ObjectDoesNotExist:
        return Wanted(SILENCE)
    item = playback.item
    plays = playback.state == PlaybackState.PLAYING and not output.leaving
    if not plays or item is None or not output.room.is_live:
        return Wanted(SILENCE)
    starts_at_ms = playback.starts_at_ms or 0
    if item.track.source != NAME:
        return Wanted(SILENCE, starts_at_ms=starts_at_ms)
    key = f"{playback.play_id}.{playback.cue}"
    track = item.track
    return Wanted(key, playback.play_id, playback.cue, track.uri, track.isrc, starts_at_ms)


def is_due(output: Output, want: Wanted, now_ms: int) -> bool:
    """Whether the device has to be told that now.

    What it was never told to play, it need not stop; and it may play to its end what is on until
    the next track begins elsewhere.
    """
    if not want.uri:
        sounds = output.told not in ("", SILENCE)
        return output.leaving or (sounds and now_ms >= want.starts_at_ms)
    return want.key != output.told and now_ms >= want.starts_at_ms - AHEAD_MS


def command(stop: threading.Event) -> None:
    """Tell devices what is due, four times a second, until told to stop."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="spotify") as pool:
        kept_right_at_ms = 0
        busy: set[int] = set()
        while not stop.is_set():
            try:
                if clock.now_ms() - kept_right_at_ms > KEEP_RIGHT_EVERY_MS:
                    keep_right()
                    kept_right_at_ms = clock.now_ms()
                for account_id in accounts_due() - busy:
                    busy.add(account_id)
                    pool.submit(_in_a_thread, account_id, busy)
            except DatabaseError:
                logger.warning("Spotify's devices wait for the database", exc_info=True)
            except Exception:
                # Nobody starts this thread again.
                logger.exception("the commander of Spotify's devices has stumbled")
                connection.close()
            close_old_connections()
            stop.wait(TICK_S)
    connection.close()


def start_in_background() -> threading.Event | None:
    """Command in a thread of this process, where there is a client id; set the event to end it."""
    if not settings.SPOTIFY_CLIENT_ID:
        return None
    stop = threading.Event()
    threading.Thread(target=command, args=(stop,), name="spotify", daemon=True).start()
    return stop


def accounts_due() -> set[int]:
    """Accounts of which a device is to be told or asked something now, and nobody does."""
    now_ms = clock.now_ms()
    free = _outputs(now_ms).filter(account__commanding_until_ms__lte=now_ms)
    return {each.account_id for each in free if _work(each, now_ms)} | set(_to_probe(now_ms))


def serve(account_id: int) -> None:
    """Do all that is due for the devices of an account, one command after another.

    Quiet while another thread or process is at it.
    """
    now_ms = clock.now_ms()
    account = Account.objects.filter(pk=account_id)
    lease_ms = _take(account.filter(commanding_until_ms__lte=now_ms))
    try:
        if lease_ms and account_id in _to_probe(now_ms):
            _probe(account_id)
        for pk in _outputs(now_ms).filter(account=account_id).values_list("pk", flat=True):
            lease_ms = lease_ms and _take(account.filter(commanding_until_ms=lease_ms))
            # What the room wants may be another thing after the commands before.
            output = _outputs(now_ms).filter(pk=pk, account=account_id).first()
            if lease_ms and output is not None:
                _do(output)
    finally:
        account.filter(commanding_until_ms=lease_ms).update(commanding_until_ms=0)


def silence(account: Account) -> None:
    """Stop what sounds for rooms through an account that is about to go, as far as can be."""
    sounding = Output.objects.filter(account=account).exclude(told__in=("", SILENCE))
    devices = list(sounding.values_list("device_id", flat=True))
    Output.objects.filter(account=account).update(leaving=True)
    for device_id in devices:
        with suppress(SpotifyError):
            Client(account).pause(device_id)


def _take(accounts: QuerySet[Account]) -> int:
    """Take or prolong the lease on an account, if it is so; until when it holds, else 0."""
    until_ms = clock.now_ms() + LEASE_MS
    return until_ms if accounts.update(commanding_until_ms=until_ms) else 0


def _in_a_thread(account_id: int, busy: set[int]) -> None:
    try:
        serve(account_id)
    except DatabaseError:
        logger.warning("Spotify's devices wait for the database", exc_info=True)
    except Exception:
        logger.exception("the devices of Spotify account %s were not told", account_id)
    finally:
        busy.discard(account_id)
        connection.close()


def _outputs(now_ms: int) -> QuerySet[Output]:
    return (
        Output.objects.filter(next_at_ms__lte=now_ms)
        .select_related("account", "room__playback__item__track")
        .order_by("pk")
    )


def _work(output: Output, now_ms: int) -> bool:
    want = wanted(output)
    return is_due(output, want, now_ms) or _is_check_due(output, want, now_ms)


def _is_check_due(output: Output, want: Wanted, now_ms: int) -> bool:
    asked = output.kind == OutputKind.CONNECT and want.uri != "" and output.told == want.key
    return asked and now_ms >= output.check_at_ms


def _do(output: Output) -> None:
    now_ms, want = clock.now_ms(), wanted(output)
    try:
        if is_due(output, want, now_ms):
            _tell(output, want)
        elif _is_check_due(output, want, now_ms):
            _check(output, want)
    except SpotifyError as error:
        logger.info("room %s: Spotify on %s: %s", output.pk, output.kind, error.code)
        _failed(output, want, error)


def _tell(output: Output, want: Wanted) -> None:
    client = Client(output.account)
    if want.uri:
        position_ms = max(0, clock.now_ms() + AHEAD_MS - want.starts_at_ms)
        client.play(output.device_id, want.uri, position_ms)
    elif output.told not in ("", SILENCE):
        with suppress(PlayerTrouble, Refused):  # silent already, or gone
            client.pause(output.device_id)
    check_at_ms, again = clock.now_ms() + CHECK_AFTER_MS, output.told == AGAIN
    _note(output, told=want.key, check_at_ms=check_at_ms, tries=0, stood_still=again)
    if output.leaving:
        _let_go(output)
    elif want.uri and (output.account.suspected or not output.account.premium):
        troubles.note_premium(output.account)
    if want.uri and not output.told:
        _once_only(client, output.device_id)


def _once_only(client: Client, device_id: str) -> None:
    """A track that ends on this device is over, whatever its owner listens to otherwise."""
    with suppress(SpotifyError):
        client.repeat_off(device_id)
        client.shuffle_off(device_id)


def _check(output: Output, want: Wanted) -> None:
    """Ask a device that does not report by itself, and let the room's clock go by it.

    An answer that does not come says nothing about the music.
    """
    _note(output, check_at_ms=clock.now_ms() + CHECK_EVERY_MS)
    try:
        player = Client(output.account).player()
    except (Away, Limited, PlayerTrouble, Refused):
        return
    if player is not None and player.playing and _has(player, want):
        cache.write(_heard(output), (want.key, output.device_id), HEARD_S)
        position_ms, at_ms = player.position_ms, player.at_ms
        if position_ms is None:
            return
        with suppress(Conflict, Unknown):
            put_clock_right(room_id=output.pk, cue=want.cue, position_ms=position_ms, at_ms=at_ms)
    elif (paused_at_ms := _paused_at(output, want, player)) is not None:
        with suppress(Conflict, Unknown):
            pause_play(room_id=output.pk, cue=want.cue, position_ms=paused_at_ms)
    elif not output.stood_still:
        _note(output, told=AGAIN)
    else:
        _note(output, told=SILENCE, stood_still=False)
        _fail(output, want, cause="stalled")


def _paused_at(output: Output, want: Wanted, player: Player | None) -> int | None:
    """Where somebody has paused the device; None unless it is certain that it is a pause.

    It was heard at this very moment of the room, has its track still, and stands within it. What
    was never heard may be a command that got lost, and what stands at an end is over.
    """
    if player is None or player.playing or player.device is None or not _has(player, want):
        return None
    at_ms, duration_ms = player.position_ms or 0, player.duration_ms or 0
    heard = cache.read(_heard(output)) == (want.key, output.device_id)
    ours = player.device.id == output.device_id
    within = is_pause(position_ms=at_ms, duration_ms=duration_ms)
    return at_ms if heard and ours and within else None


def _has(player: Player, want: Wanted) -> bool:
    """Whether it is that track; Spotify may play another recording of it, and does not say so."""
    same = want.isrc != "" and isrc_of(player.isrc) == want.isrc
    return player.uri == want.uri or same


def _heard(output: Output) -> str:
    return f"spotify.heard.{output.pk}"


def _failed(output: Output, want: Wanted, error: SpotifyError) -> None:
    tries, waits = output.tries, isinstance(error, Away | Restricted)
    if not want.uri:
        _stop_later(output, error)
    elif isinstance(error, NoDevice) and tries < len(AGAIN_AFTER_MS):
        if tries == len(AGAIN_AFTER_MS) - 1:
            with suppress(SpotifyError):
                Client(output.account).transfer(output.device_id)
        _note(output, tries=tries + 1, next_at_ms=clock.now_ms() + AGAIN_AFTER_MS[tries])
    elif waits and tries < OTHER_TRIES:
        _note(output, tries=tries + 1, next_at_ms=clock.now_ms() + OTHER_AGAIN_MS)
    elif isinstance(error, Restricted | Refused):
        _note(output, told=want.key, tries=0)
        _fail(output, want, cause="refused")
    else:
        _give_up(output, want, error)


def _give_up(output: Output, want: Wanted, error: SpotifyError) -> None:
    """Spotify is away for the room, or for all rooms of an account that only somebody can mend."""
    until_ms = _until(error)
    if isinstance(error, Away):
        # It may have been done all the same: then it has to be stopped.
        _note(output, told=want.key)
    rooms = Output.objects.filter(pk=output.pk)
    if isinstance(error, AccountTrouble):
        rooms = Output.objects.filter(account=output.account, room__state=RoomState.LIVE)
    for other in rooms:
        _note(other, tries=0, next_at_ms=until_ms or 0)
        note_if_live(other.pk, away(error, until_ms=until_ms))


def _stop_later(output: Output, error: SpotifyError) -> None:
    """A device that could not be stopped is tried again, for some minutes, less and less often."""
    if output.tries >= STOP_TRIES:
        _note(output, told=SILENCE, tries=0)
        if output.leaving:
            _let_go(output)
        return
    wait_ms = OTHER_AGAIN_MS * 2 ** min(output.tries, 6)
    at_ms = max(clock.now_ms() + wait_ms, error.until_ms or 0)
    _note(output, tries=output.tries + 1, next_at_ms=at_ms)


def _let_go(output: Output) -> None:
    same = Output.objects.filter(pk=output.pk, device_id=output.device_id)
    same.filter(leaving=True).delete()


def _until(error: SpotifyError) -> int | None:
    """When Spotify is asked again whether it is back; None: somebody has to do something."""
    if isinstance(error, Away | Limited):
        return error.until_ms or clock.now_ms() + PROBE_AFTER_MS
    return troubles.ask_again_at_ms(error.code)


def _to_probe(now_ms: int) -> list[int]:
    """Accounts of rooms from which Spotify is away for a while that is over, whatever the cause."""
    over = RoomSource.objects.filter(
        name=NAME,
        state=SourceState.AWAY,
        until_ms__lte=now_ms,
        room__state=RoomState.LIVE,
    )
    waiting = Output.objects.filter(room__in=over.values("room"), leaving=False)
    return list(waiting.values_list("account_id", flat=True))


def _probe(account_id: int) -> None:
    account = Account.objects.get(pk=account_id)
    try:
        probing.check(account)
        condition = condition_of(account)
    except SpotifyError as error:
        condition = away(error, until_ms=_until(error))
    there = Output.objects.filter(account=account, leaving=False)
    for output in there.filter(room__state=RoomState.LIVE):
        if condition.state != SourceState.AWAY:
            _note(output, tries=0, next_at_ms=0)
        note_if_live(output.pk, condition)


def _fail(output: Output, want: Wanted, *, cause: str) -> None:
    with suppress(Conflict, Unknown):
        fail_play(room_id=output.pk, play_id=want.play_id, cause=cause)


def _note(output: Output, **facts: str | int) -> None:
    """Write down how it went, unless another device has been chosen meanwhile."""
    Output.objects.filter(pk=output.pk, device_id=output.device_id).update(**facts)
