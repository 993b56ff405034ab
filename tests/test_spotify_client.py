"""How Spotify is asked: what every answer means, what is tried again, and when nobody asks."""

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Literal

import pytest

from music import outside
from music.sources.spotify import calls, quota
from music.sources.spotify.calls import Call
from music.sources.spotify.client import Client
from music.sources.spotify.errors import (
    Away,
    Gone,
    Limited,
    MissingScope,
    NoDevice,
    NotListed,
    NotReadable,
    OperatorPremium,
    PremiumRequired,
    Reconnect,
    Refused,
    Restricted,
    SpotifyError,
    Unsure,
)
from music.sources.spotify.models import Account
from music.sources.spotify.quota import Bucket
from rooms import clock
from rooms.models import Member
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.player import Device
from tests.servers import free_port
from tests.spotify import connected, serve, song, source, start

pytestmark = pytest.mark.django_db
Ask = Callable[[Client], Any]
LINEUP = "spotify:track:0000000000000000000000"


def search(client: Client) -> Any:
    return client.search("rain")


def pause(client: Client) -> Any:
    return client.pause("laptop")


def play(client: Client) -> Any:
    return client.play("laptop", LINEUP, starts_at_ms=clock.now_ms())


def playlist(client: Client) -> Any:
    return next(client.playlist_items("4uLU6hMCjMI75M1A2tKUQC"))


def track(client: Client) -> Any:
    return client.track("4uLU6hMCjMI75M1A2tKUQC")


@pytest.fixture
def client(account: Account) -> Client:
    return Client(account)


# --- What an answer means -------------------------------------------------------------------------

PLAYER = "Player command failed: "
OWNER = "Active premium subscription required for the owner of the app."
ROWS: list[tuple[Ask, dict[str, Any], type[SpotifyError]]] = [
    (search, {"status": 400, "message": "Invalid limit"}, Refused),
    (search, {"status": 400, "body": "empty"}, Refused),
    (search, {"status": 418, "body": "html"}, Refused),
    (search, {"status": 302, "body": "empty"}, Away),
    (search, {"status": 200, "body": "html", "message": "hello"}, Away),
    (search, {"status": 200, "body": "empty"}, Away),
    (
        search,
        {"status": 403, "message": "User not registered in the Developer Dashboard"},
        NotListed,
    ),
    (
        search,
        {
            "status": 403,
            "body": "text",
            "message": "Check settings on developer.spotify.com/dashboard, "
            "the user may not be registered.",
        },
        NotListed,
    ),
    (search, {"status": 403, "message": "Insufficient client scope"}, MissingScope),
    (search, {"status": 403, "message": "Forbidden"}, Refused),
    (search, {"status": 403, "body": "text", "message": "Bad OAuth request"}, Refused),
    (playlist, {"status": 403, "message": "Forbidden"}, NotReadable),
    (playlist, {"status": 403, "body": "empty"}, NotReadable),
    (pause, {"reason": "PREMIUM_REQUIRED"}, Unsure),
    (pause, {"status": 403, "message": PLAYER + "Premium required"}, Restricted),
    (search, {"status": 403, "message": "Only for premium users"}, Refused),
    (pause, {"status": 403, "body": "text", "message": OWNER}, OperatorPremium),
    (search, {"status": 403, "body": "text", "message": OWNER}, OperatorPremium),
    (search, {"status": 403, "message": OWNER}, OperatorPremium),
    (
        pause,
        {"status": 403, "message": PLAYER + "Restriction violated", "reason": "UNKNOWN"},
        Restricted,
    ),
    (
        pause,
        {"status": 403, "message": PLAYER + "Already paused", "reason": "ALREADY_PAUSED"},
        Restricted,
    ),
    (pause, {"status": 403, "message": "Something new", "reason": "NEVER_SEEN_BEFORE"}, Restricted),
    (pause, {"status": 403, "body": "html"}, Restricted),
    (pause, {"reason": "VOLUME_CONTROL_DISALLOW"}, Restricted),
    (pause, {"reason": "NO_ACTIVE_DEVICE"}, NoDevice),
    (pause, {"status": 404, "message": "Device not found"}, NoDevice),
    (track, {"status": 404, "message": "Resource not found"}, Gone),
    (track, {"status": 404, "body": "html"}, Gone),
    (search, {"status": 429, "message": "API rate limit exceeded", "retry_after": 60}, Limited),
    (search, {"status": 429, "body": "text", "message": "Too many requests"}, Limited),
    (search, {"reason": "QUOTA_EXCEEDED"}, Limited),
    (pause, {"status": 403, "reason": "RATE_LIMITED"}, Limited),
    (search, {"status": 500}, Away),
    (search, {"status": 502, "body": "html"}, Away),
    (search, {"status": 503, "body": "text"}, Away),
    (search, {"status": 504, "body": "empty"}, Away),
    (search, {"dropped": True}, Away),
]


