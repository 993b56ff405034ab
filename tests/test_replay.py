"""A snapshot plus the events after it equals the next snapshot, for every action.

The events go through the reducers of the page itself, run by Node.
"""

import inspect
import json
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User

from chat.actions import blocked_words, messages, reactions, reports
from chat.models import ChatMessage
from discovery.actions import autofill, suggesting
from music.actions import (
    devices,
    folder_availability,
    held_votes,
    playback,
    queue,
    speaker,
    suggested_rows,
    turns,
    voting,
)
from music.actions.newcomers import NEW_FOR_MS, SETTLED_AFTER_MS
from music.models import LEASE_MS, Playback, QueueItem, Track
from music.queue_state import standing
from music.reordering import cached_standing
from music.shelf import shelves
from music.sources.library.source import library_of
from music.sources.radio import actions as stations
from music.sources.radio.models import Station
from music.sources.radio.source import track_of
from rooms import actions, clock
from rooms.actions import hosting, identity, members, moderation, undo
from rooms.actions import room as of_room
from rooms.actions.moderation import Terms
from rooms.actors import Staff, System
from rooms.changes import Change
from rooms.models import LogEntry, Member, Room
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from staff.actions import moderation as of_site
from staff.actions import notices
from staff.actions.acting import Moderator
from tests import node
from tests.live import connected
from tests.radio import station_of
from tests.test_newcomers import newcomers

REPLAY = Path(__file__).parent / "js" / "replay.mjs"

pytestmark = pytest.mark.django_db(transaction=True)


class Party:
    """A room in full swing, and shorthands for who and what is in it."""

    def __init__(self, host: Member, guest: Member, other: Member, tracks: list[Track]) -> None:
        self.host, self.guest, self.other, self.tracks = host, guest, other, tracks
        self.first, self.second, self.third = (
            queue.add_track(member=who, track=track)[0]
            for who, track in zip((host, guest, other), tracks, strict=False)
        )
        playback.choose_shelf(by=host, key=None)

    def playback(self) -> Playback:
        return Playback.objects.get(room=self.host.room_id)

    def start(self) -> "Party":
        playback.play(by=self.host)
        return self

    def fall_idle(self) -> "Party":
        """Let everything that waits be skipped."""
        self.start()
        while self.playback().item is not None:
            playback.skip(by=self.host)
        return self

    def wake_at_the_end(self, *, before_ms: int) -> None:
        """Let the conductor look at the room shortly before its track ends."""
        ends_at_ms = self.playback().ends_at_ms
        assert ends_at_ms is not None
        with clock.shifted(ends_at_ms - before_ms - clock.now_ms()):
            assert turns.advance(room_id=self.host.room_id)


@pytest.fixture
def party(host: Member, guest: Member, other: Member, tracks: list[Track]) -> Party:
    return Party(host, guest, other, tracks)


Act = Callable[[Party], Any]
SPAM = Terms(why="spam", minutes=1)

