"""A radio station as the room's shelf: it plays when nothing waits, and goes behind all else."""

import pytest

from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker
from music.actions.suggested_rows import add_suggested_row
from music.actions.transport import LOCK_AHEAD_MS
from music.conductor import advance_due
from music.models import ItemState, PlaylistShelf, QueueItem, Track
from music.shelf import shelves
from music.sources.library import folders
from music.sources.library.scanner import scan
from music.sources.radio.actions import note_station_away, note_station_back
from music.sources.radio.models import Station
from music.sources.radio.source import track_of
from rooms import clock
from rooms.actions import change_rules, set_role
from rooms.models import Member
from rooms.roles import Role
from rooms.snapshot import read_part
from tests.conftest import browser_of
from tests.radio import DEVICE, now_playing, queued, station_of

HOUR_MS = 60 * 60_000


@pytest.fixture
def station(host: Member) -> Station:
    """A station that the room plays, for nothing waits."""
    station = station_of(host)
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    choose(host, station)
    playback.play(by=host)
    assert on_air(host) == "Radio Sol"
    return station


def choose(member: Member, station: Station) -> int:
    page = f"/r/{member.room.code}/radio"
    return browser_of(member).post(page, {"act": "shelf", "station": station.key}).status_code


def on_air(member: Member) -> str:
    item = now_playing(member).item
    return "" if item is None else item.track.title


def after(ms: int, member: Member) -> str:
    """What plays so many milliseconds later."""
    with clock.shifted(ms):
        advance_due()
        advance_due()
        return on_air(member)


def test_a_station_that_is_the_shelf_plays_on_for_hours_and_is_named_without_a_length(
    host: Member, station: Station
) -> None:
    change_rules(by=host, changes={"station_min": 5})
    assert after(5 * HOUR_MS, host) == "Radio Sol"
    shelf = read_part(host.room_id, "playback")["shelf"]
    assert (shelf["title"], shelf["tracks"], shelf["duration_ms"]) == ("Radio Sol", 1, 0)


@pytest.mark.parametrize("give_way", [True, False])
def test_it_gives_way_to_what_people_add_whatever_the_rule_and_comes_back(
    host: Member, guest: Member, station: Station, tracks: list[Track], give_way: bool
) -> None:
    change_rules(by=host, changes={"stations_give_way": give_way})
    add_track(member=guest, track=tracks[0])
    assert after(LOCK_AHEAD_MS, host) == "Track 1"
    assert after(LOCK_AHEAD_MS + tracks[0].duration_ms + 2_000, host) == "Radio Sol"


def test_it_gives_way_to_another_station_that_somebody_adds(
    host: Member, guest: Member, station: Station
) -> None:
    other = station_of(host, name="Other", url="http://other.example/")
    add_track(member=guest, track=track_of(other))
    assert after(LOCK_AHEAD_MS, host) == "Other"


def test_it_gives_way_to_what_the_room_adds_by_itself(
    host: Member, station: Station, tracks: list[Track]
) -> None:
    add_suggested_row(room_id=host.room_id, track=tracks[0], why={"kind": "library"})
    assert after(LOCK_AHEAD_MS, host) == "Track 1"


def test_it_goes_on_where_the_same_station_is_added(
    host: Member, guest: Member, station: Station
) -> None:
    add_track(member=guest, track=track_of(station))
    assert now_playing(host).item is not None
    assert after(LOCK_AHEAD_MS, host) == "Radio Sol"
    assert QueueItem.objects.get(added_by=guest).state == ItemState.WAITING


def test_while_it_does_not_answer_the_house_plays_until_it_is_back(
    host: Member, station: Station
) -> None:
    scan(folders.roots())
    with clock.shifted(HOUR_MS):
        note_station_away(station=station)
        house = now_playing(host).item
        assert house is not None
        assert house.track.source == "library"
        assert queued(host, "Radio Sol").state == ItemState.PLAYED
        note_station_back(station=station)
    assert after(HOUR_MS + house.track.duration_ms + 2_000, host) == "Radio Sol"


def test_a_station_that_is_removed_is_no_shelf(host: Member, station: Station) -> None:
    scan(folders.roots())
    address = f"/api/rooms/{host.room.code}/stations/{station.key}"
    assert browser_of(host).delete(address).status_code == 204
    assert not PlaylistShelf.objects.exists()
    assert "Radio Sol" not in [each.title.text for each in shelves(host.room)]
    playback.skip(by=host)
    assert on_air(host) not in ("", "Radio Sol")


def test_the_page_says_which_station_it_is_and_lets_the_host_alone_choose(
    host: Member, guest: Member
) -> None:
    set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    station, page = station_of(host), f"/r/{host.room.code}/radio"
    guest.refresh_from_db()
    assert choose(guest, station) == 403
    assert "when nothing waits" not in browser_of(guest).get(page).content.decode()
    assert "Play Radio Sol when nothing waits" in browser_of(host).get(page).content.decode()
    assert choose(host, station) == 303
    assert "Plays when nothing else waits." in browser_of(host).get(page).content.decode()
