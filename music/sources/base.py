"""What a source of music must be able to do, and how its package says what it can.

A source is a package in `music/sources/` and a line in `music.sources.packages`. Its `feature.py`
has a `FEATURE`, as every app of a room (`rooms.features`), and a `SOURCE`, which is a `SourceKind`.
Everything else asks that, and no name of a source.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from ninja import Router
from prometheus_client.registry import Collector

from music.titles import Title
from rooms.errors import Invalid, RoomError

if TYPE_CHECKING:
    from music.models import Track
    from music.sources.library.reach import FileReach
    from rooms.models import Member, Room


class Sounds(StrEnum):
    """How what is of a source becomes sound."""

    FILE = "file"  # a file or a stream at an address of ours, which any page plays
    STREAM = "stream"  # a stream at an address of ours, which only the room's speaker plays
    DEVICE = "device"  # a device of its own does it, and is told to


@dataclass(frozen=True)
class Capabilities:
    """What people can do with a source, as the wire says it (`can` of a source).

    `personal`: its playlists are somebody's own, and not for everybody's eyes. It `browses` if it
    has something to show where nothing is typed, and is asked from `fewest_letters` on, `pause_ms`
    after the last one. `attribution` names it beside what leads back to it; "" needs no naming.
    `links` is a pattern, in the syntax that Python and JavaScript share and whatever the case, that
    finds its addresses in what people type; "" has none. `page` is the last part of the address of
    its page in a room; "" has none.
    """

    sounds: Sounds = Sounds.FILE
    personal: bool = False
    searches: bool = True
    browses: bool = False
    playlists: bool = True
    attribution: str = ""
    fewest_letters: int = 2
    pause_ms: int = 250
    links: str = ""
    page: str = ""


@dataclass(frozen=True)
class Page:
    """Some tracks, and the cursor that asks for those after them (None at the end).

    They need not be saved: whoever adds one saves it. `skipped` counts what stands between them and
    cannot be queued, by reason: gone, local, episode, unplayable, market, product, explicit,
    restricted or broken. `stale_since_ms` is the moment that they are from, where the source could
    not be asked for newer ones. `near`: nothing fits what was asked for, and these nearly do.
    """

    tracks: Sequence[Track]
    next: str | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    stale_since_ms: int | None = None
    near: bool = False


@dataclass(frozen=True)
class Playlist:
    """Tracks that somebody has put together. `tracks` is how many, None where nobody says.

    `owner`, `cover` and `link` may be "". One that is not `readable` shows no tracks; `why_not` is
    the refusal that says why.
    """

    id: str
    name: Title
    owner: str = ""
    tracks: int | None = None
    cover: str = ""
    link: str = ""
    readable: bool = True
    why_not: type[RoomError] | None = None


@dataclass(frozen=True)
class Playlists:
    """Some playlists; the rest as in `Page`."""

    playlists: Sequence[Playlist]
    next: str | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)
    stale_since_ms: int | None = None


class Source(Protocol):
    """A place that tracks come from, as one room has it. `name` as of its `SourceKind`.

    All methods raise `rooms.errors.Invalid` for a cursor that is not of this source, and
    `rooms.errors.Unavailable` while the source is away.
    """

    name: str

    def search(self, query: str, *, cursor: str | None = None, limit: int = 20) -> Page:
        """Tracks that fit the query, best first; for an empty one, whatever there is to browse."""

    def track(self, uri: str) -> Track:
        """The track with this uri. Raises `music.errors.UnknownTrack`."""

    def playlists(self, *, cursor: str | None = None) -> Playlists:
        """The playlists that there are."""

    def playlist_tracks(self, playlist_id: str, *, cursor: str | None = None) -> Page:
        """What is in one of them, in its order. Raises `music.errors.UnknownPlaylist`."""


@dataclass(frozen=True)
class Links:
    """Addresses of a source, as people paste them where a title or a uri is asked for.

    `uri_of` gives the uri of the track that one leads to, None where there is none in a text, and
    raises `Invalid` for one that leads to something else. `elsewhere` is the refusal of one that is
    looked for in another source, in a room that has this one or not.
    """

    uri_of: Callable[[str], str | None]
    is_in: Callable[[str], bool]
    elsewhere: Callable[[bool], Invalid]


@dataclass(frozen=True)
class Lookup:
    """How a recording of which the names are known is found in a source.

    `service`: as ListenBrainz calls it, which knows ids of some recordings there; `uri_of` makes a
    uri of such an id. `query` asks for an artist and a title as exactly as the search can.
    """

    service: str
    uri_of: Callable[[str], str]
    query: Callable[[str, str], str]


@dataclass(frozen=True)
class SourcePage:
    """A page of a source, at a path of this site.

    `of_room`: `view(request, member)` for a member of a live room, whose code is in the path as
    `<str:code>`; else `view(request)`. What it raises of `RoomError`s is said on a page, from which
    a way leads to `back`.
    """

    path: str
    view: Callable[..., HttpResponse]
    name: str
    of_room: bool = False
    back: Callable[[HttpRequest], str] = lambda request: ""


@dataclass(frozen=True)
class StaffList:
    """A model of a source that the site's staff may read.

    `moments` are fields in ms UTC under the words of their columns; `secret` fields are not read.
    """

    model: type[Model]
    columns: Sequence[str]
    fields: Sequence[str]
    search: Sequence[str] = ()
    filters: Sequence[str] = ()
    moments: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    secret: Sequence[str] = ()


@dataclass(frozen=True)
class StaffFigure:
    """A number for the first page of the staff, which leads to the list of `model`."""

    name: str
    count: Callable[[], int]
    model: type[Model]
    is_urgent: bool = False


@dataclass(frozen=True)
class SourceKind:
    """What a source is, what it can, and what it adds to the site. `name` begins its uris.

    `title` is for people. `of_room` gives the source as a room has it, None where it has it not:
    then `refusal` is raised to who asks for it, and there is no such source without one. `refusals`
    is the root of those that say why it is away.
    `is_offered`: whether the operator has set it up; nothing of it shows elsewhere. Every room has
    a source that is there `always`, and nothing has to name that.
    `part_title` names a part of it that can be away by itself, by a key that begins with `NAME-`.
    `search_limit` counts the searches of a member (a name of `rooms.limits`). `known` gives
    a track that it has found lately, by its uri, and asks nobody. `reach` says how a track's file
    stands, where there is one. `forgets`: a track that no item needs is deleted.

    `start` begins a thread beside the conductor; `tidy` runs every hour there. `doctor` is a
    command of `manage.py`. `routers` are below `/api/rooms`, `pages` where they say. `page_facts`
    is what templates of the source in a room's page show to a guest, by name: those are
    `NAME/SLOT.html` (`beatsync/templatetags/sources.py`); `person_facts` the same in `/me`. `line`
    says how it stands in the room of a member who may know, else "". `fact` is for the staff.
    """

    name: str
    title: str
    can: Capabilities
    of_room: Callable[[Room], Source | None]
    is_offered: Callable[[], bool] = lambda: True
    always: bool = False
    refusal: type[RoomError] | None = None
    refusals: type[RoomError] | None = None
    search_limit: str = ""
    links: Links | None = None
    lookup: Lookup | None = None
    known: Callable[[str], Track | None] | None = None
    reach: Callable[[Track], FileReach] | None = None
    part_title: Callable[[str], str] | None = None
    forgets: bool = False
    start: Callable[[], object] | None = None
    tidy: Callable[[], object] | None = None
    doctor: str = ""
    collectors: Callable[[], Iterable[Collector]] = tuple
    routers: tuple[Router, ...] = ()
    pages: tuple[SourcePage, ...] = ()
    page_facts: Callable[[Room, Member | None, uuid.UUID | None], Mapping[str, Any]] | None = None
    person_facts: Callable[[uuid.UUID | None], Mapping[str, Any]] | None = None
    site_facts: Callable[[], Mapping[str, Any]] | None = None
    line: Callable[[Member], str] | None = None
    staff_lists: tuple[StaffList, ...] = ()
    staff_figures: tuple[StaffFigure, ...] = ()
    fact: Callable[[], str] | None = None
