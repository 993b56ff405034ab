"""Features: each app declares what it adds to a room; `settings.ROOM_FEATURES` lists them.

`rooms` knows the mechanisms and never the apps. An app declares one `Feature` in its `feature.py`;
the settings list them, as they list `INSTALLED_APPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from rooms.changes import Change
    from rooms.limits import Limit
    from rooms.log import LogKind
    from rooms.models import Member, Room
    from rooms.parts import Part
    from rooms.roles import Act
    from rooms.rules import Preset, RuleSet

Declared = TypeVar("Declared")


class Cached(Protocol):
    """A function as `functools.cache` and `lru_cache` make it."""

    def cache_clear(self) -> None: ...


CachedFunction = TypeVar("CachedFunction", bound=Cached)
_caches: list[Cached] = []


@dataclass(frozen=True)
class Feature:
    """The additions of one app to a room. `name` is the app's label.

    `acts` are what it lets people do; `rules` what a host can choose about it, and `presets` the
    named sets of values to start from. `rule_notes` count, by a rule's name, what it does in a room
    at this moment, where that is more than the rule itself can tell. `limits` are by name; an
    operator sets another rate by `LIMIT_<name>` in the environment. `parts` are what it adds to the
    snapshot. `log_kinds` are by name what it notes in the log of a room (`rooms.log`).

    The functions say what follows in this app from a change of the room itself.
    `after_member_change` runs in the change in which somebody's role changed, or they were muted or
    removed. `around_rules_change` runs before and after the rules change. `after_members_left`
    runs, outside of any change, when members have no open socket any more. `after_activity_change`
    runs so, too, in rooms (their ids) where others than before are here, or were a minute ago, or
    whose host has come back or been away for 2 minutes.

    `erase_guest` takes out of all rooms, live and ended, what this app keeps of a guest; it runs
    outside of any change, before the guest's memberships lose their name. `data_of_guest` gives the
    same as JSON-safe data, in a fixed number of queries. `erase_room` runs in the transaction that
    erases an ended room (its id), before its rows go.

    `check_entry` raises what stands against a guest, at a network address, opening a room or
    becoming a member of one; it has one query.

    `subject` reads what everybody in a room has before them at this moment, as an opaque string,
    so that another app can count what people make of it. At most one feature has one.

    `breakers` gives, by its name for people, until when (ms UTC) each service outside is left alone
    after failures; 0: it is asked as usual.

    `room_retention_days` says for how many days ended rooms are kept; None: as the environment
    says. `find_expired` gives, as of a moment in ms UTC, the rows of this app that have outlived
    their time, by the name that an operator reads. They are deleted every hour.
    """

    name: str
    acts: tuple[Act, ...] = ()
    rules: type[RuleSet] | None = None
    presets: tuple[Preset, ...] = ()
    rule_notes: Mapping[str, Callable[[Room], str]] = field(default_factory=dict)
    limits: Mapping[str, Limit] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    log_kinds: Mapping[str, LogKind] = field(default_factory=dict)
    after_member_change: Callable[[Change, Member], None] | None = None
    around_rules_change: Callable[[Change], AbstractContextManager[None]] | None = None
    after_members_left: Callable[[Collection[int]], None] | None = None
    after_activity_change: Callable[[Collection[int]], None] | None = None
    erase_guest: Callable[[UUID], None] | None = None
    data_of_guest: Callable[[UUID], Any] | None = None
    erase_room: Callable[[int], None] | None = None
    check_entry: Callable[[UUID, str], None] | None = None
    subject: Callable[[Room], str | None] | None = None
    breakers: Callable[[], Mapping[str, int]] = dict
    room_retention_days: Callable[[], int | None] | None = None
    find_expired: Callable[[int], Mapping[str, QuerySet[Any]]] | None = None


def reset_with_features(function: CachedFunction) -> CachedFunction:
    """Empty the cache of a function that reads declarations when other features are installed."""
    _caches.append(function)
    return function


@reset_with_features
@cache
def installed_features() -> tuple[Feature, ...]:
    """The features of this server, in the order of the settings."""
    return tuple(import_string(path) for path in settings.ROOM_FEATURES)


def merge(declared: Iterable[Mapping[str, Declared]]) -> dict[str, Declared]:
    """Join what several features declare by name. Raises `ImproperlyConfigured` for a clash."""
    found: dict[str, Declared] = {}
    for each in declared:
        if clash := found.keys() & each.keys():
            raise ImproperlyConfigured(f"Two features declare {', '.join(sorted(clash))}.")
        found |= each
    return found


@reset_with_features
@cache
def installed_parts() -> tuple[Part, ...]:
    """The parts of a room, in the order in which a snapshot has them."""
    return tuple(part for feature in installed_features() for part in feature.parts)


@reset_with_features
@cache
def rule_notes() -> dict[str, Callable[[Room], str]]:
    """What counts the effect of a rule at this moment, by the rule's name."""
    return merge(feature.rule_notes for feature in installed_features())


def current_subject(room: Room) -> str | None:
    """What everybody in the room has before them now, or None where there is nothing such."""
    reading = (feature.subject for feature in installed_features() if feature.subject is not None)
    return next((read(room) for read in reading), None)


def _forget_features(*, setting: str, **_: object) -> None:
    """Tests install features of their own by `override_settings`."""
    if setting == "ROOM_FEATURES":
        for function in _caches:
            function.cache_clear()


setting_changed.connect(_forget_features)
