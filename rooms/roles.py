"""Who may do what: the one table that the API, the socket, the pages and the admin read."""

from enum import StrEnum

from django.db import models

from rooms.errors import Muted, NotAllowed


class Role(models.TextChoices):
    """What a member is in one room. `models.TextChoices`, so that the column can be checked."""

    HOST = "host"
    COHOST = "cohost"
    LISTENER = "listener"


class Act(StrEnum):
    """What can be asked of a room."""

    VOTE = "vote"
    ADD = "add"
    REMOVE_ANY = "remove any item"
    CONTROL = "control the playback, and make its sound"
    MODERATE = "mute or remove people"
    GOVERN = "change the room and its co-hosts, or end it"


ALLOWED: dict[Role, frozenset[Act]] = {
    Role.HOST: frozenset(Act),
    Role.COHOST: frozenset({Act.VOTE, Act.ADD, Act.REMOVE_ANY, Act.CONTROL, Act.MODERATE}),
    Role.LISTENER: frozenset({Act.VOTE, Act.ADD}),
}
MUTED_MAY = frozenset({Act.VOTE})


def may(role: str, act: Act, *, muted: bool = False) -> bool:
    """Whether a member of this role may do this; a muted member may only vote."""
    return act in ALLOWED[Role(role)] and (not muted or act in MUTED_MAY)


def require(role: str, act: Act, *, muted: bool = False) -> None:
    """Raise `Muted` or `NotAllowed` unless `may(...)`."""
    if may(role, act, muted=muted):
        return
    if muted and act in ALLOWED[Role(role)]:
        raise Muted
    raise NotAllowed(_WHO_ELSE[act])


_WHO_ELSE = {
    Act.VOTE: "You cannot vote in this room.",
    Act.ADD: "You cannot add tracks in this room.",
    Act.REMOVE_ANY: "You can remove your own tracks; others only the host and co-hosts can.",
    Act.CONTROL: "Only the host and co-hosts control the playback.",
    Act.MODERATE: "Only the host and co-hosts can do that.",
    Act.GOVERN: "Only the host can do that.",
}
