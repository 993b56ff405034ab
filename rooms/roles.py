"""Who may do what: the one table that the API, the socket, the pages and the admin read."""

from enum import StrEnum

from django.db import models

from rooms.errors import Muted, NotAllowed
from rooms.rules import Rules, Who


class Role(models.TextChoices):
    """What a member is in one room. `models.TextChoices`, so that the column can be checked."""

    HOST = "host"
    COHOST = "cohost"
    LISTENER = "listener"


class Act(StrEnum):
    """What can be asked of a room."""

    VOTE = "vote"
    ADD = "add"
    SKIP_VOTE = "ask to skip"
    PAUSE = "play and pause"
    CURATE = "remove, pin and reorder any item"
    CONTROL = "control the playback, and make its sound"
    MODERATE = "mute or remove people"
    BROWSE = "see the host's own playlists"
    GOVERN = "change the room and its co-hosts, or end it"


ALLOWED: dict[Role, frozenset[Act]] = {
    Role.HOST: frozenset(Act),
    Role.COHOST: frozenset(Act) - {Act.GOVERN},
    Role.LISTENER: frozenset({Act.VOTE, Act.ADD, Act.SKIP_VOTE, Act.PAUSE}),
}
# What the rules of a room may leave to the host and co-hosts, and which rule does.
BY_RULE = {
    Act.VOTE: "may_vote",
    Act.ADD: "may_add",
    Act.SKIP_VOTE: "may_skip",
    Act.PAUSE: "may_pause",
}
MUTED_MAY = frozenset({Act.VOTE})


def may(role: str, act: Act, *, rules: Rules, muted: bool = False) -> bool:
    """Whether a member of this role may do this here; a muted member may only vote."""
    return _has(role, act, rules) and (not muted or act in MUTED_MAY)


def require(role: str, act: Act, *, rules: Rules, muted: bool = False) -> None:
    """Raise `Muted` or `NotAllowed` unless `may(...)`."""
    if not _has(role, act, rules):
        raise NotAllowed(_WHO_ELSE[act])
    if muted and act not in MUTED_MAY:
        raise Muted


def _has(role: str, act: Act, rules: Rules) -> bool:
    if act not in ALLOWED[Role(role)]:
        return False
    closed = act in BY_RULE and getattr(rules, BY_RULE[act]) == Who.HOSTS
    return not closed or role != Role.LISTENER


_WHO_ELSE = {
    Act.VOTE: "Only the host and co-hosts vote in this room.",
    Act.ADD: "Only the host and co-hosts add tracks in this room.",
    Act.SKIP_VOTE: "Only the host and co-hosts skip tracks in this room.",
    Act.PAUSE: "Only the host and co-hosts play and pause in this room.",
    Act.CURATE: "You can remove your own tracks; the rest is up to the host and co-hosts.",
    Act.CONTROL: "Only the host and co-hosts control the playback.",
    Act.MODERATE: "Only the host and co-hosts can do that.",
    Act.BROWSE: "Only the host and co-hosts see these playlists.",
    Act.GOVERN: "Only the host can do that.",
}
