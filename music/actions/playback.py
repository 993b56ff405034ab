"""What people do to the music: play, pause, seek, skip or ask to, choose the shelf."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from django.utils.translation import gettext_noop as _

from music import acts, shelf
from music.actions import newcomers
from music.actions.queue import save_track
from music.actions.shelf_rows import change_shelf_rows
from music.actions.skips import skip_needed
from music.actions.transport import (
    end_halt,
    pause_at,
    play_from,
    playback_of,
    save,
    within,
)
from music.actions.turns import Ending, resume, start_next, unlock_early
from music.errors import JustJoined, NothingToPlay, StalePlay
from music.events import MemberAskedToSkip, PlaybackSkipAsked
from music.models import Playback, PlaybackState, PlaylistShelf, QueueItem, SkipVote, Track
from music.sources.base import Source
from music.titles import Title, own_title
from rooms import clock
from rooms.actors import Actor, System
from rooms.acts import GOVERN
from rooms.changes import Change, changing
from rooms.errors import Invalid, RoomEnded, UnknownRoom
from rooms.models import Member, Room, RoomState

# A shelf holds so many tracks of a playlist; its name is looked for on so many pages of playlists.
MOST_OF_PLAYLIST, MOST_PAGES = 500, 5
# Of a playlist; of a source with 50 entries to a page, 1,000 entries are asked for.
MOST_PAGES_OF_PLAYLIST = 20


def play(*, by: Actor, play_id: str | None = None) -> Playback:
    """Go on after a pause, or start an idle room with the top item, else from the shelf.

    Raises `NotAllowed`, `StalePlay`, `NothingToPlay`.
    """
    with changing(by) as change:
        by.require(acts.PAUSE)
        playback = _meant(change.room, play_id)
        if playback.state == PlaybackState.IDLE:
            start_next(change, playback)
            if playback.item is None:
                raise NothingToPlay
        elif playback.state == PlaybackState.PAUSED:
            resume(change, playback)
            save(change, playback)
        return playback


def pause(*, by: Actor, play_id: str | None = None) -> Playback:
    """Stop at the present position. Raises `NotAllowed`, `StalePlay`."""
    with changing(by) as change:
        by.require(acts.PAUSE)
        playback = _meant(change.room, play_id)
        if playback.state == PlaybackState.PLAYING:
            pause_at(playback, playback.position_at(clock.now_ms()))
            save(change, playback)
        elif playback.state == PlaybackState.PAUSED and playback.halt:
            end_halt(playback)
            save(change, playback)
        return playback


def seek(*, by: Actor, position_ms: int, play_id: str | None = None) -> Playback:
    """Go to a position of the track.

    Raises `Invalid` beyond its end, `NotAllowed`, `StalePlay`, `NothingToPlay`.
    """
    with changing(by) as change:
        playback = _controlled(change.room, by, play_id)
        if playback.item is None:
            raise NothingToPlay(_("Nothing plays yet."), detail="nothing_plays_yet")
        if playback.item.track.live:
            raise Invalid(
                _("A station plays live: there is no place to go to in it."), detail="plays_live"
            )
        if position_ms != within(playback, position_ms):
            raise Invalid(
                _("A position is 0 to {most} ms in this track."), most=playback.item.duration_ms
            )
        if playback.state == PlaybackState.PLAYING:
            play_from(playback, position_ms)
            unlock_early(change, playback)
        else:
            playback.position_ms = position_ms
            end_halt(playback)
        save(change, playback)
        return playback


def skip(*, by: Actor, play_id: str | None = None) -> Playback:
    """End the track now and start the next. Raises `NotAllowed`, `StalePlay`, `NothingToPlay`."""
    with changing(by) as change:
        playback = _controlled(change.room, by, play_id)
        if playback.item is None:
            raise NothingToPlay(_("Nothing plays yet."), detail="nothing_plays_yet")
        item = playback.item
        _skip(change, playback)
        facts = {"title": item.track.title}
        change.log("track.skipped", by=by, target=item.added_by, facts=facts)
        return playback


def ask_to_skip(*, member: Member, play_id: str | None = None) -> Playback:
    """Ask to skip the playing track. It is skipped when enough ask: see `skip_needed`.

    Asking twice is asking once. Raises `NotAllowed`, `Muted`, `StalePlay`, `NothingToPlay` (also
    in a pause), and `JustJoined`: who opens one private window after another asks alone.
    """
    with changing(member) as change:
        member.require(acts.SKIP_VOTE)
        playback = _meant(change.room, play_id)
        if playback.item is None or playback.state != PlaybackState.PLAYING:
            raise NothingToPlay(_("Nothing plays now."), detail="nothing_plays_now")
        if until_ms := newcomers.skips_from_ms(member, opened_at_ms=change.room.created_at_ms):
            raise JustJoined(until_ms=until_ms)
        _vote, is_new = SkipVote.objects.get_or_create(item=playback.item, member=member)
        playback.skip_asked += is_new
        playback.skip_needed = skip_needed(change.room)
        change.publish(MemberAskedToSkip(member.pk, str(playback.play_id)))
        if playback.skip_asked >= playback.skip_needed:
            _skip(change, playback)
        elif is_new:
            _publish_skip_asks(change, playback)
        return playback


def recount_asks(*, change: Change) -> None:
    """After other rules or other people: so many must ask now, and if so many have, skip."""
    playback = playback_of(change.room)
    needed = skip_needed(change.room)
    if playback.item is None or needed == playback.skip_needed:
        return
    playback.skip_needed = needed
    if playback.state == PlaybackState.PLAYING and playback.skip_asked >= needed:
        _skip(change, playback)
    else:
        _publish_skip_asks(change, playback)


def update_skip_target(*, room_id: int) -> bool:
    """After people came or went: see `recount_asks`. Returns whether it takes another number now.

    The room is locked only where it does.
    """
    playback = Playback.objects.filter(room=room_id, item__isnull=False).select_related("room")
    known = playback.filter(room__state=RoomState.LIVE).first()
    if known is None or known.skip_needed == skip_needed(known.room):
        return False
    with suppress(RoomEnded, UnknownRoom), changing(System(room_id, "presence")) as change:
        recount_asks(change=change)
    return True


def update_skip_targets(room_ids: Collection[int]) -> None:
    """See `update_skip_target`, for several rooms."""
    for room_id in room_ids:
        update_skip_target(room_id=room_id)


def auto_play(*, by: Actor) -> Playback:
    """Start the top item now, whatever plays. Raises `NotAllowed`, `NothingToPlay`."""
    with changing(by) as change:
        playback = _controlled(change.room, by, None)
        if not QueueItem.objects.filter(room=change.room).waiting().exists():
            raise NothingToPlay(_("Nothing waits."), detail="nothing_waits")
        _skip(change, playback)
        return playback


def choose_shelf(*, by: Actor, key: str | None) -> Playback:
    """What the room falls back on when nothing waits; None: silence. Its rows follow.

    Raises `NotAllowed`, or `Invalid` for a shelf that is not there.
    """
    with changing(by) as change:
        by.require(GOVERN)
        playback = playback_of(change.room)
        if key and not shelf.is_open_to(change.room, key):
            raise Invalid(_("There is no such shelf here."), detail="unknown_shelf")
        if (key or "") != playback.shelf:
            playback.shelf = key or ""
            change_shelf_rows(change, playback)
            save(change, playback)
        return playback


def choose_playlist_shelf(*, by: Actor, source: Source, playlist_id: str) -> Playback:
    """What the room falls back on is this playlist of a source, as it is now, up to 500 tracks.

    The source is asked before the room is locked. Raises `NotAllowed`, `Invalid` for an empty one,
    and what the source raises.
    """
    by.require(GOVERN)
    tracks = _tracks_of(source, playlist_id)
    title = _title_of(source, playlist_id)
    if not tracks:
        raise Invalid(
            _("There is no track in this playlist that could be played."), detail="playlist_empty"
        )
    saved = [track if track.pk is not None else save_track(track) for track in tracks]
    with changing(by) as change:
        by.require(GOVERN)
        chosen, _is_new = PlaylistShelf.objects.update_or_create(
            room=change.room,
            defaults={
                "source": source.name,
                "title": title.text[:100],
                "code": title.code,
            },
        )
        chosen.tracks.set(saved)
        playback = playback_of(change.room)
        playback.shelf = shelf.key_of_playlist(change.room)
        change_shelf_rows(change, playback)
        save(change, playback)
        return playback


def _tracks_of(source: Source, playlist_id: str) -> list[Track]:
    found: dict[str, Track] = {}
    cursor = None
    # A playlist may be full of what cannot be played: this thread serves others, too.
    for _round in range(MOST_PAGES_OF_PLAYLIST):
        page = source.playlist_tracks(playlist_id, cursor=cursor)
        found |= {track.uri: track for track in page.tracks if track.available}
        if (cursor := page.next) is None or len(found) >= MOST_OF_PLAYLIST:
            break
    return list(found.values())[:MOST_OF_PLAYLIST]


def _title_of(source: Source, playlist_id: str) -> Title:
    """Its name, where it is among the first playlists of the source."""
    cursor = None
    for _round in range(MOST_PAGES):
        page = source.playlists(cursor=cursor)
        for playlist in page.playlists:
            if playlist.id == playlist_id:
                return playlist.name
        if (cursor := page.next) is None:
            break
    return own_title("playlist")


def _controlled(room: Room, by: Actor, play_id: str | None) -> Playback:
    by.require(acts.CONTROL)
    return _meant(room, play_id)


def _meant(room: Room, play_id: str | None) -> Playback:
    """The playback that an act is meant for. Raises `StalePlay` when another track plays by now."""
    playback = playback_of(room)
    if play_id is not None and play_id != str(playback.play_id):
        raise StalePlay
    return playback


def _skip(change: Change, playback: Playback) -> None:
    start_next(change, playback, ending=Ending.SKIPPED)


def _publish_skip_asks(change: Change, playback: Playback) -> None:
    playback.save(update_fields=["skip_asked", "skip_needed"])
    asked, needed = playback.skip_asked, playback.skip_needed
    change.publish(PlaybackSkipAsked(str(playback.play_id), asked, needed))