# By action (and case): what leads to it, and the action itself.
ACTS: dict[str, tuple[Act, Act]] = {
    "join": (lambda p: None, lambda p: actions.arrive(member=_join(p))),
    "arrive": (lambda p: None, lambda p: actions.arrive(member=_join(p))),
    "arrive, by a vote": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=_join(p), item_id=p.third.pk, value=1),
    ),
    "arrive, by a track": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=_join(p), track=p.tracks[3]),
    ),
    "rename": (lambda p: None, lambda p: actions.rename(member=p.guest, name="Ana B.")),
    "rename, oneself": (lambda p: None, lambda p: actions.rename(member=p.host, name="Mika")),
    "set_role": (
        lambda p: None,
        lambda p: actions.set_role(by=p.host, member_id=p.guest.pk, role=Role.COHOST),
    ),
    "set_muted": (
        lambda p: None,
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True),
    ),
    "set_banned": (
        lambda p: None,
        lambda p: actions.set_banned(by=p.host, member_id=p.guest.pk, banned=True),
    ),
    "set_muted, for a time and why": (
        lambda p: None,
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True, terms=SPAM),
    ),
    "set_muted, on other terms": (
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True),
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True, terms=SPAM),
    ),
    "set_muted, no longer": (
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True, terms=SPAM),
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=False),
    ),
    "set_banned, no longer": (
        lambda p: actions.set_banned(by=p.host, member_id=p.other.pk, banned=True, terms=SPAM),
        lambda p: actions.set_banned(by=p.host, member_id=p.other.pk, banned=False),
    ),
    "lift_due": (
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True, terms=SPAM),
        lambda p: _later(lambda: actions.lift_due(room_id=p.host.room_id)),
    ),
    "undo_logged": (
        lambda p: actions.set_muted(by=p.host, member_id=p.guest.pk, muted=True, terms=SPAM),
        lambda p: actions.undo_logged(by=p.host, entry_id=LogEntry.objects.get().pk),
    ),
    "change_member": (
        lambda p: None,
        lambda p: actions.change_member(
            by=p.host, member_id=p.guest.pk, role=Role.COHOST, muted=True
        ),
    ),
    "set_hidden, by the site, which warns": (
        lambda p: _reported(_chat(p)),
        lambda p: of_site.hide_message(by=_site(), message=ChatMessage.objects.earliest("pk")),
    ),
    "post_notice": (
        lambda p: None,
        lambda p: notices.post_notice(by=_site(), text="Fire drill", room=p.host.room),
    ),
    "withdraw_notice": (
        lambda p: notices.post_notice(by=_site(), text="Fire drill", room=p.host.room),
        lambda p: notices.withdraw_notice(by=_site(), room=p.host.room),
    ),
    "end_room, by the site": (
        lambda p: p.start(),
        lambda p: of_site.end_room(by=_site(), room=p.host.room),
    ),
    "change_member, the speaker": (
        lambda p: p.start() and _waits(p) and _claim(p, by=p.guest),
        lambda p: actions.change_member(by=p.host, member_id=p.guest.pk, role=Role.LISTENER),
    ),
    "erase_person": (
        lambda p: None,
        lambda p: actions.erase_person(guest=p.other.guest),
    ),
    "erase_person, who wrote and reported": (
        lambda p: _reported(_reported(_chat(p), by=p.host)) and _chat(p, by=p.other),
        lambda p: actions.erase_person(guest=p.other.guest),
    ),
    "leave": (lambda p: None, lambda p: actions.leave(member=p.other)),
    "join, after leaving": (
        lambda p: actions.leave(member=p.other),
        lambda p: actions.join(room=p.host.room, guest=p.other.guest),
    ),
    "hand_over": (
        lambda p: None,
        lambda p: actions.hand_over(by=p.host, member_id=p.guest.pk),
    ),
    "update_acting_host": (
        lambda p: _away(p),
        lambda p: actions.update_acting_host(room_id=p.host.room_id),
    ),
    "arrive, the host who was away": (
        lambda p: None,
        lambda p: (
            _away(p)
            and actions.update_acting_host(room_id=p.host.room_id)
            and actions.arrive(member=Member.objects.get(pk=p.host.pk))
        ),
    ),
    "rename_room": (lambda p: None, lambda p: actions.rename_room(by=p.host, name="Saturday")),
    "end_room, with the next locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: actions.end_room(by=p.host),
    ),
    "end_room": (lambda p: p.start(), lambda p: actions.end_room(by=p.host)),
    "add_track": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=p.guest, track=p.tracks[3]),
    ),
    "add_track, one's own": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=p.host, track=p.tracks[3]),
    ),
    "add_track, waiting": (
        lambda p: p.start(),
        lambda p: queue.add_track(member=p.host, track=p.tracks[2]),
    ),
    "add_track, of a row of the shelf": (
        lambda p: _from_the_shelf(p),
        lambda p: queue.add_track(member=p.guest, track=_row(p).track),
    ),
    "add_track, of a row with held votes": (
        lambda p: _hold_row(_from_the_shelf(p)),
        lambda p: queue.add_track(member=p.guest, track=_row(p).track),
    ),
    "cast_vote, on a row of the shelf": (
        lambda p: _from_the_shelf(p),
        lambda p: voting.cast_vote(member=p.guest, item_id=_row(p).pk, value=1),
    ),
    "remove_item, of the shelf": (
        lambda p: _from_the_shelf(p),
        lambda p: queue.remove_item(by=p.host, item_id=_row(p).pk),
    ),
    "restore_items, of the shelf": (
        lambda p: _from_the_shelf(p) and queue.remove_item(by=p.host, item_id=_row(p).pk),
        lambda p: queue.restore_items(
            by=p.host, item_ids=list(QueueItem.objects.values_list("pk", flat=True))
        ),
    ),
    "choose_shelf, with rows of another": (
        lambda p: _from_the_shelf(p),
        lambda p: playback.choose_shelf(by=p.host, key=None),
    ),
    "skip, to a row of the shelf": (
        lambda p: _from_the_shelf(p),
        lambda p: playback.skip(by=p.host),
    ),
    "cast_vote, up": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=p.host, item_id=p.third.pk, value=1),
    ),
    "cast_vote, down": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=p.host, item_id=p.second.pk, value=-1),
    ),
    "cast_vote, none": (
        lambda p: p.start() and voting.cast_vote(member=p.host, item_id=p.third.pk, value=1),
        lambda p: voting.cast_vote(member=p.host, item_id=p.third.pk, value=0),
    ),
    "cast_vote, by another": (
        lambda p: p.start(),
        lambda p: voting.cast_vote(member=p.guest, item_id=p.third.pk, value=1),
    ),
    "cast_vote, on the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: voting.cast_vote(member=p.host, item_id=p.second.pk, value=1),
    ),
    "remove_item": (
        lambda p: p.start(),
        lambda p: queue.remove_item(by=p.host, item_id=p.second.pk),
    ),
    "remove_item, one's own": (
        lambda p: None,
        lambda p: queue.remove_item(by=p.host, item_id=p.first.pk),
    ),
    "remove_item, the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: queue.remove_item(by=p.host, item_id=p.second.pk),
    ),
    "clear_queue": (lambda p: p.start(), lambda p: queue.clear_queue(by=p.host)),
    "restore_items": (
        lambda p: p.start() and queue.clear_queue(by=p.host),
        lambda p: queue.restore_items(by=p.host, item_ids=[p.third.pk, p.second.pk]),
    ),
    "pin_item": (
        lambda p: p.start(),
        lambda p: queue.pin_item(by=p.host, item_id=p.third.pk, pinned=True),
    ),
    "pin_item, no longer": (
        lambda p: p.start() and queue.pin_item(by=p.host, item_id=p.third.pk, pinned=True),
        lambda p: queue.pin_item(by=p.host, item_id=p.third.pk, pinned=False),
    ),
    "set_order": (
        lambda p: actions.change_rules(by=p.host, changes={"mode": "host"}),
        lambda p: queue.set_order(by=p.host, item_ids=[p.third.pk, p.first.pk]),
    ),
    "change_rules": (
        lambda p: p.start(),
        lambda p: actions.change_rules(by=p.host, preset="stream", changes={"rest_min": 7}),
    ),
    "change_rules, to host order": (
        lambda p: p.start(),
        lambda p: actions.change_rules(by=p.host, changes={"mode": "host"}),
    ),
    "add_suggested_row": (lambda p: p.fall_idle(), lambda p: _suggested(p)),
    "add_suggested_row, of a row of the shelf": (
        lambda p: p.fall_idle() and playback.choose_shelf(by=p.host, key=_folder()),
        lambda p: _suggested(p),
    ),
    "add_track, of a suggested row": (
        lambda p: p.fall_idle() and _suggested(p),
        lambda p: queue.add_track(member=p.guest, track=p.tracks[4]),
    ),
    "remove_item, a suggested row": (
        lambda p: p.fall_idle() and _suggested(p),
        lambda p: queue.remove_item(
            by=p.host, item_id=QueueItem.objects.waiting().suggested().get().pk
        ),
    ),
    "advance, into a suggested row": (
        lambda p: p.fall_idle() and _suggested(p),
        lambda p: turns.advance(room_id=p.host.room_id),
    ),
    "change_rules, so that the room adds nothing more": (
        lambda p: (
            p.fall_idle()
            and actions.change_rules(by=p.host, changes={"autofill": True})
            and _suggested(p)
        ),
        lambda p: actions.change_rules(by=p.host, changes={"autofill": False}),
    ),
    "stop_autofill": (
        lambda p: (
            p.fall_idle()
            and actions.change_rules(by=p.host, changes={"autofill": True})
            and _suggested(p)
        ),
        lambda p: autofill.stop_autofill(by=p.host),
    ),
    "announce": (
        lambda p: suggesting.note_look(room_id=p.host.room_id),
        lambda p: suggesting.announce(room_id=p.host.room_id),
    ),
    "change_rules, so that it takes more to skip": (
        lambda p: _ask(p.start(), p.guest),
        lambda p: actions.change_rules(by=p.host, changes={"mode": "fair", "skip_percent": 100}),
    ),
    "change_rules, and enough have asked": (
        lambda p: _ask_nearly_enough(p),
        lambda p: actions.change_rules(by=p.host, changes={"mode": "fair", "skip_percent": 50}),
    ),
    "let_count": (
        lambda p: _hold(p),
        lambda p: held_votes.let_count(by=p.host, item_id=p.third.pk),
    ),
    "let_due_count": (
        lambda p: _hold(p),
        lambda p: _later(lambda: held_votes.let_due_count(room_id=p.host.room_id)),
    ),
    "cast_vote, held back": (
        lambda p: _settled(p),
        lambda p: [
            voting.cast_vote(member=who, item_id=p.third.pk, value=1) for who in newcomers(p.host)
        ],
    ),
    "ask_to_skip": (lambda p: p.start(), lambda p: playback.ask_to_skip(member=p.host)),
    "ask_to_skip, enough": (
        lambda p: p.start() and playback.ask_to_skip(member=p.guest),
        lambda p: playback.ask_to_skip(member=p.host),
    ),
    "update_skip_target": (
        lambda p: _crowd(p.start()),
        lambda p: playback.update_skip_target(room_id=p.host.room_id),
    ),
    "update_skip_target, and enough have asked": (
        lambda p: _ask(_crowd(p.start()), p.host, p.guest) and _leave(p),
        lambda p: playback.update_skip_target(room_id=p.host.room_id),
    ),
    "play": (lambda p: None, lambda p: playback.play(by=p.host)),
    "play, again": (
        lambda p: p.start() and playback.pause(by=p.host),
        lambda p: playback.play(by=p.host),
    ),
    "pause": (lambda p: p.start(), lambda p: playback.pause(by=p.host)),
    "pause, with the next locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: playback.pause(by=p.host),
    ),
    "seek": (lambda p: p.start(), lambda p: playback.seek(by=p.host, position_ms=30_000)),
    "seek, back from the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: playback.seek(by=p.host, position_ms=0),
    ),
    "skip": (lambda p: p.start(), lambda p: playback.skip(by=p.host)),
    "skip, into silence": (lambda p: _alone(p), lambda p: playback.skip(by=p.host)),
    "auto_play": (lambda p: p.start(), lambda p: playback.auto_play(by=p.host)),
    "choose_shelf": (
        lambda p: p.start(),
        lambda p: playback.choose_shelf(by=p.host, key=_folder()),
    ),
    "choose_playlist_shelf": (
        lambda p: p.start(),
        lambda p: playback.choose_playlist_shelf(
            by=p.host, source=library_of(p.host.room), playlist_id=_folder()
        ),
    ),
    "skip, to the shelf": (
        lambda p: _alone(p) and playback.choose_shelf(by=p.host, key=_folder()),
        lambda p: playback.skip(by=p.host),
    ),
    "advance, locks": (lambda p: p.start(), lambda p: p.wake_at_the_end(before_ms=5_000)),
    "advance, starts": (lambda p: p.start(), lambda p: p.wake_at_the_end(before_ms=1_000)),
    "advance, starts the locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: p.wake_at_the_end(before_ms=1_000),
    ),
    "advance, idle": (
        lambda p: p.fall_idle() and queue.add_track(member=p.guest, track=p.tracks[3]),
        lambda p: turns.advance(room_id=p.host.room_id),
    ),
    "report, a silent device": (
        lambda p: p.start() and _claim(p),
        lambda p: _report(p, "error", cause="device"),
    ),
    "claim_speaker, after another device played nothing": (
        lambda p: p.start() and _claim(p) and _report(p, "error", cause="device"),
        lambda p: speaker.claim_speaker(
            member=p.host, device="device-2", name="Mika's phone", takeover=True
        ),
    ),
    "claim_speaker, the first one": (lambda p: None, lambda p: _claim(p)),
    "claim_speaker, the first one, with nothing waiting any more": (
        lambda p: [
            queue.remove_item(by=p.host, item_id=item.pk) for item in (p.first, p.second, p.third)
        ],
        lambda p: _claim(p),
    ),
    "claim_speaker": (lambda p: p.start(), lambda p: _claim(p)),
    "release_speaker": (
        lambda p: _claim(p),
        lambda p: speaker.release_speaker(member=p.host, device="device-1"),
    ),
    "claim_speaker, after one was lost": (
        lambda p: p.start() and _claim(p) and _lapse(p),
        lambda p: _claim(p),
    ),
    "claim_speaker, where the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p) and _lapse(p),
        lambda p: _claim(p),
    ),
    "let_lapse": (lambda p: p.start() and _claim(p), lambda p: _lapse(p)),
    "let_lapse, and the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p),
        lambda p: _lapse(p),
    ),
    "pause, where the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p) and _lapse(p),
        lambda p: playback.pause(by=p.host),
    ),
    "end_room, where the music waits": (
        lambda p: _waits(p) and p.start() and _claim(p) and _lapse(p),
        lambda p: actions.end_room(by=p.host),
    ),
    "report, error": (lambda p: p.start() and _claim(p), lambda p: _report(p, "error")),
    "report, error in fair turns": (
        lambda p: (
            actions.change_rules(by=p.host, changes={"mode": "fair"})
            and queue.add_track(member=p.host, track=p.tracks[3])
            and p.start()
            and _claim(p)
        ),
        lambda p: _report(p, "error"),
    ),
    "report, error of the shelf": (
        lambda p: _alone(p) and _claim(p) and playback.choose_shelf(by=p.host, key=_folder()),
        lambda p: _report(p, "error"),
    ),
    "report, the third error": (
        lambda p: (
            queue.add_track(member=p.host, track=p.tracks[3])
            and p.start()
            and _claim(p)
            and _report(p, "error")
            and _report(p, "error")
        ),
        lambda p: _report(p, "error"),
    ),
    "report, a longer track": (
        lambda p: p.start() and _claim(p),
        lambda p: _report(p, "playing", length_ms=90_000),
    ),
    "report, a shorter track": (
        lambda p: p.start() and _claim(p),
        lambda p: _report(p, "playing", length_ms=30_000),
    ),
    "report, the third error, of missing files": (
        lambda p: (
            queue.add_track(member=p.host, track=p.tracks[3])
            and p.start()
            and _claim(p)
            and _report(p, "error", cause="missing")
            and _report(p, "error", cause="missing")
        ),
        lambda p: _report(p, "error", cause="missing"),
    ),
    "report, stalled": (lambda p: p.start() and _claim(p), lambda p: _report(p, "stalled")),
    "report, playing again": (
        lambda p: p.start() and _claim(p) and _report(p, "stalled"),
        lambda p: _report(p, "playing"),
    ),
    "note_folder_away": (
        lambda p: p.start(),
        lambda p: folder_availability.note_folder_away(room_id=p.host.room_id, key=_folder()),
    ),
    "note_folder_away, with the next locked": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000),
        lambda p: folder_availability.note_folder_away(room_id=p.host.room_id, key=_folder()),
    ),
    "note_folder_back": (
        lambda p: (
            p.start()
            and folder_availability.note_folder_away(room_id=p.host.room_id, key=_folder())
        ),
        lambda p: folder_availability.note_folder_back(room_id=p.host.room_id, key=_folder()),
    ),
    "skip, while the folder is away": (
        lambda p: p.start() and p.wake_at_the_end(before_ms=5_000) and _take_folder_away(p),
        lambda p: playback.skip(by=p.host),
    ),
    "report, error while the folder is away": (
        lambda p: p.start() and _claim(p) and _take_folder_away(p),
        lambda p: _report(p, "error"),
    ),
    "add_station": (lambda p: None, lambda p: station_of(p.host)),
    "add_track, of a station": (
        lambda p: p.start() and station_of(p.host),
        lambda p: _queue_station(p),
    ),
    "skip, to a station": (
        lambda p: _alone(p) and _queue_station(p),
        lambda p: playback.skip(by=p.host),
    ),
    "note_title": (
        lambda p: _on_air(p),
        lambda p: stations.note_title(
            room_id=p.host.room_id, play_id=p.playback().play_id, title="Mira Sol, Cardamom"
        ),
    ),
    "add_track, to a station that gives way": (
        lambda p: _on_air(p),
        lambda p: queue.add_track(member=p.guest, track=p.tracks[4]),
    ),
    "note_station_away": (
        lambda p: _on_air(p),
        lambda p: stations.note_station_away(station=Station.objects.get()),
    ),
    "note_station_back": (
        lambda p: _on_air(p) and stations.note_station_away(station=Station.objects.get()),
        lambda p: stations.note_station_back(station=Station.objects.get()),
    ),
    "remove_station, while it is away": (
        lambda p: _on_air(p) and stations.note_station_away(station=Station.objects.get()),
        lambda p: stations.remove_station(by=p.host, key=Station.objects.get().key),
    ),
    "note_device, along": (lambda p: p.start(), lambda p: _along(p, True)),
    "note_device, no longer along": (
        lambda p: p.start() and _along(p, True),
        lambda p: _along(p, False),
    ),
    "hide_all_of": (
        lambda p: _reported(_chat(p)),
        lambda p: messages.hide_all_of(by=p.host, member_id=p.guest.pk),
    ),
    "delete_message, a reported one": (
        lambda p: _reported(_chat(p)),
        lambda p: messages.delete_message(member=p.guest, message_id=_messages_of(p)[0]),
    ),
    "report_message": (
        lambda p: _chat(p),
        lambda p: _reported(p),
    ),
    "report_message, again": (
        lambda p: _reported(_chat(p)),
        lambda p: _reported(p, by=p.host),
    ),
    "report_message, one between two": (
        lambda p: _reported(_reported(_chat(p)), n=2),
        lambda p: _reported(p, n=1),
    ),
    "clear_reports": (
        lambda p: _reported(_chat(p)),
        lambda p: reports.clear_reports(by=p.host, message_id=_messages_of(p)[0]),
    ),
    "count_reactions": (
        lambda p: None,
        lambda p: reactions.count_reactions(
            room_id=p.host.room_id, sums={"1": {"love": 2}, "2": {"fire": 1}}
        ),
    ),
    "count_reactions, more of them": (
        lambda p: reactions.count_reactions(room_id=p.host.room_id, sums={"1": {"love": 2}}),
        lambda p: reactions.count_reactions(room_id=p.host.room_id, sums={"1": {"fire": 1}}),
    ),
    "set_blocked_words": (
        lambda p: None,
        lambda p: blocked_words.set_blocked_words(by=p.host, words=["spam"]),
    ),
    "post_message": (
        lambda p: None,
        lambda p: messages.post_message(member=p.guest, text="Hi", mentions=[p.host.pk]),
    ),
    "post_message, one more than a snapshot has": (
        lambda p: _chat(p, lines=50),
        lambda p: messages.post_message(member=p.host, text="Hi"),
    ),
    "delete_message": (
        lambda p: _chat(p),
        lambda p: messages.delete_message(member=p.guest, message_id=_messages_of(p)[0]),
    ),
    "set_hidden": (
        lambda p: _chat(p),
        lambda p: messages.set_hidden(by=p.host, message_ids=_messages_of(p), hidden=True),
    ),
    "set_hidden, of messages older than a snapshot has": (
        lambda p: _chat(p, lines=52),
        lambda p: messages.set_hidden(by=p.host, message_ids=_messages_of(p), hidden=True),
    ),
    "set_hidden, by the site, of what the host hid": (
        lambda p: (
            _chat(p) and messages.set_hidden(by=p.host, message_ids=_messages_of(p), hidden=True)
        ),
        lambda p: messages.set_hidden(
            by=Staff(p.host.room_id, "operator"), message_ids=_messages_of(p), hidden=True
        ),
    ),
    "set_hidden, no longer": (
        lambda p: (
            _chat(p) and messages.set_hidden(by=p.host, message_ids=_messages_of(p), hidden=True)
        ),
        lambda p: messages.set_hidden(by=p.host, message_ids=_messages_of(p), hidden=False),
    ),
}

