"""Tracks, items and the playback as plain JSON data, as they go over the wire."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NotRequired

from typing_extensions import TypedDict

from music.models import Device, Incident, Playback, PlaybackState, QueueItem, RoomSource, Track
from music.ordering import Why, reason
from music.queue_state import Standing
from music.shelf import Shelf
from music.sources import registry
from music.sources.base import Capabilities, Playlist
from music.sources.library import covers, folders
from music.titles import Title
from rooms.models import Room


class TrackShape(TypedDict):
    uri: str
    source: str
    title: str
    artists: list[str]
    album: str
    duration_ms: int | None
    live: bool
    cover: str | None
    thumb: str | None
    explicit: bool
    link: str | None
    audio: str | None
    gain_db: float
    folder: str | None


class WhyShape(TypedDict):
    kind: str
    nth: int
    played_at: int | None


class ExplanationShape(TypedDict):
    item: str
    reason: str
    why: WhyShape


class ItemShape(TypedDict):
    id: str
    track: TrackShape
    added_by: str | None
    added_at: int
    up: int
    down: int
    score: int
    reason: str
    why: WhyShape
    eta_ms: int | None
    locked: bool
    suggested_for: dict[str, Any] | None
    my_vote: NotRequired[int]


class ErrorShape(TypedDict):
    code: str
    message: str
    retry_after: NotRequired[int]
    until_ms: NotRequired[int]


class AdditionShape(TypedDict):
    uri: str
    outcome: str
    item: ItemShape | None
    error: ErrorShape | None


class AdditionsShape(TypedDict):
    items: list[AdditionShape]
    next: None


class PlaylistShape(TypedDict):
    id: str
    name: str
    name_code: str | None
    owner: str | None
    tracks: int | None
    cover: str | None
    link: str | None
    readable: bool
    why_not: str | None
    why_not_code: str | None


class PlayedShape(TypedDict):
    id: str
    track: TrackShape
    added_by: str | None
    is_suggested: bool
    up: int
    down: int
    started_at: int | None
    ended_at: int | None
    outcome: str


class SpeakerShape(TypedDict):
    member: str
    device: str
    name: str


class LostShape(TypedDict):
    member: str | None
    name: str
    at_ms: int


class HaltShape(TypedDict):
    why: str
    at_ms: int


class IncidentShape(TypedDict):
    id: str
    at_ms: int
    kind: str
    cause: str
    code: str
    values: dict[str, Any]
    title: str
    device: str
    says: str


class DeviceShape(TypedDict):
    member: str
    name: str
    device: str
    speaker: bool
    along: bool
    mode: str
    offset_ms: int
    jitter_ms: int
    uncertainty_ms: int
    corrected_ms: int | None
    seen_ms_ago: int


class CapabilitiesShape(TypedDict):
    sounds: str
    personal: bool
    searches: bool
    browses: bool
    playlists: bool
    attribution: str | None
    fewest_letters: int
    pause_ms: int
    links: str | None
    page: str | None


class SourceShape(TypedDict):
    name: str
    title: str
    title_code: str | None
    can: CapabilitiesShape | None
    state: str
    cause: str | None
    until_ms: int | None
    at_ms: int
    output: str | None


class ShelfShape(TypedDict):
    key: str
    title: str
    title_code: str | None
    title_values: Mapping[str, str]
    source: str
    tracks: int
    duration_ms: int


class SkipShape(TypedDict):
    asked: int
    needed: int


class PlaybackShape(TypedDict):
    play_id: str
    state: str
    item: ItemShape | None
    track: TrackShape | None
    starts_at_ms: int | None
    position_ms: int
    live_title: str | None
    skip: SkipShape
    speaker: SpeakerShape | None
    lost: LostShape | None
    halt: HaltShape | None
    unheard: bool
    shelf: ShelfShape | None


def track_shape(track: Track) -> TrackShape:
    return {
        "uri": track.uri,
        "source": track.source,
        "title": track.title,
        "artists": track.artists,
        "album": track.album,
        "duration_ms": None if track.live else track.duration_ms,
        "live": track.live,
        "cover": track.cover or None,
        "thumb": covers.small_of(track.cover) or None,
        "explicit": track.explicit,
        "link": track.link or None,
        "audio": track.audio or None,
        "gain_db": track.gain_db,
        "folder": track.folder or None,
    }


def item_track_shape(item: QueueItem) -> TrackShape:
    """The track of an entry, as long as it has turned out to be there."""
    return {**track_shape(item.track), "duration_ms": item.known_duration_ms}


def item_shape(item: QueueItem, why: Why | None = None) -> ItemShape:
    """An item as everybody sees it; its track must be at hand. `eta_ms` is set by `queue_shape`.

    Without a `why`, it no longer waits, and its votes are reason enough.
    """
    why = why or Why(_kind_of(item), 0, None)
    return {
        "id": str(item.pk),
        "track": item_track_shape(item),
        "added_by": None if item.added_by_id is None else str(item.added_by_id),
        "added_at": item.added_at_ms,
        "up": item.up,
        "down": item.down,
        "score": item.score,
        "reason": reason(why, score=item.score),
        "why": why_shape(why),
        "eta_ms": None,
        "locked": item.locked,
        "suggested_for": item.suggested_for,
    }


def _kind_of(item: QueueItem) -> str:
    """Why an item that no longer waits was there."""
    if item.added_by_id is not None:
        return "votes"
    return "shelf" if item.suggested_for is None else "suggested"


def why_shape(why: Why) -> WhyShape:
    """Why an item stands where it does; clients make a sentence of it."""
    return {"kind": why.kind, "nth": why.nth, "played_at": why.played_at}


def queue_shape(
    queue: Iterable[QueueItem],
    standing: Standing,
    playback: Playback,
    *,
    away: Collection[str] = (),
) -> list[ItemShape]:
    """Waiting items in playing order, each with the moment it starts if nothing changes.

    `eta_ms`: the end of the playing track, plus the lengths of those before it; None while nothing
    runs, for tracks of a source or folder that is `away`, which are passed over, and behind what
    plays live without an end that is known. The browser computes the same from the same facts
    (`static/js/state/parts/queue.js`).
    """
    shapes = [item_shape(item, standing.why[item.pk]) for item in queue]
    if playback.state == PlaybackState.PLAYING:
        moment = expected_end_ms(playback)
        for shape in shapes:
            if shape["track"]["source"] in away or shape["track"]["folder"] in away:
                continue
            shape["eta_ms"] = moment
            length_ms = shape["track"]["duration_ms"]
            moment = None if moment is None or length_ms is None else moment + length_ms
    return shapes


def expected_end_ms(playback: Playback) -> int | None:
    """When what plays ends if nothing changes; None where that is open."""
    item = playback.item
    if item is None or item.known_duration_ms is None:
        return None
    return playback.ends_at_ms


def playlist_shape(playlist: Playlist) -> PlaylistShape:
    return {
        "id": playlist.id,
        "name": playlist.name.text,
        "name_code": playlist.name.code or None,
        "owner": playlist.owner or None,
        "tracks": playlist.tracks,
        "cover": playlist.cover or None,
        "link": playlist.link or None,
        "readable": playlist.readable,
        "why_not": playlist.why_not.message if playlist.why_not else None,
        "why_not_code": playlist.why_not.code if playlist.why_not else None,
    }


def played_shape(item: QueueItem) -> PlayedShape:
    """An entry of the history."""
    return {
        "id": str(item.pk),
        "track": item_track_shape(item),
        "added_by": None if item.added_by_id is None else str(item.added_by_id),
        "is_suggested": item.added_by_id is None and item.suggested_for is not None,
        "up": item.up,
        "down": item.down,
        "started_at": item.started_at_ms,
        "ended_at": item.ended_at_ms,
        "outcome": item.state,
    }


def playback_shape(
    playback: Playback, *, shelf: Shelf | None, unheard: bool = False
) -> PlaybackShape:
    """What plays, and the shelf behind the queue.

    `unheard`: it plays, and no device makes the room's sound.
    """
    item = playback.item
    return {
        "play_id": str(playback.play_id),
        "state": playback.state,
        "item": None if item is None else item_shape(item),
        "track": None if item is None else item_track_shape(item),
        "starts_at_ms": playback.starts_at_ms,
        "position_ms": playback.position_ms,
        "live_title": playback.live_title or None,
        "skip": {"asked": playback.skip_asked, "needed": playback.skip_needed},
        "speaker": speaker_shape(playback),
        "lost": lost_shape(playback),
        "halt": halt_shape(playback),
        "unheard": unheard,
        "shelf": None if shelf is None else shelf_shape(shelf),
    }


def shelf_shape(shelf: Shelf) -> ShelfShape:
    return {
        "key": shelf.key,
        "title": shelf.title.text,
        "title_code": shelf.title.code or None,
        "title_values": shelf.title.values,
        "source": shelf.source,
        "tracks": shelf.tracks,
        "duration_ms": shelf.duration_ms,
    }


def speaker_shape(playback: Playback) -> SpeakerShape | None:
    """The device that makes the room's sound."""
    if playback.speaker_id is None:
        return None
    return {
        "member": str(playback.speaker_id),
        "device": playback.speaker_device,
        "name": playback.speaker_name,
    }


