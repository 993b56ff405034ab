"""What stood in the way of the sound: noted in a locked room, and told to everybody.

Each has a code of `music.incident_words`, chosen when it happens, for only then is it known what
came of it, and the values of that sentence.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from music.events import IncidentNoted
from music.incident_words import incident_in_english
from music.metrics import INCIDENTS
from music.models import Incident, IncidentKind, Playback, PlaybackState, QueueItem
from music.shapes import incident_shape
from music.titles import Title
from rooms import clock
from rooms.changes import Change
from rooms.errors import RoomError
from rooms.models import Room

# What the places of an incident's sentence stand for.
Values = dict[str, Any]
# The same trouble of the same device again within this is the same incident.
SAME_FOR_MS = 60_000
# That a file cannot be read is said once while it stays so, as far as a party goes.
UNREACHABLE_FOR_MS = 60 * 60 * 1000
FOLDER_AWAY = "folder_away"
STATION_AWAY = "station_away"
OUT_OF_STEP = "out of step"
DEVICE = "device"
AWAY_AND_BACK = [IncidentKind.SOURCE_AWAY, IncidentKind.SOURCE_BACK]
KEPT_FOR_MS = 7 * 24 * 60 * 60 * 1000


def speaker_lost(change: Change, playback: Playback, *, waits: bool, barred: bool) -> None:
    """The speaker's lease lapsed, or its member is `barred` from the sound from now on.

    `waits`: the music with it. The playback still names it.
    """
    if _just_noted(change.room, playback, IncidentKind.SPEAKER_LOST):
        return
    code = "speaker_barred" if barred else "speaker_silent"
    if waits:
        code += "_waits"
    elif playback.state == PlaybackState.PLAYING:
        code += "_goes_on"
    _note(change, playback, IncidentKind.SPEAKER_LOST, code, _device(playback))


def speaker_back(change: Change, playback: Playback) -> None:
    """After one was lost a device has the sound again."""
    if _just_noted(change.room, playback, IncidentKind.SPEAKER_BACK):
        return
    _note(change, playback, IncidentKind.SPEAKER_BACK, "speaker_back", _device(playback))


def stalled(change: Change, playback: Playback, *, cause: str) -> None:
    """What plays has come to a stop on the speaker, or lags behind the room."""
    assert playback.item is not None
    if _just_noted(change.room, playback, IncidentKind.STALLED):
        return
    values = {"title": playback.item.track.title}
    if cause == OUT_OF_STEP:
        code, values = "lags_behind", values | _device(playback)
    elif cause == "suspended":
        code, values = "waits_for_tap", _device(playback)
    else:
        code = "stalls"
    _note(change, playback, IncidentKind.STALLED, code, values, cause=cause)


def recovered(change: Change, playback: Playback) -> None:
    """It sounds again; said once for each stall that was noted."""
    assert playback.item is not None
    told = Q(kind=IncidentKind.STALLED) | Q(kind=IncidentKind.RECOVERED)
    last = (
        Incident.objects.filter(told, room=change.room, item=playback.item).order_by("-pk").first()
    )
    if last is not None and last.kind == IncidentKind.STALLED:
        values = {"title": playback.item.track.title}
        _note(change, playback, IncidentKind.RECOVERED, "plays_on", values)


def paused(change: Change, playback: Playback) -> None:
    """Somebody has paused the device of a source, with its own app, and so the room."""
    assert playback.item is not None
    kind, values = IncidentKind.STALLED, {"source": playback.item.track.source.capitalize()}
    _note(change, playback, kind, "paused_on_device", values, cause="paused", named=False)


def held_back(change: Change, playback: Playback, *, kind: IncidentKind) -> None:
    """The device slept, or its browser suspended the sound, and it is back."""
    if _just_noted(change.room, playback, kind):
        return
    _note(change, playback, kind, str(kind), _device(playback), cause=kind)


def would_not_play(change: Change, playback: Playback, *, item: QueueItem, cause: str) -> None:
    """That item failed on the speaker; the playback is what came next."""
    code = {
        PlaybackState.PLAYING: "would_not_play_next_started",
        PlaybackState.PAUSED: "would_not_play_next_waits",
        PlaybackState.IDLE: "would_not_play_nothing_waits",
    }[PlaybackState(playback.state)]
    kind, values = IncidentKind.WOULD_NOT_PLAY, {"title": item.track.title}
    # What is not of the library may have sounded on a device that is for few to know.
    named = item.track.source == "library"
    _note(change, playback, kind, code, values, cause=cause, item=item, named=named)


def three_failed(change: Change, playback: Playback, *, device: bool) -> None:
    """As many tracks in a row would not play that the room is halted; or is it the `device`?"""
    kind = IncidentKind.THREE_FAILED
    if device:
        values = _device(playback)
        _note(change, playback, kind, "device_failed_three", values, cause=DEVICE)
    else:
        _note(change, playback, kind, "three_failed", {})


def device_silent(change: Change, playback: Playback) -> None:
    """The speaker says that it can play nothing at all, and the music waits for it."""
    if _just_noted(change.room, playback, IncidentKind.STALLED):
        return
    kind, values = IncidentKind.STALLED, _device(playback)
    _note(change, playback, kind, "device_silent", values, cause=DEVICE)


def source_away(
    change: Change, playback: Playback, *, name: str, cause: str, told: RoomError
) -> None:
    """A source has gone, and with it what waits of it; `told` says why."""
    _note_away(change, playback, name, told.key, dict(told.values), cause=cause)


def source_back(change: Change, playback: Playback, *, name: str) -> None:
    """After it had gone, a source is there again; said once for each time that was noted."""
    told = Incident.objects.filter(room=change.room, kind__in=AWAY_AND_BACK).exclude(
        cause__in=[FOLDER_AWAY, STATION_AWAY]
    )
    last = told.order_by("-pk").first()
    if last is None or last.kind == IncidentKind.SOURCE_BACK:
        return
    _note_back(change, playback, "source_back", {"source": name.capitalize()})


def folder_away(change: Change, playback: Playback, *, key: str, title: Title) -> None:
    """A music folder cannot be reached."""
    _note_away(change, playback, key, "folder_away", _folder(title), cause=FOLDER_AWAY)


def folder_back(change: Change, playback: Playback, *, title: Title) -> None:
    """A music folder that could not be reached is there again."""
    _note_back(change, playback, "folder_back", _folder(title), cause=FOLDER_AWAY)


def station_away(change: Change, playback: Playback, *, key: str, title: str) -> None:
    """A radio station does not answer."""
    values = {"station": title}
    _note_away(change, playback, key, "station_silent", values, cause=STATION_AWAY)


def station_back(change: Change, playback: Playback, *, title: str) -> None:
    """A radio station that was away answers again."""
    _note_back(change, playback, "station_back", {"station": title}, cause=STATION_AWAY)


def unreachable(change: Change, playback: Playback, *, items: Sequence[QueueItem]) -> None:
    """Single files of a folder cannot be opened now: their items are passed over, and wait."""
    first, more = items[0], len(items) - 1
    values: Values = {"title": first.track.title} | ({"n": more} if more else {})
    code = "files_unreadable" if more else "file_unreadable"
    since_ms = clock.now_ms() - UNREACHABLE_FOR_MS
    known = Incident.objects.filter(room=change.room, code=code, at_ms__gt=since_ms)
    if values not in known.values_list("values", flat=True):
        kind, cause = IncidentKind.STALLED, FOLDER_AWAY
        _note(change, playback, kind, code, values, cause=cause, item=first, named=False)


def erase_names_in_incidents(guest_id: uuid.UUID) -> None:
    """Take a guest's name out of every incident: "Mika’s laptop" is "A laptop" from then on."""
    told = Incident.objects.filter(member__guest=guest_id).select_related("member")
    for incident in told:
        assert incident.member is not None
        if incident.code:
            incident.values.pop("who", None)
            incident.says = incident_in_english(incident.code, incident.values)
        else:
            # Of a former version: its sentence is all there is.
            incident.says = incident.says.replace(f"{incident.member.name}’s ", "A ")
    Incident.objects.bulk_update(told, ["values", "says"])


