"""The stations of a room over HTTP, and their sound for its speaker."""

from __future__ import annotations

from typing import Annotated

from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from ninja import Field, Query, Router
from pydantic import BaseModel, StrictStr
from typing_extensions import TypedDict

from music.sources.radio.actions import add_station, remove_station
from music.sources.radio.acts import STATIONS
from music.sources.radio.finding import find_stream_here
from music.sources.radio.models import NAME_LENGTH, Station
from music.sources.radio.streaming import StationStream, open_stream
from rooms import access, limits
from rooms.errors import RoomEnded
from rooms.models import Member
from rooms.names import cleaned

router = Router(tags=["music"])


class NewStation(BaseModel):
    name: Annotated[StrictStr, Field(max_length=200)]
    address: Annotated[StrictStr, Field(min_length=1, max_length=500)]


class StationShape(TypedDict):
    id: str
    uri: str
    name: str
    address: str
    kind: str


class StationsShape(TypedDict):
    items: list[StationShape]
    next: None


@router.get(
    "/{code}/stations", response=StationsShape, summary="The radio stations (host, co-host)"
)
def stations(request: HttpRequest, code: str) -> StationsShape:
    member = access.member(request, code)
    member.require(STATIONS)
    found = Station.objects.filter(room=member.room).order_by("name", "pk")
    return {"items": [station_shape(each) for each in found], "next": None}


# Not a POST: an address is in a room once, so the same again changes nothing.
@router.put(
    "/{code}/stations", response=StationShape, summary="Add a radio station (host, co-host)"
)
def add(request: HttpRequest, code: str, body: NewStation) -> StationShape:
    member = access.changer(request, code)
    network = access.address_of(request)
    added = find_and_add(member, name=body.name, address=body.address, network=network)
    return station_shape(added)


@router.delete(
    "/{code}/stations/{station}",
    response={204: None},
    summary="Remove a radio station (host, co-host)",
)
def remove(request: HttpRequest, code: str, station: str) -> HttpResponse:
    remove_station(by=access.changer(request, code), key=station)
    return HttpResponse(status=204)


@router.get("/{code}/stations/{station}/sound", summary="The sound of a station, for the speaker")
def sound(
    request: HttpRequest,
    code: str,
    station: str,
    device: Annotated[str, Query(max_length=64)] = "",
) -> HttpResponse:
    member = access.member(request, code)
    stream = open_stream(member, key=station, device=device)
    # The stream may go on for hours, and the connection of this thread is not its own.
    close_old_connections()
    answer: HttpResponse = StationSound(stream)  # type: ignore[assignment]
    return answer


def find_and_add(member: Member, *, name: str, address: str, network: str) -> Station:
    """Look for a station at an address and add it; takes up to `finding.FIND_S` seconds.

    `network` is the address from which the member asks.

    Raises what `find_stream_here` and `add_station` do, and `RateLimited`.
    """
    if not member.room.is_live:
        raise RoomEnded
    member.require(STATIONS)
    limits.hit("STATIONS", str(member.pk))
    name = cleaned(name, what="name", length=NAME_LENGTH)
    stream = find_stream_here(address, member_id=member.pk, network=network)
    return add_station(by=member, name=name, stream=stream)


def station_shape(station: Station) -> StationShape:
    """A station as hosts see it."""
    return {
        "id": station.key,
        "uri": station.uri,
        "name": station.name,
        "address": station.address,
        "kind": station.kind,
    }


class StationSound(StreamingHttpResponse):
    """A station on its way to the speaker. No thread waits for it: it is read by the event loop."""

    def __init__(self, stream: StationStream) -> None:
        super().__init__(
            (),
            content_type=stream.station.kind,
            headers={
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
                # nginx would keep pieces until it has many.
                "X-Accel-Buffering": "no",
            },
        )
        self._stream = stream
        self.streaming_content = stream.sound()

    def close(self) -> None:
        self._stream.end()
        super().close()
