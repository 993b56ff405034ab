"""What is asked of all sources of music, those of the one list in `music.sources.packages`.

The settings of Django's apps come from them, so nothing here needs a model before it is called.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from django.utils.module_loading import import_string
from django.utils.translation import gettext_noop as _

from music.errors import UnknownTrack
from music.sources.packages import SOURCES
from rooms.errors import Invalid, RoomEnded

if TYPE_CHECKING:
    from music.models import Track
    from music.sources.base import Source, SourceKind, SourcePage
    from music.sources.library.reach import FileReach
    from rooms.models import Room
    from rooms.sentences import Sentence


@cache
def kinds() -> tuple[SourceKind, ...]:
    """All sources that there are, whether they are offered here or not."""
    return tuple(import_string(f"{package}.feature.SOURCE") for package in SOURCES)


def offered() -> Iterator[SourceKind]:
    """Those that the operator has set up."""
    return (kind for kind in kinds() if kind.is_offered())


def outside() -> Iterator[SourceKind]:
    """Those that are offered beside the house's own library, which every room has."""
    return (kind for kind in offered() if not kind.always)


def kind_of(name: str) -> SourceKind | None:
    """The source of this name, offered or not."""
    return next((kind for kind in kinds() if kind.name == name), None)


def source_pages() -> tuple[SourcePage, ...]:
    """The pages of all sources; those of one that is not offered answer 404 themselves."""
    return tuple(page for kind in kinds() for page in kind.pages)


def attribution(name: str) -> str:
    """By which name a source stands beside what leads back to it; "" for most."""
    kind = kind_of(name)
    return kind.can.attribution if kind else ""


@cache
def away_sentences() -> Mapping[str, Sentence]:
    """What is told where a source is away, by code: the sentences of its refusals."""
    of_kinds = (kind.refusals.sentences() for kind in kinds() if kind.refusals)
    return {key: sentence for one in of_kinds for key, sentence in one.items()}


def sources(room: Room) -> list[Source]:
    """What this room can choose from now."""
    found = (kind.of_room(room) for kind in offered())
    return [source for source in found if source is not None]


def source(name: str, room: Room) -> Source:
    """The source of this name, as this room has it.

    Raises `Invalid`; `RoomEnded`, and the refusal of a source that is offered and that the room
    does not have.
    """
    found = _find(name, room)
    if found is None:
        known = ", ".join(each.name for each in sources(room))
        raise Invalid(_("There is no source of that name; there are: {names}."), names=known)
    return found


def resolve(uri: str, room: Room) -> Track:
    """The track that a uri or a link names, if it can be had now; it need not be saved.

    It may ask the world outside: never call it while a room is held. Raises `UnknownTrack`, what
    the source raises that cannot be asked, and `Invalid` for a link to something else.
    """
    for kind in kinds():
        if kind.links and (of_link := kind.links.uri_of(uri)):
            uri = of_link
            break
    known = _find(uri.partition(":")[0], room)
    if known is None:
        raise UnknownTrack
    track = known.track(uri)
    if not track.available:
        raise UnknownTrack(_("That track is not available any more."), detail="track_gone")
    return track


def known(uri: str, room: Room) -> Track | None:
    """The track of a uri as it is saved, or as its source has lately found it; asks nobody.

    What a service outside has, and was added in other rooms alone, is not known by that: what
    people elsewhere play is no business of this room.
    """
    from music.models import QueueItem, Track

    saved = Track.objects.filter(uri=uri).first()
    kind = kind_of(uri.partition(":")[0])
    if kind is None or kind.known is None:
        return saved
    if saved is not None and QueueItem.objects.filter(room=room, track=saved).exists():
        return saved
    return kind.known(uri)


def refuse_link_elsewhere(text: str, name: str, room: Room) -> None:
    """Raise `Invalid` where a text for the search of a source has a link of another one."""
    for kind in kinds():
        if kind.name != name and kind.links and kind.links.is_in(text):
            raise kind.links.elsewhere(kind.is_offered() and kind.of_room(room) is not None)


def reach(track: Track) -> FileReach:
    """How the file of a track stands now.

    What has none plays where the room has its source and that is there (`RoomSource`).
    """
    from music.sources.library.reach import FileReach

    kind = kind_of(track.source)
    return kind.reach(track) if kind and kind.reach else FileReach.GONE


def _find(name: str, room: Room) -> Source | None:
    kind = kind_of(name)
    if kind is None or not kind.is_offered():
        return None
    if not kind.always and not room.is_live:
        raise RoomEnded
    found = kind.of_room(room)
    if found is None and kind.refusal is not None:
        raise kind.refusal
    return found
