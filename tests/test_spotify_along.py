"""Listening along on an own account: whose it is, what it is told, and what it never serves."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from music.actions import playback as acts
from music.actions.queue import add_track
from music.actions.turns import advance
from music.models import Incident, Playback, RoomSource, Track
from music.sources.spotify import commander, outputs, quota
from music.sources.spotify.along import trouble_of
from music.sources.spotify.models import Account, Connection, Output, Trouble
from music.sources.spotify.quota import Bucket
from rooms import actions, clock, limits
from rooms.models import Member, Room
from tests.answers import Answer
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.player import Device
from tests.http import NOTHING, ask, refusal, text_of
from tests.spotify import browser_at_home, connected, listening, start
from tests.translations import speak_german

pytestmark = pytest.mark.django_db
ROUTES = [
    ("/token", NOTHING),
    ("", {"device_id": "phone", "play_id": "1"}),
    ("/trouble", {"kind": "premium"}),
]


@pytest.fixture(autouse=True)
def _allowed(settings: Any) -> None:
    settings.SPOTIFY_LISTEN_ALONG = True


@pytest.fixture
def own(spotify: FakeSpotify, guest: Member) -> Account:
    """Finn's, which a listener has connected to listen along."""
    return listening(spotify, "finn", guest)


@pytest.fixture
def phone(spotify: FakeSpotify) -> Device:
    """The page of that listener."""
    return spotify.device(spotify.people["finn"], "BeatSync: phone")


@pytest.fixture
def song(spotify: FakeSpotify, kitchen: Device, host: Member) -> Track:
    """What the room plays, half a minute in."""
    known = next(each for each in spotify.catalogue.tracks if each.can_be_played)
    track = Track.objects.create(
        uri=known.uri, source="spotify", title=known.name, duration_ms=known.duration_ms
    )
    start(host, track)
    acts.seek(by=host, position_ms=30_000)
    return track


def along(member: Member, rest: str = "", body: Any = NOTHING) -> Answer:
    return ask(member, "PUT", f"/api/rooms/{member.room.code}/spotify/along{rest}", body)


def sounds(member: Member, device: Device, **more: Any) -> Answer:
    play_id = str(Playback.objects.get(room=member.room_id).play_id)
    return along(member, "", {"device_id": device.id, "play_id": play_id, **more})


# --- Where it is not offered ----------------------------------------------------------------------


@pytest.mark.parametrize(("rest", "body"), ROUTES)
def test_unless_the_operator_allows_it_there_is_nothing(
    guest: Member, own: Account, settings: Any, rest: str, body: Any
) -> None:
    settings.SPOTIFY_LISTEN_ALONG = False
    assert refusal(along(guest, rest, body)) == (404, "unknown")
    page = browser_at_home(guest).get(f"/r/{guest.room.code}").content.decode()
    assert "own account" not in page
    assert "data-along-sdk" not in page


@pytest.mark.parametrize(("rest", "body"), ROUTES)
def test_without_an_own_account_there_is_nothing_to_listen_through(
    guest: Member, account: Account, rest: str, body: Any
) -> None:
    assert refusal(along(guest, rest, body)) == (409, "spotify_not_connected")


@pytest.mark.parametrize(("rest", "body"), ROUTES)
def test_a_room_that_has_ended_starts_nothing(
    host: Member, guest: Member, own: Account, rest: str, body: Any
) -> None:
    actions.end_room(by=host)
    assert refusal(along(guest, rest, body)) == (409, "room_ended")


# --- Whose account --------------------------------------------------------------------------------


def test_a_listener_gets_a_token_of_the_own_account(
    guest: Member, own: Account, account: Account
) -> None:
    assert along(guest, "/token").json() == {"access_token": own.access_token}


def test_nobody_gets_the_token_of_somebody_else(
    host: Member, other: Member, own: Account, account: Account
) -> None:
    for member in (host, other):
        assert refusal(along(member, "/token")) == (409, "spotify_not_connected")


