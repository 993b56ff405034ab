"""What a Spotify device outside of a page really does: asked now and then, believed with care."""

from contextlib import ExitStack
from typing import Any

import pytest

from music.actions import playback as acts
from music.actions.sources import pause_play, put_clock_right
from music.actions.turns import advance
from music.models import Incident, ItemState, Playback, QueueItem
from music.sources.spotify.device_check import CHECK_EVERY_MS, SURE_AFTER_MS
from music.sources.spotify.device_clock import MOST_LATE_MS
from music.sources.spotify.models import Account, Output, OutputKind, OutputState
from rooms import clock
from rooms.models import Member, Room
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.spotify import after, choose, heard, plays, serve, song, source, start, told

pytestmark = pytest.mark.django_db


def room_is_behind_ms(host: Member, meant_ms: int | None) -> int:
    """By how much the room's clock was set back since its track was to begin."""
    return (Playback.objects.get(room=host.room).starts_at_ms or 0) - (meant_ms or 0)


def test_the_clock_of_the_room_goes_by_a_device_that_began_late(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    meant_ms = start(host, song(spotify)).starts_at_ms
    serve(account)
    spotify.play_on(-2_000)
    with heard(spotify, account):
        assert 1_500 < room_is_behind_ms(host, meant_ms) < 2_500
    assert told(spotify) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"progress": "zero"},
        {"progress": "behind", "progress_behind_s": 6.0},
        {"answers_are_old_s": 6.0},
    ],
    ids=str,
)
def test_a_position_that_is_not_the_devices_never_sets_the_room_back(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, odd: dict[str, Any]
) -> None:
    spotify.faults.change(**odd)
    meant_ms = start(host, song(spotify)).starts_at_ms
    with after(spotify, account, 60, step=5):
        assert room_is_behind_ms(host, meant_ms) == 0
    assert told(spotify) == 1


def test_a_device_that_falls_behind_all_the_time_ends_its_track_three_seconds_late_at_most(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    meant_ms = start(host, song(spotify)).starts_at_ms
    with ExitStack() as passed:
        for _ in range(16):
            passed.enter_context(after(spotify, account, 5, step=5))
            spotify.play_on(-500)
        assert 2_000 < room_is_behind_ms(host, meant_ms) <= MOST_LATE_MS
    assert told(spotify) == 1


def test_an_old_answer_about_the_track_before_restarts_nothing(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify), song(spotify, 1))
    with after(spotify, account, 20):
        spotify.faults.answers_are_old_s = 6
        acts.skip(by=host)
        with after(spotify, account, 20):
            assert told(spotify) == 2
            assert Playback.objects.get(room=host.room).state == "playing"


@pytest.mark.parametrize("to_ms", [90_000, 2_000])
def test_somebody_who_moves_the_track_in_the_app_of_spotify_moves_the_room(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    to_ms: int,
) -> None:
    start(host, song(spotify))
    acts.seek(by=host, position_ms=30_000)
    with heard(spotify, account):
        spotify.player_of(ann).seek(kitchen, to_ms)
        with after(spotify, account, 12):
            position_ms = Playback.objects.get(room=host.room).position_at(clock.now_ms())
            assert abs(position_ms - to_ms - 12_000) < 5_000
    assert told(spotify) == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"player_is_hidden": True},
        {"item_shown": "null"},
        {"item_shown": "ad"},
        {"item_shown": "unknown"},
        {"relinks": "other_isrc"},
        {"relinks": "without_isrc"},
        {"answers_are_old_s": 4.0},
        {"progress": "zero"},
        {"end_is_told_late_s": 10.0},
    ],
    ids=str,
)
def test_what_spotify_does_not_show_fails_nothing(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, odd: dict[str, Any]
) -> None:
    first = song(spotify)
    known = spotify.catalogue.by_uri(first.uri)
    first.title, first.artists = known.name, [each.name for each in known.artists]
    first.save()
    spotify.faults.change(**odd)
    meant_ms = start(host, first, song(spotify, 1)).starts_at_ms
    with after(spotify, account, 45, step=3):
        playback = Playback.objects.get(room=host.room)
        assert (playback.state, playback.starts_at_ms) == ("playing", meant_ms)
    assert told(spotify) == 1
    assert source(host).state == "available"
    assert not Incident.objects.exists()


