"""A track that cannot play is passed over, given back, and left alone for a while."""

import pytest

from music import add_checks
from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker, report
from music.actions.transport import START_AHEAD_MS, shape_of
from music.actions.turns import PLAYED_AFTER_MS
from music.conductor import advance_due
from music.errors import WouldNotPlay
from music.models import WONT_PLAY_FOR_MS, Incident, ItemState, Playback, QueueItem, Track, Turns
from music.queue_state import in_order, standing
from music.shelf import next_track, shelves
from rooms import clock
from rooms.models import Member
from tests.http import ask

DEVICE = "device-of-the-host"


def now_playing(member: Member) -> Playback:
    return Playback.objects.select_related("item__track").get(room=member.room_id)


def fails(host: Member, *, heard_ms: int = 0, cause: str = "decode", device: str = DEVICE) -> None:
    """The speaker says that it cannot play what is on, after so much of it was heard."""
    playing = now_playing(host)
    ahead_ms = (playing.starts_at_ms or clock.now_ms()) + heard_ms - clock.now_ms()
    with clock.shifted(max(0, ahead_ms)):
        report(
            member=host, device=device, play_id=str(playing.play_id),
            state="error", position_ms=heard_ms, cause=cause,
        )  # fmt: skip


@pytest.fixture
def party(host: Member, guest: Member, tracks: list[Track]) -> Member:
    """The host of a room with four tracks, the first of which, a guest's, plays on a device."""
    playback.choose_shelf(by=host, key=None)
    for who, track in zip((guest, host, host, host), tracks, strict=False):
        add_track(member=who, track=track)
    playback.play(by=host)
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    return host


def test_a_track_that_cannot_play_is_marked_and_the_next_one_starts(party: Member) -> None:
    first = now_playing(party).item
    fails(party)
    assert first is not None
    assert QueueItem.objects.get(pk=first.pk).state == ItemState.FAILED
    assert (now_playing(party).state, now_playing(party).item.track.title) == ("playing", "Track 2")
    past = ask(party, "GET", f"/api/rooms/{party.room.code}/history").json()["items"]
    assert [(item["track"]["title"], item["outcome"]) for item in past] == [("Track 1", "failed")]


def test_what_fails_at_its_beginning_was_no_turn(party: Member, guest: Member) -> None:
    turns = Turns.objects.get(member=guest)
    assert (turns.plays, turns.finish_ms is None) == (1, False)
    fails(party, heard_ms=PLAYED_AFTER_MS - 1)
    turns.refresh_from_db()
    assert (turns.plays, turns.played_at_ms, turns.finish_ms) == (0, None, None)


def test_who_has_had_no_turn_has_no_row_of_turns(party: Member, guest: Member) -> None:
    assert list(Turns.objects.values_list("member", "plays")) == [(guest.pk, 1)]


def test_each_track_that_starts_is_one_more_turn_of_its_requester(party: Member) -> None:
    playback.skip(by=party)
    playback.skip(by=party)
    assert Turns.objects.get(member=party).plays == 2


def test_what_fails_after_ten_seconds_was_a_turn(party: Member, guest: Member) -> None:
    fails(party, heard_ms=PLAYED_AFTER_MS)
    turns = Turns.objects.get(member=guest)
    assert turns.plays == 1
    assert turns.finish_ms is not None


def test_the_rooms_virtual_time_is_given_back_too(party: Member) -> None:
    fails(party)
    again = now_playing(party)
    assert again.was_virtual_ms == 0


def test_the_same_recording_is_refused_here_for_half_an_hour(
    party: Member, guest: Member, tracks: list[Track]
) -> None:
    same = Track.objects.filter(pk__in=[tracks[0].pk, tracks[4].pk])
    same.update(recording="mara venn salt flats")
    # It fails with its first sound, and its turn ends when the next one begins.
    failed_at_ms = now_playing(party).starts_at_ms or 0
    with clock.held(failed_at_ms):
        fails(party)
    for track in same:
        with pytest.raises(WouldNotPlay, match="would not play") as refused:
            add_track(member=guest, track=track)
        assert refused.value.until_ms == failed_at_ms + START_AHEAD_MS + WONT_PLAY_FOR_MS
    with clock.shifted(WONT_PLAY_FOR_MS + 2_000):
        assert add_track(member=guest, track=tracks[0])[1]


