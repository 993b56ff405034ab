"""Audiences of facts: everyone in a room, those who may do a certain act, or one member.

An audience is a short string, so that it travels between processes as it is. A viewer is known by
the audiences that they belong to; a fact is theirs if its audience is among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rooms.roles import Act, has_by_role, installed_acts

if TYPE_CHECKING:
    from rooms.models import Member

Audience = str

EVERYONE: Audience = ""


def who_may(act: Act) -> Audience:
    """Those whose role allows this act.

    Raises `ValueError` for an act that a rule of the room can close: a change of the rules would
    move people in and out of the audience, and nothing would tell their open sockets.
    """
    if act.closing_rule:
        raise ValueError(f"{act.key} depends on the rules of the room")
    return f"may:{act.key}"


def only(member_id: int) -> Audience:
    """One member alone."""
    return f"member:{member_id}"


def audiences_of(member: Member) -> frozenset[Audience]:
    """The audiences that a member belongs to, besides everyone."""
    if not member.is_inside:
        return frozenset((only(member.pk),))
    acts = [act for act in installed_acts() if not act.closing_rule]
    mine = [act for act in acts if has_by_role(member.powers, act, muted=member.muted)]
    return frozenset((only(member.pk), *map(who_may, mine)))
