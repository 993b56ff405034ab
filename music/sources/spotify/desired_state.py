"""What a room wants of its Spotify device at this moment, and whether the device was told."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist

from music.models import Playback, PlaybackState
from music.sources.spotify.models import Output, OutputState
from music.sources.spotify.shapes import SOURCE

# A command takes about this long to become sound, in ms.
AHEAD_MS = 300


@dataclass(frozen=True)
class DesiredState:
    """The device plays `uri` as if begun at `starts_at_ms` (UTC), or is silent where that is "".

    `play_id` and `cue` are this moment of the room's playback; another one is another command. Of
    silence, `follows_end` says that the room went on by itself, so that nobody paused it.
    """

    play_id: int = 0
    cue: int = 0
    uri: str = ""
    isrc: str = ""
    title: str = ""
    artists: tuple[str, ...] = ()
    duration_ms: int = 0
    starts_at_ms: int = 0
    follows_end: bool = False

    @property
    def moment(self) -> tuple[int, int]:
        """Of which moment of the playback it is; of silence, of none: 0, 0."""
        return self.play_id, self.cue

    @property
    def as_told(self) -> dict[str, str | int | None]:
        """The fields of an output whose device was told this."""
        if not self.uri:
            return {"state": OutputState.SILENT, "play_id": None, "cue": None}
        return {"state": OutputState.PLAYING, "play_id": self.play_id, "cue": self.cue}

    def was_told(self, output: Output) -> bool:
        """Whether this is what the device was told last."""
        if not self.uri:
            return output.state == OutputState.SILENT
        return output.state == OutputState.PLAYING and self.moment == (output.play_id, output.cue)

    def left_ms(self, now_ms: int) -> int:
        """How much of the track is left by the room's own clock."""
        return self.starts_at_ms + self.duration_ms - now_ms


def desired_state(output: Output) -> DesiredState:
    """What the room of this output wants of its device now."""
    try:
        playback: Playback = output.room.playback
    except ObjectDoesNotExist:
        return DesiredState()
    item = playback.item
    plays = playback.state == PlaybackState.PLAYING and not output.leaving
    if not plays or item is None or not output.room.is_live:
        return DesiredState(follows_end=playback.state == PlaybackState.IDLE)
    starts_at_ms = playback.starts_at_ms or 0
    track = item.track
    if track.source != SOURCE:
        return DesiredState(starts_at_ms=starts_at_ms, follows_end=True)
    return DesiredState(
        play_id=playback.play_id,
        cue=playback.cue,
        uri=track.uri,
        isrc=track.isrc,
        title=track.title,
        artists=tuple(track.artists),
        duration_ms=track.duration_ms,
        starts_at_ms=starts_at_ms,
    )


def is_command_due(output: Output, desired: DesiredState, now_ms: int) -> bool:
    """Whether the device has to be told that now.

    A device that was never told to play need not be stopped. It may play to the end of its track
    until the next one begins elsewhere.
    """
    if not desired.uri:
        return output.leaving or (output.sounds and now_ms >= desired.starts_at_ms)
    return not desired.was_told(output) and now_ms >= desired.starts_at_ms - AHEAD_MS
