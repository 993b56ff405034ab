"""The Spotify device of a room: chosen, in a page or elsewhere, and gone again."""

from typing import Any

import pytest
from django.core.cache import cache

from music.actions import playback as acts
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker
from music.actions.turns import advance
from music.models import (
    ItemState,
    Playback,
    QueueItem,
    RoomSource,
    Track,
)
from music.sources.spotify import outputs, quota
from music.sources.spotify.errors import NotConnected
from music.sources.spotify.models import Account, Connection, Output, OutputKind
from rooms import clock, limits
from rooms.models import Member
from tests.conftest import browser_of
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.http import NOTHING, ask, refusal
from tests.spotify import choose, connected, serve, song, source, start

pytestmark = pytest.mark.django_db


def offer(member: Member, **choice: str | bool) -> Any:
    """Choose a device as a browser does."""
    return ask(member, "PUT", f"/api/rooms/{member.room.code}/spotify/output", choice)


# --- Chosen, and not there -----------------------------------------------------------------------


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


def test_a_device_that_is_gone_lets_its_tracks_wait_and_the_library_play(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, tracks: list[Track]
) -> None:
    track = song(spotify)
    start(host, track, tracks[0])
    kitchen.known_from += 10**9
    serve(account)
    item = QueueItem.objects.get(track=track)
    assert (item.state, item.up) == (ItemState.WAITING, 1)
    assert Playback.objects.get(room=host.room).item.track == tracks[0]
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


# --- Rooms and their source ---------------------------------------------------------------------


def test_a_room_has_spotify_while_its_host_is_connected(account: Account, host: Member) -> None:
    assert source(host).cause == "spotify_no_device"
    account.delete()
    outputs.keep_right()
    assert not RoomSource.objects.exists()


# --- The player in a page -----------------------------------------------------------------------


def tell_trouble(member: Member, kind: str) -> int:
    path = f"/api/rooms/{member.room.code}/spotify/trouble"
    answer = browser_of(member).put(path, {"kind": kind}, content_type="application/json")
    return answer.status_code


def token_of(member: Member) -> Any:
    return browser_of(member).put(f"/api/rooms/{member.room.code}/spotify/token").json()


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
    for shift_ms, cause in ((0, "spotify_unsure"), (61_000, "spotify_premium")):
        with clock.shifted(shift_ms):
            assert tell_trouble(host, "premium") == 204
        assert source(host).cause == cause
    account.refresh_from_db()
    assert (account.premium, account.trouble) == (False, "spotify_premium")


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
    assert limits.rate_of("SPOTIFY_CALLS") == "20/60"
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
    assert source(host).cause == "spotify_unsure"
    with clock.shifted(3_600_000):
        assert token_of(host)["error"]["code"] == "spotify_unsure"
    assert source(host).state == "degraded"


def test_a_page_without_a_token_plays_nothing_so_what_plays_waits(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member, tracks: list[Track]
) -> None:
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    start(host, song(spotify), tracks[0])
    spotify.revoke(ann)
    with clock.shifted(3_600_000):
        token_of(host)
    assert (source(host).state, source(host).cause) == ("away", "spotify_unsure")


def test_a_page_that_asks_for_a_token_too_late_lets_the_room_know(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.revoke(ann)
    with clock.shifted(3_600_000):
        assert token_of(host)["error"]["code"] == "spotify_unsure"
    assert source(host).cause == "spotify_unsure"


def test_a_page_that_leaves_does_not_hide_what_the_account_lacks(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member
) -> None:
    choose(host, spotify.device(ann), OutputKind.BROWSER)
    for shift_ms in (0, 61_000):
        with clock.shifted(shift_ms):
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


def test_only_rooms_of_the_host_who_is_connected_have_spotify(
    outsider: Member, host: Member, account: Account
) -> None:
    assert [each.room for each in RoomSource.objects.all()] == [host.room]


# --- Nobody has started ---------------------------------------------------------------------------


def test_a_device_that_is_chosen_starts_no_room_that_nobody_has_started(
    spotify: FakeSpotify, account: Account, host: Member
) -> None:
    add_track(member=host, track=song(spotify))
    choose(host, spotify.device(spotify.people["ann"]))
    advance(room_id=host.room_id)
    serve(account)
    assert Playback.objects.get(room=host.room).state == "idle"
    acts.play(by=host)
    assert Playback.objects.get(room=host.room).state == "playing"
