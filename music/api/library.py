"""Browsing the library over HTTP: its artists, albums and folders, and all of it shuffled."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router
from typing_extensions import TypedDict

from music.api.sources import Cursor, found_tracks
from music.sources.library import covers
from music.sources.library.browsing import Group, GroupKind
from music.sources.library.source import library_of
from rooms import access, limits
from rooms.models import Member

router = Router(tags=["music"])

_LARGEST_SEED = 2**31 - 1


class GroupShape(TypedDict):
    id: str
    name: str
    name_code: str | None
    of: str | None
    of_code: str | None
    tracks: int
    cover: str | None


class GroupsShape(TypedDict):
    items: list[GroupShape]
    next: str | None


@router.get("/{code}/library/shuffle", summary="All tracks of the library, shuffled by a seed")
def shuffle(
    request: HttpRequest,
    code: str,
    seed: Annotated[int, Query(ge=0, le=_LARGEST_SEED)] = 0,
    cursor: Cursor = None,
) -> HttpResponse:
    member = _browsing(request, code)
    return found_tracks(member, library_of(member.room).shuffled(seed, cursor=cursor))


@router.get(
    "/{code}/library/{kind}",
    response=GroupsShape,
    summary="The artists, albums or folders of the library",
)
def groups(request: HttpRequest, code: str, kind: GroupKind, cursor: Cursor = None) -> GroupsShape:
    member = _browsing(request, code)
    page = library_of(member.room).groups(kind, cursor=cursor)
    return {"items": [_group_shape(group) for group in page.groups], "next": page.next}


@router.get("/{code}/library/{kind}/{group}", summary="The tracks of an artist, album or folder")
def group_tracks(
    request: HttpRequest,
    code: str,
    kind: GroupKind,
    group: Annotated[str, Path(max_length=40)],
    cursor: Cursor = None,
) -> HttpResponse:
    member = _browsing(request, code)
    library = library_of(member.room)
    return found_tracks(member, library.tracks_of_group(kind, group, cursor=cursor))


def _browsing(request: HttpRequest, code: str) -> Member:
    member = access.member(request, code)
    limits.hit_by("SEARCHES", member.pk, access.address_of(request))
    return member


def _group_shape(group: Group) -> GroupShape:
    return {
        "id": group.id,
        "name": group.name.text,
        "name_code": group.name.code or None,
        "of": group.of.text or None,
        "of_code": group.of.code or None,
        "tracks": len(group.tracks),
        "cover": covers.small_of(group.cover) or group.cover or None,
    }
