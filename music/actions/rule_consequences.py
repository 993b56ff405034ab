"""The consequences of changed rules and roles for the music of a room."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_noop as _

from music import closing
from music.actions.playback import recount_asks
from music.actions.queue import write_order
from music.actions.speaker import free_barred
from music.actions.transport import playback_of, save, set_end
from music.models import PlaybackState
from music.reordering import reordering
from music.room_rules import Mode, MusicRules, music_rules
from rooms import clock
from rooms.changes import Change
from rooms.errors import Invalid
from rooms.models import Member


@contextmanager
def keep_order_of_rules(change: Change) -> Iterator[None]:
    """Put what waits into the order of the new rules, inside the change that sets them.

    Host order begins with the order there is. Where enough have asked already by the new share,
    what plays is skipped.
    """
    was, closing_was = change.room.rules, _closing(change)
    with reordering(change) as before:
        yield
        if music_rules(change.room).mode == Mode.HOST != was.of(MusicRules).mode:
            write_order(before.ids)
    if change.room.rules != was:
        recount_asks(change=change)
    if _closing(change) != closing_was:
        _follow_closing_time(change)


def _closing(change: Change) -> tuple[int | None, int | None]:
    """When the room closes, and when it ends (ms UTC)."""
    return closing.closes_at_ms(change.room), closing.room_ends_at_ms(change.room)


def _follow_closing_time(change: Change) -> None:
    """While nothing plays, the conductor looks when the room ends. Raises `Invalid` for the past.

    A room whose time had passed would end at once, by a slip of the finger.
    """
    playback, moment = playback_of(change.room), closing.closes_at_ms(change.room)
    if moment is not None and moment <= clock.now_ms():
        raise Invalid(
            _("That closing time is over already. Choose a later one."), detail="closing_is_over"
        )
    if playback.state != PlaybackState.PLAYING:
        playback.wake_at_ms = closing.room_ends_at_ms(change.room)
        playback.save(update_fields=["wake_at_ms"])
    elif playback.item is not None and playback.item.track.live:
        set_end(playback)
        save(change, playback)


def follow_member_change(change: Change, member: Member) -> None:
    """Take the sound from who may not make it any more, and count again who may ask to skip."""
    free_barred(change, member)
    recount_asks(change=change)
