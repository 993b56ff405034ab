"""The Spotify device of a room: told what the room plays, and what follows when it cannot."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.core.cache import cache
from django.db import InterfaceError

from music import cache as kept
from music.actions import playback as acts
from music.actions.queue import add_track
from music.actions.sources import Condition, pause_play, put_clock_right
from music.actions.speaker import claim_speaker
from music.actions.turns import wake
from music.models import (
    Incident,
    ItemState,
    Playback,
    QueueItem,
    RoomSource,
    SourceState,
    Track,
)
from music.sources.spotify import commander, outputs, quota
from music.sources.spotify.errors import NotConnected
from music.sources.spotify.models import Account, Connection, Output, OutputKind
from rooms import clock
from rooms.actions import end_room
from rooms.models import Member
from tests import live
from tests.conftest import browser_of, connected
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.http import NOTHING, ask, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def spotify(settings: Any) -> Iterator[FakeSpotify]:
    with FakeSpotify() as fake:
        for name, value in fake.settings().items():
            setattr(settings, name, value)
        forget_all()
        yield fake


def forget_all() -> None:
    """What Spotify said of limits and outages, in this process and in the shared cache."""
    cache.clear()
    quota.forget()
    kept.forget()


@pytest.fixture
def ann(spotify: FakeSpotify) -> Person:
    return spotify.person("Ann")


@pytest.fixture
def account(spotify: FakeSpotify, ann: Person, host: Member) -> Account:
    """The host's browser has connected Ann's account."""
    given = spotify.tokens_for(ann)
    account = Account.objects.create(
        account_id=ann.account_id,
        user_id=ann.id,
        name="Ann",
        access_token=given["access_token"],
        refresh_token=given["refresh_token"],
        expires_at_ms=clock.now_ms() + 3_600_000,
        scopes=given["scope"],
    )
    Connection.objects.create(guest=host.guest, account=account)
    outputs.keep_right()
    return account


@pytest.fixture
def kitchen(spotify: FakeSpotify, ann: Person, account: Account, host: Member) -> Device:
    """A device of hers that sounds for the room."""
    device = spotify.device(ann, "Kitchen")
    choose(host, device)
    return device


@pytest.fixture
def party_of_spotify(spotify: FakeSpotify, kitchen: Device, host: Member) -> tuple[Member, Track]:
    """A room in which a track of Spotify plays, and its host."""
    track = song(spotify)
    start(host, track)
    return host, track


def choose(member: Member, device: Device, kind: OutputKind = OutputKind.CONNECT) -> None:
    account = Account.objects.of_room(member.room).get()
    page = "page-of-host" if kind == OutputKind.BROWSER else ""
    chosen = outputs.Device(account, kind, str(device.id), device.name, page)
    outputs.choose_output(member=member, device=chosen)


def offer(member: Member, **choice: str) -> Any:
    """Choose a device as a browser does."""
    return ask(member, "PUT", f"/api/rooms/{member.room.code}/spotify/output", choice)


def song(spotify: FakeSpotify, n: int = 0) -> Track:
    known = [each for each in spotify.catalogue.tracks if each.can_be_played][n]
    return Track.objects.create(
        uri=known.uri,
        source="spotify",
        title=known.name,
        artists=["Somebody"],
        duration_ms=known.duration_ms,
    )


def serve(account: Account) -> None:
    """What the commander's ticks do, until nothing is due now."""
    for _ in range(8):
        Output.objects.update(next_at_ms=0)
        if not commander.accounts_due():
            return
        commander.serve(account.pk)


def heard(account: Account) -> None:
    """The device plays what it was told to, and has been asked whether it does."""
    serve(account)
    with clock.shifted(commander.CHECK_AFTER_MS):
        serve(account)


def start(member: Member, *tracks: Track) -> Playback:
    for track in tracks:
        add_track(member=member, track=track)
    wake(room_id=member.room_id)
    return Playback.objects.get(room=member.room)


def plays(spotify: FakeSpotify, ann: Person, track: Track) -> bool:
    player = spotify.player_of(ann)
    return player.is_playing and player.uri == track.uri


def told(spotify: FakeSpotify) -> int:
    """How often the device was told to play something."""
    return len(spotify.calls_to("/v1/me/player/play", "PUT"))


