"""Radio as a source: what it can, and what it adds to a room."""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext

from music.sources.base import Capabilities, Sounds, SourceKind
from music.sources.radio import api, pages, station_watch
from music.sources.radio.acts import STATIONS
from music.sources.radio.models import NAME, Station
from music.sources.radio.source import RadioSource, reach_of, title_of
from rooms.features import Feature
from rooms.limits import Limit
from rooms.log import LogKind
from rooms.models import Room


def _of_room(room: Room) -> RadioSource | None:
    """Radio is in a room that has a station."""
    return RadioSource(room) if Station.objects.filter(room=room).exists() else None


FEATURE = Feature(
    name=NAME,
    acts=(STATIONS,),
    limits={
        "STATIONS": Limit("10/60", _("Easy: {count} stations {window}. Try again in {wait} s.")),
    },
    log_kinds={
        "station.added": LogKind(_("{by} added the station {title}")),
        "station.removed": LogKind(_("{by} removed the station {title}")),
    },
)


def _count_stations() -> str:
    many = Station.objects.count()
    return ngettext("{n} station", "{n} stations", many).format(n=many)


SOURCE = SourceKind(
    name=NAME,
    title="Radio",
    can=Capabilities(
        sounds=Sounds.STREAM, browses=True, playlists=False, fewest_letters=1, page="radio"
    ),
    of_room=_of_room,
    reach=reach_of,
    part_title=title_of,
    forgets=True,
    start=station_watch.start_in_background,
    routers=(api.router,),
    pages=pages.PAGES,
    line=pages.line,
    fact=_count_stations,
)
