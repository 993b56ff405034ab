"""Keeps the Spotify device of each room at what the room plays.

A device cannot follow a room, so it is told: whenever the playback is started, moved or paused
(`Playback.cue`), one command goes out. What was told last is written down, so that any process can
go on. What is told to one account never overlaps, for Spotify does not keep the order of commands:
a lease on the account sees to that across processes, and when several are due only what holds now
is told. The volume alone goes past it: in whatever order it comes, it does no harm.

Runs beside the conductor, in a thread of its own: what is outside never holds up the music inside.
What a room wants is in `desired_state`, the commands in `device_commands`, the looks at what a
device really does in `device_check`, the search for one that is gone in `device_search`.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import QuerySet

from music.sources.spotify.client import Client
from music.sources.spotify.desired_state import desired_state, is_command_due
from music.sources.spotify.device_check import check_device, is_check_due
from music.sources.spotify.device_commands import handle_failure, send_command
from music.sources.spotify.device_search import outputs_to_search, search
from music.sources.spotify.errors import SpotifyError
from music.sources.spotify.models import COMMANDING, Account, Output
from music.sources.spotify.outage_probe import accounts_to_probe, probe
from music.sources.spotify.outputs import keep_right
from rooms import clock, leases
from rooms.polling import Poll
from rooms.workers import Stop, start_worker

logger = logging.getLogger(__name__)

TICK_S = 0.25
# The same where no account is connected. Nothing sounds before somebody has connected one and
# chosen a device of it, which takes longer than 2 s.
TICK_WITHOUT_ACCOUNT_S = 2.0
KEEP_RIGHT_EVERY_MS = 1_000
AT_ONCE = 4
# All calls to one device with their retries take no longer, in ms.
LEASE_MS = 45_000

_FIRST_ROWS = Poll(
    Account.objects.values_list("pk", flat=True)[:1],
    Output.objects.values_list("pk", flat=True)[:1],
)


def command(stop: Stop) -> None:
    """Tell devices what is due, four times a second, until told to stop.

    Every 2 s it looks for an account, where none is connected.
    """
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="spotify") as pool:
        kept_right_at_ms = 0
        busy: set[int] = set()
        while not stop.is_set():
            tick_s = TICK_S
            try:
                if clock.now_ms() - kept_right_at_ms > KEEP_RIGHT_EVERY_MS:
                    keep_right()
                    kept_right_at_ms = clock.now_ms()
                account, output = _FIRST_ROWS.read()
                if account is None:
                    tick_s = TICK_WITHOUT_ACCOUNT_S
                due = set() if output is None else accounts_due()
                for account_id in due - busy:
                    busy.add(account_id)
                    pool.submit(_in_a_thread, account_id, busy)
                close_old_connections()
            except DatabaseError:
                logger.warning("Spotify's devices wait for the database", exc_info=True)
            except Exception:
                # Nobody starts this thread again.
                logger.exception("the commander of Spotify's devices has stumbled")
                connection.close()
            stop.wait(tick_s)
    connection.close()


def start_in_background() -> Stop | None:
    """Command in a thread of this process, where there is a client id; set the event to end it."""
    if not settings.SPOTIFY_CLIENT_ID:
        return None
    return start_worker("spotify", command)


def accounts_due() -> set[int]:
    """Accounts of which a device is to be told or asked something now, and nobody does."""
    now_ms = clock.now_ms()
    free = _outputs(now_ms).filter(account__commanding_until_ms__lte=now_ms)
    due = {each.account_id for each in free if _has_work(each, now_ms)}
    gone = outputs_to_search(now_ms).filter(account__commanding_until_ms__lte=now_ms)
    return due | {each.account_id for each in gone} | set(accounts_to_probe(now_ms))


def serve(account_id: int) -> None:
    """Do all that is due for the devices of an account, one command after another.

    Quiet while another thread or process is at it.
    """
    now_ms = clock.now_ms()
    account = Account.objects.filter(pk=account_id)
    lease_ms = leases.take(account, COMMANDING, for_ms=LEASE_MS)
    try:
        if lease_ms and account_id in accounts_to_probe(now_ms):
            probe(account_id)
        if lease_ms:
            for gone in outputs_to_search(now_ms).filter(account=account_id):
                search(gone)
        for pk in _outputs(now_ms).filter(account=account_id).values_list("pk", flat=True):
            lease_ms = lease_ms and leases.take(
                account, COMMANDING, for_ms=LEASE_MS, held_until_ms=lease_ms
            )
            # What the room wants may be another thing after the commands before.
            output = _outputs(now_ms).filter(pk=pk, account=account_id).first()
            if lease_ms and output is not None:
                _do(output)
    finally:
        leases.give_back(account, COMMANDING, lease_ms)


def silence(account: Account) -> None:
    """Stop what sounds for rooms through an account that is about to go, as far as can be."""
    sounding = Output.objects.filter(account=account).sounding()
    devices = list(sounding.values_list("device_id", flat=True))
    Output.objects.filter(account=account).update(leaving=True)
    for device_id in devices:
        with suppress(SpotifyError):
            Client(account).pause(device_id)


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
        # A device that a room lets go is stopped before another of the account begins.
        .order_by("-leaving", "pk")
    )


def _has_work(output: Output, now_ms: int) -> bool:
    desired = desired_state(output)
    return is_command_due(output, desired, now_ms) or is_check_due(output, desired, now_ms)


def _do(output: Output) -> None:
    now_ms, desired = clock.now_ms(), desired_state(output)
    try:
        if is_command_due(output, desired, now_ms):
            send_command(output, desired)
        elif is_check_due(output, desired, now_ms):
            check_device(output, desired)
    except SpotifyError as error:
        logger.info("room %s: Spotify on %s: %s", output.pk, output.kind, error.code)
        handle_failure(output, desired, error)