def source(member: Member) -> RoomSource:
    return RoomSource.objects.get(room=member.room, name="spotify")


# --- Told what the room plays -------------------------------------------------------------------


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


# --- Devices that are not there -----------------------------------------------------------------


def test_a_device_is_called_what_spotify_calls_it(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    kitchen = spotify.device(ann, "Kitchen \u202e" + "n" * 200)
    chosen = offer(host, kind="connect", device_id=str(kitchen.id), name="Call this number")
    assert chosen.status_code == 204
    assert source(host).output == Output.objects.get().name == "Kitchen " + "n" * 92
    assert len(spotify.calls_to("/v1/me/player/devices")) == 1


def test_a_device_that_the_account_does_not_have_cannot_be_chosen(
    spotify: FakeSpotify, account: Account, host: Member
) -> None:
    others = spotify.device(spotify.person("Ben"), "Bath")
    for device_id in (str(others.id), "nosuchdevice"):
        answer = offer(host, kind="connect", device_id=device_id, name="Bath")
        assert refusal(answer) == (409, "spotify_no_device")
    assert not Output.objects.exists()


def test_what_a_page_calls_itself_is_kept_short_behind_the_name_of_beatsync(
    account: Account, host: Member
) -> None:
    for name, shown in (("BeatSync: laptop", "laptop"), ("N\n" + "o" * 100, "N " + "o" * 58)):
        answer = offer(host, kind="browser", device_id="d1", name=name, page="page-of-host")
        assert answer.status_code == 204
        assert source(host).output == f"BeatSync: {shown}"


def test_a_page_of_somebody_else_sounds_for_nobody(
    account: Account, host: Member, guest: Member
) -> None:
    guest.role = "cohost"
    guest.save()
    claim_speaker(member=guest, device="page-of-guest", name="phone")
    answer = offer(host, kind="browser", device_id="d1", name="laptop", page="page-of-guest")
    assert refusal(answer) == (409, "spotify_not_connected")


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


def test_a_device_that_is_gone_lets_its_tracks_wait_and_the_library_play(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, tracks: list[Track]
) -> None:
    track = song(spotify)
    start(host, track, tracks[0])
    kitchen.known_from += 10**9
    serve(account)
    item = QueueItem.objects.get(track=track)
    assert (item.state, item.up) == (ItemState.WAITING, 1)
    assert Playback.objects.get(room=host.room).item.track == tracks[0]  # type: ignore[union-attr]
    assert (source(host).state, source(host).cause) == ("away", "spotify_no_device")


def test_a_page_that_is_no_speaker_any_more_sounds_no_more(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    assert source(host).state == "available"
    outputs.keep_right()
    assert source(host).cause == "spotify_no_device"


def test_a_song_plays_on_while_another_page_of_its_host_takes_over(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    claim_speaker(member=host, device="other-page-of-host", name="laptop")
    outputs.keep_right()
    assert source(host).state == "available"


def test_only_the_browser_that_connected_the_account_may_sound_for_it(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member, guest: Member
) -> None:
    guest.role = "cohost"
    guest.save()
    with pytest.raises(NotConnected):
        choose(guest, spotify.device(ann), OutputKind.BROWSER)


def test_a_device_that_somebody_switched_off_stays_off_until_one_is_chosen(
    account: Account, kitchen: Device, host: Member
) -> None:
    outputs.drop_output(member=host)
    serve(account)
    outputs.account_is_back(account)
    assert (source(host).cause, source(host).output) == ("spotify_off", "")
    choose(host, kitchen)
    assert source(host).state == "available"


def test_the_chosen_device_is_told_by_its_id(
    spotify: FakeSpotify, ann: Person, kitchen: Device, host: Member
) -> None:
    spotify.device(ann, "Kitchen")  # another one of that name
    path = f"/api/rooms/{host.room.code}/spotify/devices"
    items = ask(host, "GET", path).json()["items"]
    assert [each["id"] for each in items if each["chosen"]] == [kitchen.id]
    outputs.drop_output(member=host)
    assert not any(each["chosen"] for each in ask(host, "GET", path).json()["items"])


# --- Spotify that will not ----------------------------------------------------------------------


def test_a_permission_that_ends_in_mid_track_lets_its_tracks_wait(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    tracks: list[Track],
) -> None:
    first, second = song(spotify), song(spotify, 1)
    start(host, first, tracks[0], second)
    serve(account)
    spotify.revoke(ann)
    spotify.expire_access_tokens()
    acts.seek(member=host, position_ms=10_000)
    serve(account)
    waiting = QueueItem.objects.waiting().filter(track__source="spotify")
    assert {item.track for item in waiting} == {first, second}
    assert Playback.objects.get(room=host.room).item.track == tracks[0]  # type: ignore[union-attr]
    assert source(host).cause == "spotify_reconnect"
    told = Incident.objects.get(kind="source_away")
    assert told.says.endswith("2 tracks keep their votes and wait.")


def test_connecting_again_lets_its_tracks_play(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    reconnect = Condition(SourceState.AWAY, cause="spotify_reconnect")
    outputs.note_if_live(host.room_id, reconnect)
    start(host, track)
    outputs.account_is_back(account)
    wake(room_id=host.room_id)
    serve(account)
    assert plays(spotify, ann, track)
    assert source(host).state == "available"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("PREMIUM_REQUIRED", "spotify_premium"), ("QUOTA_EXCEEDED", "spotify_limited")],
)
def test_a_refusal_of_the_player_is_told_with_its_cause(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, reason: str, cause: str
) -> None:
    spotify.fail("player", reason=reason)
    start(host, song(spotify))
    serve(account)
    assert (source(host).state, source(host).cause) == ("away", cause)


def test_how_long_a_limit_lasts_is_among_what_went_wrong(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("player", status=429, retry_after=600)
    start(host, song(spotify))
    serve(account)
    says = Incident.objects.get(kind="source_away").says
    assert says.startswith("Spotify limits us for 10 min.")


def test_an_outage_is_waited_for_and_its_end_noticed(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    outage = spotify.fail("player", status=503)
    start(host, track)
    serve(account)
    assert source(host).cause == "spotify_away"
    outage.__exit__(None, None, None)
    with clock.shifted(commander.PROBE_AFTER_MS + 1_000):
        forget_all()
        serve(account)
        wake(room_id=host.room_id)
        serve(account)
        assert source(host).state == "available"
        assert plays(spotify, ann, track)


def test_a_track_that_spotify_will_not_play_has_failed(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, tracks: list[Track]
) -> None:
    track = song(spotify)
    spotify.fail("/v1/me/player/play", status=400, message="Invalid uri")
    start(host, track, tracks[0])
    serve(account)
    assert QueueItem.objects.get(track=track).state == ItemState.FAILED
    assert Playback.objects.get(room=host.room).item.track == tracks[0]  # type: ignore[union-attr]


# --- What the device really does ----------------------------------------------------------------


def test_the_clock_of_the_room_goes_by_a_device_that_began_late(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    acts.seek(member=host, position_ms=20_000)
    serve(account)
    meant_ms = Playback.objects.get(room=host.room).starts_at_ms
    spotify.player_of(ann).seek(kitchen, 15_000)
    with clock.shifted(commander.CHECK_AFTER_MS):
        serve(account)
    playback = Playback.objects.get(room=host.room)
    assert playback.starts_at_ms is not None
    assert meant_ms is not None
    assert playback.starts_at_ms - meant_ms > 4_000
    assert told(spotify) == 1


def test_a_device_that_stands_still_is_told_once_more(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    serve(account)
    spotify.player_of(ann).is_playing = False
    with clock.shifted(commander.CHECK_AFTER_MS):
        serve(account)
    assert plays(spotify, ann, track)


@pytest.mark.parametrize("waits_ms", [commander.CHECK_EVERY_MS, 2 * commander.CHECK_EVERY_MS])
def test_a_pause_that_somebody_makes_in_the_app_of_spotify_pauses_the_room(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    waits_ms: int,
) -> None:
    start(host, song(spotify))
    heard(account)
    spotify.player_of(ann).seek(kitchen, 12_000)
    spotify.player_of(ann).pause(kitchen)
    with clock.shifted(commander.CHECK_AFTER_MS + waits_ms):
        serve(account)
        playback = Playback.objects.get(room=host.room)
        assert (playback.state, playback.position_ms // 1_000) == ("paused", 12)
    assert told(spotify) == 1
    assert Incident.objects.get().says.startswith("Spotify was paused on its device")


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
    heard(account)
    ends_ms = playback.item.track.duration_ms - 500  # type: ignore[union-attr]
    spotify.player_of(ann).seek(kitchen, min(position_ms, ends_ms))
    spotify.player_of(ann).pause(kitchen)
    with clock.shifted(commander.CHECK_AFTER_MS + commander.CHECK_EVERY_MS):
        serve(account)
    assert Playback.objects.get(room=host.room).state == "playing"
    assert told(spotify) == 2


def test_what_a_device_did_before_a_jump_moves_and_stops_nothing(
    account: Account, kitchen: Device, spotify: FakeSpotify, host: Member
) -> None:
    cue = start(host, song(spotify)).cue
    acts.seek(member=host, position_ms=40_000)
    jumped = Playback.objects.get(room=host.room)
    put_clock_right(room_id=host.room_id, cue=cue, position_ms=9_000, at_ms=clock.now_ms())
    pause_play(room_id=host.room_id, cue=cue, position_ms=9_000)
    playback = Playback.objects.get(room=host.room)
    assert (playback.state, playback.starts_at_ms) == ("playing", jumped.starts_at_ms)


# --- Rooms and their source ---------------------------------------------------------------------


def test_a_room_has_spotify_while_its_host_is_connected(account: Account, host: Member) -> None:
    assert source(host).cause == "spotify_no_device"
    account.delete()
    outputs.keep_right()
    assert not RoomSource.objects.exists()


def test_tracks_of_a_source_that_is_away_wait_and_others_pass_them(
    spotify: FakeSpotify, account: Account, host: Member, tracks: list[Track]
) -> None:
    waits = song(spotify)
    start(host, waits, tracks[0])
    assert Playback.objects.get(room=host.room).item.track == tracks[0]  # type: ignore[union-attr]
    assert QueueItem.objects.get(track=waits).state == ItemState.WAITING


def test_a_room_that_ends_silences_its_device(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    end_room(by=host)
    serve(account)
    assert not spotify.player_of(ann).is_playing


# --- The player in a page -----------------------------------------------------------------------


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


def tell_trouble(member: Member, kind: str) -> int:
    path = f"/api/rooms/{member.room.code}/spotify/trouble"
    answer = browser_of(member).put(path, {"kind": kind}, content_type="application/json")
    return answer.status_code


def token_of(member: Member) -> Any:
    return browser_of(member).put(f"/api/rooms/{member.room.code}/spotify/token").json()


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


def test_only_the_browser_that_connected_the_account_gets_the_player(
    account: Account, host: Member, guest: Member
) -> None:
    path = f"/r/{host.room.code}"
    assert b"data-spotify-sdk" in browser_of(host).get(path).content
    assert b"data-spotify-sdk" not in browser_of(guest).get(path).content


def test_a_page_whose_account_is_not_premium_lets_the_room_know(
    account: Account, host: Member, guest: Member
) -> None:
    assert tell_trouble(guest, "premium") == 409
    assert source(host).cause == "spotify_no_device"
    assert tell_trouble(host, "premium") == 204
    account.refresh_from_db()
    assert (account.premium, account.trouble) == (False, "spotify_premium")
    assert source(host).cause == "spotify_premium"


def test_a_browser_that_cannot_play_leaves_a_device_alone_that_can(
    account: Account, kitchen: Device, host: Member
) -> None:
    tell_trouble(host, "unsupported")
    assert source(host).state == "available"
    outputs.drop_output(member=host)
    tell_trouble(host, "unsupported")
    assert source(host).cause == "spotify_no_device"


def test_a_token_that_was_refused_for_nothing_is_replaced(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    assert tell_trouble(host, "token") == 204
    assert token_of(host)["access_token"] != account.access_token
    assert source(host).state == "available"


def test_tokens_that_are_refused_again_and_again_are_replaced_once_a_minute(
    spotify: FakeSpotify, account: Account, host: Member
) -> None:
    for _ in range(3):
        assert tell_trouble(host, "token") == 204
    assert len(spotify.calls_to("/accounts/api/token")) == 1
    cache.clear()  # as if the minute had passed
    tell_trouble(host, "token")
    assert len(spotify.calls_to("/accounts/api/token")) == 2


@pytest.mark.parametrize(
    ("method", "asked", "body"),
    [
        ("GET", "devices", NOTHING),
        ("PUT", "volume", {"percent": 5}),
        ("PUT", "output", {"kind": "connect", "device_id": "nosuchdevice"}),
        ("PUT", "trouble", {"kind": "token"}),
        ("PUT", "token", NOTHING),
    ],
)
def test_what_asks_spotify_at_once_has_a_limit_of_its_own(
    account: Account, host: Member, settings: Any, method: str, asked: str, body: Any
) -> None:
    assert settings.LIMITS["SPOTIFY_CALLS"] == "20/60"
    settings.LIMITS = settings.LIMITS | {"SPOTIFY_CALLS": "1/60"}
    path = f"/api/rooms/{host.room.code}/spotify/{asked}"
    assert ask(host, method, path, body).status_code != 429
    assert refusal(ask(host, method, path, body)) == (429, "rate_limited")
    assert ask(host, "DELETE", f"/api/rooms/{host.room.code}/spotify/output").status_code == 204


def test_a_page_whose_login_has_ended_lets_the_room_know(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.revoke(ann)
    tell_trouble(host, "token")
    assert source(host).cause == "spotify_reconnect"
    assert token_of(host)["error"]["code"] == "spotify_reconnect"


def test_a_page_that_asks_for_a_token_too_late_lets_the_room_know(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.revoke(ann)
    with clock.shifted(3_600_000):
        assert token_of(host)["error"]["code"] == "spotify_reconnect"
    assert source(host).cause == "spotify_reconnect"


def test_a_page_that_leaves_does_not_hide_what_the_account_lacks(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    tell_trouble(host, "premium")
    outputs.keep_right()
    assert source(host).cause == "spotify_premium"


def test_a_page_that_leaves_does_not_hide_how_long_a_limit_lasts(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    until_ms = quota.limited(quota.Bucket.PLAYER, 600).until_ms
    outputs.keep_right()
    assert (source(host).cause, source(host).until_ms) == ("spotify_limited", until_ms)
    with clock.shifted(601_000):
        serve(account)
        outputs.keep_right()
        assert (source(host).state, source(host).cause) == ("away", "spotify_no_device")


def test_connecting_again_mends_a_room_whose_page_has_gone(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    tell_trouble(host, "premium")
    Account.objects.update(trouble="")
    outputs.account_changed(Account.objects.get(), [host.room])
    assert source(host).cause == "spotify_no_device"


def test_a_device_of_an_account_that_the_room_has_no_more_is_silenced_and_let_go(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    guest: Member,
) -> None:
    start(host, song(spotify))
    serve(account)
    assert spotify.player_of(ann).is_playing
    Connection.objects.update(guest=guest.guest)
    connected(spotify, "finn", host)
    outputs.keep_right()
    assert (source(host).cause, source(host).output) == ("spotify_no_device", "")
    assert Output.objects.get().leaving
    serve(account)
    assert not spotify.player_of(ann).is_playing
    assert not Output.objects.exists()


def test_a_device_of_a_room_without_an_account_is_let_go_with_spotify(
    account: Account, kitchen: Device, host: Member, guest: Member
) -> None:
    Connection.objects.update(guest=guest.guest)
    outputs.keep_right()
    outputs.keep_right()
    assert Output.objects.get().leaving
    assert not RoomSource.objects.exists()


def test_nobody_turns_up_a_device_of_an_account_that_the_room_has_no_more(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, guest: Member
) -> None:
    path = f"/api/rooms/{host.room.code}/spotify/volume"
    assert ask(host, "PUT", path, {"percent": 30}).status_code == 204
    Connection.objects.update(guest=guest.guest)
    assert refusal(ask(host, "PUT", path, {"percent": 90})) == (409, "spotify_not_connected")
    connected(spotify, "finn", host)
    assert refusal(ask(host, "PUT", path, {"percent": 90})) == (409, "spotify_no_device")
    assert len(spotify.calls_to("/v1/me/player/volume")) == 1


def test_an_account_that_was_let_go_takes_spotify_from_its_rooms(
    account: Account, host: Member
) -> None:
    account.delete()
    outputs.account_changed(account, [host.room])
    assert not RoomSource.objects.exists()


# --- Never two at once --------------------------------------------------------------------------


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


def test_what_spotify_still_plays_when_it_limits_us_is_stopped_when_it_can_be(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    tracks: list[Track],
) -> None:
    start(host, song(spotify), tracks[0])
    serve(account)
    limit = spotify.fail("player", status=429, retry_after=60)
    acts.seek(member=host, position_ms=10_000)
    serve(account)
    assert source(host).cause == "spotify_limited"
    assert spotify.player_of(ann).is_playing
    limit.clear()
    with clock.shifted(61_000):
        forget_all()
        serve(account)
    assert not spotify.player_of(ann).is_playing


def test_a_question_without_an_answer_does_not_end_the_music(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    serve(account)
    spotify.fail("/v1/me/player", status=429, retry_after=60)
    with clock.shifted(commander.CHECK_AFTER_MS):
        serve(account)
    assert source(host).state == "available"
    assert plays(spotify, ann, track)


def test_a_device_that_will_not_turn_repeat_off_is_told_to_play_once(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("/v1/me/player/repeat", status=503)
    start(host, song(spotify))
    serve(account)
    assert told(spotify) == 1
    assert source(host).state == "available"


def test_a_device_that_stands_still_again_has_failed(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    start(host, track)
    for waits_ms in (0, commander.CHECK_AFTER_MS, 2 * commander.CHECK_AFTER_MS + 1_000):
        with clock.shifted(waits_ms):
            serve(account)
            spotify.player_of(ann).is_playing = False
    assert QueueItem.objects.get(track=track).state == ItemState.FAILED


def test_an_account_that_goes_is_silenced_first(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    browser = browser_of(host)
    browser.post("/spotify/disconnect?next=/")
    assert not Account.objects.exists()
    assert not spotify.player_of(ann).is_playing


def test_a_device_that_is_let_go_in_an_outage_says_nothing_of_it(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    spotify.fail("player", status=503)
    outputs.drop_output(member=host)
    serve(account)
    assert source(host).cause == "spotify_no_device"


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


# --- Nothing is lost on the way -----------------------------------------------------------------


def test_tracks_of_an_account_that_is_disconnected_wait_with_their_votes(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, tracks: list[Track]
) -> None:
    first, second = song(spotify), song(spotify, 1)
    start(host, first, tracks[0], second)
    serve(account)
    browser_of(host).post("/spotify/disconnect?next=/")
    waiting = QueueItem.objects.waiting().filter(track__source="spotify")
    assert {(item.track, item.up) for item in waiting} == {(first, 1), (second, 1)}
    assert (source(host).state, source(host).cause) == ("away", "spotify_not_connected")
    assert source(host).output == ""


@pytest.mark.django_db(transaction=True)
async def test_everybody_hears_of_their_votes_on_a_track_that_waits_again(
    party_of_spotify: tuple[Member, Track],
) -> None:
    host, track = party_of_spotify
    async with live.connected(host) as socket:
        await socket.hear("snapshot")
        away = Condition(SourceState.AWAY, cause="spotify_away")
        await database_sync_to_async(outputs.note_if_live)(host.room_id, away)
        item = await QueueItem.objects.aget(track=track)
        frame = await socket.hear("me")
        assert frame["me"]["votes"] == {str(item.pk): 1}


def test_a_device_that_is_chosen_while_spotify_limits_us_does_not_end_the_limit(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("player", status=429, retry_after=3600)
    start(host, song(spotify))
    serve(account)
    choose(host, spotify.device(ann, "Garden"))
    assert (source(host).state, source(host).cause) == ("away", "spotify_limited")
    assert source(host).until_ms is not None


def test_only_rooms_of_the_host_who_is_connected_have_spotify(
    outsider: Member, host: Member, account: Account
) -> None:
    assert [each.room for each in RoomSource.objects.all()] == [host.room]
