"""Spotify that will not: tracks wait with their votes, and the room is told why."""

from typing import Any

import pytest
from channels.db import database_sync_to_async

from music.actions import playback as acts
from music.actions.sources import Condition
from music.actions.speaker import claim_speaker
from music.actions.turns import advance
from music.models import (
    Incident,
    ItemState,
    Playback,
    QueueItem,
    SourceState,
    Track,
)
from music.sources.spotify import outputs
from music.sources.spotify.device_commands import CHECK_AFTER_MS, PROBE_AFTER_MS
from music.sources.spotify.models import Account
from rooms import clock
from rooms.models import Member
from tests import live
from tests.conftest import browser_of
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.spotify import choose, forget_all, plays, serve, song, source, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def party_of_spotify(spotify: FakeSpotify, kitchen: Device, host: Member) -> tuple[Member, Track]:
    """A room in which a track of Spotify plays, and its host."""
    track = song(spotify)
    start(host, track)
    return host, track


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
    acts.seek(by=host, position_ms=10_000)
    serve(account)
    waiting = QueueItem.objects.waiting().filter(track__source="spotify")
    assert {item.track for item in waiting} == {first, second}
    assert Playback.objects.get(room=host.room).item.track == tracks[0]
    assert source(host).cause == "spotify_unsure"
    told = Incident.objects.get(kind="source_away")
    assert told.says.endswith("2 tracks keep their votes and wait.")


def test_connecting_again_lets_its_tracks_play(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    reconnect = Condition(SourceState.AWAY, cause="spotify_reconnect")
    outputs.note_if_live(host.room_id, reconnect)
    claim_speaker(member=host, device="page-of-host", name="laptop")
    start(host, track)
    outputs.account_is_back(account)
    advance(room_id=host.room_id)
    serve(account)
    assert plays(spotify, ann, track)
    assert source(host).state == "available"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [("PREMIUM_REQUIRED", "spotify_unsure"), ("QUOTA_EXCEEDED", "spotify_limited")],
)
def test_a_refusal_of_the_player_is_told_with_its_cause(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, reason: str, cause: str
) -> None:
    spotify.fail("player", reason=reason)
    start(host, song(spotify))
    serve(account)
    assert (source(host).state, source(host).cause) == ("away", cause)


def test_a_false_word_of_missing_premium_ends_by_itself(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    with spotify.faults.being(false_premium_403s=100):
        start(host, track)
        serve(account)
    assert (source(host).state, source(host).cause) == ("away", "spotify_unsure")
    with clock.shifted(61_000):
        serve(account)
        advance(room_id=host.room_id)
        serve(account)
        assert plays(spotify, ann, track)
    account.refresh_from_db()
    assert (source(host).state, account.trouble, account.premium) == ("available", "", True)


def test_missing_premium_is_believed_on_the_second_try_and_asked_again_later(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    ann.premium = False
    start(host, song(spotify))
    serve(account)
    with clock.shifted(61_000):
        serve(account)
        assert source(host).cause == "spotify_premium"
        until_ms = source(host).until_ms or 0
    ann.premium = True
    with clock.shifted(until_ms - clock.now_ms() + 1_000):
        serve(account)
        assert source(host).state == "available"


def test_the_lapsed_premium_of_the_operator_is_waited_for_like_an_outage(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    track = song(spotify)
    with spotify.faults.being(owner_has_premium=False):
        start(host, track)
        serve(account)
        assert (source(host).state, source(host).cause) == ("away", "spotify_operator")
        with clock.shifted(61_000):
            serve(account)
            assert source(host).cause == "spotify_operator"
    account.refresh_from_db()
    assert (account.trouble, account.suspected) == ("", "")
    with clock.shifted(123_000):
        serve(account)
        advance(room_id=host.room_id)
        serve(account)
        assert plays(spotify, ann, track)


def test_what_is_not_the_accounts_to_mend_ends_by_itself_and_the_room_plays(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    settings: Any,
) -> None:
    expired = {"access_token": "", "expires_at_ms": 0}
    cases: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("spotify_key", {"TOKEN_KEYS": ["another"]}, {}),
        ("spotify_client", {"SPOTIFY_CLIENT_SECRET": "another"}, expired),
    ]
    track, shift_ms = song(spotify), 0
    start(host, track)
    for cause, wrong, row in cases:
        Account.objects.update(**row)
        right = {name: getattr(settings, name) for name in wrong}
        for name, value in wrong.items():
            setattr(settings, name, value)
        with clock.shifted(shift_ms):
            choose(host, spotify.device(ann))
            serve(account)
            assert (source(host).state, source(host).cause) == ("away", cause)
        for name, value in right.items():
            setattr(settings, name, value)
        shift_ms += 61_000
        with clock.shifted(shift_ms):
            serve(account)
            advance(room_id=host.room_id)
            serve(account)
            assert plays(spotify, ann, track), cause


def test_an_account_that_is_added_to_the_list_goes_on_by_itself(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    ann.allowed, track = "json", song(spotify)
    start(host, track)
    serve(account)
    assert source(host).cause == "spotify_not_listed"
    ann.allowed = True
    with clock.shifted(5 * 60_000 + 1_000):
        serve(account)
        advance(room_id=host.room_id)
        serve(account)
        assert plays(spotify, ann, track)


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
    with clock.shifted(PROBE_AFTER_MS + 1_000):
        forget_all()
        serve(account)
        advance(room_id=host.room_id)
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
    assert Playback.objects.get(room=host.room).item.track == tracks[0]


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
    acts.seek(by=host, position_ms=10_000)
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
    with clock.shifted(CHECK_AFTER_MS):
        serve(account)
    assert source(host).state == "available"
    assert plays(spotify, ann, track)


def test_a_device_that_is_let_go_in_an_outage_says_nothing_of_it(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    start(host, song(spotify))
    serve(account)
    spotify.fail("player", status=503)
    outputs.drop_output(member=host)
    serve(account)
    assert source(host).cause == "spotify_off"


def test_a_device_that_is_chosen_while_spotify_limits_us_does_not_end_the_limit(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    spotify.fail("player", status=429, retry_after=3600)
    start(host, song(spotify))
    serve(account)
    choose(host, spotify.device(ann, "Garden"))
    assert (source(host).state, source(host).cause) == ("away", "spotify_limited")
    assert source(host).until_ms is not None


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


def test_tracks_of_a_source_that_is_away_wait_and_others_pass_them(
    spotify: FakeSpotify, account: Account, host: Member, tracks: list[Track]
) -> None:
    waits = song(spotify)
    start(host, waits, tracks[0])
    assert Playback.objects.get(room=host.room).item.track == tracks[0]
    assert QueueItem.objects.get(track=waits).state == ItemState.WAITING


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
        assert (await socket.event("me.voted"))["votes"] == {str(item.pk): 1}
