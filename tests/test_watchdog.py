"""The room notices within seconds that its sound has gone, and does what its host chose."""

from collections.abc import Callable, Collection, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from music.actions import hearing, playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker, release_speaker, report
from music.actions.transport import shape_of
from music.conductor import advance_due, conduct
from music.errors import SpeakerTaken
from music.models import GRACE_MS, LEASE_MS, QUIET_LEASE_MS, Playback, Track
from music.shapes import PlaybackShape
from rooms import actions, clock
from rooms.actions import change_rules
from rooms.errors import NotAllowed
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.workers import Stop
from tests.http import ask

DEVICE = "device-of-the-host"
NOTICED_WITHIN_MS = 5_000


def now_playing(member: Member) -> Playback:
    return Playback.objects.select_related("item__track").get(room=member.room_id)


def shape(member: Member) -> PlaybackShape:
    return shape_of(now_playing(member))


def position(member: Member) -> int:
    return now_playing(member).position_at(clock.now_ms())


def claim(member: Member, device: str = DEVICE, **options: bool) -> Playback:
    return claim_speaker(member=member, device=device, name=f"Laptop of {member}", **options)


def says(member: Member, state: str = "playing", *, device: str = DEVICE) -> None:
    """The device says what it does, where the room is."""
    playing = now_playing(member)
    report(
        member=member,
        device=device,
        play_id=str(playing.play_id),
        state=state,
        position_ms=playing.position_at(clock.now_ms()),
    )


@pytest.fixture
def sounding(host: Member, tracks: list[Track]) -> Member:
    """The host of a room where a track plays, on a device of theirs."""
    playback.choose_shelf(by=host, key=None)
    for track in tracks[:3]:
        add_track(member=host, track=track)
    playback.play(by=host)
    claim(host)
    return host


@pytest.fixture
def waiting(sounding: Member) -> Member:
    """As `sounding`, but the music waits when its device goes away."""
    change_rules(by=sounding, changes={"speaker_gone": "wait"})
    return sounding


def lose(member: Member) -> None:
    """The device reports for ten seconds and is then heard of no more."""
    with clock.shifted(10_000):
        says(member)
    with clock.shifted(10_000 + NOTICED_WITHIN_MS):
        assert advance_due() == 1


# --- The lease ----------------------------------------------------------------------------------


def test_a_speaker_that_vanishes_while_music_plays_is_noticed_within_five_seconds(
    sounding: Member,
) -> None:
    with clock.shifted(20_000):
        says(sounding)
    with clock.shifted(20_000 + NOTICED_WITHIN_MS):
        assert advance_due() == 1
    assert shape(sounding)["speaker"] is None


def test_a_speaker_that_reports_every_second_and_a_half_keeps_its_place(sounding: Member) -> None:
    for turn in range(10):
        with clock.shifted(turn * 1_500):
            advance_due()
            says(sounding)
    assert now_playing(sounding).speaker == sounding


def test_two_reports_that_get_lost_are_no_loss(sounding: Member) -> None:
    says(sounding)
    with clock.shifted(2 * 1_500 + 500):
        assert advance_due() == 0


@pytest.mark.parametrize("paused", [True, False])
def test_a_silent_tab_that_may_wake_once_a_minute_keeps_its_place(
    host: Member, tracks: list[Track], paused: bool
) -> None:
    playback.choose_shelf(by=host, key=None)
    claim(host)
    if paused:
        add_track(member=host, track=tracks[0])
        playback.play(by=host)
        playback.pause(by=host)
    with clock.shifted(120_000):
        assert advance_due() == 0
        says(host, "paused")
    with clock.shifted(120_000 + QUIET_LEASE_MS + 1):
        assert advance_due() == 1


def test_a_device_that_fell_asleep_in_a_pause_is_found_out_when_the_music_goes_on(
    sounding: Member,
) -> None:
    playback.pause(by=sounding)
    with clock.shifted(60_000):
        playback.play(by=sounding)
        assert advance_due() == 0
    with clock.shifted(60_000 + GRACE_MS + 1):
        assert advance_due() == 1
    assert shape(sounding)["lost"] is not None


