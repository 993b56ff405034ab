"""What the host chose holds, and says when it will no longer stand in the way."""

import pytest

from music.actions.playback import play
from music.actions.queue import add_track, remove_item
from music.actions.rules import change_rules
from music.actions.voting import cast_vote
from music.models import QueueItem, Track
from music.queue import order_of
from rooms import actions, clock
from rooms.errors import (
    DownvotesOff,
    ExplicitOff,
    Invalid,
    NotAllowed,
    Rests,
    TooLong,
    TooManyWaiting,
)
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.rules import PRESETS, RANGES, Mode, Rules, sentences
from tests.http import ask

MINUTE_MS = 60_000


def rule(host: Member, **changes: object) -> Room:
    return change_rules(by=host, changes=changes)


def test_a_room_opens_with_the_rules_of_its_preset(host: Member) -> None:
    assert host.room.rules == PRESETS["party"].rules
    office = actions.open_room(guest=host.guest, name="Desk", preset="office").room
    assert office.rules == PRESETS["office"].rules


def test_only_what_differs_from_the_preset_is_kept(host: Member) -> None:
    room = rule(host, rest_min=80, open_requests=PRESETS["party"].rules.open_requests)
    assert room.own_rules == {"rest_min": 80}
    assert change_rules(by=host, preset="party").own_rules == {}


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_can_be_chosen_and_read(host: Member, preset: str) -> None:
    room = change_rules(by=host, preset=preset)
    assert room.rules == PRESETS[preset].rules
    assert sentences(room.rules)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, least - 1) for name, (least, _) in RANGES.items()),
        *((name, most + 1) for name, (_, most) in RANGES.items()),
        ("mode", "loudest"),
        ("may_add", "nobody"),
        ("speaker_gone", "panic"),
        ("speaker_gone", None),
        ("explicit", 1),
        ("rest_min", None),
        ("rest_min", True),
        ("volume", 11),
    ],
)
def test_a_value_that_is_no_rule_is_invalid_and_changes_nothing(
    host: Member, name: str, value: object
) -> None:
    with pytest.raises(Invalid):
        change_rules(by=host, changes={"skip_percent": 80, name: value})
    host.room.refresh_from_db()
    assert host.room.rules == Rules()


@pytest.mark.parametrize("role", [Role.COHOST, Role.LISTENER])
def test_only_the_host_changes_rules(host: Member, guest: Member, role: Role) -> None:
    Member.objects.filter(pk=guest.pk).update(role=role)
    with pytest.raises(NotAllowed):
        rule(guest, explicit=False)


