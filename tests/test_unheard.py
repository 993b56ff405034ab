"""Music begins where a device sounds; what plays without one is said to do so."""

import pytest

from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker, release_speaker
from music.conductor import advance_due
from music.models import LEASE_MS, Playback, Track
from music.queue_state import order_of
from rooms import clock
from rooms.models import Member
from tests.conftest import browser_of
from tests.fakes.spotify import FakeSpotify, Person
from tests.http import ask
from tests.spotify import choose, song

DEVICE = "device-of-the-host"


def on(member: Member) -> dict[str, object]:
    """What the room says of its playback."""
    shown: dict[str, object] = ask(member, "GET", f"/api/rooms/{member.room.code}").json()[
        "playback"
    ]
    return shown


def state(member: Member) -> tuple[object, object]:
    """How the room plays, and why it waits."""
    advance_due()
    shown = on(member)
    halt = shown["halt"]
    return shown["state"], halt["why"] if isinstance(halt, dict) else None


def test_the_first_track_of_a_fresh_room_waits_for_a_device(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    with clock.shifted(60 * 60 * 1000):
        assert state(host) == ("idle", "speaker")
        assert order_of(host.room) != []


def test_a_first_device_starts_what_waits_for_it(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    assert state(host) == ("playing", None)
    assert on(host)["unheard"] is False


def test_a_device_alone_starts_nothing_and_the_first_add_does(
    host: Member, tracks: list[Track]
) -> None:
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    assert state(host) == ("idle", None)
    add_track(member=host, track=tracks[0])
    assert state(host) == ("playing", None)


@pytest.mark.parametrize("path", ["playback/play", "queue/auto-play"])
def test_whoever_asks_for_music_gets_it_without_a_device(
    host: Member, tracks: list[Track], path: str
) -> None:
    for track in tracks[:2]:
        add_track(member=host, track=track)
    ask(host, "POST", f"/api/rooms/{host.room.code}/{path}", {})
    assert state(host) == ("playing", None)
    playback.skip(by=host)
    playback.skip(by=host)
    add_track(member=host, track=tracks[3])
    assert state(host) == ("playing", None), "and from then on it goes on by itself"


def test_music_without_a_device_is_unheard_until_one_plays_it(
    host: Member, tracks: list[Track]
) -> None:
    add_track(member=host, track=tracks[0])
    heard = [on(host)["unheard"]]
    playback.play(by=host)
    heard.append(on(host)["unheard"])
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    heard.append(on(host)["unheard"])
    release_speaker(member=host, device=DEVICE)
    heard.append(on(host)["unheard"])
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    with clock.shifted(LEASE_MS + 1):  # the page was closed
        advance_due()
    heard.append(on(host)["unheard"])
    assert heard == [False, True, False, True, True]


def test_a_page_without_scripts_lights_no_lamp_for_what_is_unheard(
    host: Member, tracks: list[Track]
) -> None:
    add_track(member=host, track=tracks[0])
    playback.play(by=host)
    page = browser_of(host).get(f"/r/{host.room.code}?plain")
    assert b' data-sounding="off"' in page.content
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    page = browser_of(host).get(f"/r/{host.room.code}?plain")
    assert b' data-sounding="on"' in page.content


def test_choosing_spotifys_device_starts_no_room_that_was_never_started(
    spotify: FakeSpotify, ann: Person, account: object, host: Member, guest: Member
) -> None:
    add_track(member=host, track=song(spotify))
    assert state(host) == ("idle", "speaker")
    choose(host, spotify.device(ann, "Kitchen"))
    assert state(host) == ("idle", "speaker")
    playback.play(by=host)
    assert state(host) == ("playing", None)
    assert on(host)["unheard"] is False, "Spotify's own device sounds"
    ask(host, "DELETE", f"/api/rooms/{host.room.code}/spotify/output")
    assert Playback.objects.get(room=host.room).state != "playing"