def test_the_account_through_which_the_room_plays_is_nobodys_to_listen_along_on(
    guest: Member, account: Account, song: Track, kitchen: Device, spotify: FakeSpotify
) -> None:
    connected(spotify, "ann", guest)
    assert refusal(along(guest, "/token")) == (409, "spotify_not_connected")
    assert refusal(sounds(guest, kitchen)) == (409, "spotify_not_connected")


def test_an_account_that_was_connected_to_listen_along_never_serves_a_room(
    spotify: FakeSpotify, outsider: Member
) -> None:
    account = listening(spotify, "finn", outsider)
    outputs.account_changed(account, [])
    assert not Account.objects.of_room(outsider.room).exists()
    assert not RoomSource.objects.exists()
    search = ask(outsider, "GET", f"/api/rooms/{outsider.room.code}/search?source=spotify&q=rain")
    assert refusal(search) == (409, "spotify_not_connected")


def test_a_hosts_account_serves_no_room_of_a_browser_that_only_listens_along(
    spotify: FakeSpotify, host: Member, outsider: Member, account: Account
) -> None:
    listening(spotify, "ann", outsider)
    outputs.keep_right()
    assert Account.objects.of_room(host.room).get() == account
    assert not Account.objects.of_room(outsider.room).exists()
    assert list(RoomSource.objects.values_list("room", flat=True)) == [host.room_id]


def test_who_hosts_and_listens_along_in_one_browser_goes_on_hosting(
    spotify: FakeSpotify, host: Member, account: Account
) -> None:
    listening(spotify, "ann", host)
    assert Account.objects.of_room(host.room).get() == account


def test_another_account_to_listen_along_on_does_not_serve_the_room_of_its_browser(
    spotify: FakeSpotify, host: Member, account: Account
) -> None:
    listening(spotify, "finn", host)
    assert not Account.objects.of_room(host.room).exists()


def test_an_account_that_sounds_for_another_room_is_left_alone(
    host: Member, outsider: Member, account: Account, song: Track, kitchen: Device
) -> None:
    commander.serve(account.pk)
    there = actions.join(room=outsider.room, guest=host.guest)
    asked = {"device_id": "laptop", "play_id": "1"}
    assert refusal(along(there, "", asked)) == (409, "conflict")


# --- What it is told ------------------------------------------------------------------------------