@pytest.mark.parametrize(("ask", "fault", "error"), ROWS)
def test_every_answer_that_is_none_has_its_error(
    client: Client, spotify: FakeSpotify, ask: Ask, fault: dict[str, Any], error: type[SpotifyError]
) -> None:
    spotify.fail("api", **fault)
    with pytest.raises(SpotifyError) as raised:
        ask(client)
    assert type(raised.value) is error


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_command_that_is_answered_with_any_2xx_is_done(
    client: Client, spotify: FakeSpotify, status: int
) -> None:
    body: Literal["empty", "text"] = "empty" if status == 204 else "text"
    spotify.fail("player", status=status, body=body, message="not { json")
    client.pause("laptop")


def test_nothing_plays_when_the_player_has_nothing_to_say(client: Client) -> None:
    assert client.player() is None


def test_what_only_the_account_can_mend_is_noted_with_it(
    spotify: FakeSpotify, host: Member
) -> None:
    dora = connected(spotify, "dora", host)
    with pytest.raises(NotListed):
        Client(dora).me()
    dora.refresh_from_db()
    assert dora.trouble == NotListed.code


def test_spotify_is_told_who_asks(client: Client, spotify: FakeSpotify) -> None:
    client.me()
    assert "BeatSync" in spotify.calls[-1].user_agent


# --- What is tried again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"dropped": True}, {"status": 500, "body": "html"}]
)
def test_an_outage_of_a_moment_is_not_noticed(
    client: Client, spotify: FakeSpotify, fault: dict[str, Any]
) -> None:
    spotify.fail("search", times=2, **fault)
    assert client.search("rain").items
    assert len(spotify.calls_to("/v1/search")) == 3


@pytest.mark.parametrize(("ask", "tries"), [(search, 3), (pause, 3), (play, 1)])
def test_a_call_is_tried_three_times_and_one_that_time_would_change_once(
    client: Client, spotify: FakeSpotify, ask: Ask, tries: int
) -> None:
    spotify.fail("api", status=503)
    with pytest.raises(Away):
        ask(client)
    assert len(spotify.calls_to("/v1/*")) == tries


def test_an_answer_that_comes_too_slowly_is_not_waited_for(
    client: Client, spotify: FakeSpotify, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "READ_S", 0.1)
    monkeypatch.setattr(calls, "CALL_S", 0.3)
    spotify.fail("search", slow_s=5)
    began = time.monotonic()
    with pytest.raises(Away):
        client.search("rain")
    assert time.monotonic() - began < 2


def test_a_refused_token_is_renewed_once(client: Client, spotify: FakeSpotify) -> None:
    spotify.expire_access_tokens()
    assert client.search("rain").items
    assert len(spotify.calls_to("/accounts/api/token")) == 1


