"""Changing what a member may do, and what follows from it for the room's sound."""

from django.db import transaction

from music.actions.speaker import free_barred
from rooms.actions import set_banned, set_muted, set_role
from rooms.models import Member
from rooms.publish import changing
from rooms.roles import Role


@transaction.atomic  # what is refused in part is refused whole
def change_member(
    *,
    by: Member,
    member_id: int,
    role: Role | None = None,
    muted: bool | None = None,
    banned: bool | None = None,
) -> Member:
    """Give a member another role, mute them or remove them, or the opposite; at least one of these.

    Whoever may not make the sound any more makes it no longer, whatever their device does.
    Raises `NotAllowed`, `UnknownMember`, `Invalid`.
    """
    changed = None
    if role is not None:
        changed = set_role(by=by, member_id=member_id, role=role)
    if muted is not None:
        changed = set_muted(by=by, member_id=member_id, muted=muted)
    if banned is not None:
        changed = set_banned(by=by, member_id=member_id, banned=banned)
    assert changed is not None
    with changing(by.room_id) as room:
        changed.room = room
        free_barred(room, changed)
    return changed