def _device(playback: Playback) -> Values:
    """What people call the speaker: of whom it is, where somebody has it, and of which kind."""
    kind = playback.speaker_name.split(" (")[0]
    return {"who": playback.speaker.name, "device": kind} if playback.speaker else {"device": kind}


def _folder(title: Title) -> Values:
    """What a music folder is called, with the code of a title of ours."""
    return {"folder": title.text} | ({"folder_code": title.code} if title.code else {})


def _note_away(
    change: Change, playback: Playback, key: str, code: str, values: Values, *, cause: str
) -> None:
    """`key`: of the source or of the part of it that is away, with what waits of it."""
    waiting = QueueItem.objects.waiting().filter(room=change.room).waiting_for([key]).count()
    told = values | {"waiting": waiting} if waiting else values
    _note(change, playback, IncidentKind.SOURCE_AWAY, code, told, cause=cause, named=False)


def _note_back(
    change: Change, playback: Playback, code: str, values: Values, *, cause: str = ""
) -> None:
    _note(change, playback, IncidentKind.SOURCE_BACK, code, values, cause=cause, named=False)


def _just_noted(room: Room, playback: Playback, kind: IncidentKind) -> bool:
    same = Incident.objects.filter(
        room=room, kind=kind, item=playback.item, member=playback.speaker_id
    )
    return same.filter(at_ms__gt=clock.now_ms() - SAME_FOR_MS).exists()


def _note(
    change: Change,
    playback: Playback,
    kind: IncidentKind,
    code: str,
    values: Values,
    *,
    cause: str = "",
    item: QueueItem | None = None,
    named: bool = True,
) -> None:
    """`named`: it is of the speaker, who is named with it."""
    item = item or playback.item
    Incident.objects.filter(room=change.room, at_ms__lt=clock.now_ms() - KEPT_FOR_MS).delete()
    INCIDENTS.labels(str(kind)).inc()
    incident = Incident.objects.create(
        room=change.room,
        kind=kind,
        cause=cause,
        item=item,
        title="" if item is None else item.track.title,
        device=playback.speaker_name if named else "",
        member_id=playback.speaker_id if named else None,
        code=code,
        values=values,
        says=incident_in_english(code, values),
    )
    change.publish(IncidentNoted(incident_shape(incident)))
