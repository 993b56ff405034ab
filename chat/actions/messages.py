"""Posting, deleting, hiding and showing messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.utils.translation import gettext_noop as _

from chat.acts import CHAT
from chat.errors import UnknownMessage
from chat.events import MessageDeleted, MessagePosted, MessagesHidden, MessagesShown
from chat.message_checks import check
from chat.message_text import cleaned_message
from chat.models import ChatMessage, MessageReport, MessageState
from chat.shapes import message_shape
from rooms import clock
from rooms.actors import Actor, member_of
from rooms.acts import MODERATE
from rooms.changes import Change, changing
from rooms.errors import NotAllowed, UnknownMember
from rooms.events import LogChanged
from rooms.models import LogEntry, Member, Room
from rooms.roles import MODERATES
from rooms.shapes import log_entry_shape


def post_message(*, member: Member, text: str, mentions: Collection[int] = ()) -> ChatMessage:
    """Write a message to the room; `mentions` are ids of members of the same room.

    Raises `NotAllowed`, `Muted`, `EmptyMessage`, `MessageTooLong`, `Invalid`, `UnknownMember`, and
    what `chat.message_checks` has against it.
    """
    text = cleaned_message(text)
    with changing(member) as change:
        member.require(CHAT)
        check(member, text)
        message = ChatMessage.objects.create(
            room=change.room,
            member=member,
            text=text,
            mentions=_known_members(change.room, mentions),
        )
        change.publish(MessagePosted(message_shape(message)))
        return message


def delete_message(*, member: Member, message_id: int) -> None:
    """Delete one's own message: the text goes for good. Raises `UnknownMessage`, `NotAllowed`."""
    with changing(member) as change:
        [message] = messages_in(change.room, [message_id])
        if message.member_id != member.pk:
            raise NotAllowed(_("You can delete only your own messages."), detail="delete_own")
        if message.state == MessageState.DELETED:
            return
        message.state, message.text, message.mentions = MessageState.DELETED, "", []
        message.hidden_by = message.hidden_at_ms = None
        message.save()
        MessageReport.objects.filter(message=message).open().update(cleared_at_ms=clock.now_ms())
        change.publish(MessageDeleted(str(message.pk)))


def set_hidden(*, by: Actor, message_ids: Sequence[int], hidden: bool) -> list[int]:
    """Hide messages of people below one's role from everybody, or show them again.

    What the site hid no member shows. Returns the ids of those that changed. Raises `NotAllowed`,
    `UnknownMessage`.
    """
    with changing(by) as change:
        by.require(MODERATE)
        messages = messages_in(change.room, message_ids)
        _require_below(by, messages)
        if hidden:
            return _hide(change, by, messages)
        if member_of(by) and any(_is_hidden_by_site(each) for each in messages):
            raise NotAllowed(
                _("The site hid that message. It stays hidden."), detail="hidden_by_site"
            )
        return _show(change, messages)


def hide_all_of(*, by: Actor, member_id: int) -> list[int]:
    """Hide all messages of a member below one's role; returns the ids, for `set_hidden`.

    Raises `NotAllowed`, `UnknownMember`.
    """
    with changing(by) as change:
        by.require(MODERATE)
        author = Member.objects.arrived().filter(room=change.room, pk=member_id).first()
        if author is None:
            raise UnknownMember
        messages = ChatMessage.objects.filter(member=author).select_related("member")
        found = list(messages.order_by("pk"))
        _require_below(by, found)
        return _hide(change, by, found)


def undo_hiding(by: Actor, entry: LogEntry) -> None:
    """Show again what an entry of the log tells of, but for what is gone since.

    Of several messages those that the site hid stay hidden. Raises `NotAllowed` where it hid all.
    """
    ids = entry.facts["messages"]
    if member_of(by) is not None:
        of_site = {"state": MessageState.HIDDEN, "hidden_by": None}
        others = ChatMessage.objects.filter(pk__in=ids).exclude(**of_site)
        ids = list(others.values_list("pk", flat=True)) or ids
    set_hidden(by=by, message_ids=ids, hidden=False)


