"""The stations of a room: added and removed by a host, away and back by themselves."""

from __future__ import annotations

from django.db.models import Q

from music import shelf
from music.actions import incidents
from music.actions.away_folders import unlock_items
from music.actions.incidents import STATION_AWAY
from music.actions.queue import remove_item
from music.actions.shelf_rows import change_shelf_rows
from music.actions.sources import THERE, note_source
from music.actions.transport import playback_of, save
from music.actions.turns import advance_soon, requeue_current
from music.events import PlaybackTitled, SourceChanged
from music.models import PlaylistShelf, QueueItem, RoomSource, SourceState, Track
from music.reordering import reordering
from music.shapes import source_shapes
from music.sources.radio.acts import STATIONS
from music.sources.radio.errors import TooManyStations, UnknownStation
from music.sources.radio.finding import FoundStream
from music.sources.radio.models import MOST_STATIONS, NAME, Station
from rooms import clock
from rooms.actors import Actor, System
from rooms.changes import Change, changing

# A station that is away is tried again after this, then after twice that, and so on.
TRY_AGAIN_MS = 15_000
MOST_WAIT_MS = 5 * 60_000


def add_station(*, by: Actor, name: str, stream: FoundStream) -> Station:
    """Let a room have a station, or give the one at that address another name.

    Raises `NotAllowed`, `TooManyStations`.
    """
    with changing(by) as change:
        by.require(STATIONS)
        known = Station.objects.filter(room=change.room)
        found = known.filter(address=str(stream.address)).first()
        if found is None and known.count() >= MOST_STATIONS:
            raise TooManyStations
        station = found or Station(room=change.room, address=str(stream.address))
        station.name, station.kind = name, stream.kind
        station.save()
        note_source(change, name=NAME, condition=THERE)
        change.log("station.added", by=by, facts={"title": name})
        return station


def remove_station(*, by: Actor, key: str) -> None:
    """Let a room have that station no more: it does not wait, and what plays of it plays on.

    Raises `NotAllowed`, `UnknownStation`.
    """
    with changing(by) as change:
        by.require(STATIONS)
        station = Station.objects.filter(room=change.room, key=key).first()
        if station is None:
            raise UnknownStation
        waiting = QueueItem.objects.filter(room=change.room, track__uri=station.uri).waiting()
        for item_id in waiting.values_list("pk", flat=True):
            remove_item(by=by, item_id=item_id)
        Track.objects.filter(uri=station.uri).update(available=False)
        _delete_empty_shelf(change)
        change.log("station.removed", by=by, facts={"title": station.name})
        station.delete()
        gone = [station.group]
        if not Station.objects.filter(room=change.room).exists():
            gone.append(NAME)  # a room without a station has no radio
        if RoomSource.objects.filter(room=change.room, name__in=gone).delete()[0]:
            change.publish(SourceChanged(source_shapes(change.room)))


def _delete_empty_shelf(change: Change) -> None:
    """A room whose shelf was its last station falls back on the shelf of the house."""
    chosen = PlaylistShelf.objects.filter(room=change.room, source=NAME).first()
    if chosen is None or chosen.tracks.filter(available=True).exists():
        return
    chosen.delete()
    playback = playback_of(change.room)
    if playback.shelf == shelf.key_of_playlist(change.room):
        change_shelf_rows(change, playback)
        save(change, playback)


def note_title(*, room_id: int, play_id: int, title: str) -> None:
    """That is what the station has on, as it says; quiet when another play is on by now.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(room_id, NAME)) as change:
        playback = playback_of(change.room)
        if playback.play_id != play_id or playback.live_title == title:
            return
        playback.live_title = title
        playback.save(update_fields=["live_title"])
        change.publish(PlaybackTitled(str(play_id), title or None))


def note_station_away(*, station: Station) -> None:
    """A station does not answer: what is of it waits, with its votes, and it is tried again.

    What plays of it waits again, too, and the next track starts. Raises `UnknownRoom`,
    `RoomEnded`.
    """
    with changing(System(station.room_id, NAME)) as change:
        known = Station.objects.filter(pk=station.pk).first()
        if known is None:
            return
        wait_ms = min(TRY_AGAIN_MS << min(known.tries, 10), MOST_WAIT_MS)
        known.tries = min(known.tries + 1, 100)
        known.save(update_fields=["tries"])
        row, is_new = RoomSource.objects.update_or_create(
            room=change.room,
            name=known.group,
            defaults={
                "state": SourceState.AWAY,
                "cause": STATION_AWAY,
                "until_ms": clock.now_ms() + wait_ms,
            },
        )
        if not is_new:
            return
        change.publish(SourceChanged(source_shapes(change.room)))
        with reordering(change):
            unlock_items(change, Q(track__folder=known.group))
        playback = playback_of(change.room)
        if playback.item is not None and playback.item.track.folder == known.group:
            requeue_current(change, playback)
        incidents.station_away(change, playback, key=row.name, title=known.name)


def note_station_back(*, station: Station) -> None:
    """A station that was away answers again, so what waits of it may play; quiet when it was not.

    Raises `UnknownRoom`, `RoomEnded`.
    """
    with changing(System(station.room_id, NAME)) as change:
        Station.objects.filter(pk=station.pk).update(tries=0)
        if not RoomSource.objects.filter(room=change.room, name=station.group).delete()[0]:
            return
        change.publish(SourceChanged(source_shapes(change.room)))
        incidents.station_back(change, playback_of(change.room), title=station.name)
        advance_soon(change)
