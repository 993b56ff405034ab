"""What stood in the way of the sound: noted in a locked room, and told to everybody.

One calm sentence each, made when it happens, for only then is it known what came of it.
"""

from collections.abc import Sequence

from django.db.models import Q

from music.events import IncidentNoted
from music.models import Incident, IncidentKind, Playback, PlaybackState, QueueItem
from music.shapes import incident_shape
from rooms import clock
from rooms.models import Room
from rooms.publish import publish

# The same trouble of the same device again within this is the same incident.
SAME_FOR_MS = 60_000
# That a file cannot be read is said once while it stays so, as far as a party goes.
UNREACHABLE_FOR_MS = 60 * 60 * 1000
FOLDER_AWAY = "folder_away"
OUT_OF_STEP = "out of step"
DEVICE = "device"
AWAY_AND_BACK = [IncidentKind.SOURCE_AWAY, IncidentKind.SOURCE_BACK]
KEPT_FOR_MS = 7 * 24 * 60 * 60 * 1000


def speaker_lost(room: Room, playback: Playback, *, waits: bool, barred: bool) -> None:
    """The speaker's lease lapsed, or its member is `barred` from the sound from now on.

    `waits`: the music with it. The playback still names it.
    """
    if _just_noted(room, playback, IncidentKind.SPEAKER_LOST):
        return
    what = "may not play the sound any more" if barred else "is not heard of any more"
    then = ""
    if waits:
        then = ", so the music waits"
    elif playback.state == PlaybackState.PLAYING:
        then = ", and the music goes on"
    says = f"{_device(playback)} {what}{then}."
    _note(room, playback, IncidentKind.SPEAKER_LOST, says)


def speaker_back(room: Room, playback: Playback) -> None:
    """After one was lost a device has the sound again."""
    if _just_noted(room, playback, IncidentKind.SPEAKER_BACK):
        return
    says = f"{_device(playback)} plays the sound now."
    _note(room, playback, IncidentKind.SPEAKER_BACK, says)


def stalled(room: Room, playback: Playback, *, cause: str) -> None:
    """What plays has come to a stop on the speaker, or lags behind the room."""
    assert playback.item is not None
    if _just_noted(room, playback, IncidentKind.STALLED):
        return
    title, name = playback.item.track.title, _device(playback)
    says = {
        OUT_OF_STEP: f"{name} lags behind in {title}.",
        "suspended": f"{name} is silent: its browser waits for a tap.",
    }.get(cause, f"{title} stalls.")
    _note(room, playback, IncidentKind.STALLED, says, cause=cause)


def recovered(room: Room, playback: Playback) -> None:
    """It sounds again; said once for each stall that was noted."""
    assert playback.item is not None
    told = Q(kind=IncidentKind.STALLED) | Q(kind=IncidentKind.RECOVERED)
    last = Incident.objects.filter(told, room=room, item=playback.item).order_by("-pk").first()
    if last is not None and last.kind == IncidentKind.STALLED:
        says = f"{playback.item.track.title} plays on."
        _note(room, playback, IncidentKind.RECOVERED, says)


def paused(room: Room, playback: Playback) -> None:
    """Somebody has paused the device of a source, with its own app, and so the room."""
    assert playback.item is not None
    source = playback.item.track.source.capitalize()
    says = f"{source} was paused on its device, so the music waits. Press play to go on."
    _note(room, playback, IncidentKind.STALLED, says, cause="paused", named=False)


def held_back(room: Room, playback: Playback, *, kind: IncidentKind) -> None:
    """The device slept, or its browser suspended the sound, and it is back."""
    if _just_noted(room, playback, kind):
        return
    name = _device(playback)
    says = {
        IncidentKind.SLEPT: f"{name} was asleep, and is back.",
        IncidentKind.SUSPENDED: f"The browser of {name} held the sound back for a moment.",
    }[kind]
    _note(room, playback, kind, says, cause=kind)


def would_not_play(room: Room, playback: Playback, *, item: QueueItem, cause: str) -> None:
    """That item failed on the speaker; the playback is what came next."""
    then = {
        PlaybackState.PLAYING: "so the next one started",
        PlaybackState.PAUSED: "so the next one waits",
        PlaybackState.IDLE: "and nothing else waits",
    }[PlaybackState(playback.state)]
    says = f"{item.track.title} would not play, {then}."
    # What is not of the library may have sounded on a device that is for few to know.
    named = item.track.source == "library"
    _note(room, playback, IncidentKind.WOULD_NOT_PLAY, says, cause=cause, item=item, named=named)