def test_two_false_refusals_of_a_token_cost_no_login(
    client: Client, spotify: FakeSpotify, account: Account
) -> None:
    spotify.faults.change(false_401s=2)
    with pytest.raises(Unsure):
        client.search("rain")
    account.refresh_from_db()
    assert (account.trouble, account.suspected) == ("", Reconnect.code)
    assert account.refresh_token
    assert client.search("rain").items
    account.refresh_from_db()
    assert account.suspected == ""


def test_while_a_login_is_in_doubt_each_call_is_asked_once_and_no_token_is_renewed(
    client: Client, spotify: FakeSpotify
) -> None:
    spotify.faults.change(false_401s=100)
    for _ in range(3):
        with pytest.raises(Unsure):
            client.search("rain")
    assert len(spotify.calls_to("/v1/search")) == 4
    assert len(spotify.calls_to("/accounts/api/token")) == 1


def test_the_lapsed_premium_of_the_operator_marks_no_account_and_heals_by_itself(
    client: Client, spotify: FakeSpotify, account: Account
) -> None:
    with spotify.faults.being(owner_has_premium=False):
        for ask in (search, pause):
            with pytest.raises(OperatorPremium):
                ask(client)
    account.refresh_from_db()
    assert (account.trouble, account.suspected) == ("", "")
    assert client.search("rain").items


