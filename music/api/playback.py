"""The playback over HTTP: what people do to the music."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router
from pydantic import BaseModel, StrictInt, StrictStr

from music.actions import playback as playing
from music.actions.transport import shape_of
from music.models import (
    Playback,
)
from music.shapes import (
    PlaybackShape,
)
from music.sources import registry
from rooms import access, limits
from rooms.models import Member
from rooms.receipts import once

router = Router(tags=["music"])

PlayId = Annotated[StrictStr, Field(max_length=40)]


class Acting(BaseModel):
    play_id: PlayId | None = None


class Seeking(Acting):
    position_ms: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


class PlaylistChoice(BaseModel):
    source: Annotated[StrictStr, Field(max_length=20)]
    id: Annotated[StrictStr, Field(max_length=100)]


class ShelfChoice(BaseModel):
    """A shelf by its key, None for silence; or a playlist of a source."""

    shelf: Annotated[StrictStr, Field(max_length=40)] | None
    playlist: PlaylistChoice | None = None


@router.post("/{code}/playback/play", response=PlaybackShape, summary="Play, or start the music")
def play(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    return act_once(request, code, lambda by: playing.play(by=by, play_id=body.play_id))


@router.post("/{code}/playback/pause", response=PlaybackShape, summary="Pause")
def pause(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    return act_once(request, code, lambda by: playing.pause(by=by, play_id=body.play_id))


@router.post("/{code}/playback/seek", response=PlaybackShape, summary="Go to a position")
def seek(request: HttpRequest, code: str, body: Seeking) -> HttpResponse:
    to_ms = body.position_ms
    return act_once(
        request,
        code,
        lambda by: playing.seek(by=by, position_ms=to_ms, play_id=body.play_id),
    )


@router.post("/{code}/playback/skip", response=PlaybackShape, summary="End this track now")
def skip(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    return act_once(request, code, lambda by: playing.skip(by=by, play_id=body.play_id))


@router.post("/{code}/playback/skip-vote", summary="Ask to skip what plays")
def skip_vote(request: HttpRequest, code: str, body: Acting) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("VOTES", member.pk, access.address_of(request))

    def perform() -> HttpResponse:
        playback = playing.ask_to_skip(member=member, play_id=body.play_id)
        # The count of a skipped track is gone with it.
        skipped = body.play_id is not None and body.play_id != str(playback.play_id)
        asked, needed = playback.skip_asked, playback.skip_needed
        return JsonResponse(
            {
                "play_id": str(playback.play_id),
                "asked": asked,
                "needed": needed,
                "skipped": skipped or asked == 0,
            }
        )

    return once(request, member.guest, perform)


@router.put("/{code}/playback/shelf", response=PlaybackShape, summary="Choose the shelf (host)")
def choose_shelf(request: HttpRequest, code: str, body: ShelfChoice) -> HttpResponse:
    member = access.changer(request, code)
    if (chosen := body.playlist) is None:
        return _playback(playing.choose_shelf(by=member, key=body.shelf))
    limits.hit_by("SEARCHES", member.pk, access.address_of(request))
    source = registry.source(chosen.source, member.room)
    return _playback(playing.choose_playlist_shelf(by=member, source=source, playlist_id=chosen.id))


def act_once(request: HttpRequest, code: str, act: Callable[[Member], Playback]) -> HttpResponse:
    """Let the asking member do that to the playback, or repeat the answer of the first time."""
    by = access.changer(request, code)
    return once(request, by.guest, lambda: _playback(act(by)))


def _playback(playback: Playback) -> HttpResponse:
    return JsonResponse({**shape_of(playback)})