def test_a_command_that_is_refused_while_it_plays_fails_nothing(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("/v1/me/player/play", status=403, reason="UNKNOWN", done_anyway=True)
    track = song(spotify)
    start(host, track)
    with after(spotify, account, 30, step=3):
        assert Playback.objects.get(room=host.room).state == "playing"
    assert not Incident.objects.exists()


def test_a_command_that_got_lost_is_repeated_once(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.faults.change(player_answers=202, commands_lost=3)
    elsewhere = spotify.device(ann, "Phone")
    spotify.player_of(ann).transfer(elsewhere, play=False)
    spotify.player_of(ann).uri = song(spotify, 3).uri
    track = song(spotify)
    start(host, track)
    with after(spotify, account, 10):
        assert plays(spotify, ann, track)
    assert told(spotify) == 2


def test_two_tracks_that_a_device_does_not_play_are_a_fault_of_the_device(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("/v1/me/player/play", status=403, reason="UNKNOWN")
    spotify.player_of(ann).transfer(kitchen, play=False)
    spotify.player_of(ann).uri = song(spotify, 5).uri
    first, second, third = (song(spotify, n) for n in range(3))
    start(host, first, second, third)
    with after(spotify, account, 40, step=2):
        assert (source(host).state, source(host).cause) == ("away", "spotify_restricted")
        states = QueueItem.objects.values_list("track", "state")
        assert dict(states)[first.pk] == ItemState.FAILED
        assert {dict(states)[each.pk] for each in (second, third)} == {ItemState.WAITING}


def test_somebody_who_uses_the_account_elsewhere_is_asked_and_not_fought(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track, theirs = song(spotify), song(spotify, 7)
    start(host, track)
    with heard(spotify, account):
        phone = spotify.device(ann, "Phone")
        spotify.player_of(ann).start(phone, [theirs.uri], 0, 0)
        with after(spotify, account, 10):
            assert source(host).cause == "spotify_elsewhere"
            assert QueueItem.objects.get(track=track).state == ItemState.WAITING
            assert plays(spotify, ann, theirs)
            assert told(spotify) == 1
            choose(host, kitchen)
            advance(room_id=host.room_id)
            serve(account)
            assert plays(spotify, ann, track)


def test_a_device_that_goes_on_with_suggestions_is_stopped(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.faults.suggests_after_end = True
    playback = start(host, song(spotify))
    acts.choose_shelf(by=host, key=None)
    serve(account)
    left_ms = (playback.ends_at_ms or 0) - clock.now_ms()
    spotify.player_of(ann).is_playing = False  # it is over there already
    with clock.shifted(left_ms + 500):
        advance(room_id=host.room_id)
        advance(room_id=host.room_id)
        serve(account)
        spotify.player_of(ann).start(kitchen, [song(spotify, 4).uri], 0, 0)
        with after(spotify, account, 4):
            assert not spotify.player_of(ann).is_playing


def test_what_somebody_begins_on_the_device_long_after_the_last_track_is_theirs(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    acts.choose_shelf(by=host, key=None)
    serve(account)
    acts.skip(by=host)
    serve(account)
    with clock.shifted(60_000):  # no process ran meanwhile
        spotify.player_of(ann).start(kitchen, [song(spotify, 4).uri], 0, 0)
        serve(account)
        assert spotify.player_of(ann).is_playing


def test_a_device_that_stands_still_is_told_once_more(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    serve(account)
    spotify.player_of(ann).is_playing = False
    with after(spotify, account, 9):
        assert plays(spotify, ann, track)
    assert told(spotify) == 2


def test_a_device_that_stands_still_again_has_failed(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    with ExitStack() as passed:
        for _ in range(3):
            serve(account)
            spotify.player_of(ann).is_playing = False
            passed.enter_context(after(spotify, account, 9))
        assert QueueItem.objects.get(track=track).state == ItemState.FAILED


def test_a_pause_that_somebody_makes_in_the_app_of_spotify_pauses_the_room_within_seconds(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    with heard(spotify, account):
        spotify.player_of(ann).seek(kitchen, 12_000)
        spotify.player_of(ann).pause(kitchen)
        with after(spotify, account, (CHECK_EVERY_MS + SURE_AFTER_MS) // 1_000 + 1):
            playback = Playback.objects.get(room=host.room)
            assert (playback.state, playback.position_ms // 1_000) == ("paused", 12)
    assert told(spotify) == 1
    assert Incident.objects.get().says.startswith("Spotify was paused on its device")


def test_a_pause_of_a_device_without_positions_pauses_the_room_where_it_is(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.faults.progress = "zero"
    start(host, song(spotify))
    with heard(spotify, account):
        spotify.player_of(ann).pause(kitchen)
        with after(spotify, account, 8):
            playback = Playback.objects.get(room=host.room)
            assert playback.state == "paused"
            assert playback.position_ms > 10_000


@pytest.mark.parametrize("position_ms", [0, 10**9])
def test_a_device_that_stands_at_an_end_was_paused_by_nobody(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    position_ms: int,
) -> None:
    playback = start(host, song(spotify))
    with heard(spotify, account):
        ends_ms = playback.item.track.duration_ms - 500
        spotify.player_of(ann).seek(kitchen, min(position_ms, ends_ms))
        spotify.player_of(ann).pause(kitchen)
        with after(spotify, account, 10):
            assert Playback.objects.get(room=host.room).state == "playing"
    assert told(spotify) == 2


def test_however_many_rooms_sound_their_devices_are_asked_as_often_as_one(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    with after(spotify, account, 60, step=5):
        alone = len(spotify.calls_to("/v1/me/player", "GET"))
        assert alone <= 60_000 // CHECK_EVERY_MS + 1
        busy = Account.objects.create(account_id="other", commanding_until_ms=10**14)
        for n in range(3):
            room = Room.objects.create(name=f"Room {n}", code=f"QQQQQ{n}")
            Output.objects.create(
                room=room, account=busy, kind=OutputKind.CONNECT, state=OutputState.PLAYING
            )
        spotify.forget_calls()
        with after(spotify, account, 60, step=5):
            assert len(spotify.calls_to("/v1/me/player", "GET")) <= alone // 4 + 1


def test_what_a_device_did_before_a_jump_moves_and_stops_nothing(
    account: Account, kitchen: Device, spotify: FakeSpotify, host: Member
) -> None:
    cue = start(host, song(spotify)).cue
    acts.seek(by=host, position_ms=40_000)
    jumped = Playback.objects.get(room=host.room)
    put_clock_right(room_id=host.room_id, cue=cue, position_ms=9_000, at_ms=clock.now_ms())
    pause_play(room_id=host.room_id, cue=cue, position_ms=9_000)
    playback = Playback.objects.get(room=host.room)
    assert (playback.state, playback.starts_at_ms) == ("playing", jumped.starts_at_ms)
