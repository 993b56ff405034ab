"""The Spotify device of a room: told what the room plays, and what it really does."""

from typing import Any

import pytest
from django.db import InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext

from music.actions import playback as acts
from music.actions.speaker import claim_speaker
from music.actions.turns import advance
from music.models import (
    Incident,
    Playback,
    Track,
)
from music.sources.spotify import commander
from music.sources.spotify.models import Account, Output, OutputKind
from rooms import clock
from rooms.actions import end_room
from rooms.models import Member, Room
from rooms.workers import Stop
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
    acts.seek(by=host, position_ms=40_000)
    serve(account)
    acts.pause(by=host)
    serve(account)
    assert not spotify.player_of(ann).is_playing
    acts.play(by=host)
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
    acts.skip(by=host)
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
    left_ms = Playback.objects.get(room=host.room).ends_at_ms - clock.now_ms()
    with clock.shifted(left_ms - 1_000):
        advance(room_id=host.room_id)
        advance(room_id=host.room_id)
        assert Playback.objects.get(room=host.room).item.track == tracks[0]
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
    acts.pause(by=host)
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
    acts.seek(by=host, position_ms=30_000)
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
    acts.skip(by=host)
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


class Rounds(Stop):
    """Lets the commander make this many rounds, without a pause between them."""

    def __init__(self, rounds: int) -> None:
        super().__init__()
        self._rounds = rounds
        self.waits_s: list[float] = []

    def is_set(self) -> bool:
        return len(self.waits_s) == self._rounds

    def wait(self, timeout: float | None = None) -> bool:
        self.waits_s.append(timeout or 0)
        return False


@pytest.mark.django_db(transaction=True)
def test_the_thread_of_the_commander_outlives_what_nobody_thought_of(
    spotify: FakeSpotify, kitchen: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def stumble() -> set[int]:
        asked.append(1)
        raise InterfaceError("connection already closed")

    monkeypatch.setattr(commander, "accounts_due", stumble)
    commander.command(Rounds(2))
    assert len(asked) == 2


@pytest.mark.django_db(transaction=True)
def test_where_no_account_is_connected_the_commander_looks_for_one_every_two_seconds(
    host: Member,
) -> None:
    rounds = Rounds(10)
    with CaptureQueriesContext(connection) as queries, clock.held(clock.now_ms()):
        commander.command(rounds)
    assert rounds.waits_s == [2] * 10
    rooms_looked_at = 2  # by `keep_right`, in the only second that passes here
    assert len(queries) == 10 + rooms_looked_at


@pytest.mark.django_db(transaction=True)
def test_where_an_account_is_connected_the_commander_looks_four_times_a_second(
    account: Account,
) -> None:
    rounds = Rounds(2)
    commander.command(rounds)
    assert rounds.waits_s == [0.25] * 2


# --- What a page says of itself ------------------------------------------------------------------


def says(host: Member, state: str, position_ms: int, starts_at_ms: int | None, cause: str) -> None:
    """The page of the host, which is the speaker, reports what Spotify's player does."""
    play_id = str(Playback.objects.get(room=host.room).play_id)
    body: dict[str, Any] = {
        "play_id": play_id,
        "device": "page-of-host",
        "state": state,
        "cause": cause or None,
    }
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
    ends_ms = playback.item.track.duration_ms
    with clock.shifted(20_000):
        says(host, "paused", max(0, ends_ms - left_ms), began_ms, "")
    assert Playback.objects.get(room=host.room).state == "playing"
    assert not Incident.objects.exists()


@pytest.mark.parametrize(("state", "cause"), [("playing", "drifted"), ("paused", "")])
def test_what_a_page_says_of_the_moment_before_a_jump_does_not_undo_it(
    spotify: FakeSpotify, ann: Person, account: Account, host: Member, state: str, cause: str
) -> None:
    began_ms = speaks(spotify, ann, host)
    acts.seek(by=host, position_ms=90_000)
    jumped_ms = Playback.objects.get(room=host.room).starts_at_ms
    says(host, state, 5_000, began_ms, cause)
    says(host, state, 5_000, None, cause)
    playback = Playback.objects.get(room=host.room)
    assert (playback.state, playback.starts_at_ms) == ("playing", jumped_ms)


@pytest.mark.django_db(transaction=True)
def test_what_a_device_was_told_before_is_read_from_its_old_text(account: Account) -> None:
    before, now = ("spotify", "0004_device_returns"), ("spotify", "0005_output_state")
    old = MigrationExecutor(connection)
    old.migrate([before])
    outputs = old.loader.project_state([before]).apps.get_model("spotify", "Output").objects
    for n, text in enumerate(("", "silence", "again", "7.3")):
        room = Room.objects.create(name="Friday", code=f"QQQQQ{n}")
        outputs.create(room_id=room.pk, account_id=account.pk, kind="connect", told=text)
    MigrationExecutor(connection).migrate([now])
    found = Output.objects.order_by("pk").values_list("state", "play_id", "cue")
    states = [(state, None, None) for state in ("new", "silent", "again")]
    assert list(found) == [*states, ("playing", 7, 3)]