def test_a_listener_has_so_many_tracks_waiting_and_the_host_more(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    add_track(member=guest, track=tracks[0])
    with pytest.raises(TooManyWaiting, match="1 track waiting"):
        add_track(member=guest, track=tracks[1])
    for track in tracks[1:4]:
        add_track(member=host, track=track)


def test_a_refused_listener_hears_when_the_next_place_opens(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    add_track(member=host, track=tracks[0])
    playback = play(member=host)
    add_track(member=guest, track=tracks[1])
    with pytest.raises(TooManyWaiting) as refused:
        add_track(member=guest, track=tracks[2])
    assert refused.value.until_ms == playback.ends_at_ms


def test_a_place_is_free_again_when_a_track_is_taken_back(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    item, _ = add_track(member=guest, track=tracks[0])
    remove_item(member=guest, item_id=item.pk)
    assert add_track(member=guest, track=tracks[1])[1]


def test_a_track_rests_and_the_refusal_says_until_when(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, rest_min=80)
    add_track(member=guest, track=tracks[0])
    playback = play(member=host)
    with clock.shifted(41 * MINUTE_MS), pytest.raises(Rests, match="played 40 min ago") as refused:
        add_track(member=guest, track=tracks[0])
    assert playback.starts_at_ms is not None
    assert refused.value.until_ms == playback.starts_at_ms + 80 * MINUTE_MS


def test_a_track_that_has_rested_may_return(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, rest_min=80)
    add_track(member=guest, track=tracks[0])
    play(member=host)
    with clock.shifted(81 * MINUTE_MS):
        assert add_track(member=guest, track=tracks[0])[1]


def test_what_the_shelf_played_may_be_asked_for_at_once(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    QueueItem.objects.create(
        room=host.room, track=tracks[0], state="played", started_at_ms=clock.now_ms()
    )
    assert add_track(member=guest, track=tracks[0])[1]


def test_long_and_explicit_tracks_are_refused_where_the_rules_say_so(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, longest_min=1, explicit=False)
    Track.objects.filter(pk=tracks[0].pk).update(duration_ms=MINUTE_MS + 1)
    Track.objects.filter(pk=tracks[1].pk).update(explicit=True)
    for track, refusal in ((tracks[0], TooLong), (tracks[1], ExplicitOff)):
        track.refresh_from_db()
        with pytest.raises(refusal):
            add_track(member=guest, track=track)


def test_votes_down_are_refused_where_there_are_none(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, downvotes=False)
    item, _ = add_track(member=guest, track=tracks[0])
    with pytest.raises(DownvotesOff):
        cast_vote(member=host, item_id=item.pk, value=-1)
    assert cast_vote(member=host, item_id=item.pk, value=1).up == 2


def test_adds_votes_skips_and_pauses_can_be_left_to_the_hosts(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=host, track=tracks[0])
    rule(host, may_add="hosts", may_vote="hosts", may_skip="hosts", may_pause="hosts")
    room = f"/api/rooms/{host.room.code}"
    for method, path, body in (
        ("POST", "/queue", {"uri": tracks[1].uri}),
        ("PUT", f"/queue/{item.pk}/vote", {"value": 1}),
        ("POST", "/playback/skip-vote", {}),
        ("POST", "/playback/pause", {}),
    ):
        assert ask(guest, method, room + path, body).status_code == 403
        assert ask(host, method, room + path, body).status_code in (200, 201, 409)


def test_everyone_may_play_and_pause_where_the_host_says_so(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    rule(host, may_pause="everyone")
    assert play(member=guest).item is not None


def test_no_artist_plays_too_often_in_a_row(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, artist_in_a_row=1)
    for track in tracks[:2]:
        track.artists = ["Odile Frey"]
        track.save()
    first, second, other = (add_track(member=host, track=track)[0] for track in tracks[:3])
    assert order_of(host.room) == [first.pk, other.pk, second.pk]


def test_switching_modes_back_and_forth_changes_nothing(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    for who, track in zip((host, guest, host, guest), tracks, strict=False):
        add_track(member=who, track=track)
    before = order_of(host.room)
    for mode in (Mode.FAIR, Mode.HOST, Mode.VOTES):
        rule(host, mode=mode.value)
    assert order_of(host.room) == before


def test_a_search_says_what_could_not_be_added_and_why(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    play(member=host)
    found = ask(guest, "GET", f"/api/rooms/{host.room.code}/search?q=track").json()["items"]
    refusals = {track["uri"]: track["refusal"] for track in found}
    assert refusals[tracks[0].uri]["code"] == "rests"
    assert refusals[tracks[0].uri]["until_ms"] > clock.now_ms()
    assert refusals[tracks[1].uri] is None


def test_a_refusal_over_http_carries_its_code_and_the_moment(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    play(member=host)
    path = f"/api/rooms/{host.room.code}/queue"
    answer = ask(guest, "POST", path, {"uri": tracks[0].uri})
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (409, "rests")
    assert error["until_ms"] > clock.now_ms()


def test_rules_are_changed_over_http_and_wrong_ones_named(host: Member) -> None:
    path = f"/api/rooms/{host.room.code}"
    room = ask(host, "PATCH", path, {"rules": {"mode": "fair", "open_requests": None}}).json()
    assert (room["mode"], room["changed"]) == ("fair", ["mode", "open_requests"])
    refused = ask(host, "PATCH", path, {"name": "Late", "rules": {"rest_min": -1}})
    assert refused.status_code == 422
    assert "rest_min" in refused.json()["error"]["message"]
    assert ask(host, "GET", path).json()["room"]["name"] != "Late"


def test_where_only_hosts_vote_asking_for_what_waits_says_so(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = add_track(member=host, track=tracks[0])
    change_rules(by=host, changes={"may_vote": "hosts"})
    with pytest.raises(NotAllowed):
        add_track(member=guest, track=tracks[0])
    item.refresh_from_db()
    assert item.up == 1
