"""A radio station in a room: added by a host, of unknown length, and polite to what waits."""

from collections.abc import Iterator
from typing import Any

import pytest

from beatsync.setting_lists import networks
from music.actions import playback
from music.actions.queue import add_track, remove_item
from music.actions.transport import LOCK_AHEAD_MS
from music.conductor import advance_due
from music.models import ItemState, Playback, QueueItem, RoomSource, Track
from music.queue_state import order_of
from music.shapes import expected_end_ms
from music.sources.radio.actions import note_station_away, note_station_back, note_title
from music.sources.radio.models import MOST_STATIONS, Station
from music.sources.radio.source import track_of
from music.sources.radio.station_watch import try_again
from rooms import clock
from rooms.actions import change_rules
from rooms.errors import Invalid
from rooms.models import Member, Room
from rooms.snapshot import read_part
from staff.dashboard import read_conditions
from tests.conftest import browser_of
from tests.fakes.radio import FakeRadio
from tests.radio import now_playing, play_station, queued, station_of

HOUR_MS = 60 * 60_000


@pytest.fixture
def radio(settings: Any) -> Iterator[FakeRadio]:
    settings.RADIO_NETWORKS = networks("RADIO_NETWORKS", "127.0.0.1/32")
    with FakeRadio() as radio:
        yield radio


def api(path: str, room: Room) -> str:
    return f"/api/rooms/{room.code}/{path}"


# --- Stations of a room ---------------------------------------------------------------------------


def test_a_station_that_the_host_adds_is_found_and_queued_by_a_guest(
    host: Member, guest: Member, radio: FakeRadio
) -> None:
    body = {"name": "Radio Sol", "address": radio.url("listen.m3u")}
    added = browser_of(host).put(api("stations", host.room), body, "application/json")
    assert (added.status_code, added.json()["address"]) == (200, radio.url("mp3"))
    found = browser_of(guest).get(api("search?source=radio&q=sol", host.room)).json()["items"]
    assert [(each["title"], each["live"], each["duration_ms"]) for each in found] == [
        ("Radio Sol", True, None)
    ]
    queue = api("queue", host.room)
    item = browser_of(guest).post(queue, {"uri": found[0]["uri"]}, "application/json").json()
    assert (item["track"]["title"], item["why"]["kind"]) == ("Radio Sol", "gives_way")


