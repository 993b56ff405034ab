"""The sources of music over HTTP: what can be found there, and what has played."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Path, Query, Router

from music import acts, add_checks, shelf
from music.errors import UnknownPage
from music.models import (
    QueueItem,
    Track,
)
from music.queue_state import waiting_items
from music.shapes import (
    played_shape,
    playlist_shape,
    shelf_shape,
    track_shape,
)
from music.sources import registry
from music.sources.base import Page, Playlists, Source
from rooms import access, limits
from rooms.acts import GOVERN
from rooms.api import whole_number
from rooms.errors import RoomError
from rooms.models import Member

PAGE = 50
router = Router(tags=["music"])

SourceName = Annotated[str, Query(max_length=20)]
Cursor = Annotated[str | None, Query(max_length=200)]


@router.get("/{code}/search", summary="Find tracks; without a query, browse them")
def search(
    request: HttpRequest,
    code: str,
    q: Annotated[str, Query(max_length=200)] = "",
    source: SourceName = "library",
    cursor: Cursor = None,
) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("SEARCHES", member.pk, access.address_of(request))
    searched = registry.source(source, member.room)
    registry.refuse_link_elsewhere(q, source, member.room)
    kind = registry.kind_of(source)
    if kind is not None and kind.search_limit:
        limits.hit(kind.search_limit, str(member.pk))
    return found_tracks(member, searched.search(q, cursor=cursor))


@router.get("/{code}/playlists", summary="Playlists of a source (personal: host, co-host)")
def playlists(
    request: HttpRequest, code: str, source: SourceName = "library", cursor: Cursor = None
) -> HttpResponse:
    _, browsed = _browsing(request, code, source)
    page = browsed.playlists(cursor=cursor)
    items = [playlist_shape(each) for each in page.playlists]
    return JsonResponse({"items": items, **_page_facts(page)})


@router.get("/{code}/playlists/{playlist}", summary="The tracks of a playlist")
def playlist_tracks(
    request: HttpRequest,
    code: str,
    playlist: Annotated[str, Path(max_length=100)],
    source: SourceName = "library",
    cursor: Cursor = None,
) -> HttpResponse:
    member, browsed = _browsing(request, code, source)
    return found_tracks(member, browsed.playlist_tracks(playlist, cursor=cursor))


@router.get("/{code}/shelves", summary="What the room can fall back on")
def shelves(request: HttpRequest, code: str) -> HttpResponse:
    member = access.member(request, code)
    # Where the host was is for the host to see.
    found = shelf.shelves(member.room if member.may(GOVERN) else None)
    return JsonResponse({"items": [shelf_shape(each) for each in found], "next": None})


@router.get("/{code}/history", summary="What has played, the latest first")
def history(
    request: HttpRequest, code: str, cursor: Annotated[str | None, Query(max_length=20)] = None
) -> HttpResponse:
    member = access.member(request, code)
    # By their ends: what failed before it could start has no start.
    played = QueueItem.objects.filter(room=member.room).history()
    if cursor is not None:
        before = whole_number(cursor, UnknownPage())
        last = played.filter(pk=before).first()
        if last is None:
            raise UnknownPage
        played = played.filter(
            Q(ended_at_ms__lt=last.ended_at_ms) | Q(ended_at_ms=last.ended_at_ms, pk__lt=last.pk)
        )
    items = list(played.with_facts()[: PAGE + 1])
    following = str(items[PAGE - 1].pk) if len(items) > PAGE else None
    return JsonResponse({"items": [played_shape(item) for item in items[:PAGE]], "next": following})


def _browsing(request: HttpRequest, code: str, source: str) -> tuple[Member, Source]:
    """The asking member, and the source of whose playlists they may see."""
    member = access.member(request, code)
    limits.hit_by("SEARCHES", member.pk, access.address_of(request))
    browsed = registry.source(source, member.room)
    kind = registry.kind_of(source)
    if kind is not None and kind.can.personal:
        member.require(acts.BROWSE)
    return member, browsed


def found_tracks(member: Member, page: Page) -> HttpResponse:
    """Tracks of a source, each with what stands against adding it; those that have that last."""
    items = found_items(member, page.tracks)
    items.sort(key=lambda item: item["refusal"] is not None)
    return JsonResponse({"items": items, "near": page.near, **_page_facts(page)})


def found_items(member: Member, tracks: Sequence[Track]) -> list[dict[str, Any]]:
    """Tracks as they were found, each with what stands against adding it, and where it waits."""
    alike = Track.objects.alike(tracks)
    # A row of the shelf is no such item: adding its track makes it the member's.
    queue = QueueItem.objects.filter(room=member.room).waiting().asked_for()
    waiting = waiting_items(queue, alike)
    refusals = add_checks.refusals(member, tracks, alike)
    # What waits already is voted for, and no rule about new tracks stands against that.
    return [
        {
            **track_shape(track),
            "waiting_item": waiting[track.uri],
            "refusal": None if waiting[track.uri] else _refusal(refusals[track.uri]),
        }
        for track in tracks
    ]


def _page_facts(page: Page | Playlists) -> dict[str, Any]:
    return {
        "next": page.next,
        "skipped": dict(page.skipped),
        "stale_since_ms": page.stale_since_ms,
    }


def _refusal(refusal: RoomError | None) -> dict[str, Any] | None:
    if refusal is None:
        return None
    return {"until_ms": None, **refusal.as_facts()}
