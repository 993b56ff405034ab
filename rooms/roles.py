"""Roles and their acts: the one table that actions, pages and the wire read.

Each app declares its acts in its `Feature`: which roles have one, and what may close or open it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from rooms import features
from rooms.errors import Muted, NotAllowed
from rooms.rules import OpenTo, RoomRules, declared_rules


class Role(models.TextChoices):
    """What a member is in one room. `models.TextChoices`, so that the column can be checked."""

    HOST = "host", gettext_lazy("Host")
    COHOST = "cohost", gettext_lazy("Cohost")
    LISTENER = "listener", gettext_lazy("Listener")


HOST_ONLY = frozenset({Role.HOST})
HOSTS = frozenset({Role.HOST, Role.COHOST})
EVERYONE = frozenset(Role)

# Whom a role may mute or remove.
MODERATES: dict[Role, tuple[Role, ...]] = {
    Role.HOST: (Role.COHOST, Role.LISTENER),
    Role.COHOST: (Role.LISTENER,),
    Role.LISTENER: (),
}


@dataclass(frozen=True)
class Act:
    """One thing that can be asked of a room.

    `key` is its name on the wire. `description` follows "can" in a sentence. `refusal` is what
    somebody reads whose role does not allow it. `closing_rule` names a rule of the room that may
    leave the act to the host and co-hosts.
    """

    key: str
    description: str
    roles: frozenset[Role]
    refusal: str
    closing_rule: str = ""
    is_open_to_muted: bool = False


def may(role: str, act: Act, *, rules: RoomRules, muted: bool = False) -> bool:
    """Whether a member of this role may do this here; some acts are open to muted members."""
    return has_by_role(role, act, muted=muted) and not _is_closed(role, act, rules)


def has_by_role(role: str, act: Act, *, muted: bool = False) -> bool:
    """Whether a member of this role has an act, before any rule of the room is asked."""
    return role in act.roles and (not muted or act.is_open_to_muted)


def require(role: str, act: Act, *, rules: RoomRules, muted: bool = False) -> None:
    """Raise `Muted` or `NotAllowed` unless `may(...)`."""
    if not has_by_role(role, act) or _is_closed(role, act, rules):
        raise NotAllowed(act.refusal, detail=f"may_not_{act.key}")
    if muted and not act.is_open_to_muted:
        raise _muted()


def permissions(rules: RoomRules) -> dict[str, list[str]]:
    """The acts of each role under these rules, and under "muted" those that a mute leaves."""
    table = {
        str(role): [act.key for act in installed_acts() if may(role, act, rules=rules)]
        for role in Role
    }
    return table | {"muted": [act.key for act in installed_acts() if act.is_open_to_muted]}


@features.reset_with_features
@cache
def installed_acts() -> tuple[Act, ...]:
    """The acts of all features, in their order. Raises `ImproperlyConfigured` for a clash."""
    declared = ({act.key: act for act in feature.acts} for feature in features.installed_features())
    acts = tuple(features.merge(declared).values())
    for act in acts:
        if act.closing_rule and act.closing_rule not in declared_rules():
            raise ImproperlyConfigured(f"No feature declares the rule {act.closing_rule}.")
    return acts


def _is_closed(role: str, act: Act, rules: RoomRules) -> bool:
    """Whether a rule of the room leaves the act to the host and co-hosts."""
    if not act.closing_rule or role != Role.LISTENER:
        return False
    return bool(rules.values[act.closing_rule] == OpenTo.HOSTS)


def _muted() -> Muted:
    kept = [act.key for act in installed_acts() if act.is_open_to_muted]
    if not kept:
        return Muted()
    return Muted(_("You are muted. You can still {acts}."), detail="muted_except", acts=kept)
