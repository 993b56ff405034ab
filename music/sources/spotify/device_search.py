"""Finds a Spotify device again that was gone: under another id, or asleep.

Devices come back with new ids, and some are in no list and still wake up when playback is
transferred to them. They are searched for less and less often, and only while a track waits.
"""

from __future__ import annotations

import logging

from django.db.models import Exists, OuterRef, QuerySet

from music.models import QueueItem, RoomSource, SourceState
from music.sources.spotify.client import Client
from music.sources.spotify.errors import NoDevice, SpotifyError
from music.sources.spotify.models import Account, Output, OutputKind, OutputState
from music.sources.spotify.outputs import NAME, condition_of, note_if_live
from music.sources.spotify.shapes import SpotifyDevice
from rooms import clock
from rooms.models import RoomState

logger = logging.getLogger(__name__)

# Pauses between two searches, in ms: they double from the first to the longest.
FIRST_AFTER_MS, LONGEST_AFTER_MS = 5_000, 5 * 60_000


def outputs_to_search(now_ms: int) -> QuerySet[Output]:
    """Devices of live rooms that are gone while a track waits for them, and due for a search."""
    gone = RoomSource.objects.filter(
        room=OuterRef("pk"), name=NAME, state=SourceState.AWAY, cause=NoDevice.code
    )
    waits = QueueItem.objects.waiting().filter(room=OuterRef("pk"), track__source=NAME)
    due = Output.objects.filter(
        Exists(gone),
        Exists(waits),
        kind=OutputKind.CONNECT,
        leaving=False,
        search_at_ms__lte=now_ms,
        room__state=RoomState.LIVE,
    )
    return due.select_related("account")


def search(output: Output) -> None:
    """Look for the device once: it sounds for its room again, or is searched for later."""
    pause_ms = min(FIRST_AFTER_MS * 2 ** min(output.searches, 10), LONGEST_AFTER_MS)
    same = Output.objects.filter(pk=output.pk, device_id=output.device_id)
    same.update(searches=output.searches + 1, search_at_ms=clock.now_ms() + pause_ms)
    try:
        found = _find(output, Client(output.account).devices())
        if found is None:
            return
        device_id = found if isinstance(found, str) else str(found.id)
        Client(output.account).transfer(device_id)
    except SpotifyError as error:
        logger.info("room %s: Spotify's device is still gone: %s", output.pk, error.code)
        return
    if same.update(device_id=device_id, state=OutputState.NEW, tries=0, next_at_ms=0, searches=0):
        note_if_live(output.pk, condition_of(Account.objects.get(pk=output.account_id)))


def adopt_new_id(output: Output) -> bool:
    """Whether the device is there under another id, which is its id from now on."""
    if output.kind != OutputKind.CONNECT:
        return False
    try:
        found = _match(output, Client(output.account).devices())
    except SpotifyError:
        return False
    if found is None or found.id == output.device_id:
        return False
    same = Output.objects.filter(pk=output.pk, device_id=output.device_id)
    if not same.update(device_id=found.id):
        return False
    output.device_id = str(found.id)
    return True


def _find(output: Output, devices: list[SpotifyDevice]) -> SpotifyDevice | str | None:
    """The device in the list; its old id where it may only sleep and nobody uses the account."""
    found = _match(output, devices)
    if found is not None or any(each.active for each in devices):
        return found
    return output.device_id


def _match(output: Output, devices: list[SpotifyDevice]) -> SpotifyDevice | None:
    """The device of that id, else the only one of its name and type that takes commands."""
    usable = [each for each in devices if each.id is not None and not each.restricted]
    same_id = [each for each in usable if each.id == output.device_id]
    alike = [
        each
        for each in usable
        if each.name == output.name and output.device_type in ("", each.kind)
    ]
    found = same_id or alike
    return found[0] if len(found) == 1 else None