def test_a_device_that_slept_while_nothing_played_is_found_out_by_the_next_track(
    host: Member, tracks: list[Track]
) -> None:
    playback.choose_shelf(by=host, key=None)
    claim(host)
    with clock.shifted(60_000):
        add_track(member=host, track=tracks[0])
        advance_due()
    with clock.shifted(60_000 + GRACE_MS + 1):
        assert advance_due() == 1
    assert shape(host)["lost"] is not None


def test_a_pause_is_no_reason_to_lose_the_speaker(sounding: Member) -> None:
    playback.pause(by=sounding)
    with clock.shifted(60_000):
        assert advance_due() == 0


def test_a_usual_report_is_one_statement_without_a_revision(sounding: Member) -> None:
    path = f"/api/rooms/{sounding.room.code}/playback/report"
    body = {"play_id": "1", "device": DEVICE, "state": "playing", "position_ms": 10}
    assert ask(sounding, "POST", path, body).status_code == 204  # this one asks who it is
    before = Room.objects.get(pk=sounding.room_id).revision
    with CaptureQueriesContext(connection) as queries:
        assert ask(sounding, "POST", path, body).status_code == 204
    assert [query["sql"].split()[0] for query in queries] == ["UPDATE"]
    assert Room.objects.get(pk=sounding.room_id).revision == before


@pytest.mark.parametrize("play_id", ["", "x", "²", "9" * 40, "0", "-1"])
def test_a_report_of_another_play_says_only_that_the_device_is_there(
    sounding: Member, play_id: str
) -> None:
    for state in ("playing", "stalled", "error", "ended"):
        with clock.shifted(3_000):
            report(member=sounding, device=DEVICE, play_id=play_id, state=state)
    with clock.shifted(3_000 + LEASE_MS - 100):
        assert advance_due() == 0
    assert now_playing(sounding).play_id == 1


def test_a_device_that_lost_its_place_does_not_get_it_back_by_reporting(
    sounding: Member,
) -> None:
    claim(sounding, "another-device", takeover=True)
    with clock.shifted(LEASE_MS + 1):
        says(sounding)
        assert advance_due() == 1


def test_who_controls_no_more_keeps_no_place_by_reporting(sounding: Member, guest: Member) -> None:
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    claim(guest, "device-of-ana", takeover=True)
    says(guest, device="device-of-ana")
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.LISTENER)
    with pytest.raises(NotAllowed):
        says(guest, device="device-of-ana")


# --- A conductor beside the web processes -------------------------------------------------------


class Ticks(Stop):
    """A conductor's working time: it goes on for as many ticks as this gives."""

    def __init__(self, ticks: Iterator[None]) -> None:
        super().__init__()
        self._ticks = ticks

    def is_set(self) -> bool:
        return next(self._ticks, "over") == "over"

    def wait(self, timeout: float | None = None) -> bool:
        return False

    def pause(self, timeout_s: float) -> None:
        """No time passes but what the ticks give."""


def conducted(host: Member, *, web_is_there: Collection[int], device_is_there: range) -> int | None:
    """A conductor of its own works for half a minute, in some seconds of which there are others.

    Returns in which second it missed the device, if it did.
    """
    began_ms = clock.now_ms()

    def ticks(go_to: Callable[[int], None]) -> Iterator[None]:
        for at_ms in range(0, 30_000, 250):
            go_to(began_ms + at_ms)
            if at_ms // 1_000 in web_is_there:
                hearing.say()
                if at_ms // 1_000 in device_is_there and at_ms % 1_500 == 0:
                    says(host)
            yield

    with clock.held(began_ms) as go_to:
        stop = Ticks(ticks(go_to))
        conduct(stop, hears=hearing.somebody_hears, housekeeping=lambda: None)
    lost_at_ms = now_playing(host).lost_at_ms
    return None if lost_at_ms is None else (lost_at_ms - began_ms) // 1_000


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("away", [range(10, 13), range(10, 20)])
def test_a_speaker_is_not_missed_because_no_web_process_could_hear_it(
    sounding: Member, away: range
) -> None:
    web_is_there = set(range(30)) - set(away)
    assert conducted(sounding, web_is_there=web_is_there, device_is_there=range(30)) is None