def test_a_false_word_of_missing_premium_is_forgotten_with_the_next_command(
    account: Account, spotify: FakeSpotify, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    spotify.faults.change(false_premium_403s=1)
    start(host, track)
    serve(account)
    account.refresh_from_db()
    assert (account.trouble, account.suspected, account.premium) == ("", "", True)
    assert source(host).state == "available"


def test_too_many_calls_for_a_moment_are_waited_for_once(
    client: Client, spotify: FakeSpotify
) -> None:
    spotify.fail("search", status=429, retry_after=1, times=1)
    began = time.monotonic()
    assert client.search("rain").items
    assert time.monotonic() - began >= 1
    spotify.fail("search", status=429, retry_after=0, times=2)
    with pytest.raises(Limited):
        client.search("snow")


# --- When nobody asks -----------------------------------------------------------------------------


def test_a_group_of_calls_that_is_closed_is_not_asked_until_its_moment(
    client: Client, spotify: FakeSpotify
) -> None:
    spotify.fail("search", status=429, retry_after=3600, times=1)
    for _ in range(2):
        with pytest.raises(Limited) as raised:
            client.search("rain")
        assert 3590 < (raised.value.retry_after or 0) <= 3600
        assert (raised.value.until_ms or 0) > clock.now_ms() + 3_590_000
    assert len(spotify.calls_to("/v1/search")) == 1
    assert client.me().name == "Ann"  # which another group is asked for
    with clock.shifted(3_601_000):
        assert client.search("rain").items


def test_a_closed_group_is_closed_for_all_processes(client: Client, spotify: FakeSpotify) -> None:
    spotify.fail("search", status=429, retry_after=3600, times=1)
    with pytest.raises(Limited):
        client.search("rain")
    quota.forget()  # another process has never heard of it
    with pytest.raises(Limited):
        client.search("rain")
    assert len(spotify.calls_to("/v1/search")) == 1


def test_without_a_shared_cache_a_group_is_closed_for_this_process_at_least(
    client: Client, spotify: FakeSpotify, settings: Any
) -> None:
    address = f"redis://127.0.0.1:{free_port()}/0"
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": address}}
    spotify.fail("search", status=429, retry_after=3600, times=1)
    for _ in range(2):
        with pytest.raises(Limited):
            client.search("rain")
    assert len(spotify.calls_to("/v1/search")) == 1


def test_without_a_moment_a_group_rests_for_twice_as_long_each_time(
    client: Client, spotify: FakeSpotify
) -> None:
    spotify.fail("search", status=429)
    for seconds, shift_ms in ((30, 0), (60, 31_000), (120, 92_000)):
        with clock.shifted(shift_ms), pytest.raises(Limited) as raised:
            client.search("rain")
        assert raised.value.retry_after == seconds
    assert len(spotify.calls_to("/v1/search")) == 3


def test_a_used_up_quota_is_never_tried_again(client: Client, spotify: FakeSpotify) -> None:
    spotify.fail("search", reason="QUOTA_EXCEEDED", retry_after=1)
    with pytest.raises(Limited):
        client.search("rain")
    assert len(spotify.calls_to("/v1/search")) == 1


def test_a_group_that_fails_again_and_again_is_left_alone_for_a_while(
    client: Client, spotify: FakeSpotify
) -> None:
    fault = spotify.fail("player", status=503)
    for _ in range(quota.FAILURES + 1):
        with pytest.raises(Away) as raised:
            play(client)
    assert raised.value.retry_after
    assert len(spotify.calls_to("/v1/me/player/play")) == quota.FAILURES
    fault.clear()
    with clock.shifted(quota.BROKEN_FOR_MS + 1000), pytest.raises(NoDevice):
        play(client)


def test_failures_with_answers_in_between_close_nothing(
    client: Client, spotify: FakeSpotify
) -> None:
    for _ in range(quota.FAILURES):
        with spotify.fail("player", status=503), pytest.raises(Away):
            play(client)
        with pytest.raises(NoDevice):
            client.pause("nowhere")


def test_calls_that_hang_take_only_some_places(client: Client) -> None:
    for _ in range(quota.AT_ONCE):
        quota._places[Bucket.SEARCH].acquire()
    try:
        with pytest.raises(Away):
            client.search("rain")
        assert client.me()
    finally:
        for _ in range(quota.AT_ONCE):
            quota._places[Bucket.SEARCH].release()


def test_a_command_is_not_held_up_by_calls_that_only_look(
    client: Client, spotify: FakeSpotify
) -> None:
    with ExitStack() as looking:
        for _ in range(quota.AT_ONCE):
            looking.enter_context(quota.place(Bucket.READS))
        with pytest.raises(Away):
            client.devices()
        with pytest.raises(NoDevice):  # Spotify was asked
            client.pause("nowhere")


@pytest.mark.parametrize(
    "fault", [{"reason": "QUOTA_EXCEEDED", "retry_after": 43_200}, {"status": 503}]
)
def test_questions_that_spotify_limits_keep_no_room_from_its_commands(
    client: Client, spotify: FakeSpotify, fault: dict[str, Any]
) -> None:
    with spotify.fail("/v1/me/player", **fault):
        for _ in range(quota.FAILURES):
            with pytest.raises(SpotifyError):
                client.player()
    with pytest.raises(SpotifyError):
        client.devices()
    assert spotify.calls_to("/v1/me/player/devices") == []
    with pytest.raises(NoDevice):
        client.pause("nowhere")


# --- Lists ----------------------------------------------------------------------------------------


def test_a_long_list_comes_in_sheets_that_follow_each_other(
    client: Client, spotify: FakeSpotify
) -> None:
    long = next(each for each in spotify.playlists.values() if len(each.entries) == 230)
    sheets = list(client.playlist_items(long.id))
    assert [len(sheet.items) for sheet in sheets] == [50, 50, 50, 50, 30]
    assert [sheet.following for sheet in sheets] == [50, 100, 150, 200, None]
    names = [song.title for sheet in sheets for song in sheet.items]
    assert names == [entry.item.name for entry in long.entries if entry.item]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/v1/me/tracks",
        "http://127.0.0.1/v1/me/tracks",
        "{api}.example/me/tracks",
        "https://[elsewhere/v1/me/tracks",
    ],
)
def test_an_address_that_is_not_spotifys_is_not_followed(
    account: Account, spotify: FakeSpotify, settings: Any, address: str
) -> None:
    path = address.format(api=settings.SPOTIFY_API_URL)
    with pytest.raises(SpotifyError):
        calls.perform(account, Call(Bucket.LIBRARY, path))
    assert spotify.calls == []


