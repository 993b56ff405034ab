"""The feature of `staff`: notices to rooms and people, and who may be in no room of this site."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from rooms.features import Feature
from rooms.log import LogKind
from rooms.models import Member, Room
from rooms.parts import Part
from staff.actions.bans import check_entry
from staff.actions.notices import erase_notices
from staff.models import Notice
from staff.retention import find_expired, room_days
from staff.shapes import NoticeShape, notice_shape
from staff.site_state import current_notice


def _read_notice(room: Room) -> NoticeShape | None:
    """The latest notice to everybody in a room; None without. Costs a query only after one."""
    if not _has_notices(room):
        return None
    notice = Notice.objects.filter(room=room, member=None).order_by("-pk").first()
    return None if notice is None else notice_shape(notice)


def _read_own_warnings(
    room: Room, members: Collection[Member]
) -> Mapping[int, Mapping[str, NoticeShape | None]]:
    """The latest notice to each of these members, and that to all rooms; None without."""
    warnings: dict[int, NoticeShape] = {}
    if _has_notices(room):
        for notice in Notice.objects.filter(room=room, member__in=members).order_by("pk"):
            assert notice.member_id is not None
            warnings[notice.member_id] = notice_shape(notice)
    # Read for each snapshot: the notice to all rooms belongs to no room's revision.
    everywhere = current_notice()
    return {
        member.pk: {"warning": warnings.get(member.pk), "site_notice": everywhere}
        for member in members
    }


def _has_notices(room: Room) -> bool:
    """Whether anything was ever said in this room: of nearly all, nothing was."""
    return "notice" in room.part_revisions


def _data_of_guest(guest: uuid.UUID) -> Any:
    notices = Notice.objects.filter(member__guest=guest).order_by("pk")
    return [notice_shape(notice) for notice in notices]


FEATURE = Feature(
    name="staff",
    parts=(Part("notice", _read_notice, read_own=_read_own_warnings),),
    log_kinds={"notice.posted": LogKind(_("{by} posted a notice"))},
    erase_guest=erase_notices,
    data_of_guest=_data_of_guest,
    check_entry=check_entry,
    room_retention_days=room_days,
    find_expired=find_expired,
)