def lost_shape(playback: Playback) -> LostShape | None:
    """The device that went away without a word, until another has the sound."""
    if playback.lost_at_ms is None:
        return None
    member = None if playback.lost_member_id is None else str(playback.lost_member_id)
    return {"member": member, "name": playback.lost_name, "at_ms": playback.lost_at_ms}


def halt_shape(playback: Playback) -> HaltShape | None:
    """Why the music waits, if it does so by itself, and since when."""
    if not playback.halt or playback.halt_at_ms is None:
        return None
    return {"why": playback.halt, "at_ms": playback.halt_at_ms}


def source_shapes(room: Room) -> list[SourceShape]:
    """The sources that the room has beside the library, and the folders that cannot be reached."""
    # From when a source was set up: its tracks wait on, and nobody can do anything about it.
    gone = [kind.name for kind in registry.kinds() if not kind.is_offered()]
    return [source_shape(row) for row in RoomSource.objects.of(room).exclude(name__in=gone)]


def source_shape(source: RoomSource) -> SourceShape:
    """A source or a music folder, and how it is in the room."""
    kind = registry.kind_of(source.name)
    title = Title(kind.title) if kind else _title_of_part(source.name)
    return {
        "name": source.name,
        "title": title.text,
        "title_code": title.code or None,
        "can": capabilities_shape(kind.can) if kind else None,
        "state": source.state,
        "cause": source.cause or None,
        "until_ms": source.until_ms,
        "at_ms": source.at_ms,
        "output": source.output or None,
    }


