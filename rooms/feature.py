"""The feature of `rooms` itself: the room with its rules, and its people."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.utils.translation import gettext_noop as _

from rooms.actions.hosting import update_acting_hosts
from rooms.actions.members import undo_set_role
from rooms.actions.moderation import undo_ban, undo_mute
from rooms.actions.room import undo_change_rules, undo_rename_room
from rooms.acts import GOVERN, MODERATE
from rooms.audience import who_may
from rooms.features import Feature
from rooms.limits import Limit
from rooms.log import LogKind
from rooms.models import LogEntry, Member, Restriction, RestrictionKind, Room
from rooms.parts import Part
from rooms.shapes import (
    LogEntryShape,
    MemberShape,
    MuteShape,
    RestrictionShape,
    RoomShape,
    log_entry_shape,
    member_shapes,
    mute_shape,
    restriction_shape,
    room_shape,
)

# Entries of the log in a snapshot; the whole is read over HTTP, page by page.
LOG_ENTRIES = 20


def _read_room(room: Room) -> RoomShape:
    return room_shape(room, host_id=room.host_id())


def _read_members(room: Room) -> list[MemberShape]:
    """Everybody who has arrived, in the order in which their events told of them."""
    return member_shapes(Member.objects.filter(room=room).arrived().order_by("joined_at_ms", "pk"))


def _read_restrictions(room: Room) -> list[RestrictionShape]:
    """The mutes and bans that hold, the oldest first."""
    held = Restriction.objects.filter(room=room).order_by("at_ms", "pk")
    return [restriction_shape(each) for each in held]


def _read_own_mutes(
    room: Room, members: Collection[Member]
) -> Mapping[int, Mapping[str, MuteShape | None]]:
    """The mute of each of these members as they read it, or None."""
    muted = [member.pk for member in members if member.muted]
    mutes: dict[int, Restriction] = {}
    if muted:
        held = Restriction.objects.filter(member__in=muted, kind=RestrictionKind.MUTE)
        mutes = {mute.member_id: mute for mute in held}
    return {member.pk: {"mute": mute_shape(mutes.get(member.pk))} for member in members}


def _read_log(room: Room) -> list[LogEntryShape]:
    """The latest entries of the log, the latest first."""
    latest = LogEntry.objects.filter(room=room).order_by("-pk")[:LOG_ENTRIES]
    return [log_entry_shape(entry) for entry in latest]


FEATURE = Feature(
    name="rooms",
    acts=(MODERATE, GOVERN),
    limits={
        "CHANGES": Limit("60/10", _("Easy: {count} changes {window}. Try again in {wait} s.")),
        "READS": Limit("240/60", _("This page asks too often. Try again in {wait} s.")),
        "JOINS": Limit("30/60", _("Easy: {count} joins {window}. Try again in {wait} s.")),
        "WRONG_CODES": Limit("10/60", _("Too many tries. Wait {wait} s.")),
        "ROOMS": Limit("20/3600", _("Easy: {count} rooms {window}. Try again in {wait} s.")),
        "SOCKETS": Limit(
            "60/60",
            _("This page connects too often. It tries again in {wait} s."),
            is_counted_here=True,
        ),
        "ADDRESS": Limit(
            "6000/60",
            _("Very much comes from this network. Try again in {wait} s."),
            is_counted_here=True,
        ),
        "ADDRESS_READS": Limit(
            "12000/60",
            _("Very much comes from this network. Try again in {wait} s."),
            is_counted_here=True,
        ),
        "ADDRESS_SOCKETS": Limit(
            "6000/60",
            _("Many connect from this network. Try again in {wait} s."),
            is_counted_here=True,
        ),
        "ADDRESS_JOINS": Limit(
            "600/60", _("Many people join from this network. Try again in {wait} s.")
        ),
        "ADDRESS_WRONG_CODES": Limit(
            "300/60", _("Many wrong codes came from this network. Wait {wait} s.")
        ),
        "ADDRESS_CODES": Limit(
            "3000/60", _("Very many codes came from this network. Wait {wait} s.")
        ),
        "LINKS": Limit("10/600", _("Easy: {count} links {window}. Try again in {wait} s.")),
        "ADDRESS_LINKS": Limit(
            "300/600", _("Many links are used in this network. Try again in {wait} s.")
        ),
        "ADDRESS_ROOMS": Limit(
            "200/3600", _("Many rooms were opened from this network. Try again in {wait} s.")
        ),
    },
    parts=(
        Part("room", _read_room),
        Part("members", _read_members),
        Part(
            "restrictions",
            _read_restrictions,
            audience=who_may(MODERATE),
            read_own=_read_own_mutes,
        ),
        Part("log", _read_log, audience=who_may(MODERATE)),
    ),
    log_kinds={
        "room.renamed": LogKind(_("{by} named the room {name}"), undo=undo_rename_room),
        "room.ended": LogKind(_("{by} ended the room")),
        "rules.changed": LogKind(_("{by} changed the rules"), undo=undo_change_rules),
        "member.made_cohost": LogKind(_("{by} made {target} co-host"), undo=undo_set_role),
        "member.made_listener": LogKind(_("{by} made {target} a listener"), undo=undo_set_role),
        "member.muted": LogKind(_("{by} muted {target}"), undo=undo_mute, only_newest=True),
        "member.unmuted": LogKind(_("{by} unmuted {target}")),
        "member.banned": LogKind(_("{by} banned {target}"), undo=undo_ban, only_newest=True),
        "member.unbanned": LogKind(_("{by} let {target} back in")),
        "room.handed_over": LogKind(_("{by} handed the room over to {target}")),
        "host.away": LogKind(_("The host is away, so {target} looks after the room")),
        "host.back": LogKind(_("{by} is back and looks after the room")),
    },
    after_activity_change=update_acting_hosts,
)
