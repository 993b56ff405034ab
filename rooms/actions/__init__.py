"""What can be done to a room and its members. Nothing else changes them."""

from rooms.actions.hosting import hand_over, update_acting_host
from rooms.actions.housekeeping import DAY_MS, erase_old
from rooms.actions.identity import (
    bind_identity,
    erase_person,
    make_identity_link,
    unbind_account,
    unbind_identity,
    use_identity_link,
)
from rooms.actions.members import arrive, join, leave, rename, set_role
from rooms.actions.moderation import change_member, lift_due, set_banned, set_muted
from rooms.actions.room import change_rules, end_locked_room, end_room, open_room, rename_room
from rooms.actions.undo import undo_logged

__all__ = [
    "DAY_MS",
    "arrive",
    "bind_identity",
    "change_member",
    "change_rules",
    "end_locked_room",
    "end_room",
    "erase_old",
    "erase_person",
    "hand_over",
    "join",
    "leave",
    "lift_due",
    "make_identity_link",
    "open_room",
    "rename",
    "rename_room",
    "set_banned",
    "set_muted",
    "set_role",
    "unbind_account",
    "unbind_identity",
    "undo_logged",
    "update_acting_host",
    "use_identity_link",
]
