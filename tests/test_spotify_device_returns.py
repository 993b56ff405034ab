"""A Spotify device that was gone and returns, and an account that two rooms want."""

from math import inf
from typing import Any

import pytest

from music.actions import playback as acts
from music.actions.speaker import claim_speaker
from music.actions.turns import advance
from music.models import ItemState, QueueItem, Track
from music.sources.spotify import outputs
from music.sources.spotify.device_search import FIRST_AFTER_MS
from music.sources.spotify.models import Account, Output
from rooms.actions import end_room
from rooms.models import Member, Room
from tests.fakes.spotify import FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device
from tests.http import ask, refusal
from tests.spotify import after, choose, plays, serve, song, source, start

pytestmark = pytest.mark.django_db


def offer(member: Member, **choice: str | bool) -> Any:
    """Choose a device as a browser does."""
    return ask(member, "PUT", f"/api/rooms/{member.room.code}/spotify/output", choice)


# --- Gone and back --------------------------------------------------------------------------------


def gone(spotify: FakeSpotify, account: Account, host: Member, kitchen: Device) -> Track:
    """A track of the room waits for a device that has gone while it was to play."""
    track = song(spotify)
    start(host, track)
    kitchen.known_from = inf
    serve(account)
    assert source(host).cause == "spotify_no_device"
    return track


@pytest.mark.parametrize("returns", ["same", "new id", "asleep"])
def test_a_device_that_returns_is_found_and_plays(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    returns: str,
) -> None:
    track = gone(spotify, account, host, kitchen)
    kitchen.known_from = 0
    kitchen.sleeps = returns == "asleep"
    if returns == "new id":
        kitchen.id = "f" * 40
    with after(spotify, account, FIRST_AFTER_MS // 1_000 + 1):
        advance(room_id=host.room_id)
        serve(account)
        assert source(host).state == "available"
        assert plays(spotify, ann, track)
        assert Output.objects.get().device_id == kitchen.id


@pytest.mark.parametrize("answers", [403, 404, 500])
def test_a_device_that_sleeps_is_woken_by_a_transfer(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    answers: int,
) -> None:
    spotify.faults.change(sleeping_answers=answers)
    kitchen.sleeps = True
    track = song(spotify)
    start(host, track)
    serve(account)
    assert plays(spotify, ann, track)


def test_of_two_devices_of_one_name_and_type_none_is_taken_for_the_one_that_is_gone(
    spotify: FakeSpotify, ann: Person, account: Account, kitchen: Device, host: Member
) -> None:
    gone(spotify, account, host, kitchen)
    for _ in range(2):
        spotify.device(ann, kitchen.name)
    with after(spotify, account, 30, step=5):
        assert source(host).cause == "spotify_no_device"
        assert Output.objects.get().device_id == kitchen.id


def test_a_device_that_stays_away_is_searched_for_less_and_less_often(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    gone(spotify, account, host, kitchen)
    spotify.forget_calls()
    with after(spotify, account, 160, step=5):
        assert 3 <= len(spotify.calls_to("/v1/me/player/devices")) <= 6


def test_a_device_that_nothing_waits_for_is_not_searched_for(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member
) -> None:
    gone(spotify, account, host, kitchen)
    QueueItem.objects.update(state=ItemState.REMOVED)
    spotify.forget_calls()
    with after(spotify, account, 60, step=5):
        assert spotify.calls == []


# --- One account, one room ------------------------------------------------------------------------


@pytest.fixture
def second(host: Member, account: Account) -> Member:
    """The host in another room of theirs."""
    room = Room.objects.create(name="Garden", code="WTHQ2M")
    member = Member.objects.create(room=room, guest=host.guest, name="Mika", role="host")
    outputs.keep_right()
    return member


def test_an_account_that_sounds_for_a_room_is_not_taken_from_it_without_asking(
    spotify: FakeSpotify,
    ann: Person,
    account: Account,
    kitchen: Device,
    host: Member,
    second: Member,
) -> None:
    track, other = song(spotify), song(spotify, 1)
    start(host, track)
    serve(account)
    start(second, other)
    choice = {"kind": "connect", "device_id": str(kitchen.id)}
    assert refusal(offer(second, **choice)) == (409, "spotify_in_use")
    assert source(second).cause == "spotify_in_use"
    assert plays(spotify, ann, track)
    assert offer(second, **choice, takeover=True).status_code == 204
    assert source(host).cause == "spotify_in_use"
    claim_speaker(member=second, device="page-of-host", name="laptop")
    acts.play(by=second)
    serve(account)
    assert plays(spotify, ann, other)
    assert Output.objects.get().room == second.room
    assert QueueItem.objects.get(track=track).state == ItemState.WAITING


def test_a_room_that_lost_the_account_may_choose_again_once_the_other_room_ends(
    spotify: FakeSpotify, account: Account, kitchen: Device, host: Member, second: Member
) -> None:
    choose(second, kitchen)
    outputs.keep_right()
    assert source(host).cause == "spotify_in_use"
    end_room(by=second)
    outputs.keep_right()
    assert source(host).cause == "spotify_no_device"