def test_the_device_sounds_what_the_room_plays_where_the_room_is(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    assert sounds(guest, phone, ahead_ms=5_000).status_code == 204
    player = spotify.player_of(spotify.people["finn"])
    assert (player.active, player.uri, player.is_playing) == (phone, song.uri, True)
    assert 34_000 < player.position_ms < 40_000


def test_what_sounds_is_the_rooms_to_say(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    other = next(each for each in spotify.catalogue.tracks if each.uri != song.uri)
    sounds(guest, phone, uri=other.uri, position_ms=1)
    player = spotify.player_of(spotify.people["finn"])
    assert (player.uri, player.position_ms > 20_000) == (song.uri, True)


def test_a_start_is_one_call_and_the_hosts_device_hears_nothing_of_it(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    sounds(guest, phone)
    assert [call.path for call in spotify.calls] == ["/v1/me/player/play"]
    assert not spotify.player_of(spotify.people["ann"]).is_playing


def test_a_device_that_is_not_known_is_asked_for_once_and_that_closes_nothing(
    spotify: FakeSpotify, guest: Member, own: Account, song: Track
) -> None:
    phone = spotify.device(spotify.people["finn"], "BeatSync: phone", appears_after_s=3600)
    for _ in range(quota.FAILURES + 1):
        assert refusal(sounds(guest, phone)) == (409, "spotify_no_device")
    assert [call.path for call in spotify.calls] == ["/v1/me/player/play"] * (quota.FAILURES + 1)
    assert quota.closings() == {}


def test_what_fails_for_listeners_leaves_the_rooms_their_spotify(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track, account: Account
) -> None:
    with spotify.fail("player", status=503):
        for _ in range(quota.FAILURES + 1):
            assert refusal(sounds(guest, phone)) == (503, "spotify_away")
    assert len(spotify.calls_to("/v1/me/player/play")) == quota.FAILURES
    commander.serve(account.pk)
    assert spotify.player_of(spotify.people["ann"]).is_playing


def test_while_the_rooms_are_limited_listeners_ask_nothing(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    quota.limited(Bucket.PLAYER, 600)
    assert refusal(sounds(guest, phone)) == (503, "spotify_limited")
    assert spotify.calls == []


def test_a_limit_that_a_listener_meets_is_that_of_all_and_met_once(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    with spotify.fail("player", status=429, retry_after=2):
        assert refusal(sounds(guest, phone)) == (503, "spotify_limited")
    assert len(spotify.calls) == 1
    assert [*quota.closings()] == [Bucket.PLAYER]


def test_listeners_who_hang_take_no_place_of_the_rooms() -> None:
    with ExitStack() as hanging:
        for _ in range(quota.AT_ONCE):
            hanging.enter_context(quota.place(Bucket.ALONG))
        with quota.place(Bucket.PLAYER):
            pass


def test_a_track_of_the_library_is_not_for_spotify(
    guest: Member, host: Member, own: Account, phone: Device, tracks: list[Track]
) -> None:
    add_track(member=host, track=tracks[0])
    advance(room_id=host.room_id)
    assert refusal(sounds(guest, phone)) == (409, "conflict")


def test_a_room_that_pauses_starts_nothing(
    spotify: FakeSpotify, guest: Member, host: Member, own: Account, phone: Device, song: Track
) -> None:
    acts.pause(by=host)
    assert refusal(sounds(guest, phone)) == (409, "conflict")
    assert spotify.calls == []


def test_another_play_than_that_of_the_room_is_stale(
    guest: Member, own: Account, phone: Device, song: Track
) -> None:
    asked = {"device_id": phone.id, "play_id": "999"}
    assert refusal(along(guest, "", asked)) == (409, "stale_play")


def test_a_track_that_is_over_is_not_started_behind_its_end(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    with clock.shifted(song.duration_ms):
        assert refusal(sounds(guest, phone)) == (409, "stale_play")
    assert spotify.calls_to("/v1/me/player/*") == []


def test_only_one_command_to_an_account_is_under_way(
    spotify: FakeSpotify, guest: Member, own: Account, phone: Device, song: Track
) -> None:
    Account.objects.filter(pk=own.pk).update(commanding_until_ms=clock.now_ms() + 5_000)
    assert refusal(sounds(guest, phone)) == (429, "rate_limited")
    with clock.shifted(6_000):  # whoever was at it has died
        assert sounds(guest, phone).status_code == 204
    assert Account.objects.get(pk=own.pk).commanding_until_ms == 0


def test_listening_along_counts_against_the_limit_of_the_member(
    guest: Member, own: Account, settings: Any
) -> None:
    settings.LIMITS = {**settings.LIMITS, "SPOTIFY_CALLS": "1/60"}
    assert along(guest, "/token").status_code == 200
    assert refusal(along(guest, "/token")) == (429, "rate_limited")


def test_starts_on_an_account_have_a_narrow_limit_in_whatever_room(
    guest: Member, outsider: Member, own: Account, phone: Device, song: Track, settings: Any
) -> None:
    assert limits.rate_of("SPOTIFY_ALONG") == "12/60"
    settings.LIMITS = {**settings.LIMITS, "SPOTIFY_ALONG": "1/60"}
    assert sounds(guest, phone).status_code == 204
    there = actions.join(room=outsider.room, guest=guest.guest)
    for member in (guest, there):
        asked = {"device_id": phone.id, "play_id": "1"}
        assert refusal(along(member, "", asked)) == (429, "rate_limited")


def test_all_listeners_together_have_a_share_of_what_spotify_allows(
    spotify: FakeSpotify, guest: Member, other: Member, own: Account, song: Track, settings: Any
) -> None:
    assert limits.rate_of("APP_SPOTIFY_ALONG") == "30/30"
    settings.LIMITS = {**settings.LIMITS, "APP_SPOTIFY_ALONG": "1/60"}
    listening(spotify, "ben", other)
    phones = [spotify.device(spotify.people[name]) for name in ("finn", "ben")]
    assert sounds(guest, phones[0]).status_code == 204
    assert refusal(sounds(other, phones[1])) == (429, "rate_limited")
    assert len(spotify.calls) == 1


# --- What stands in the way -----------------------------------------------------------------------


def test_an_account_without_premium_is_told_so_and_the_room_hears_nothing(
    spotify: FakeSpotify, guest: Member, host: Member, song: Track
) -> None:
    listening(spotify, "ben", guest)
    before = list(RoomSource.objects.values("state", "cause"))
    answer = sounds(guest, spotify.device(spotify.people["ben"]))
    assert refusal(answer) == (503, "spotify_unsure")
    with clock.shifted(61_000):
        answer = sounds(guest, spotify.device(spotify.people["ben"]))
    assert refusal(answer) == (409, "spotify_premium")
    assert answer.json()["error"]["message"] == "Spotify Premium is needed to listen along."
    assert list(RoomSource.objects.values("state", "cause")) == before
    assert not Incident.objects.exists()


@pytest.mark.parametrize("kind", ["premium", "unsupported", "token"])
def test_what_keeps_a_page_from_it_is_no_trouble_of_the_room(
    guest: Member, own: Account, song: Track, kind: str
) -> None:
    before = list(RoomSource.objects.values("state", "cause"))
    assert along(guest, "/trouble", {"kind": kind}).status_code == 204
    assert list(RoomSource.objects.values("state", "cause")) == before
    own.refresh_from_db()
    assert own.trouble == ""
    assert own.suspected == ("spotify_premium" if kind == "premium" else "")


def test_a_token_that_the_player_refuses_is_renewed(
    guest: Member, own: Account, account: Account
) -> None:
    along(guest, "/trouble", {"kind": "token"})
    token = along(guest, "/token").json()["access_token"]
    assert token != own.access_token


def test_a_login_that_was_taken_away_is_said_in_words_for_its_owner(
    spotify: FakeSpotify, guest: Member, own: Account
) -> None:
    spotify.revoke(spotify.people["finn"])
    Account.objects.update(expires_at_ms=0)
    assert refusal(along(guest, "/token")) == (503, "spotify_unsure")
    Account.objects.update(suspected_since_ms=1, suspected_times=9, away_until_ms=0)
    answer = along(guest, "/token")
    assert refusal(answer) == (409, "spotify_reconnect")
    error = answer.json()["error"]
    assert error["message"] == "Spotify has logged you out. Connect again."
    assert error["detail"] == "own_spotify_reconnect"


def test_its_owner_reads_on_a_page_what_to_mend_in_the_language_of_the_page(
    own: Account, settings: Any, tmp_path: Path
) -> None:
    own.trouble = Trouble.RECONNECT
    german = {"Spotify has logged you out. Connect again.": "Spotify hat dich abgemeldet."}
    speak_german(settings, tmp_path, german)
    assert trouble_of(own) == "Spotify hat dich abgemeldet."


# --- What pages show ------------------------------------------------------------------------------


def room_page(member: Member) -> str:
    return browser_at_home(member).get(f"/r/{member.room.code}").content.decode()


def test_a_room_shows_the_way_to_a_login_and_then_the_player(
    spotify: FakeSpotify, guest: Member, account: Account
) -> None:
    way = f"/accounts/spotify/login/?purpose=along&amp;next=/r/{guest.room.code}"
    assert way in room_page(guest)
    listening(spotify, "finn", guest)
    page = room_page(guest)
    assert way not in page
    assert f'data-along-sdk="{spotify.url}/spotify-player.js"' in page


def test_who_opens_a_room_for_the_first_time_sees_the_way_too(room: Room, account: Account) -> None:
    page = browser_at_home().get(f"/r/{room.code}").content.decode()
    assert "purpose=along" in page


def test_to_the_host_nothing_of_it_is_shown(host: Member, spotify: FakeSpotify) -> None:
    page = room_page(host)
    assert "purpose=along" not in page
    assert "data-along-sdk" not in page


def test_a_listener_sees_and_disconnects_the_own_account_alone(
    guest: Member, own: Account, account: Account
) -> None:
    browser = browser_at_home(guest)
    page = browser.get(f"/r/{guest.room.code}/spotify")
    assert "Finn" in text_of(page)
    assert "Ann" not in text_of(page)
    assert "Disconnect your account" in text_of(page)
    browser.post(f"/spotify/disconnect?next=/r/{guest.room.code}/spotify")
    assert list(Account.objects.all()) == [account]
    assert "Connect your account" in text_of(browser.get(f"/r/{guest.room.code}/spotify"))


def test_who_only_listens_along_disconnects_no_room(
    spotify: FakeSpotify, host: Member, outsider: Member, guest: Member, account: Account
) -> None:
    there = actions.join(room=outsider.room, guest=guest.guest)
    listening(spotify, "ann", there)
    browser, page = browser_at_home(there), f"/r/{there.room.code}/spotify"
    assert "tokens stay for your other browsers" in text_of(browser.get(page))
    gone = browser.post(f"/spotify/disconnect?next={page}")
    assert "Disconnected here." in text_of(browser.get(gone["Location"]))
    assert [each.guest for each in Connection.objects.all()] == [host.guest]
    assert Account.objects.of_room(host.room).get() == account


def test_an_account_to_listen_along_on_goes_with_the_last_browser(
    spotify: FakeSpotify, guest: Member, other: Member, own: Account
) -> None:
    listening(spotify, "finn", other)
    for member, left in ((guest, 1), (other, 0)):
        browser_at_home(member).post("/spotify/disconnect")
        assert Account.objects.count() == left


def test_disconnecting_a_browser_that_only_listens_along_silences_no_room(
    spotify: FakeSpotify, host: Member, outsider: Member, account: Account, song: Track
) -> None:
    commander.serve(account.pk)
    listening(spotify, "ann", outsider)
    browser_at_home(outsider).post("/spotify/disconnect")
    assert spotify.player_of(spotify.people["ann"]).is_playing


def test_what_was_connected_can_be_disconnected_though_it_is_not_offered_any_more(
    guest: Member, own: Account, settings: Any
) -> None:
    settings.SPOTIFY_LISTEN_ALONG = False
    page = browser_at_home(guest).get(f"/r/{guest.room.code}/spotify")
    assert "Disconnect your account" in text_of(page)
    assert "Connect your account" not in text_of(page).replace("Disconnect", "")


def test_the_privacy_page_says_what_is_kept_of_listeners_and_what_the_terms_say(
    guest: Member, spotify: FakeSpotify, settings: Any
) -> None:
    page = text_of(browser_at_home().get("/privacy"))
    assert "one source that plays to several people" in page
    settings.SPOTIFY_LISTEN_ALONG = False
    assert "listeners who connect" not in text_of(browser_at_home().get("/privacy"))


def test_no_output_of_a_room_is_made_by_listening_along(
    guest: Member, own: Account, phone: Device, song: Track
) -> None:
    sounds(guest, phone)
    assert list(Output.objects.values_list("name", flat=True)) == ["Kitchen"]
