"""Whether a device plays what it was told to, as far as Spotify's answer shows. Pure.

Spotify does not see everything: its answer is empty in a private session and for a phone in the
foreground, it may lack the track, name another recording of it, or be some seconds old. A room
that takes such an answer for silence fails tracks that everybody hears. So there are three kinds
of verdicts: it plays, it certainly does not, and unknown, which changes nothing.
"""

from __future__ import annotations

from enum import StrEnum

from music.recordings import isrc_of, recording_key
from music.sources.spotify.desired_state import DesiredState
from music.sources.spotify.models import Output
from music.sources.spotify.shapes import Player, SpotifyDevice

# Two recordings of one title by the same artist are the same within this.
SAME_LENGTH_MS = 2_000
# Near its end a track may be over on the device already: the room's own clock ends it.
OVER_WITHIN_MS = 10_000


class PlaybackVerdict(StrEnum):
    """What one answer says. Only `PLAYS` counts at once; the last three need a second look."""

    PLAYS = "plays"
    UNKNOWN = "unknown"
    STANDS = "stands"  # it has the track, and does not move
    SILENT = "silent"  # the account plays nothing
    ELSEWHERE = "elsewhere"  # the account plays something else


def judge(
    player: Player | None, desired: DesiredState, output: Output, *, now_ms: int
) -> PlaybackVerdict:
    """What an answer to "what plays?" says about the track that the room wants."""
    if player is None or player.uri is None or player.kind not in ("track", "episode"):
        return PlaybackVerdict.UNKNOWN
    is_same = is_same_track(player, desired)
    if is_same and player.playing:
        return PlaybackVerdict.PLAYS
    if player.device is None or player.device.private:
        return PlaybackVerdict.UNKNOWN
    if desired.left_ms(now_ms) < OVER_WITHIN_MS:
        return PlaybackVerdict.UNKNOWN
    if player.playing:
        return PlaybackVerdict.ELSEWHERE
    return (
        PlaybackVerdict.STANDS
        if is_same and is_device(player.device, output)
        else PlaybackVerdict.SILENT
    )


def is_same_track(player: Player, desired: DesiredState) -> bool:
    """Whether the player has that track, or another recording of it, which Spotify may take."""
    if player.uri == desired.uri:
        return True
    if desired.isrc != "" and isrc_of(player.isrc) == desired.isrc:
        return True
    key = recording_key(desired.artists, desired.title)
    if key == "" or recording_key(player.artists, player.title) != key:
        return False
    return abs((player.duration_ms or 0) - desired.duration_ms) <= SAME_LENGTH_MS


def is_device(device: SpotifyDevice, output: Output) -> bool:
    """Whether it is that device; Spotify gives devices new ids, so name and type do, too."""
    same_type = output.device_type in ("", device.kind)
    return device.id == output.device_id or (device.name == output.name and same_type)
