"""What the first page of the admin shows: how the site is now, and how its last day was."""

from __future__ import annotations

import platform
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.db.models import Count, F
from django.db.models.functions import Mod
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from chat.models import ChatMessage, MessageReport
from music.models import (
    Incident,
    Playback,
    PlaybackState,
    QueueItem,
    RoomSource,
    SourceState,
    Track,
)
from music.sources import registry
from rooms import clock
from rooms.features import installed_features, merge
from rooms.models import Member, Restriction, Room, RoomState
from staff import open_sockets
from staff.columns import DAY_MS, HOUR_MS
from staff.models import SiteBan, SiteState
from staff.retention import RETENTIONS

HOURS = 24


@dataclass(frozen=True)
class Figure:
    """A number with its name, and where more of it stands."""

    name: str
    value: str
    address: str = ""
    is_urgent: bool = False


@dataclass(frozen=True)
class Chart:
    """Amounts of the last 24 hours, the present one last. Drawn as an SVG of 24 bars."""

    name: str
    amounts: list[int]

    @property
    def bars(self) -> list[dict[str, Any]]:
        """Each bar in a picture of 240 × 48: its place, its height, and what it says."""
        most = max(self.amounts, default=0) or 1
        return [
            {
                "x": n * 10 + 1,
                "y": 48 - round(46 * amount / most),
                "height": round(46 * amount / most),
                "amount": amount,
            }
            for n, amount in enumerate(self.amounts)
        ]

    @property
    def total(self) -> int:
        return sum(self.amounts)


@dataclass(frozen=True)
class ServiceState:
    """How a source of music or a service outside is: its name, and words for it."""

    name: str
    words: str
    is_fine: bool


def read_figures(state: SiteState) -> list[Figure]:
    """How the site is now; one query for each number."""
    now_ms = clock.now_ms()
    sockets = open_sockets.read_counts()
    waiting = MessageReport.objects.open().count()
    incidents = Incident.objects.filter(at_ms__gt=now_ms - HOUR_MS).count()
    day = {"at_ms": "day"}
    return [
        Figure(
            gettext("live rooms"),
            str(Room.objects.live().count()),
            _list("rooms_room", state="live"),
        ),
        Figure(
            gettext("playing now"),
            str(Playback.objects.filter(state=PlaybackState.PLAYING).count()),
            _list("music_queueitem", state="playing"),
        ),
        Figure(
            gettext("people here now"),
            str(Member.objects.present(now_ms).count()),
            _list("rooms_member"),
        ),
        Figure(_sockets_of(len(sockets)), str(sum(sockets)) if sockets else "–"),
        Figure(gettext("reports waiting"), str(waiting), _list("chat_messagereport"), waiting > 0),
        Figure(
            gettext("incidents, last hour"), str(incidents), _list("music_incident", **day), False
        ),
        Figure(
            gettext("mutes and bans"), str(Restriction.objects.count()), _list("rooms_restriction")
        ),
        Figure(
            gettext("bans from the site"),
            str(SiteBan.objects.holding(now_ms).count()),
            _list("staff_siteban"),
        ),
        *_figures_of_sources(),
        Figure(gettext("the site is"), str(state), "", state.closed),
    ]


def read_charts() -> list[Chart]:
    """Rooms, people, tracks and messages of each of the last 24 hours."""
    return [
        Chart(gettext("rooms opened"), _by_hour(Room.objects.all(), "created_at_ms")),
        Chart(gettext("people who joined"), _by_hour(Member.objects.arrived(), "joined_at_ms")),
        Chart(gettext("tracks added"), _by_hour(QueueItem.objects.asked_for(), "added_at_ms")),
        Chart(gettext("messages"), _by_hour(ChatMessage.objects.all(), "created_at_ms")),
    ]


def read_conditions() -> list[ServiceState]:
    """How the sources of live rooms are, and which services outside are asked; one query.

    A service that failed several times is left alone until a moment (its circuit breaker).
    """
    breakers = merge(feature.breakers() for feature in installed_features())
    return [*_rooms_sources(), *(_breaker(name, until) for name, until in breakers.items())]


