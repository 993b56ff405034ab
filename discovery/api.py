"""The suggestions of a room over HTTP."""

from __future__ import annotations

from typing import Annotated

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router
from pydantic import BaseModel, StrictBool, StrictStr

from discovery import background
from discovery.actions.autofill import stop_autofill
from discovery.actions.dismissing import dismiss, take_back_dismissal
from discovery.actions.suggesting import note_look
from discovery.chain import LINKS, Suggestions, credit_of, find_suggestions
from discovery.models import RoomSuggestions
from discovery.moods import Chosen, Direction, chips, find_in_mood
from discovery.seed import Mood, Seed, read_mood
from discovery.shapes import ChipsShape, LinkCreditShape, SuggestionsShape
from discovery.suggestion import fitting, read_excluded, read_suggestions
from music.api.sources import found_items
from music.errors import UnknownTrack
from music.models import Track
from music.sources import registry
from rooms import access, limits
from rooms.models import Room

router = Router(tags=["suggestions"])

Uri = Annotated[StrictStr, Field(min_length=1, max_length=200)]


class Dismissing(BaseModel):
    uri: Uri
    dismissed: StrictBool


@router.get(
    "/{code}/suggestions",
    response=SuggestionsShape,
    summary="Ten tracks that fit now, or with a track, or as a chip wants them; each says why",
)
def suggestions(
    request: HttpRequest,
    code: str,
    like: Annotated[str, Query(max_length=200)] = "",
    mood: Direction | None = None,
    decade: Annotated[int | None, Query(ge=1860, le=2100)] = None,
    genre: Annotated[str, Query(max_length=60)] = "",
) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("SUGGESTIONS", member.pk, access.address_of(request))
    if member.room.is_live:
        note_look(room_id=member.room_id)
    found = _found(member.room, like, Chosen(mood, decade, genre))
    fit = fitting(found.items, read_excluded(member.room, dismissed_by=member))
    items = found_items(member, [each.track for each in fit])
    return JsonResponse(
        {
            "items": [
                {
                    "track": item,
                    "why": {"code": each.reason.code, "values": dict(each.reason.values)},
                    "link": each.link,
                    "credit": credit_of(each),
                }
                for item, each in zip(items, fit, strict=True)
            ],
            "used": list(found.used),
            "credits": _credits({each.link for each in fit}),
            "chips": _chips(),
            "next": None,
        }
    )


@router.put(
    "/{code}/suggestions/dismissed",
    response={204: None},
    summary="Do not suggest a track to me here, or do so again",
)
def set_dismissed(request: HttpRequest, code: str, body: Dismissing) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("DISMISSALS", member.pk, access.address_of(request))
    track = _known_track(member.room, body.uri)
    if body.dismissed:
        dismiss(member=member, track=track)
    else:
        take_back_dismissal(member=member, track=track)
    return HttpResponse(status=204)


@router.delete(
    "/{code}/suggestions/autofill",
    response={204: None},
    summary="The room adds nothing more by itself (host, co-host)",
)
def stop(request: HttpRequest, code: str) -> HttpResponse:
    stop_autofill(by=access.changer(request, code))
    return HttpResponse(status=204)


def _found(room: Room, like: str, chosen: Chosen) -> Suggestions:
    """What stands ready, or is found from what is known here: nothing outside is asked."""
    if like:
        track = _known_track(room, like)
        background.ask_outside_about(room, track)
        mood = Mood((Seed(track, 1.0),), {})
        return find_in_mood(room, mood, chosen) if chosen else find_suggestions(room, mood)
    if chosen:
        return find_in_mood(room, read_mood(room), chosen)
    row = RoomSuggestions.objects.filter(room=room).first()
    if row is not None and row.items:
        return Suggestions(read_suggestions(row.items), row.used)
    return find_suggestions(room, read_mood(room))


def _known_track(room: Room, uri: str) -> Track:
    """A track that somebody can see here: of the library, of this room, found lately, or suggested.

    Asks nobody. Raises `UnknownTrack`.
    """
    if (known := registry.known(uri, room)) is not None:
        return known
    row = RoomSuggestions.objects.filter(room=room).first()
    ready = read_suggestions(row.items) if row is not None else []
    found = next((each.track for each in ready if each.track.uri == uri), None)
    if found is None:
        raise UnknownTrack
    return found


def _credits(used: set[str]) -> list[LinkCreditShape]:
    return [
        {"link": link.name, "title": link.credit.title, "page": link.credit.page}
        for link in LINKS
        if link.credit is not None and link.name in used
    ]


def _chips() -> ChipsShape:
    found = chips()
    return {
        "moods": [str(each) for each in found.directions],
        "decades": list(found.decades),
        "genres": list(found.genres),
    }
