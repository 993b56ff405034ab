"""Ending rooms, and what staff does to people, messages, tracks and votes in one room.

The person whom it hits is told what was done, and why.
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from chat.actions.messages import set_hidden
from chat.actions.reports import clear_reports
from chat.models import ChatMessage, MessageReport
from music.actions.held_votes import let_count
from music.actions.playback import skip
from music.actions.queue import remove_item
from music.models import Playback, QueueItem
from rooms import actions
from rooms.actions.moderation import Reach, Terms
from rooms.changes import changing
from rooms.errors import Conflict, RoomEnded
from rooms.models import Member, Room
from staff.actions.acting import Moderator
from staff.actions.notices import tell_all, warn

# A fact of the audit log.
LIFTED = {"lifted": True}


def end_room(*, by: Moderator, room: Room) -> Room:
    """End a room; who is in it reads why. Raises `NotAllowed`, `Invalid`, `RoomEnded`."""
    with by.acting("end_room", room=room) as staff, changing(staff) as change:
        tell_all(change, "room_ended", why=by.reason)
        return actions.end_room(by=staff, why=by.reason)


def watch_room(*, by: Moderator, room: Room) -> None:
    """Note that somebody looks at a live room without being a member; nobody there is told.

    Raises `NotAllowed`, `Invalid`, `RoomEnded`.
    """
    if not room.is_live:
        raise RoomEnded
    with by.acting("watch_room", room=room):
        pass


def mute_member(*, by: Moderator, member: Member, minutes: int | None) -> Member:
    """Let a member only vote, for a time or until it is lifted.

    Raises `NotAllowed`, `Invalid`, `RoomEnded`, `UnknownMember`.
    """
    terms, facts = Terms(by.why, minutes), {"minutes": minutes}
    with by.acting("mute_member", room=member.room, target=member.name, facts=facts) as staff:
        return actions.set_muted(by=staff, member_id=member.pk, muted=True, terms=terms)


def unmute_member(*, by: Moderator, member: Member) -> Member:
    """Lift a mute. Raises as `mute_member`."""
    with by.acting("mute_member", room=member.room, target=member.name, facts=LIFTED) as staff:
        return actions.set_muted(by=staff, member_id=member.pk, muted=False)


def ban_member(*, by: Moderator, member: Member, minutes: int | None, network: bool) -> Member:
    """Remove a member from their room; with `network`, nobody new joins from theirs meanwhile.

    Raises `NotAllowed`, `Invalid`, `RoomEnded`, `UnknownMember`.
    """
    terms = Terms(by.why, minutes, Reach.NEWCOMERS if network else Reach.PERSON)
    facts = {"minutes": minutes, "network": network}
    with by.acting("ban_member", room=member.room, target=member.name, facts=facts) as staff:
        return actions.set_banned(by=staff, member_id=member.pk, banned=True, terms=terms)


def unban_member(*, by: Moderator, member: Member) -> Member:
    """Let a member back into their room. Raises as `ban_member`."""
    with by.acting("ban_member", room=member.room, target=member.name, facts=LIFTED) as staff:
        return actions.set_banned(by=staff, member_id=member.pk, banned=False)


def hide_message(*, by: Moderator, message: ChatMessage) -> None:
    """Hide a message from everybody for good. Raises `NotAllowed`, `Invalid`, `RoomEnded`."""
    facts, author = {"message": message.pk}, message.member
    with (
        by.acting("hide_messages", room=message.room, target=author.name, facts=facts) as staff,
        changing(staff) as change,
    ):
        reporters = _open_reporters(message)
        if set_hidden(by=staff, message_ids=[message.pk], hidden=True):
            warn(change, author, "message_hidden", why=by.reason)
        for reporter in reporters:
            warn(change, reporter, "report_hidden")


def show_message(*, by: Moderator, message: ChatMessage) -> None:
    """Show a message again. Raises `NotAllowed`, `Invalid`, `RoomEnded`."""
    facts, author = {"message": message.pk, "shown": True}, message.member.name
    with by.acting("hide_messages", room=message.room, target=author, facts=facts) as staff:
        set_hidden(by=staff, message_ids=[message.pk], hidden=False)


def dismiss_reports(*, by: Moderator, message: ChatMessage) -> None:
    """Leave a reported message as it is. Raises `NotAllowed`, `Invalid`, `RoomEnded`."""
    facts, author = {"message": message.pk}, message.member.name
    with (
        by.acting("settle_reports", room=message.room, target=author, facts=facts) as staff,
        changing(staff) as change,
    ):
        reporters = _open_reporters(message)
        clear_reports(by=staff, message_id=message.pk)
        for reporter in reporters:
            warn(change, reporter, "report_left")


def remove_track(*, by: Moderator, item: QueueItem) -> None:
    """Take a waiting track out. Raises `NotAllowed`, `Invalid`, `UnknownItem`, `RoomEnded`."""
    title = item.track.title
    with (
        by.acting("remove_items", room=item.room, target=title) as staff,
        changing(staff) as change,
    ):
        remove_item(by=staff, item_id=item.pk)
        warn(change, item.added_by, "track_removed", title=title, why=by.reason)


def skip_track(*, by: Moderator, room: Room) -> None:
    """End what plays. Raises `NotAllowed`, `Invalid`, `NothingToPlay`, `RoomEnded`."""
    playback = Playback.objects.select_related("item__track", "item__added_by").filter(room=room)
    item = next((each.item for each in playback), None)
    if item is None:
        raise Conflict(_("Nothing plays there now."), detail="nothing_plays_there")
    title = item.track.title
    with by.acting("skip_track", room=room, target=title) as staff, changing(staff) as change:
        skip(by=staff)
        warn(change, item.added_by, "track_skipped", title=title, why=by.reason)


def count_held_votes(*, by: Moderator, item: QueueItem) -> None:
    """Let held votes on a waiting track count. Raises `NotAllowed`, `Invalid`, `UnknownItem`."""
    with by.acting("count_held_votes", room=item.room, target=item.track.title) as staff:
        let_count(by=staff, item_id=item.pk)


def _open_reporters(message: ChatMessage) -> list[Member]:
    """Who has reported a message, and has not been told yet what came of it."""
    reports = MessageReport.objects.filter(message=message).open().select_related("member")
    return [report.member for report in reports.order_by("pk")]