@pytest.mark.parametrize(
    ("cause", "refused"),
    [("decode", True), ("missing", True), ("network", False), ("stalled", False), ("", False)],
)
def test_only_what_is_the_fault_of_the_file_is_refused(
    party: Member, guest: Member, tracks: list[Track], cause: str, refused: bool
) -> None:
    fails(party, cause=cause)
    assert Turns.objects.get(member=guest).plays == 0
    assert (add_checks.refusals(guest, tracks[:1])[tracks[0].uri] is not None) == refused


def test_another_room_may_still_try_it(
    party: Member, outsider: Member, tracks: list[Track]
) -> None:
    fails(party)
    assert add_track(member=outsider, track=tracks[0])[1]


def test_a_search_says_that_it_would_not_play(party: Member) -> None:
    fails(party)
    path = f"/api/rooms/{party.room.code}/search?q=track+1"
    refusal = ask(party, "GET", path).json()["items"][0]["refusal"]
    assert refusal["code"] == "would_not_play"
    assert refusal["message"] == (
        "Track 1 would not play on this room’s device. It can be tried again in 30 min."
    )


def test_the_shelf_does_not_try_it_again_soon(host: Member, tracks: list[Track]) -> None:
    key = next(shelf.key for shelf in shelves() if shelf.key.startswith("folder-"))
    playback.choose_shelf(by=host, key=key)
    playback.play(by=host)
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    Track.objects.exclude(pk=tracks[0].pk).update(available=False)
    fails(host)
    assert now_playing(host).state == "idle"
    assert next_track(room=host.room, key=key) is None
    with clock.shifted(WONT_PLAY_FOR_MS + 2_000):
        assert next_track(room=host.room, key=key) == tracks[0]


def test_a_track_that_cannot_play_in_a_pause_ends_no_pause(party: Member) -> None:
    playback.pause(by=party)
    fails(party)
    assert (now_playing(party).state, now_playing(party).position_ms) == ("paused", 0)
    assert now_playing(party).item.track.title == "Track 2"
    assert now_playing(party).halt == ""


# --- Three in a row -----------------------------------------------------------------------------


def test_after_three_failures_in_a_row_the_next_track_stands_ready_and_waits(
    party: Member,
) -> None:
    for _ in range(3):
        fails(party, cause="missing")
    playing = shape_of(now_playing(party))
    assert playing["track"] is not None
    assert (playing["track"]["title"], playing["state"]) == ("Track 4", "paused")
    assert playing["position_ms"] == 0
    assert playing["halt"] is not None
    assert playing["halt"]["why"] == "failures"
    with clock.shifted(60 * 60_000):
        claim_speaker(member=party, device="another-device", name="Phone", takeover=True)
        advance_due()
    assert now_playing(party).state == "paused"


def test_three_failures_with_nothing_left_keep_the_room_silent_until_somebody_presses_play(
    party: Member, tracks: list[Track]
) -> None:
    QueueItem.objects.filter(track=tracks[3]).delete()
    for _ in range(3):
        fails(party, cause="missing")
    assert (now_playing(party).state, now_playing(party).halt) == ("idle", "failures")
    add_track(member=party, track=tracks[4])
    assert advance_due() == 0
    playback.play(by=party)
    assert (now_playing(party).state, now_playing(party).halt) == ("playing", "")


def test_pressing_play_gives_three_more_tries(party: Member, tracks: list[Track]) -> None:
    for _ in range(3):
        fails(party, cause="missing")
    add_track(member=party, track=tracks[4])
    playback.play(by=party)
    assert (now_playing(party).state, now_playing(party).halt) == ("playing", "")
    fails(party, cause="missing")
    assert (now_playing(party).state, now_playing(party).halt) == ("playing", "")


def test_a_track_that_was_heard_between_them_breaks_the_row(party: Member) -> None:
    fails(party, cause="missing")
    fails(party, cause="missing")
    with clock.shifted(PLAYED_AFTER_MS + 1_000):
        playback.skip(by=party)
    fails(party, cause="missing")
    assert (now_playing(party).state, now_playing(party).halt) == ("idle", "")


def test_a_track_that_was_skipped_at_once_does_not_break_the_row(party: Member) -> None:
    fails(party, cause="missing")
    fails(party, cause="missing")
    playback.skip(by=party)
    fails(party, cause="missing")
    assert (now_playing(party).state, now_playing(party).halt) == ("idle", "failures")