def is_final_hiding(entry: LogEntry) -> bool:
    """Whether the site hid all that the entry tells of, then or since: that stays hidden."""
    return entry.by_id is None or entry.facts.get("hidden_by_site", False)


def _hide(change: Change, by: Actor, messages: Collection[ChatMessage]) -> list[int]:
    """Hide those of the messages that are shown; what was reported of them is settled so.

    The site also hides what a member has hidden, so that no member shows it again.
    """
    now_ms, moderator = clock.now_ms(), member_of(by)
    hiding = [
        message
        for message in messages
        if message.state == MessageState.SHOWN
        or (moderator is None and message.hidden_by_id is not None)
    ]
    if not hiding:
        return []
    ids = [message.pk for message in hiding]
    ChatMessage.objects.filter(pk__in=ids).update(
        state=MessageState.HIDDEN, hidden_by=moderator, hidden_at_ms=now_ms
    )
    if moderator is None:
        _close_older_entries(change, set(ids))
    MessageReport.objects.filter(message__in=ids).open().update(cleared_at_ms=now_ms)
    by_id = None if moderator is None else str(moderator.pk)
    change.publish(MessagesHidden([str(pk) for pk in ids], by_id))
    is_of_one = len({message.member_id for message in hiding}) == 1
    change.log(
        "messages.hidden",
        by=by,
        target=hiding[0].member if is_of_one else None,
        # The last release reads `what`.
        facts={"messages": ids, "what": "messages"},
    )
    return ids


def _close_older_entries(change: Change, hidden: set[int]) -> None:
    """Offer no undo for what members hid, where the site has hidden all of it now."""
    of_members = LogEntry.objects.filter(
        room=change.room, kind="messages.hidden", by__isnull=False, undone_at_ms__isnull=True
    )
    for entry in of_members:
        if hidden.isdisjoint(entry.facts["messages"]):
            continue
        told = ChatMessage.objects.filter(pk__in=entry.facts["messages"])
        if told.filter(state=MessageState.HIDDEN, hidden_by__isnull=False).exists():
            continue
        entry.facts["hidden_by_site"] = True
        entry.save(update_fields=["facts"])
        change.publish(LogChanged(log_entry_shape(entry)))


def _show(change: Change, messages: Collection[ChatMessage]) -> list[int]:
    """Show those of the messages again that are hidden."""
    hidden = [message for message in messages if message.state == MessageState.HIDDEN]
    if not hidden:
        return []
    for message in hidden:
        message.state, message.hidden_by, message.hidden_at_ms = MessageState.SHOWN, None, None
    ids = [message.pk for message in hidden]
    ChatMessage.objects.filter(pk__in=ids).update(
        state=MessageState.SHOWN, hidden_by=None, hidden_at_ms=None
    )
    change.publish(MessagesShown([message_shape(message) for message in hidden]))
    return ids


def _is_hidden_by_site(message: ChatMessage) -> bool:
    return message.state == MessageState.HIDDEN and message.hidden_by_id is None


def _known_members(room: Room, member_ids: Collection[int]) -> list[int]:
    """The ids, each once, in their order. Raises `UnknownMember` for one of another room."""
    wanted = list(dict.fromkeys(member_ids))
    if not wanted:
        return []
    known = Member.objects.arrived().filter(room=room, pk__in=wanted).count()
    if known != len(wanted):
        raise UnknownMember
    return wanted


def messages_in(room: Room, message_ids: Collection[int]) -> list[ChatMessage]:
    """These messages of a room with their authors, the oldest first. Raises `UnknownMessage`."""
    messages = ChatMessage.objects.filter(room=room, pk__in=message_ids).select_related("member")
    found = list(messages.order_by("pk"))
    if len(found) != len(set(message_ids)):
        raise UnknownMessage
    return found


def _require_below(by: Actor, messages: Collection[ChatMessage]) -> None:
    """Raise `NotAllowed` unless `by` moderates the authors of all these messages."""
    moderator = member_of(by)
    if moderator is None:
        return
    below = MODERATES[moderator.powers]
    if any(message.member.role not in below for message in messages):
        raise NotAllowed(
            _("You can hide only messages of people below your role."), detail="hide_below"
        )
