"""The length of what plays, corrected by the device that decodes it."""

from __future__ import annotations

from music.actions.transport import LOCK_AHEAD_MS, save
from music.actions.turns import start_next, unlock_early
from music.models import Playback, PlaybackState
from music.room_rules import music_rules
from rooms import clock
from rooms.changes import Change

# Decoders differ by less than this about one file.
OTHER_LENGTH_MS = 500
# A device may shorten a track to this, and lengthen it by that.
SHORTEST_MS = 1_000
MOST_LONGER_MS = 60 * 60 * 1000


def correct_length(change: Change, playback: Playback, length_ms: int) -> None:
    """Set how long the playing track of a locked room sounds, and publish it.

    Only in this room: whoever opens a room is its host, and shall not change the tracks of others.
    What is longer than its file told plays on to its end, yet no further than `MOST_LONGER_MS` and
    the rule on the longest track allow. A length that has passed already ends it now. Quiet where
    the clock is not the room's own: of a source, and while nothing runs.
    """
    item = playback.item
    if item is None or item.track.live or item.track.source != "library" or length_ms < SHORTEST_MS:
        return
    if playback.state != PlaybackState.PLAYING or playback.starts_at_ms is None:
        return
    told_ms = item.track.duration_ms
    most_ms = told_ms + MOST_LONGER_MS
    longest_ms = music_rules(change.room).longest_ms
    if longest_ms is not None:
        most_ms = min(most_ms, max(told_ms, longest_ms))
    length_ms = min(length_ms, most_ms)
    if abs(length_ms - item.duration_ms) < OTHER_LENGTH_MS:
        return
    item.length_ms = length_ms
    item.save(update_fields=["length_ms"])
    playback.ends_at_ms = playback.starts_at_ms + length_ms
    playback.wake_at_ms = playback.ends_at_ms - LOCK_AHEAD_MS
    now_ms = clock.now_ms()
    if playback.ends_at_ms <= now_ms:
        start_next(change, playback)
    else:
        unlock_early(change, playback)
        save(change, playback)