def test_what_failed_is_told_in_one_sentence_each(party: Member) -> None:
    for _ in range(3):
        fails(party, cause="missing")
    told = Incident.objects.order_by("pk").values_list("kind", "cause", "says")
    assert list(told) == [
        ("would_not_play", "missing", "Track 1 would not play, so the next one started."),
        ("would_not_play", "missing", "Track 2 would not play, so the next one started."),
        ("would_not_play", "missing", "Track 3 would not play, so the next one waits."),
        (
            "three_failed",
            "",
            "Three tracks in a row would not play, so the music waits. "
            "Look after the device, then press play.",
        ),
    ]


# --- Three on one device ------------------------------------------------------------------------


def waiting(member: Member) -> list[str]:
    return [item.track.title for item in in_order(member.room, standing(member.room))]


@pytest.mark.parametrize("cause", ["decode", "network", "stalled", ""])
def test_three_tracks_that_fail_on_one_device_are_not_at_fault(
    party: Member, guest: Member, tracks: list[Track], cause: str
) -> None:
    for _ in range(3):
        fails(party, cause=cause)
    playing = now_playing(party)
    assert (playing.state, playing.halt, playing.item.track.title) == (
        "paused",
        "device",
        "Track 1",
    )
    assert waiting(party) == ["Track 2", "Track 3", "Track 4"]
    found = add_checks.refusals(guest, tracks[:4]).values()
    assert "would_not_play" not in [refusal.code for refusal in found if refusal]
    assert {item.up for item in in_order(party.room, standing(party.room))} == {1}
    turns = Turns.objects.get(member=party)
    assert (turns.plays, turns.finish_ms) == (0, None), "nobody had a turn"


def test_another_device_goes_on_where_one_could_play_nothing(party: Member) -> None:
    for _ in range(3):
        fails(party)
    claim_speaker(member=party, device=DEVICE, name="Laptop")
    assert now_playing(party).halt == "device", "the same device is no help"
    claim_speaker(member=party, device="another-device", name="Phone", takeover=True)
    playing = now_playing(party)
    assert (playing.state, playing.halt, playing.item.track.title) == ("playing", "", "Track 1")


def test_pressing_play_on_the_same_device_gets_past_tracks_that_fail_again(party: Member) -> None:
    for _ in range(3):
        fails(party)
    playback.play(by=party)
    for _ in range(3):
        fails(party)
    assert (now_playing(party).item.track.title, now_playing(party).halt) == ("Track 4", "failures")


def test_what_fails_on_two_devices_is_not_laid_to_the_last(party: Member) -> None:
    fails(party)
    claim_speaker(member=party, device="another-device", name="Phone", takeover=True)
    for _ in range(2):
        fails(party, device="another-device")
    assert (now_playing(party).item.track.title, now_playing(party).halt) == ("Track 4", "failures")


def test_a_shelf_that_one_device_cannot_play_is_there_for_the_next(
    host: Member, tracks: list[Track]
) -> None:
    key = next(shelf.key for shelf in shelves() if shelf.key.startswith("folder-"))
    playback.choose_shelf(by=host, key=key)
    playback.play(by=host)
    claim_speaker(member=host, device=DEVICE, name="Laptop")
    for _ in range(3):
        fails(host)
    assert now_playing(host).halt == "device"
    assert not any(add_checks.refusals(host, tracks).values())


def test_a_device_that_knows_itself_to_be_silent_fails_no_track(party: Member) -> None:
    first = now_playing(party)
    with clock.held(clock.now_ms()):
        fails(party, heard_ms=5_000, cause="device")
    playing = now_playing(party)
    assert (playing.state, playing.halt, playing.play_id) == ("paused", "device", first.play_id)
    assert playing.position_ms == 5_000
    assert Incident.objects.get().says == (
        f"{party.name}’s Laptop plays no sound, so the music waits. Check it, then press play."
    )
    playback.play(by=party)
    assert now_playing(party).state == "playing"


def test_three_failures_of_one_device_are_told_as_its_own(party: Member) -> None:
    for _ in range(3):
        fails(party)
    assert Incident.objects.order_by("-pk").first().says == (
        f"{party.name}’s Laptop could not play three tracks, so the music waits. "
        "They are back in the queue. Check the device, then press play."
    )