@pytest.mark.django_db(transaction=True)
def test_the_only_speaker_is_missed_in_time_by_a_conductor_that_is_told_of_web_processes(
    sounding: Member,
) -> None:
    lost_s = conducted(sounding, web_is_there=range(30), device_is_there=range(15))
    assert lost_s is not None
    assert lost_s <= 13 + NOTICED_WITHIN_MS // 1_000  # it reported at 13.5 s


# --- Taking over, going, coming back ------------------------------------------------------------


def test_another_device_takes_over_at_the_same_second(sounding: Member) -> None:
    before = now_playing(sounding)
    with clock.shifted(10_000):
        says(sounding)
        with pytest.raises(SpeakerTaken):
            claim(sounding, "another-device")
        claim(sounding, "another-device", takeover=True)
    after = now_playing(sounding)
    assert after.speaker_device == "another-device"
    for fact in ("play_id", "state", "item_id", "starts_at_ms", "ends_at_ms", "wake_at_ms"):
        assert getattr(after, fact) == getattr(before, fact)


@pytest.mark.parametrize(("silent_ms", "asks"), [(14_000, True), (16_000, False)])
def test_who_opens_their_tab_anew_after_a_pause_takes_over_from_themselves_without_a_question(
    sounding: Member, silent_ms: int, asks: bool
) -> None:
    playback.pause(by=sounding)
    says(sounding, "paused")
    with clock.shifted(silent_ms):
        if asks:
            with pytest.raises(SpeakerTaken):
                claim(sounding, "the-tab-opened-anew")
        else:
            assert claim(sounding, "the-tab-opened-anew").speaker_device == "the-tab-opened-anew"


def test_another_person_still_asks_a_device_that_is_silent_in_a_pause(
    sounding: Member, guest: Member
) -> None:
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    playback.pause(by=sounding)
    with clock.shifted(60_000), pytest.raises(SpeakerTaken):
        claim(guest, "device-of-ana")


def test_a_lost_speaker_is_named_until_a_device_has_the_sound_again(sounding: Member) -> None:
    began_ms = clock.now_ms()
    lose(sounding)
    lost = shape(sounding)["lost"]
    assert lost is not None
    assert (lost["member"], lost["name"]) == (str(sounding.pk), f"Laptop of {sounding}")
    assert began_ms <= lost["at_ms"] - 10_000 - NOTICED_WITHIN_MS <= clock.now_ms()
    claim(sounding, "another-device")
    assert shape(sounding)["lost"] is None


def test_a_speaker_that_gives_the_sound_up_is_not_lost(waiting: Member) -> None:
    release_speaker(member=waiting, device=DEVICE)
    with clock.shifted(10_000):
        assert advance_due() == 0
    assert (shape(waiting)["lost"], shape(waiting)["state"]) == (None, "playing")


def test_a_cohost_switches_off_their_own_speaker(sounding: Member, guest: Member) -> None:
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    claim(guest, takeover=True)
    release_speaker(member=guest, device=DEVICE)
    assert (shape(sounding)["speaker"], shape(sounding)["lost"]) == (None, None)


@pytest.mark.parametrize("change", [{"banned": True}, {"muted": True}, {"role": "listener"}])
@pytest.mark.parametrize(("rule", "state"), [("play_on", "playing"), ("wait", "paused")])
def test_who_may_not_make_the_sound_any_more_loses_it_at_once(
    sounding: Member, guest: Member, change: dict[str, object], rule: str, state: str
) -> None:
    change_rules(by=sounding, changes={"speaker_gone": rule})
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    claim(guest, takeover=True)
    path = f"/api/rooms/{sounding.room.code}/members/{guest.pk}"
    assert ask(sounding, "PATCH", path, change).status_code == 200
    assert (shape(sounding)["speaker"], shape(sounding)["state"]) == (None, state)
    assert shape(sounding)["lost"] is not None
    claim(sounding)
    assert (shape(sounding)["halt"], shape(sounding)["state"]) == (None, "playing")


