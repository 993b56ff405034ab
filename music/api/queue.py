"""The queue over HTTP."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Router
from pydantic import BaseModel, StrictBool, StrictInt, StrictStr

from music import acts, adding
from music.actions import playback as playing
from music.actions import queue as queueing
from music.actions.held_votes import let_count
from music.actions.tallies import Tally
from music.actions.voting import cast_vote
from music.api.playback import act_once
from music.errors import UnknownItem
from music.models import MOST_WAITING
from music.parts import votes_of
from music.queue_state import standing
from music.shapes import (
    AdditionShape,
    AdditionsShape,
    ItemShape,
    PlaybackShape,
    item_shape,
)
from music.sources import registry
from rooms import access, limits
from rooms.api import whole_number
from rooms.errors import RoomEnded, RoomError
from rooms.models import Member
from rooms.receipts import once, repeated
from rooms.roles import Role
from rooms.snapshot import read_part

MANY = 50
router = Router(tags=["music"])

Short = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class Adding(BaseModel):
    uri: Short


class AddingMany(BaseModel):
    uris: Annotated[list[Short], Field(min_length=1, max_length=MANY)]


class Voting(BaseModel):
    value: Annotated[StrictInt, Field(ge=-1, le=1)]


class Items(BaseModel):
    items: Annotated[list[Short], Field(max_length=MOST_WAITING)]


class Pinning(BaseModel):
    pinned: StrictBool


class Trust(BaseModel):
    count: Literal[True]


@router.get("/{code}/queue", summary="What waits, in playing order, with my own votes")
def queue(request: HttpRequest, code: str) -> HttpResponse:
    member = access.member(request, code)
    votes = votes_of([member.pk])[member.pk]
    items = [
        {**item, "my_vote": votes.get(item["id"], 0)} for item in read_part(member.room_id, "queue")
    ]
    return JsonResponse({"items": items, "next": None})


@router.post("/{code}/queue", response={200: ItemShape, 201: ItemShape}, summary="Add a track")
def add(request: HttpRequest, code: str, body: Adding) -> HttpResponse:
    member = access.member(request, code)
    if answer := repeated(request, member.guest):
        return answer
    # Before anything outside is asked for the track.
    if not member.room.is_live:
        raise RoomEnded
    member.require(acts.ADD)
    _count_adding(request, member)
    track = registry.resolve(body.uri, member.room)

    def perform() -> HttpResponse:
        item, created = queueing.add_track(member=member, track=track)
        shape = item_shape(item, standing(member.room).why.get(item.pk))
        return JsonResponse({**shape, "my_vote": 1}, status=201 if created else 200)

    return once(request, member.guest, perform)


@router.post(
    "/{code}/queue/many", response=AdditionsShape, summary="Add up to 50 tracks, one by one"
)
def add_many(request: HttpRequest, code: str, body: AddingMany) -> HttpResponse:
    member = access.changer(request, code)
    if answer := repeated(request, member.guest):
        return answer
    if not member.room.is_live:
        raise RoomEnded
    member.require(acts.ADD)
    finder = adding.Finder(member.room, count=lambda: _count_adding(request, member))
    items = [_added(request, member, finder, n, uri) for n, uri in enumerate(body.uris)]
    answer = JsonResponse({"items": items, "next": None})
    # A repeat tries again what was put off; what was added has a receipt of its own.
    return answer if finder.put_off else once(request, member.guest, lambda: answer)


# Before those with {item}: django-ninja goes by addresses in order, and it would take these.
@router.put("/{code}/queue/order", summary="Put the queue into this order (host order only)")
def reorder(request: HttpRequest, code: str, body: Items) -> HttpResponse:
    member = access.changer(request, code)
    return _ids(queueing.set_order(by=member, item_ids=_numbers(body.items)))


@router.delete("/{code}/queue", summary="Take everything out that waits (host, co-host)")
def clear(request: HttpRequest, code: str) -> HttpResponse:
    return _ids(queueing.clear_queue(by=access.changer(request, code)))


@router.post("/{code}/queue/restore", summary="Undo a removal, for some seconds")
def restore(request: HttpRequest, code: str, body: Items) -> HttpResponse:
    member = access.changer(request, code)
    item_ids = _numbers(body.items)
    return once(
        request,
        member.guest,
        lambda: _ids(queueing.restore_items(by=member, item_ids=item_ids)),
    )


@router.post("/{code}/queue/auto-play", response=PlaybackShape, summary="Start the top item now")
def auto_play(request: HttpRequest, code: str) -> HttpResponse:
    return act_once(request, code, lambda by: playing.auto_play(by=by))


@router.delete("/{code}/queue/{item}", response={204: None}, summary="Take an item out")
def remove(request: HttpRequest, code: str, item: str) -> HttpResponse:
    member = access.changer(request, code)
    queueing.remove_item(by=member, item_id=whole_number(item, UnknownItem()))
    return HttpResponse(status=204)


@router.put("/{code}/queue/{item}/vote", summary="My vote on an item is now this")
def vote(request: HttpRequest, code: str, item: str, body: Voting) -> HttpResponse:
    member = access.cached_member(request, code)
    limits.hit_by("VOTES", member.pk, access.address_of(request))
    tally = cast_vote(member=member, item_id=whole_number(item, UnknownItem()), value=body.value)
    return JsonResponse({**_tally(tally), "my_vote": body.value})


@router.put("/{code}/queue/{item}/pin", response=ItemShape, summary="Next after what is fixed")
def pin(request: HttpRequest, code: str, item: str, body: Pinning) -> HttpResponse:
    member = access.changer(request, code)
    item_id = whole_number(item, UnknownItem())
    pinned = queueing.pin_item(by=member, item_id=item_id, pinned=body.pinned)
    return JsonResponse({**item_shape(pinned, standing(member.room).why.get(pinned.pk))})


@router.put("/{code}/queue/{item}/held", summary="Let held votes count (host, co-host)")
def trust(request: HttpRequest, code: str, item: str, body: Trust) -> HttpResponse:
    member = access.changer(request, code)
    tally = let_count(by=member, item_id=whole_number(item, UnknownItem()))
    return JsonResponse(_tally(tally))


def _tally(tally: Tally) -> dict[str, Any]:
    return {
        "item": str(tally.item_id),
        "up": tally.up,
        "down": tally.down,
        "score": tally.score,
    }


def _count_adding(request: HttpRequest, member: Member) -> None:
    limit = "ADDS" if member.role == Role.LISTENER else "HOST_ADDS"
    limits.hit_by(limit, member.pk, access.address_of(request))


def _added(
    request: HttpRequest, member: Member, finder: adding.Finder, part: int, uri: str
) -> AdditionShape:
    """What became of one of several tracks; a repeat adds it only if it did not get so far."""
    answer = repeated(request, member.guest, part=part)
    if answer is None:
        try:
            track = finder.track(uri)
        except RoomError as refusal:
            return adding.refused(uri, refusal)
        answer = once(
            request,
            member.guest,
            lambda: JsonResponse({**adding.added(member, uri, track)}),
            part=part,
        )
    outcome: AdditionShape = json.loads(answer.content)
    return outcome


def _ids(item_ids: list[int]) -> HttpResponse:
    return JsonResponse({"items": [str(pk) for pk in item_ids]})


def _numbers(items: list[str]) -> list[int]:
    """Ids out of a body; what cannot be an id names nothing that waits."""
    return [int(item) for item in items if item.isascii() and item.isdigit() and len(item) < 19]