def test_only_hosts_add_stations(guest: Member, radio: FakeRadio) -> None:
    body = {"name": "Mine", "address": radio.url("mp3")}
    refused = browser_of(guest).put(api("stations", guest.room), body, "application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    assert not radio.calls


def test_a_refused_address_says_why(host: Member) -> None:
    body = {"name": "Router", "address": "http://192.168.1.1/"}
    refused = browser_of(host).put(api("stations", host.room), body, "application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "station_private")


def test_the_page_of_stations_adds_queues_and_removes_by_forms(
    host: Member, radio: FakeRadio
) -> None:
    browser, page = browser_of(host), f"/r/{host.room.code}/radio"
    browser.post(page, {"act": "add", "name": "Radio Sol", "address": radio.url("mp3")})
    key = Station.objects.get().key
    browser.post(page, {"act": "queue", "station": key})
    assert queued(host, "Radio Sol").state == ItemState.WAITING
    browser.post(page, {"act": "remove", "station": key})
    assert queued(host, "Radio Sol").state == ItemState.REMOVED
    assert not Station.objects.exists()


def test_the_page_says_what_is_wrong_with_an_address_and_keeps_what_was_typed(
    host: Member, radio: FakeRadio
) -> None:
    body = {"act": "add", "name": "<b>Sol", "address": radio.url("text")}
    answer = browser_of(host).post(f"/r/{host.room.code}/radio", body)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "There is no MP3, AAC or Ogg stream at that address." in page
    assert "&lt;b&gt;Sol" in page


def test_a_listener_sees_no_page_of_stations(guest: Member) -> None:
    assert browser_of(guest).get(f"/r/{guest.room.code}/radio").status_code == 403


def test_a_room_has_so_many_stations_at_most(host: Member) -> None:
    for n in range(MOST_STATIONS):
        station_of(host, url=f"http://radio.example/{n}")
    with pytest.raises(Invalid):
        station_of(host, url="http://radio.example/more")
    station_of(host, name="Renamed", url="http://radio.example/0")
    assert Station.objects.filter(name="Renamed").count() == 1


def test_a_station_is_of_its_room_alone(host: Member, outsider: Member) -> None:
    station = station_of(host)
    other = browser_of(outsider)
    assert other.get(api("search?source=radio", outsider.room)).status_code == 422
    body = {"uri": station.uri}
    refused = other.post(api("queue", outsider.room), body, "application/json")
    assert refused.json()["error"]["code"] == "unknown_track"


# --- Of unknown length ----------------------------------------------------------------------------


def test_nobody_knows_when_what_waits_behind_a_station_starts(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    change_rules(by=host, changes={"stations_give_way": False})
    play_station(host)
    add_track(member=guest, track=tracks[0])
    assert expected_end_ms(now_playing(host)) is None
    assert [item["eta_ms"] for item in read_part(host.room_id, "queue")] == [None]
    assert read_part(host.room_id, "playback")["track"]["duration_ms"] is None


def test_a_station_plays_on_for_hours(host: Member) -> None:
    play_station(host)
    with clock.shifted(10 * HOUR_MS):
        advance_due()
        assert now_playing(host).item is not None


def test_there_is_no_place_to_go_to_in_a_station(host: Member) -> None:
    play_station(host)
    with pytest.raises(Invalid):
        playback.seek(by=host, position_ms=1_000)


def test_a_skipped_station_is_over_and_stands_in_the_history(host: Member) -> None:
    play_station(host)
    playback.skip(by=host)
    history = browser_of(host).get(api("history", host.room)).json()["items"]
    assert [(each["track"]["title"], each["outcome"]) for each in history] == [
        ("Radio Sol", "skipped")
    ]


def test_the_longest_track_and_the_rest_are_no_rules_for_stations(
    host: Member, guest: Member
) -> None:
    change_rules(by=host, changes={"longest_min": 1})
    station = play_station(host)
    playback.skip(by=host)
    item, is_new = add_track(member=guest, track=track_of(station))
    assert (item.track.title, is_new) == ("Radio Sol", True)


def test_a_station_plays_for_the_time_that_a_rule_sets(host: Member) -> None:
    change_rules(by=host, changes={"station_min": 30})
    play_station(host)
    assert read_part(host.room_id, "playback")["track"]["duration_ms"] == 30 * 60_000
    with clock.shifted(30 * 60_000):
        advance_due()
        assert now_playing(host).item is None
    assert queued(host, "Radio Sol").state == ItemState.PLAYED


def test_a_station_ends_at_closing_time(host: Member) -> None:
    play_station(host)
    change_rules(by=host, changes={"closes_after_min": 60})
    room = Room.objects.get(pk=host.room_id)
    assert now_playing(host).ends_at_ms == room.created_at_ms + HOUR_MS


def test_a_station_until_closing_time_leaves_room_for_tracks(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    change_rules(by=host, changes={"closes_after_min": 60})
    play_station(host)
    add_track(member=guest, track=tracks[0])
    assert now_playing(host).ends_at_ms <= clock.now_ms() + LOCK_AHEAD_MS


# --- It gives way ---------------------------------------------------------------------------------


def test_a_station_gives_way_to_what_somebody_adds(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    play_station(host)
    add_track(member=guest, track=tracks[0])
    ends_at_ms = now_playing(host).ends_at_ms
    assert ends_at_ms is not None
    assert ends_at_ms <= clock.now_ms() + LOCK_AHEAD_MS
    assert [item["eta_ms"] for item in read_part(host.room_id, "queue")] == [ends_at_ms]
    with clock.shifted(LOCK_AHEAD_MS):
        advance_due()
        advance_due()
    assert now_playing(host).item == queued(host, "Track 1")
    assert queued(host, "Radio Sol").state == ItemState.PLAYED


def test_a_station_plays_on_where_the_host_lets_it(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    change_rules(by=host, changes={"stations_give_way": False})
    play_station(host)
    add_track(member=guest, track=tracks[0])
    with clock.shifted(HOUR_MS):
        advance_due()
        assert now_playing(host).item == queued(host, "Radio Sol")


def test_a_station_does_not_give_way_to_another(host: Member, guest: Member) -> None:
    play_station(host)
    other = station_of(host, name="Other", url="http://other.example/")
    add_track(member=guest, track=track_of(other))
    assert expected_end_ms(now_playing(host)) is None


def test_a_station_waits_behind_all_tracks_until_the_host_pins_it(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    station, _ = add_track(member=host, track=track_of(station_of(host)))
    first, _ = add_track(member=guest, track=tracks[0])
    assert order_of(host.room) == [first.pk, station.pk]
    change_rules(by=host, changes={"stations_give_way": False})
    assert order_of(host.room) == [station.pk, first.pk]


# --- Away and back --------------------------------------------------------------------------------


def test_a_station_that_goes_away_waits_again_and_the_next_track_starts(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    change_rules(by=host, changes={"stations_give_way": False})
    station = play_station(host)
    add_track(member=guest, track=tracks[0])
    note_station_away(station=station)
    assert now_playing(host).item == queued(host, "Track 1")
    waiting = queued(host, "Radio Sol")
    assert (waiting.state, waiting.up) == (ItemState.WAITING, 1)
    away = {row["title"]: row["state"] for row in read_part(host.room_id, "sources")}
    assert away == {"Radio": "available", "Radio Sol": "away"}


def test_staff_sees_the_name_of_a_station_that_is_away(host: Member) -> None:
    note_station_away(station=play_station(host))
    names = [each.name for each in read_conditions()]
    assert "Radio Sol in rooms" in names


def test_a_station_that_answers_again_plays_on_by_itself(host: Member) -> None:
    station = play_station(host)
    note_station_away(station=station)
    assert now_playing(host).item is None
    note_station_back(station=station)
    advance_due()
    assert now_playing(host).item == queued(host, "Radio Sol")


def test_a_station_that_is_away_is_tried_later_and_later(host: Member, radio: FakeRadio) -> None:
    station = play_station(host, radio)
    radio.dead.add("mp3")
    note_station_away(station=station)
    for wait_ms in (30_000, 60_000, 120_000):
        row = RoomSource.objects.get(name=station.group)
        assert row.until_ms is not None
        with clock.shifted(row.until_ms - clock.now_ms()):
            try_again()
            until_ms = RoomSource.objects.get(name=station.group).until_ms
            assert until_ms is not None
            assert abs(until_ms - clock.now_ms() - wait_ms) < 10_000
    radio.dead.clear()
    with clock.shifted(HOUR_MS):
        try_again()
    assert not RoomSource.objects.filter(name=station.group).exists()


def test_nothing_is_asked_before_its_time(host: Member, radio: FakeRadio) -> None:
    note_station_away(station=play_station(host, radio))
    try_again()
    assert not radio.calls


def test_a_removed_station_is_away_no_more_and_radio_goes_with_the_last(host: Member) -> None:
    station = play_station(host)
    last = station_of(host, name="Other", url="http://other.example/")
    note_station_away(station=station)
    remove_item(by=host, item_id=queued(host, "Radio Sol").pk)
    browser_of(host).delete(api(f"stations/{station.key}", host.room))
    assert [row["name"] for row in read_part(host.room_id, "sources")] == ["radio"]
    browser_of(host).delete(api(f"stations/{last.key}", host.room))
    assert read_part(host.room_id, "sources") == []


# --- What it says it has on -----------------------------------------------------------------------


def test_what_a_station_has_on_is_shown_and_forgotten_with_the_play(host: Member) -> None:
    play_station(host)
    play_id = now_playing(host).play_id
    note_title(room_id=host.room_id, play_id=play_id, title="Mira Sol, Cardamom")
    assert read_part(host.room_id, "playback")["live_title"] == "Mira Sol, Cardamom"
    playback.skip(by=host)
    assert read_part(host.room_id, "playback")["live_title"] is None


def test_a_title_of_a_play_that_is_over_says_nothing(host: Member, tracks: list[Track]) -> None:
    play_station(host)
    play_id = now_playing(host).play_id
    add_track(member=host, track=tracks[0])
    playback.skip(by=host)
    note_title(room_id=host.room_id, play_id=play_id, title="Late")
    assert Playback.objects.get(room=host.room).live_title == ""
    assert QueueItem.objects.filter(state=ItemState.PLAYING).get().track == tracks[0]