def three_failed(room: Room, playback: Playback, *, device: bool) -> None:
    """As many tracks in a row would not play that the room is halted; or is it the `device`?"""
    says = (
        "Three tracks in a row would not play, so the music waits. "
        "Look after the device, then press play."
    )
    if device:
        says = (
            f"{_device(playback)} could not play three tracks, so the music waits. "
            "They are back in the queue. Check the device, then press play."
        )
    _note(room, playback, IncidentKind.THREE_FAILED, says, cause=DEVICE if device else "")


def device_silent(room: Room, playback: Playback) -> None:
    """The speaker says that it can play nothing at all, and the music waits for it."""
    if _just_noted(room, playback, IncidentKind.STALLED):
        return
    says = f"{_device(playback)} plays no sound, so the music waits. Check it, then press play."
    _note(room, playback, IncidentKind.STALLED, says, cause=DEVICE)


def source_away(room: Room, playback: Playback, *, name: str, cause: str, says: str) -> None:
    """A source has gone, and with it what waits of it; `says` why, in a sentence."""
    waiting = QueueItem.objects.waiting().filter(room=room).held_by([name]).count()
    tracks = "track keeps its" if waiting == 1 else "tracks keep their"
    then = f" {waiting} {tracks} votes and wait." if waiting else ""
    _note(room, playback, IncidentKind.SOURCE_AWAY, says + then, cause=cause, named=False)


def source_back(room: Room, playback: Playback, *, name: str) -> None:
    """After it had gone, a source is there again; said once for each time that was noted."""
    told = Incident.objects.filter(room=room, kind__in=AWAY_AND_BACK).exclude(cause=FOLDER_AWAY)
    last = told.order_by("-pk").first()
    if last is None or last.kind == IncidentKind.SOURCE_BACK:
        return
    _note(room, playback, IncidentKind.SOURCE_BACK, f"{name.capitalize()} is back.", named=False)


def folder_back(room: Room, playback: Playback, *, title: str) -> None:
    """A music folder that could not be reached is there again."""
    says = f"The folder {title} is back."
    _note(room, playback, IncidentKind.SOURCE_BACK, says, cause=FOLDER_AWAY, named=False)


def unreachable(room: Room, playback: Playback, *, items: Sequence[QueueItem]) -> None:
    """Single files of a folder cannot be opened now: their items are passed over, and wait."""
    first, more = items[0], len(items) - 1
    named = first.track.title if more == 0 else f"{first.track.title} and {more} more"
    waits = "It keeps its votes and waits." if more == 0 else "They keep their votes and wait."
    says = f"{named} cannot be read now. {waits}"
    since_ms = clock.now_ms() - UNREACHABLE_FOR_MS
    if not Incident.objects.filter(room=room, says=says, at_ms__gt=since_ms).exists():
        kind, cause = IncidentKind.STALLED, FOLDER_AWAY
        _note(room, playback, kind, says, cause=cause, item=first, named=False)


def _device(playback: Playback) -> str:
    """What people call the speaker: "Mika’s laptop"."""
    kind = playback.speaker_name.split(" (")[0]
    return f"{playback.speaker.name}’s {kind}" if playback.speaker else f"A {kind}"


def _just_noted(room: Room, playback: Playback, kind: IncidentKind) -> bool:
    same = Incident.objects.filter(
        room=room, kind=kind, item=playback.item, member=playback.speaker_id
    )
    return same.filter(at_ms__gt=clock.now_ms() - SAME_FOR_MS).exists()


def _note(
    room: Room,
    playback: Playback,
    kind: IncidentKind,
    says: str,
    *,
    cause: str = "",
    item: QueueItem | None = None,
    named: bool = True,
) -> None:
    """`named`: it is of the speaker, who is named with it."""
    item = item or playback.item
    Incident.objects.filter(room=room, at_ms__lt=clock.now_ms() - KEPT_FOR_MS).delete()
    incident = Incident.objects.create(
        room=room,
        kind=kind,
        cause=cause,
        item=item,
        title="" if item is None else item.track.title,
        device=playback.speaker_name if named else "",
        member_id=playback.speaker_id if named else None,
        says=says,
    )
    publish(room, IncidentNoted(incident_shape(incident)))
