"""The Spotify device of a room: told what the room plays, and what it really does."""

import threading

import pytest
from django.db import InterfaceError

from music.actions import playback as acts
from music.actions.speaker import claim_speaker
from music.actions.turns import wake
from music.models import (
    Incident,
    Playback,
    Track,
)
from music.sources.spotify import commander
from music.sources.spotify.models import Account, OutputKind
from rooms import clock
from rooms.actions import end_room
from rooms.models import Member
from tests.conftest import browser_of
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.http import ask
from tests.spotify import (
    choose,
    forget_all,
    plays,
    serve,
    song,
    source,
    start,
    told,
)

pytestmark = pytest.mark.django_db


# --- Told what the room plays --------------------------------------------------------------------


def test_the_device_plays_what_the_room_plays(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    serve(account)
    assert plays(spotify, ann, track)


def test_the_device_stops_with_the_room_and_goes_on_where_it_was(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    acts.seek(member=host, position_ms=40_000)
    serve(account)
    acts.pause(member=host)
    serve(account)
    assert not spotify.player_of(ann).is_playing
    acts.play(member=host)
    serve(account)
    assert plays(spotify, ann, track)
    assert spotify.player_of(ann).position_ms >= 39_000


def test_a_library_track_that_follows_stops_the_device(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    tracks: list[Track],
) -> None:
    start(host, song(spotify), tracks[0])
    serve(account)
    acts.skip(member=host)
    with clock.shifted(500):
        serve(account)
    assert not spotify.player_of(ann).is_playing


def test_a_track_may_play_to_its_end_before_one_of_the_library_stops_the_device(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    tracks: list[Track],
) -> None:
    start(host, song(spotify), tracks[0])
    serve(account)
    left_ms = Playback.objects.get(room=host.room).ends_at_ms - clock.now_ms()  # type: ignore[operator]
    with clock.shifted(left_ms - 1_000):
        wake(room_id=host.room_id)
        wake(room_id=host.room_id)
        assert Playback.objects.get(room=host.room).item.track == tracks[0]  # type: ignore[union-attr]
        serve(account)
        assert spotify.player_of(ann).is_playing
    with clock.shifted(left_ms + 500):
        serve(account)
    assert not spotify.player_of(ann).is_playing


def test_a_device_is_told_once_however_often_it_is_looked_after(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    serve(account)
    assert told(spotify) == 1


def test_what_is_heard_apart_from_the_room_is_not_stopped_by_it(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    tracks: list[Track],
) -> None:
    start(host, tracks[0])
    serve(account)
    acts.pause(member=host)
    serve(account)
    assert spotify.calls_to("/v1/me/player/*") == []


def test_while_one_process_commands_an_account_no_other_does(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    Account.objects.update(commanding_until_ms=clock.now_ms() + 10_000)
    assert commander.accounts_due() == set()
    commander.serve(account.pk)
    assert told(spotify) == 0
    with clock.shifted(11_000):  # that process has died
        commander.serve(account.pk)
    assert told(spotify) == 1


def test_a_device_chosen_in_mid_track_goes_on_from_there(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    acts.seek(member=host, position_ms=30_000)
    serve(account)
    garden = spotify.device(ann, "Garden")
    choose(host, garden)
    serve(account)
    player = spotify.player_of(ann)
    assert player.active == garden
    assert player.position_ms >= 29_000
    assert source(host).output == "Garden"


def test_a_device_that_is_not_known_at_once_is_told_again(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    kitchen.known_from += 10**9
    start(host, track)
    commander.serve(account.pk)
    kitchen.known_from = 0
    serve(account)
    assert plays(spotify, ann, track)


def test_a_device_that_will_not_turn_repeat_off_is_told_to_play_once(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("/v1/me/player/repeat", status=503)
    start(host, song(spotify))
    serve(account)
    assert told(spotify) == 1
    assert source(host).state == "available"


def test_a_device_that_could_not_be_stopped_at_once_is_stopped_later(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    tracks: list[Track],
) -> None:
    start(host, song(spotify), tracks[0])
    serve(account)
    outage = spotify.fail("player", status=503)
    acts.skip(member=host)
    with clock.shifted(1_000):  # the library track has begun
        serve(account)
        assert spotify.player_of(ann).is_playing
        outage.clear()
        forget_all()
        serve(account)
        assert not spotify.player_of(ann).is_playing


def test_a_room_that_ends_silences_its_device(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    end_room(by=host)
    serve(account)
    assert not spotify.player_of(ann).is_playing


def test_an_account_that_goes_is_silenced_first(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    browser = browser_of(host)
    browser.post("/spotify/disconnect?next=/")
    assert not Account.objects.exists()
    assert not spotify.player_of(ann).is_playing


def test_the_thread_of_the_commander_outlives_what_nobody_thought_of(
    spotify: FakeSpotify, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, rounds = threading.Event(), []

    def stumble() -> set[int]:
        rounds.append(1)
        if len(rounds) == 2:
            stop.set()
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(commander, "accounts_due", stumble)
    monkeypatch.setattr(commander, "keep_right", lambda: None)
    thread = threading.Thread(target=commander.command, args=(stop,))
    thread.start()
    thread.join(10)
    assert len(rounds) == 2


# --- What a page says of itself ------------------------------------------------------------------


def says(host: Member, state: str, position_ms: int, starts_at_ms: int | None, cause: str) -> None:
    """The page of the host, which is the speaker, reports what Spotify's player does."""
    play_id = str(Playback.objects.get(room=host.room).play_id)
    body = {"play_id": play_id, "device": "page-of-host", "state": state, "cause": cause or None}
    body |= {"position_ms": position_ms, "starts_at_ms": starts_at_ms}
    path = f"/api/rooms/{host.room.code}/playback/report"
    assert ask(host, "POST", path, body).status_code == 204


def speaks(spotify: FakeSpotify, ann: Person, host: Member) -> int:
    """A song plays and sounds from the page of the host; when it began, in ms."""
    claim_speaker(member=host, device="page-of-host", name="laptop")
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    return start(host, song(spotify)).starts_at_ms or 0


def test_the_clock_of_the_room_goes_by_a_page_that_says_it_is_elsewhere(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    began_ms = speaks(spotify, ann, host)
    with clock.shifted(20_000):
        says(host, "playing", 15_000, began_ms, "drifted")
    playback = Playback.objects.get(room=host.room)
    assert 4_000 < (playback.starts_at_ms or 0) - began_ms < 6_000


def test_a_pause_that_a_page_hears_from_another_app_pauses_the_room(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    began_ms = speaks(spotify, ann, host)
    with clock.shifted(20_000):
        says(host, "paused", 18_500, began_ms, "")
    playback = Playback.objects.get(room=host.room)
    assert (playback.state, playback.position_ms) == ("paused", 18_500)
    incident = Incident.objects.get()
    assert incident.says.startswith("Spotify was paused on its device")
    assert (incident.device, incident.member) == ("", None)


@pytest.mark.parametrize("left_ms", [10**9, 500])
def test_a_page_whose_player_stands_at_an_end_was_paused_by_nobody(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member, left_ms: int
) -> None:
    began_ms = speaks(spotify, ann, host)
    playback = Playback.objects.get(room=host.room)
    ends_ms = playback.item.track.duration_ms  # type: ignore[union-attr]
    with clock.shifted(20_000):
        says(host, "paused", max(0, ends_ms - left_ms), began_ms, "")
    assert Playback.objects.get(room=host.room).state == "playing"
    assert not Incident.objects.exists()


@pytest.mark.parametrize(("state", "cause"), [("playing", "drifted"), ("paused", "")])
def test_what_a_page_says_of_the_moment_before_a_jump_does_not_undo_it(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member, state: str, cause: str
) -> None:
    began_ms = speaks(spotify, ann, host)
    acts.seek(member=host, position_ms=90_000)
    jumped_ms = Playback.objects.get(room=host.room).starts_at_ms
    says(host, state, 5_000, began_ms, cause)
    says(host, state, 5_000, None, cause)
    playback = Playback.objects.get(room=host.room)
    assert (playback.state, playback.starts_at_ms) == ("playing", jumped_ms)
