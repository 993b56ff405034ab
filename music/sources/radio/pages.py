"""The page of a room's stations, where host and co-hosts add, queue and remove them."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from music import shelf
from music.actions.playback import choose_playlist_shelf
from music.actions.queue import add_track
from music.errors import UnknownPlaylist
from music.models import Playback, RoomSource
from music.sources.base import SourcePage
from music.sources.radio.actions import remove_station
from music.sources.radio.acts import STATIONS
from music.sources.radio.api import find_and_add
from music.sources.radio.errors import UnknownStation
from music.sources.radio.models import NAME_LENGTH, Station
from music.sources.radio.source import RadioSource, track_of
from music.sources.radio.station_addresses import ADDRESS_LENGTH
from rooms import access, limits
from rooms.acts import GOVERN
from rooms.errors import Conflict, Forbidden, Invalid, RoomError, Unavailable
from rooms.models import Member, Room

# What the page says that somebody is sent back to.
SAID = {
    "added": _("The station is in the list, and in the search of everybody here."),
    "queued": _("The station is in the queue."),
    "shelf": _("When nothing waits, the room plays this station."),
    "removed": _("The station is removed."),
}


def page(request: HttpRequest, member: Member) -> HttpResponse:
    """The stations of a room. Raises `NotAllowed`, and what `access.changer` does."""
    member.require(STATIONS)
    wrong: RoomError | None = None
    if request.method == "POST":
        limits.hit_by("CHANGES", member.pk, access.address_of(request))
        act = _ACTS.get(request.POST.get("act", ""), _add)
        try:
            said = act(request, member)
        except (Invalid, Unavailable, Conflict, Forbidden) as refusal:
            wrong = refusal
        else:
            here = reverse("radio", args=[member.room.code])
            return HttpResponseRedirect(f"{here}?said={said}", status=303)
    away = set(RoomSource.objects.of(member.room).away())
    stations = Station.objects.filter(room=member.room).order_by("name", "pk")
    of_shelf = _uris_of_shelf(member.room)
    context = {
        "room": {"code": member.room.code, "name": member.room.name},
        "stations": [
            {
                "row": each,
                "is_away": each.group in away,
                "is_shelf": each.uri in of_shelf,
            }
            for each in stations
        ],
        "may_choose_shelf": member.may(GOVERN),
        "said": SAID.get(request.GET.get("said", "")),
        "wrong": wrong,
        "written": {
            "name": request.POST.get("name", ""),
            "address": request.POST.get("address", ""),
        },
        "longest": {"name": NAME_LENGTH, "address": ADDRESS_LENGTH},
    }
    return render(request, "radio/page.html", context, status=wrong.status if wrong else 200)


def line(member: Member) -> str:
    """How many stations a member's room has, for those who see to it; empty for all others."""
    if not member.may(STATIONS):
        return ""
    number = Station.objects.filter(room=member.room).count()
    if number == 0:
        return gettext("no station yet")
    return ngettext("{n} station", "{n} stations", number).format(n=number)


def _add(request: HttpRequest, member: Member) -> str:
    find_and_add(
        member,
        name=request.POST.get("name", ""),
        address=request.POST.get("address", ""),
        network=access.address_of(request),
    )
    return "added"


def _queue(request: HttpRequest, member: Member) -> str:
    station = Station.objects.filter(room=member.room, key=request.POST.get("station", "")).first()
    if station is None:
        raise UnknownStation
    add_track(member=member, track=track_of(station))
    return "queued"


def _choose_as_shelf(request: HttpRequest, member: Member) -> str:
    source, key = RadioSource(member.room), request.POST.get("station", "")
    try:
        choose_playlist_shelf(by=member, source=source, playlist_id=key)
    except UnknownPlaylist:
        raise UnknownStation from None
    return "shelf"


def _uris_of_shelf(room: Room) -> set[str]:
    """The addresses of the stations on the room’s shelf; none where it has another shelf."""
    key = Playback.objects.of(room).shelf
    if key != shelf.key_of_playlist(room):
        return set()
    return {*shelf.tracks_of(key).filter(live=True).values_list("uri", flat=True)}


def _remove(request: HttpRequest, member: Member) -> str:
    remove_station(by=member, key=request.POST.get("station", ""))
    return "removed"


_ACTS: dict[str, Callable[[HttpRequest, Member], str]] = {
    "queue": _queue,
    "shelf": _choose_as_shelf,
    "remove": _remove,
}

PAGES = (SourcePage("r/<str:code>/radio", page, "radio", of_room=True),)