def _rooms_sources() -> list[ServiceState]:
    """How many live rooms have each source in each state."""
    of_live = RoomSource.objects.filter(room__state=RoomState.LIVE)
    counted = of_live.values_list("name", "state").annotate(many=Count("pk"))
    return [
        ServiceState(
            gettext("{source} in rooms").format(source=_title_of(name)),
            ngettext("{state} in {n} room", "{state} in {n} rooms", many).format(
                state=_word_for(state), n=many
            ),
            state == SourceState.AVAILABLE,
        )
        for name, state, many in counted.order_by("name", "state")
    ]


def _title_of(name: str) -> str:
    """The title of a source; a part, such as a station or a folder, has a row while it is away."""
    kind = registry.kind_of(name)
    if kind is not None:
        return kind.title
    part_of = registry.kind_of(name.partition("-")[0])
    if part_of is not None and part_of.part_title is not None:
        return part_of.part_title(name) or part_of.title
    return gettext("Music folder {name}").format(name=name)


def _breaker(name: str, closed_until_ms: int) -> ServiceState:
    left_s = -(-(closed_until_ms - clock.now_ms()) // 1000)
    if left_s <= 0:
        return ServiceState(name, gettext("asked as usual"), is_fine=True)
    return ServiceState(
        name,
        gettext("not asked for {left_s} s more, after failures").format(left_s=left_s),
        is_fine=False,
    )


def read_facts() -> list[tuple[str, str]]:
    """Versions, sources, and what is set: words for who looks for a cause."""
    return [
        (
            f"BeatSync {_version()}",
            gettext("on Django {django}, Python {platform}").format(
                django=django.get_version(), platform=platform.python_version()
            ),
        ),
        (gettext("Database"), f"{connection.display_name} {_database_version()}"),
        (
            gettext("Redis"),
            gettext("in use") if settings.REDIS_URL else gettext("not in use: one process"),
        ),
        (gettext("Library"), _tracks(Track.objects.filter(source="library").count())),
        *(
            (kind.title, kind.fact() if kind.is_offered() else gettext("not set up"))
            for kind in registry.kinds()
            if kind.fact
        ),
        *((gettext(each.title), _days(each.days)) for each in RETENTIONS),
        (
            gettext("Music is advanced by"),
            gettext("web processes") if settings.CONDUCTOR == "web" else gettext("a worker"),
        ),
    ]


def _figures_of_sources() -> list[Figure]:
    figures = []
    for each in (each for kind in registry.kinds() for each in kind.staff_figures):
        many = each.count()
        page = _list(each.model._meta.label_lower.replace(".", "_"))
        figures.append(Figure(gettext(each.name), str(many), page, each.is_urgent and many > 0))
    return figures


def _word_for(state: str) -> str:
    """The word for a state of a source, in the language of the page."""
    return str(SourceState(state).label)


def _tracks(many: int) -> str:
    return ngettext("{n} track", "{n} tracks", many).format(n=many)


def _sockets_of(processes: int) -> str:
    return (
        gettext("open sockets")
        if processes < 2
        else gettext("open sockets, in {processes} processes").format(processes=processes)
    )


@cache
def _version() -> str:
    """The version in `pyproject.toml`, "" where that is not at hand."""
    try:
        project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    except OSError:
        return ""
    return str(project["project"]["version"])


def _database_version() -> str:
    numbers = connection.get_database_version()
    return ".".join(str(number) for number in numbers)


def _days(days: int | None) -> str:
    return gettext("for ever") if days is None else str(days)


def _list(name: str, **filters: str) -> str:
    chosen = "&".join(f"{field}={value}" for field, value in filters.items())
    return f"{reverse(f'admin:{name}_changelist')}{'?' if chosen else ''}{chosen}"


def _by_hour(rows: Any, field: str) -> list[int]:
    """How many rows have their moment in each of the last 24 hours; one query."""
    now_ms = clock.now_ms()
    since_ms = now_ms - DAY_MS
    of_day = rows.filter(**{f"{field}__gt": since_ms})
    # The hour as the database divides whole numbers alike: by what is left over.
    moment = F(field) - since_ms
    hours = of_day.annotate(hour=(moment - Mod(moment, HOUR_MS)) / HOUR_MS).order_by()
    amounts = [0] * HOURS
    for hour, many in hours.values_list("hour").annotate(many=Count("pk")):
        amounts[min(HOURS - 1, max(0, int(hour)))] += many
    return amounts
