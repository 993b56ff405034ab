"""What stood in the way of the sound is told once, in one calm sentence, and kept for the hosts."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from music.actions import playback
from music.actions.queue import add_track
from music.actions.speaker import claim_speaker, report
from music.conductor import advance_due
from music.incident_words import INCIDENT_SENTENCES, incident_in_english, incident_translated
from music.models import LEASE_MS, Incident, Playback, Track
from music.sources import registry
from rooms import actions, clock
from rooms.actions import change_member, change_rules
from rooms.actions.identity import erase_person
from rooms.errors import RoomError
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.snapshot import read_part
from tests.conftest import arrived
from tests.http import ask, refusal
from tests.translations import speak_german

DEVICE = "device-of-the-host"
DAY_MS = 24 * 60 * 60 * 1000


@pytest.fixture
def sounding(host: Member, tracks: list[Track]) -> Member:
    """The host of a room where a track plays, on a device of theirs."""
    playback.choose_shelf(by=host, key=None)
    for track in tracks[:2]:
        add_track(member=host, track=track)
    playback.play(by=host)
    actions.rename(member=host, name="Mika")
    claim_speaker(member=host, device=DEVICE, name="laptop (Chrome on Linux)")
    return host


def says(member: Member, state: str, *, off_ms: int = 0, cause: str = "") -> None:
    """The device says what it does, and where: so far behind the room."""
    playing = Playback.objects.get(room=member.room_id)
    position_ms = max(0, playing.position_at(clock.now_ms()) - off_ms)
    report(
        member=member, device=DEVICE, play_id=str(playing.play_id),
        state=state, position_ms=position_ms, cause=cause,
    )  # fmt: skip


def told() -> list[tuple[str, str, str]]:
    return list(Incident.objects.order_by("pk").values_list("kind", "cause", "says"))


def test_a_stall_and_its_end_are_told_once_each(sounding: Member) -> None:
    for after_ms, state in enumerate(["stalled", "stalled", "stalled", "playing", "playing"]):
        with clock.shifted(after_ms * 1_500):
            says(sounding, state, cause="network" if state == "stalled" else "")
    assert told() == [
        ("stalled", "network", "Track 1 stalls."),
        ("recovered", "", "Track 1 plays on."),
    ]


def test_stalls_of_the_same_play_within_a_minute_are_one_incident(sounding: Member) -> None:
    for turn in range(6):
        with clock.shifted(turn * 3_000):
            says(sounding, "playing" if turn % 2 else "stalled")
    assert [kind for kind, *_ in told()] == ["stalled", "recovered"]


def test_a_stall_long_after_the_last_is_another_one(sounding: Member) -> None:
    says(sounding, "stalled")
    says(sounding, "playing")
    playback.pause(by=sounding)
    with clock.shifted(61_000):
        playback.play(by=sounding)
        says(sounding, "stalled")
    assert [kind for kind, *_ in told()] == ["stalled", "recovered", "stalled"]


def test_a_device_that_lags_behind_twice_in_a_row_is_out_of_step(sounding: Member) -> None:
    with clock.shifted(20_000):
        says(sounding, "playing", off_ms=4_000)
        assert told() == []
        says(sounding, "playing", off_ms=4_000)
        says(sounding, "playing", off_ms=4_000)
        says(sounding, "playing")
    assert told() == [
        ("stalled", "out of step", "Mika’s laptop lags behind in Track 1."),
        ("recovered", "", "Track 1 plays on."),
    ]


def test_one_report_from_before_a_jump_is_no_incident(sounding: Member) -> None:
    with clock.shifted(20_000):
        playback.seek(by=sounding, position_ms=50_000)
        says(sounding, "playing", off_ms=30_000)
        says(sounding, "playing")
        says(sounding, "playing", off_ms=30_000)
    assert told() == []


@pytest.mark.parametrize("state", ["playing", "paused"])
@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        ("slept", "Mika’s laptop was asleep, and is back."),
        ("suspended", "The browser of Mika’s laptop held the sound back for a moment."),
    ],
)
def test_a_device_that_was_held_back_says_so_once_a_minute(
    sounding: Member, state: str, cause: str, sentence: str
) -> None:
    for _ in range(2):
        says(sounding, state, cause=cause)
    assert told() == [(cause, cause, sentence)]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("play_on", "Mika’s laptop is not heard of any more, and the music goes on."),
        ("wait", "Mika’s laptop is not heard of any more, so the music waits."),
    ],
)
def test_a_speaker_that_goes_and_comes_back_is_told(
    sounding: Member, rule: str, sentence: str
) -> None:
    change_rules(by=sounding, changes={"speaker_gone": rule})
    with clock.shifted(LEASE_MS + 1):
        advance_due()
    claim_speaker(member=sounding, device=DEVICE, name="laptop (Chrome on Linux)")
    assert told() == [
        ("speaker_lost", "", sentence),
        ("speaker_back", "", "Mika’s laptop plays the sound now."),
    ]


def test_a_speaker_that_may_not_go_on_is_told(sounding: Member, guest: Member) -> None:
    actions.set_role(by=sounding, member_id=guest.pk, role=Role.COHOST)
    claim_speaker(member=guest, device="phone-of-ana", name="phone", takeover=True)
    change_member(by=sounding, member_id=guest.pk, muted=True)
    sentence = "Ana’s phone may not play the sound any more, and the music goes on."
    assert told() == [("speaker_lost", "", sentence)]


def test_a_takeover_is_no_incident(sounding: Member) -> None:
    claim_speaker(member=sounding, device="another-device", name="Phone", takeover=True)
    assert told() == []


def test_hosts_read_what_happened_page_by_page_the_latest_first(
    sounding: Member, guest: Member
) -> None:
    noted = [
        Incident(room=sounding.room, kind="stalled", at_ms=n // 3, says=f"{n}") for n in range(120)
    ]
    Incident.objects.bulk_create(noted)
    path = f"/api/rooms/{sounding.room.code}/incidents"
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ask(sounding, "GET", path + cursor).json()
        seen += [incident["says"] for incident in page["items"]]
        cursor = page["next"] and f"?cursor={page['next']}"
    assert seen == [str(n) for n in reversed(range(120))]
    assert refusal(ask(guest, "GET", path)) == (403, "not_allowed")
    assert refusal(ask(sounding, "GET", path + "?cursor=x")) == (422, "invalid")


def test_an_incident_says_what_happened_to_what_and_where(sounding: Member) -> None:
    began_ms = clock.now_ms()
    says(sounding, "stalled", cause="network")
    path = f"/api/rooms/{sounding.room.code}/incidents"
    (incident,) = ask(sounding, "GET", path).json()["items"]
    assert began_ms <= incident.pop("at_ms") <= clock.now_ms()
    assert incident == {
        "id": str(Incident.objects.get().pk),
        "kind": "stalled",
        "cause": "network",
        "code": "stalls",
        "values": {"title": "Track 1"},
        "title": "Track 1",
        "device": "laptop (Chrome on Linux)",
        "says": "Track 1 stalls.",
    }


def test_an_incident_is_a_code_and_values_that_become_words_where_they_are_shown(
    sounding: Member, settings: Any, tmp_path: Path
) -> None:
    says(sounding, "playing", cause="slept")
    incident = Incident.objects.get()
    assert (incident.code, incident.values) == ("slept", {"who": "Mika", "device": "laptop"})
    german = {"{who}’s {device}": "{device} von {who}"}
    german[INCIDENT_SENTENCES["slept"].text] = "{device} hat geschlafen."
    speak_german(settings, tmp_path, german)
    assert incident_translated(incident.code, incident.values) == "laptop von Mika hat geschlafen."


def test_tracks_that_wait_are_counted_in_the_words_of_the_page() -> None:
    said = {n: incident_in_english("folder_away", {"folder": "A", "waiting": n}) for n in (0, 1, 2)}
    assert said == {
        0: "The folder A cannot be reached.",
        1: "The folder A cannot be reached. 1 track keeps its votes and waits.",
        2: "The folder A cannot be reached. 2 tracks keep their votes and wait.",
    }


def test_a_folder_that_we_have_named_has_its_name_in_the_words_of_the_page(
    settings: Any, tmp_path: Path
) -> None:
    speak_german(settings, tmp_path, {"House dozen": "Hausdutzend"})
    values = {"folder": "House dozen", "folder_code": "house"}
    assert incident_translated("folder_away", values) == "The folder Hausdutzend cannot be reached."


def test_what_is_known_of_a_source_that_is_away_is_told_of_it_as_an_incident() -> None:
    assert incident_in_english("spotify_limited_for", {"minutes": 10}) == (
        "Spotify limits us for 10 min. What is known already stays."
    )
    assert incident_in_english("of_a_source_that_is_not_installed", {}) == ""


def test_incidents_are_kept_for_a_week(sounding: Member) -> None:
    says(sounding, "stalled")
    with clock.shifted(7 * DAY_MS - 60_000):
        says(sounding, "paused", cause="slept")
        assert [kind for kind, *_ in told()] == ["stalled", "slept"]
    with clock.shifted(7 * DAY_MS + 60_000):
        says(sounding, "paused", cause="slept")
        assert [kind for kind, *_ in told()] == ["slept", "slept"]


@pytest.mark.parametrize("cause", ["slept", "suspended"])
def test_what_a_speaker_tells_over_http_of_its_being_held_back_is_read_by_the_hosts(
    sounding: Member, cause: str
) -> None:
    path = f"/api/rooms/{sounding.room.code}"
    said = {"play_id": "1", "device": DEVICE, "state": "playing", "cause": cause}
    assert ask(sounding, "POST", f"{path}/playback/report", said).status_code == 204
    (incident,) = ask(sounding, "GET", f"{path}/incidents").json()["items"]
    assert (incident["kind"], incident["cause"]) == (cause, cause)


def test_incidents_are_erased_with_their_room(sounding: Member) -> None:
    says(sounding, "stalled")
    actions.end_room(by=sounding)
    with clock.shifted(31 * DAY_MS):
        assert actions.erase_old(retention_days=30) == 1
    assert not Incident.objects.exists()
    assert not Room.objects.exists()


def test_a_room_knows_when_something_last_went_wrong_and_that_nothing_did(
    sounding: Member,
) -> None:
    assert read_part(sounding.room_id, "last_incident_ms") is None
    for after_ms, state in enumerate(["stalled", "playing"]):
        with clock.shifted(after_ms * 1_500):
            says(sounding, state)
        noted = Incident.objects.latest("pk")
        assert read_part(sounding.room_id, "last_incident_ms") == noted.at_ms


def test_whoever_is_erased_is_named_in_no_incident_any_more(sounding: Member) -> None:
    says(sounding, "stalled", cause="suspended")
    Incident.objects.create(
        room=sounding.room, member=sounding, kind="stalled", says="Mika’s laptop lags behind in X."
    )
    assert all("Mika" in sentence for _, _, sentence in told())
    heir = arrived(sounding.room, guest=uuid.uuid4())
    actions.hand_over(by=sounding, member_id=heir.pk)
    erase_person(guest=sounding.guest)
    assert [sentence for _, _, sentence in told()][:2] == [
        "A laptop is silent: its browser waits for a tap.",
        "A laptop lags behind in X.",
    ]
    assert "Mika" not in str(list(Incident.objects.values()))


def test_each_refusal_that_a_source_can_be_away_for_is_told_in_words() -> None:
    causes = [cause for kind in registry.kinds() if kind.refusals for cause in _all(kind.refusals)]
    for cause in causes:
        assert incident_in_english(cause().key, {"minutes": 5}) != "", cause


def _all(refusal: type[RoomError]) -> list[type[RoomError]]:
    return [refusal, *(each for child in refusal.__subclasses__() for each in _all(child))]