# What the log calls to undo an entry, by actions of their own, and what only reads.
UNDOING = {
    "undo_hiding",
    *("undo_mute", "undo_ban", "undo_set_role", "undo_rename_room", "undo_change_rules"),
    "undo_removal",
}
# Of a guest, and of no room.
OF_NO_ROOM = {"make_identity_link", "bind_identity", "unbind_identity"}
OF_NO_ROOM |= {"erase_notices"}  # of who is gone
OF_NO_ROOM |= {"post_notice_everywhere", "withdraw_notice_everywhere"}  # in unnumbered frames
READING = {"others_of_network", "count_others_of_network"}
# They write down what no snapshot has; what the room is told of it, `announce` says.
TELLING_NOBODY = {"begin_suggestions", "mark_done", "note_look", "prefetch", "prefetch_outside"}


@pytest.mark.parametrize("name", ACTS)
async def test_snapshot_plus_events_is_the_next_snapshot_for_each_audience(
    party: Party, page: "Page", name: str
) -> None:
    """The host may moderate, the guest may not, and each has facts of their own.

    And what a process remembers of a queue is then what stands there.
    """
    prepare, act = ACTS[name]
    await database_sync_to_async(prepare)(party)
    async with connected(party.host) as hosts, connected(party.guest) as guests:
        people = ((party.host, hosts), (party.guest, guests))
        before = {who.pk: await socket.hear("snapshot") for who, socket in people}
        await database_sync_to_async(act)(party)
        for who, socket in people:
            if not await Member.objects.inside().filter(pk=who.pk).aexists():
                continue
            after = await database_sync_to_async(_snapshot)(who)
            assert after["revision"] > before[who.pk]["revision"]
            frames = await socket.hear_until(after["revision"])
            assert comparable(page.replay(before[who.pk], frames)) == comparable(after)
    remembered, stands = await database_sync_to_async(_queue_remembered_and_read)(party)
    assert remembered == stands
    assert remembered.ids == stands.ids


