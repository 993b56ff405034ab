"""What tests of suggestions share: a library with tags, and rooms that have played some of it."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from discovery.actions.learning import learn
from discovery.actions.suggesting import begin_suggestions
from music.actions import playback as playing
from music.actions import queue, turns
from music.models import ItemState, LibraryFile, Playback, QueueItem, Track
from music.sources.library import catalog
from music.sources.library.folders import key_of
from rooms import actions, clock
from rooms.models import Member, Room


def library_track(folder: Path, artist: str, title: str, **facts: Any) -> Track:
    """A track of the library whose file is there and says these things of the music."""
    token = uuid.uuid4().hex[:12]
    file = folder / f"{token}.mp3"
    file.write_bytes(b"sound")
    track = Track.objects.create(
        uri=f"library:{token}",
        source="library",
        title=title,
        artists=[artist],
        duration_ms=facts.pop("duration_ms", 180_000),
        explicit=facts.pop("explicit", False),
        isrc=facts.pop("isrc", ""),
        audio=f"/media/audio/{token}",
        sought=f" {title} {artist}".lower(),
        folder=key_of(folder.resolve()),
    )
    LibraryFile.objects.create(
        path=str(file.resolve()),
        root=str(folder.resolve()),
        size=5,
        modified_ns=0,
        track=track,
        **facts,
    )
    catalog.bump_revision()
    return track


def start(host: Member, track: Track) -> Playback:
    """A room in which this track plays, added by its host, and no shelf stands behind it."""
    playing.choose_shelf(by=host, key=None)
    queue.add_track(member=host, track=track)
    return playing.play(by=host)


def played(room: Room, track: Track, *, ago_min: float = 60, **facts: Any) -> QueueItem:
    """An item of the room's past."""
    ended_at_ms = clock.now_ms() - round(ago_min * 60_000)
    values = {"state": ItemState.PLAYED, "up": 0, **facts}
    return QueueItem.objects.create(
        room=room,
        track=track,
        started_at_ms=ended_at_ms - 180_000,
        ended_at_ms=ended_at_ms,
        **values,
    )


def room_that_played(tracks: Sequence[Track]) -> Room:
    """Another room, which played these in a row and has been learned from."""
    host = actions.open_room(guest=uuid.uuid4(), name="Another evening")
    for at, track in enumerate(tracks):
        played(host.room, track, ago_min=60 + 3 * (len(tracks) - at))
    begin_suggestions(host.room_id)
    learn(room_id=host.room_id)
    return host.room


def play_to_the_end(room: Room) -> None:
    """Let what plays end, and the conductor do what is due then."""
    playback = Playback.objects.get(room=room)
    assert playback.ends_at_ms is not None
    with clock.shifted(playback.ends_at_ms - 500 - clock.now_ms()):
        turns.advance(room_id=room.pk)