def _title_of_part(key: str) -> Title:
    """What can be away by itself: a music folder, or a part of another source."""
    kind = registry.kind_of(key.partition("-")[0])
    if kind and kind.part_title:
        return Title(kind.part_title(key))
    return folders.title_of(key)


def capabilities_shape(can: Capabilities) -> CapabilitiesShape:
    """What people can do with a source; null for what it has none of."""
    return {
        "sounds": can.sounds,
        "personal": can.personal,
        "searches": can.searches,
        "browses": can.browses,
        "playlists": can.playlists,
        "attribution": can.attribution or None,
        "fewest_letters": can.fewest_letters,
        "pause_ms": can.pause_ms,
        "links": can.links or None,
        "page": can.page or None,
    }


def incident_shape(incident: Incident) -> IncidentShape:
    return {
        "id": str(incident.pk),
        "at_ms": incident.at_ms,
        "kind": incident.kind,
        "cause": incident.cause,
        "code": incident.code,
        "values": incident.values,
        "title": incident.title,
        "device": incident.device,
        "says": incident.says,
    }


def device_shape(device: Device, playback: Playback, *, now_ms: int) -> DeviceShape:
    """A device of a member, and whether it makes the room's sound."""
    holds = (playback.speaker_id, playback.speaker_device) == (device.member_id, device.device)
    return {
        "member": str(device.member_id),
        "name": device.name,
        "device": device.device,
        "speaker": holds,
        "along": device.along,
        "mode": device.mode,
        "offset_ms": device.offset_ms,
        "jitter_ms": device.jitter_ms,
        "uncertainty_ms": device.uncertainty_ms,
        "corrected_ms": device.corrected_ms,
        "seen_ms_ago": max(0, now_ms - device.seen_at_ms),
    }
