"""What the site says to everybody in a room, in all rooms, or to one person."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.db import transaction

from rooms import clock
from rooms.changes import Change, changing
from rooms.models import Member, Room
from rooms.names import cleaned
from rooms.reasons import reason_in_english
from staff.actions.acting import Moderator
from staff.events import MemberWarned, NoticePosted
from staff.models import NOTICE_LENGTH, Notice, SiteState
from staff.shapes import notice_shape
from staff.site_state import announce_site_state
from staff.warnings import WARNING_SENTENCES


def post_notice(*, by: Moderator, text: str, room: Room) -> None:
    """Say something to everybody in a live room. Raises `NotAllowed`, `Invalid`, `RoomEnded`."""
    text = cleaned(text, what="notice", length=NOTICE_LENGTH)
    with (
        by.acting("post_notice", room=room, facts={"text": text}) as staff,
        changing(staff) as change,
    ):
        Notice.objects.filter(room=change.room, member=None).delete()
        notice = Notice.objects.create(room=change.room, text=text)
        change.publish(NoticePosted(notice_shape(notice)))
        change.log("notice.posted", by=staff)


def post_notice_everywhere(*, by: Moderator, text: str) -> None:
    """Say something in all rooms, until it is taken back. Raises `NotAllowed`, `Invalid`.

    It is one write, and no room is locked: each process that has sockets is told, reads it, and
    sends it to them (`staff.site_state`).
    """
    text = cleaned(text, what="notice", length=NOTICE_LENGTH)
    with by.acting("post_notice", facts={"text": text, "everywhere": True}):
        _write_everywhere(text)


def withdraw_notice_everywhere(*, by: Moderator) -> None:
    """Take back what all rooms were told. Raises `NotAllowed`, `Invalid`."""
    with by.acting("post_notice", facts={"everywhere": True, "withdrawn": True}):
        _write_everywhere("")


def withdraw_notice(*, by: Moderator, room: Room) -> None:
    """Take back what a room was told. Raises `NotAllowed`, `Invalid`, `RoomEnded`."""
    with (
        by.acting("post_notice", room=room, facts={"withdrawn": True}) as staff,
        changing(staff) as change,
    ):
        if Notice.objects.filter(room=change.room, member=None).delete()[0]:
            change.publish(NoticePosted(None))


def warn(change: Change, whom: Member | None, code: str, **values: str) -> None:
    """Say something to one member of a locked room, if there is one to say it to.

    `code` is one of `staff.warnings`, `values` what its sentence names.
    """
    if whom is not None and whom.has_arrived and whom.is_inside:
        change.publish(MemberWarned(whom.pk, notice_shape(_noted(change, whom, code, values))))


def tell_all(change: Change, code: str, **values: str) -> None:
    """Say something to everybody in a locked room, by a code of `staff.warnings`."""
    change.publish(NoticePosted(notice_shape(_noted(change, None, code, values))))


def _noted(change: Change, whom: Member | None, code: str, values: Mapping[str, str]) -> Notice:
    words = {
        name: reason_in_english(text) if name == "why" else text for name, text in values.items()
    }
    text = WARNING_SENTENCES[code].in_english(words)[:NOTICE_LENGTH]
    return Notice.objects.create(
        room=change.room, member=whom, text=text, code=code, values=dict(values)
    )


def erase_notices(guest: uuid.UUID) -> None:
    """Delete what was said to this guest alone, in all rooms."""
    Notice.objects.filter(member__guest=guest).delete()


def _write_everywhere(text: str) -> None:
    SiteState.objects.update_or_create(
        pk=1, defaults={"notice": text, "notice_at_ms": clock.now_ms()}
    )
    transaction.on_commit(announce_site_state)
