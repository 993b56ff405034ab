"""What tests of radio share: a station in a room, that plays or waits."""

from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker
from music.conductor import advance_due
from music.models import Playback, QueueItem
from music.sources.radio.actions import add_station
from music.sources.radio.finding import FoundStream
from music.sources.radio.models import Station
from music.sources.radio.source import track_of
from music.sources.radio.station_addresses import web_address
from rooms.models import Member
from tests.fakes.radio import FakeRadio

DEVICE = "speaker-1"


def station_of(
    host: Member, *, name: str = "Radio Sol", url: str = "http://radio.example/"
) -> Station:
    """A station that the host has added, without a look at its address."""
    stream = FoundStream(web_address(url), "audio/mpeg")
    return add_station(by=host, name=name, stream=stream)


def play_station(host: Member, radio: FakeRadio | None = None, path: str = "mp3") -> Station:
    """A station that plays on a speaker of the host, without a shelf behind it."""
    playback.choose_shelf(by=host, key=None)
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    station = station_of(host, url=radio.url(path) if radio else "http://radio.example/")
    add_track(member=host, track=track_of(station))
    advance_due()
    assert now_playing(host).item is not None
    return station


def now_playing(member: Member) -> Playback:
    return Playback.objects.select_related("item__track").get(room=member.room_id)


def queued(member: Member, track_title: str) -> QueueItem:
    return QueueItem.objects.select_related("track").get(
        room=member.room_id, track__title=track_title
    )