def test_an_id_that_is_none_goes_into_no_address(client: Client, spotify: FakeSpotify) -> None:
    for id in ("../me", "a/b", "", "ä" * 22, "x?y=1"):
        for ask in (client.track, client.playlist):
            with pytest.raises(Gone):
                ask(id)
    assert spotify.calls == []


# --- Secrets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ask", "fault", "error"), ROWS[::3])
def test_no_token_is_ever_told(
    client: Client,
    spotify: FakeSpotify,
    account: Account,
    caplog: pytest.LogCaptureFixture,
    ask: Ask,
    fault: dict[str, Any],
    error: type[SpotifyError],
) -> None:
    caplog.set_level(logging.DEBUG)
    spotify.fail("api", **{"message": f"for {account.access_token}"} | fault)
    with pytest.raises(SpotifyError) as raised:
        ask(client)
    told = [
        caplog.text,
        str(raised.value),
        repr(raised.value.__cause__),
        str(raised.value.as_json()),
    ]
    assert caplog.records
    assert not [text for text in told if account.access_token in text]


# --- The player -----------------------------------------------------------------------------------


def test_a_device_does_what_it_is_told(client: Client, spotify: FakeSpotify) -> None:
    device = next(each for each in client.devices() if each.id and not each.restricted)
    assert device.id is not None
    uri = spotify.catalogue.track("Curtains").uri
    client.transfer(device.id)
    client.play(device.id, uri, starts_at_ms=clock.now_ms() - 30_000)
    client.repeat_off(device.id)
    client.shuffle_off(device.id)
    player = client.player()
    assert player is not None
    assert player.device is not None
    assert (player.device.id, player.uri, player.playing) == (device.id, uri, True)
    assert (player.kind, player.repeats, player.shuffles) == ("track", False, False)
    assert 30_000 <= (player.position_ms or 0) < 60_000
    client.pause(device.id)
    paused = client.player()
    assert paused is not None
    assert not paused.playing


@pytest.mark.parametrize("held_up_by", ["player", "token"])
def test_a_device_that_is_told_again_plays_from_where_its_track_is_by_then(
    client: Client, spotify: FakeSpotify, held_up_by: str
) -> None:
    device = next(each for each in client.devices() if each.id and not each.restricted)
    client.transfer(str(device.id))
    if held_up_by == "player":
        spotify.fail("player", method="PUT", retry_after=1, times=1)
    else:
        spotify.expire_access_tokens()
        spotify.fail("/accounts/api/token", slow_s=1, times=1)
    starts_at_ms = clock.now_ms() - 30_000
    client.play(str(device.id), spotify.catalogue.track("Curtains").uri, starts_at_ms=starts_at_ms)
    player = client.player()
    assert player is not None
    assert player.position_ms == pytest.approx(player.at_ms - starts_at_ms, abs=900)


def test_a_device_has_its_volume_or_says_no(client: Client) -> None:
    devices = [each for each in client.devices() if each.id and not each.restricted]
    loud = next(each for each in devices if each.has_volume)
    client.volume(35, str(loud.id))
    assert next(each for each in client.devices() if each.id == loud.id).volume == 35


def test_a_player_without_premium_or_device_says_so(
    client: Client, spotify: FakeSpotify, outsider: Member
) -> None:
    with pytest.raises(NoDevice):
        client.play("nosuchdevice", LINEUP, starts_at_ms=clock.now_ms())
    ben = Client(connected(spotify, "ben", outsider))
    with pytest.raises(Unsure):
        ben.play("nosuchdevice", LINEUP, starts_at_ms=clock.now_ms())
    with clock.shifted(61_000), pytest.raises(PremiumRequired):
        ben.play("nosuchdevice", LINEUP, starts_at_ms=clock.now_ms())
    assert Account.objects.get(user_id="ben").premium is False
