"""The device that plays a track knows how long it really sounds, and the room goes by that."""

from typing import Any

import pytest

from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker
from music.conductor import advance_due
from music.models import ItemState, Playback, QueueItem, Track
from rooms import clock
from rooms.actions import change_rules
from rooms.models import Member
from tests.conftest import browser_of

DEVICE = "device-of-the-host"
HOUR_MS = 60 * 60 * 1000


@pytest.fixture
def sounding(host: Member, tracks: list[Track]) -> Member:
    """The host of a room in which the first of three tracks of a minute plays on their device."""
    playback.choose_shelf(by=host, key=None)
    for track in tracks[:3]:
        add_track(member=host, track=track)
    playback.play(by=host)
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    return host


def now_playing(member: Member) -> Playback:
    return Playback.objects.select_related("item__track").get(room=member.room_id)


def reports(member: Member, **facts: Any) -> None:
    """The device says where it is in the track, and more."""
    playing = now_playing(member)
    said = {
        "play_id": str(playing.play_id),
        "device": DEVICE,
        "state": "playing",
        "position_ms": playing.position_at(clock.now_ms()),
        **facts,
    }
    path = f"/api/rooms/{member.room.code}/playback/report"
    answer = browser_of(member).post(path, said, content_type="application/json")
    assert answer.status_code == 204, answer.content


def snapshot(member: Member) -> dict[str, Any]:
    found: dict[str, Any] = browser_of(member).get(f"/api/rooms/{member.room.code}").json()
    return found


@pytest.mark.parametrize("length_ms", [30_000, 90_000])
def test_a_length_that_the_device_found_moves_the_end_and_all_that_follows(
    sounding: Member, length_ms: int
) -> None:
    reports(sounding, length_ms=length_ms)
    seen = snapshot(sounding)
    starts_at_ms = seen["playback"]["starts_at_ms"]
    assert seen["playback"]["track"]["duration_ms"] == length_ms
    assert seen["playback"]["item"]["track"]["duration_ms"] == length_ms
    first, second = (item["eta_ms"] - starts_at_ms for item in seen["queue"])
    assert (first, second) == (length_ms, length_ms + 60_000)
    before = now_playing(sounding).play_id
    with clock.shifted(length_ms - 2_000):
        advance_due()
        assert now_playing(sounding).play_id == before
    with clock.shifted(length_ms):
        advance_due()
        assert now_playing(sounding).play_id == before + 1


def test_a_file_that_ends_early_by_itself_has_played(sounding: Member) -> None:
    ended = now_playing(sounding).item
    with clock.shifted(20_000):
        reports(sounding, state="ended", position_ms=19_500, length_ms=19_500)
        assert now_playing(sounding).item != ended
    assert QueueItem.objects.get(pk=ended.pk).state == ItemState.PLAYED
    assert snapshot(sounding)["playback"]["halt"] is None


def test_a_length_holds_in_its_room_alone(sounding: Member) -> None:
    reports(sounding, length_ms=2_000)
    assert set(Track.objects.values_list("duration_ms", flat=True)) == {60_000}


def test_a_longer_sound_plays_on_within_an_hour_and_the_rule_on_the_longest_track(
    sounding: Member,
) -> None:
    change_rules(by=sounding, changes={"longest_min": None})
    reports(sounding, length_ms=20 * HOUR_MS)
    assert snapshot(sounding)["playback"]["track"]["duration_ms"] == HOUR_MS + 60_000
    change_rules(by=sounding, changes={"longest_min": 10})
    reports(sounding, length_ms=20 * HOUR_MS)
    assert snapshot(sounding)["playback"]["track"]["duration_ms"] == 600_000


def test_what_is_no_other_length_changes_nothing(sounding: Member, guest: Member) -> None:
    before = snapshot(sounding)["revision"]
    reports(sounding, length_ms=60_300)  # decoders differ a little
    reports(sounding, length_ms=40)  # no sound at all
    reports(sounding, length_ms=30_000, play_id="0")  # of another play
    reports(sounding, length_ms=30_000, device="another-device")
    reports(sounding, length_ms=30_000, state="stalled", cause="network")
    seen = snapshot(sounding)
    assert seen["playback"]["track"]["duration_ms"] == 60_000
    assert seen["revision"] <= before + 1  # the stall


def test_a_vote_counts_again_when_the_end_moves_away(sounding: Member) -> None:
    with clock.shifted(55_000):
        reports(sounding)
        advance_due()
        assert is_next_fixed(sounding)
        reports(sounding, length_ms=120_000)
        assert not is_next_fixed(sounding)


def is_next_fixed(member: Member) -> bool:
    return any(item["locked"] for item in snapshot(member)["queue"])