def test_who_may_still_make_the_sound_keeps_it(sounding: Member, guest: Member) -> None:
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    claim(guest, takeover=True)
    path = f"/api/rooms/{sounding.room.code}/members/{guest.pk}"
    assert ask(sounding, "PATCH", path, {"muted": False}).status_code == 200
    assert now_playing(sounding).speaker == guest


# --- Playing on, or waiting ---------------------------------------------------------------------


def test_by_default_the_music_goes_on_without_its_device(sounding: Member) -> None:
    before = now_playing(sounding).starts_at_ms
    lose(sounding)
    assert (shape(sounding)["state"], shape(sounding)["halt"]) == ("playing", None)
    assert now_playing(sounding).starts_at_ms == before


def test_where_the_host_chose_so_the_music_waits_where_it_was_last_heard(waiting: Member) -> None:
    lose(waiting)
    playing = shape(waiting)
    assert playing["state"] == "paused"
    assert playing["position_ms"] == pytest.approx(10_000, abs=1_000)
    assert playing["halt"] is not None
    assert playing["halt"]["why"] == "speaker"
    with clock.shifted(60 * 60_000):
        assert advance_due() == 0


@pytest.mark.parametrize("device", [DEVICE, "another-device"])
def test_music_that_waits_for_a_device_goes_on_by_itself_when_one_has_the_sound(
    waiting: Member, device: str
) -> None:
    lose(waiting)
    with clock.shifted(60_000):
        claim(waiting, device)
        assert position(waiting) == pytest.approx(10_000, abs=1_000)
    assert (shape(waiting)["state"], shape(waiting)["halt"]) == ("playing", None)


def test_what_somebody_paused_by_hand_does_not_go_on_by_itself(waiting: Member) -> None:
    lose(waiting)
    playback.pause(by=waiting)
    assert shape(waiting)["halt"] is None
    claim(waiting)
    assert shape(waiting)["state"] == "paused"


@pytest.mark.parametrize("act", ["play", "seek", "skip", "auto_play"])
def test_whoever_acts_by_hand_ends_the_waiting(waiting: Member, act: str) -> None:
    lose(waiting)
    options = {"position_ms": 30_000} if act == "seek" else {}
    getattr(playback, act)(by=waiting, **options)
    assert shape(waiting)["halt"] is None


def test_a_device_that_goes_in_a_pause_halts_nothing(waiting: Member) -> None:
    playback.pause(by=waiting)
    with clock.shifted(QUIET_LEASE_MS + 1):
        assert advance_due() == 1
    assert shape(waiting)["halt"] is None
    assert shape(waiting)["lost"] is not None


def test_the_rule_is_read_by_listeners_where_it_is_not_the_usual(host: Member) -> None:
    sentence = "The music waits when its device goes away."
    read = ask(host, "GET", f"/api/rooms/{host.room.code}").json()["room"]
    assert (read["rules"]["speaker_gone"], sentence in read["reads"]) == ("play_on", False)
    change_rules(by=host, changes={"speaker_gone": "wait"})
    read = ask(host, "GET", f"/api/rooms/{host.room.code}").json()["room"]
    assert (read["rules"]["speaker_gone"], sentence in read["reads"]) == ("wait", True)


def test_music_that_waits_for_a_device_stays_where_it_was_resumed(waiting: Member) -> None:
    with clock.shifted(3_000):
        says(waiting)
        playback.pause(by=waiting)
    with clock.shifted(120_000):
        playback.play(by=waiting)
    with clock.shifted(120_000 + GRACE_MS + 500):
        advance_due()
    assert now_playing(waiting).halt == "speaker"
    assert abs(now_playing(waiting).position_ms - 3_000) < 1_000


def test_another_persons_device_of_the_same_name_is_another_device(
    sounding: Member, guest: Member
) -> None:
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    with pytest.raises(SpeakerTaken):
        claim(guest)
    release_speaker(member=guest, device=DEVICE)
    assert now_playing(sounding).speaker_id == sounding.pk


def test_who_only_says_to_be_the_speaker_never_waits_for_the_rooms_lock(
    sounding: Member, guest: Member
) -> None:
    with CaptureQueriesContext(connection) as queries, pytest.raises(NotAllowed):
        says(guest, "error")
    assert not any("SAVEPOINT" in query["sql"] for query in queries)