def _queue_remembered_and_read(party: Party) -> tuple[Any, Any]:
    room = Room.objects.get(pk=party.host.room_id)
    return cached_standing(Change(room, System(room.pk, "test"))), standing(room)


def test_every_action_is_replayed() -> None:
    tested = {name.split(",")[0] for name in ACTS}
    of_rooms = (hosting, identity, undo, members, moderation, of_room)
    modules = (
        *of_rooms,
        autofill,
        devices,
        folder_availability,
        held_votes,
        messages,
        notices,
        reactions,
        reports,
        queue,
        playback,
        speaker,
        stations,
        suggested_rows,
        suggesting,
        turns,
        voting,
        blocked_words,
    )
    public = {
        name
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if function.__module__ == module.__name__
        and not name.startswith("_")
        and inspect.signature(function).parameters.keys()
        & {"member", "by", "room_id", "guest", "station"}
    }
    # Opening makes the room itself: there is nobody yet whom an event could reach.
    left_out = {"fill"}  # by `add_suggested_row`
    left_out |= UNDOING | READING | OF_NO_ROOM | TELLING_NOBODY
    assert public - {"open_room"} - left_out == tested


class Page:
    """The page's own store and reducers, in one Node for all cases."""

    def __init__(self) -> None:
        self._node = subprocess.Popen(
            [node.executable(), REPLAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def replay(self, snapshot: dict[str, Any], frames: list[dict[str, Any]]) -> dict[str, Any]:
        """What a page holds after a snapshot and some frames, which leave no hole."""
        assert self._node.stdin is not None
        assert self._node.stdout is not None
        self._node.stdin.write(f"{json.dumps({'snapshot': snapshot, 'frames': frames})}\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert not answer["hole"], f"a frame is missing after {answer['state']['revision']}"
        state: dict[str, Any] = answer["state"]
        return state

    def close(self) -> None:
        self._node.communicate()


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    page = Page()
    yield page
    page.close()


def comparable(state: dict[str, Any]) -> dict[str, Any]:
    """What a page draws. Presence is unnumbered; the clock runs on; `next` is in the queue."""
    plain: dict[str, Any] = json.loads(json.dumps(state))
    for passing in ("type", "server_ms", "presence"):
        plain.pop(passing, None)
    return plain


def _suggested(party: Party) -> QueueItem:
    """The room has added the fifth track by itself."""
    why: dict[str, Any] = {"code": "library", "values": {}, "link": "library", "page": None}
    item = suggested_rows.add_suggested_row(
        room_id=party.host.room_id, track=party.tracks[4], why=why
    )
    assert item is not None
    return item


def _settled(party: Party) -> Party:
    """The room is old enough to know newcomers from the rest."""
    party.start()
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS - 1)
    return party


def _hold(party: Party) -> None:
    _settled(party)
    for who in newcomers(party.host):
        voting.cast_vote(member=who, item_id=party.third.pk, value=1)


def _ask(party: Party, *people: Member) -> Party:
    for person in people:
        playback.ask_to_skip(member=person)
    return party


def _crowd(party: Party) -> Party:
    for _ in range(6):
        actions.arrive(member=_join(party))
    return party


def _leave(party: Party) -> None:
    """All have left but the three."""
    stay = [party.host.pk, party.guest.pk, party.other.pk]
    Member.objects.exclude(pk__in=stay).update(seen_at_ms=0)


def _ask_nearly_enough(party: Party) -> None:
    actions.change_rules(by=party.host, changes={"skip_percent": 100})
    _ask(party.start(), party.guest, party.other)


def _away(party: Party) -> bool:
    """The host has gone, and a co-host is here."""
    actions.set_role(by=party.host, member_id=party.guest.pk, role=Role.COHOST)
    return bool(Member.objects.filter(pk=party.host.pk).update(seen_at_ms=0))


def _site() -> Moderator:
    """Somebody of the staff, with a reason."""
    user, _ = User.objects.get_or_create(username="root", is_superuser=True)
    return Moderator(user, "Spam")


def _later(act: Callable[[], Any]) -> Any:
    with clock.shifted(NEW_FOR_MS + 1000):
        return act()


def _take_folder_away(party: Party) -> None:
    folder = Path(party.tracks[0].file.root)
    folder.rename(folder.parent / "away")


def _chat(party: Party, *, lines: int = 3, by: Member | None = None) -> Party:
    """The guest, or somebody else, has written some messages."""
    for n in range(lines):
        messages.post_message(member=by or party.guest, text=f"Line {n}")
    return party


def _reported(party: Party, *, by: Member | None = None, n: int = 0) -> Party:
    reports.report_message(
        member=by or party.other, message_id=_messages_of(party)[n], reason=f"Rude {n}"
    )
    return party


def _messages_of(party: Party) -> list[int]:
    return list(ChatMessage.objects.filter(member=party.guest).values_list("pk", flat=True))


def _join(party: Party) -> Member:
    return actions.join(room=party.host.room, guest=uuid.uuid4())


def _alone(party: Party) -> Party:
    """Only one track is left, and it plays."""
    QueueItem.objects.exclude(pk=party.first.pk).delete()
    return party.start()


def _queue_station(party: Party) -> None:
    """A guest adds a station of the host."""
    station = Station.objects.first() or station_of(party.host)
    queue.add_track(member=party.guest, track=track_of(station))


def _on_air(party: Party) -> Party:
    """A station plays, and nothing waits."""
    _alone(party)
    _queue_station(party)
    playback.skip(by=party.host)
    return party


def _from_the_shelf(party: Party) -> Party:
    """A track of the shelf plays, and others stand there as rows; both have voted on the last."""
    QueueItem.objects.all().delete()
    playback.choose_shelf(by=party.host, key=_folder())
    party.start()
    for member in (party.host, party.guest):
        voting.cast_vote(member=member, item_id=_row(party).pk, value=-1)
    return party


def _hold_row(party: Party) -> None:
    """The guest's vote is held with those of others who have just come."""
    Room.objects.update(created_at_ms=clock.now_ms() - SETTLED_AFTER_MS - 1)
    Member.objects.exclude(pk=party.guest.pk).update(joined_at_ms=0)
    for who in (party.guest, *newcomers(party.host)):
        voting.cast_vote(member=who, item_id=_row(party).pk, value=1)
    assert _row(party).held


def _row(party: Party) -> QueueItem:
    """The row of the shelf that was put there last."""
    return QueueItem.objects.filter(room=party.host.room).waiting().of_shelf().latest("pk")


def _folder() -> str:
    return next(shelf.key for shelf in shelves() if shelf.key.startswith("folder-"))


def _claim(party: Party, *, by: Member | None = None) -> Any:
    if by is not None:
        actions.set_role(by=party.host, member_id=by.pk, role=Role.COHOST)
    who = by or party.host
    return speaker.claim_speaker(member=who, device="device-1", name="Mika's laptop")


def _waits(party: Party) -> Any:
    return actions.change_rules(by=party.host, changes={"speaker_gone": "wait"})


def _lapse(party: Party) -> bool:
    with clock.shifted(LEASE_MS + 1):
        return speaker.let_lapse(room_id=party.host.room_id)


def _snapshot(member: Member) -> dict[str, Any]:
    """The room as it is now: a member that was read before knows only an older revision."""
    return read_snapshot(Member.objects.select_related("room").get(pk=member.pk))


def _report(party: Party, state: str, **facts: Any) -> bool:
    play_id = str(party.playback().play_id)
    speaker.report(member=party.host, device="device-1", play_id=play_id, state=state, **facts)
    return True


def _along(party: Party, along: bool) -> bool:
    step = devices.Step("Phone", along, "precise", 12, 3, 5, None)
    devices.note_device(member=party.guest, device="phone-of-ana", step=step)
    return True
