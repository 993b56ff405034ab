"""What the host chose holds, and says when it will no longer stand in the way."""

from pathlib import Path
from typing import Any

import pytest

from beatsync.rules_table import rules_page
from music.actions.playback import play
from music.actions.queue import add_track, remove_item
from music.actions.speaker import claim_speaker, report
from music.actions.voting import cast_vote
from music.errors import DownvotesOff, Rests, TooManyWaiting
from music.models import WONT_PLAY_FOR_MS, QueueItem, Track
from music.queue_state import order_of
from music.room_rules import Mode, music_rules
from rooms import actions, clock
from rooms.actions import change_rules
from rooms.errors import Invalid, NotAllowed
from rooms.models import Member, Room
from rooms.roles import Role
from rooms.rules import declared_rules, preset, read_rules
from rooms.snapshot import read_part
from tests.http import ask, refusal

MINUTE_MS = 60_000
NUMBERS = {name: rule for name, rule in declared_rules().items() if rule.is_number}


def rule(host: Member, **changes: object) -> Room:
    return change_rules(by=host, changes=changes)


def test_a_room_opens_with_the_rules_of_its_preset(host: Member) -> None:
    assert host.room.rules == preset("party").rules
    office = actions.open_room(guest=host.guest, name="Desk", preset="office").room
    assert office.rules == preset("office").rules


def test_only_what_differs_from_the_preset_is_kept(host: Member) -> None:
    room = rule(host, rest_min=80, open_requests=3)
    assert room.own_rules == {"rest_min": 80}
    assert change_rules(by=host, preset="party").own_rules == {}


@pytest.mark.parametrize(
    ("preset", "mode", "may_add", "downvotes", "open_requests"),
    [
        ("party", "votes", "everyone", True, 3),
        ("wedding", "votes", "hosts", False, None),
        ("office", "fair", "everyone", True, 2),
        ("stream", "fair", "everyone", False, 1),
    ],
)
def test_every_preset_says_who_adds_how_many_and_what_votes_do(
    host: Member, preset: str, mode: str, may_add: str, downvotes: bool, open_requests: int | None
) -> None:
    rules = music_rules(change_rules(by=host, preset=preset))
    assert (rules.mode, rules.may_add) == (mode, may_add)
    assert (rules.downvotes, rules.open_requests) == (downvotes, open_requests)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "The most votes play next."),
        ({"mode": "fair"}, "Everyone gets turns, and votes move you up."),
        ({"mode": "host"}, "The host sets the order, and sees your votes."),
        ({"open_requests": 1}, "Up to 1 track of yours waits at once."),
        ({"open_requests": 4}, "Up to 4 tracks of yours wait at once."),
        ({"may_add": "hosts"}, "Only the host and co-hosts add tracks."),
        ({"rest_min": 80}, "A track rests 80 min before it returns."),
        ({"artist_in_a_row": 1}, "At most 1 track of one artist in a row."),
        ({"longest_min": 6}, "Tracks are up to 6 min long."),
        ({"explicit": False}, "No explicit tracks."),
        ({"downvotes": False}, "There are no votes down."),
        ({"may_vote": "hosts"}, "Only the host and co-hosts vote."),
        ({"skip_percent": 70}, "70 % of those here can skip a track."),
        ({"may_pause": "everyone"}, "Everyone can play and pause."),
    ],
)
def test_listeners_read_each_rule_in_one_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert sentence in read_rules("party", changes).sentences()


def test_each_sentence_of_the_rules_has_a_code_and_its_amounts_beside_it(host: Member) -> None:
    change_rules(by=host, preset="office", changes={"closes_after_min": 90})
    room = read_part(host.room_id, "room")
    by_code = {one["code"]: one["values"] for one in room["reads_as"]}
    assert len(by_code) == len(room["reads"])
    assert by_code["by_turns"] == {}
    assert by_code["open_requests"] == {"n": 2}
    assert by_code["closes_after"] == {"h": 1, "min": 30}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"open_requests": None}, "wait at once"),
        ({"rest_min": 0}, "rests"),
        ({"artist_in_a_row": None}, "in a row"),
        ({"mode": "host"}, "in a row"),
        ({"longest_min": None}, "long"),
        ({"may_skip": "hosts"}, "skip"),
    ],
)
def test_listeners_read_nothing_of_a_rule_that_holds_nobody_back(
    changes: dict[str, Any], word: str
) -> None:
    assert word in " ".join(read_rules("party", {}).sentences())
    assert word not in " ".join(read_rules("party", changes).sentences())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, rule.least - 1) for name, rule in NUMBERS.items()),
        *((name, rule.most + 1) for name, rule in NUMBERS.items()),
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
    assert host.room.rules == preset("party").rules


@pytest.mark.parametrize("role", [Role.COHOST, Role.LISTENER])
def test_only_the_host_changes_rules(host: Member, guest: Member, role: Role) -> None:
    Member.objects.filter(pk=guest.pk).update(role=role)
    with pytest.raises(NotAllowed):
        rule(guest, explicit=False)


def test_a_listener_has_so_many_tracks_waiting(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    add_track(member=guest, track=tracks[0])
    with pytest.raises(TooManyWaiting, match="1 track waiting"):
        add_track(member=guest, track=tracks[1])


@pytest.mark.parametrize("role", [Role.HOST, Role.COHOST])
def test_host_and_co_hosts_may_have_more_waiting(
    host: Member, guest: Member, tracks: list[Track], role: Role
) -> None:
    rule(host, open_requests=1)
    actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    member = host if role == Role.HOST else guest
    for track in tracks[:3]:
        assert add_track(member=member, track=track)[1]


def test_a_refused_listener_hears_when_the_next_place_opens(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    add_track(member=host, track=tracks[0])
    playback = play(by=host)
    add_track(member=guest, track=tracks[1])
    with pytest.raises(TooManyWaiting) as refused:
        add_track(member=guest, track=tracks[2])
    assert refused.value.until_ms == playback.ends_at_ms


def test_a_place_is_free_again_when_a_track_is_taken_back(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    item, _ = add_track(member=guest, track=tracks[0])
    remove_item(by=guest, item_id=item.pk)
    assert add_track(member=guest, track=tracks[1])[1]


def test_a_track_rests_and_the_refusal_says_until_when(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, rest_min=80)
    add_track(member=guest, track=tracks[0])
    playback = play(by=host)
    assert playback.starts_at_ms is not None
    with (
        clock.held(playback.starts_at_ms + 41 * MINUTE_MS - 1),
        pytest.raises(Rests, match="played 40 min ago") as refused,
    ):
        add_track(member=guest, track=tracks[0])
    assert refused.value.until_ms == playback.starts_at_ms + 80 * MINUTE_MS


def test_a_track_that_has_rested_may_return(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, rest_min=80)
    add_track(member=guest, track=tracks[0])
    play(by=host)
    with clock.shifted(81 * MINUTE_MS):
        assert add_track(member=guest, track=tracks[0])[1]


def test_what_the_shelf_played_may_be_asked_for_at_once(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    QueueItem.objects.create(
        room=host.room, track=tracks[0], state="played", started_at_ms=clock.now_ms()
    )
    assert add_track(member=guest, track=tracks[0])[1]


def test_a_track_that_could_not_be_heard_does_not_rest(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    claim_speaker(member=host, device="device-1", name="Laptop")
    play_id = str(play(by=host).play_id)
    report(member=host, device="device-1", play_id=play_id, state="error")
    assert QueueItem.objects.get(track=tracks[0]).state == "failed"
    rule(host, rest_min=80)
    with clock.shifted(WONT_PLAY_FOR_MS + MINUTE_MS):
        assert add_track(member=guest, track=tracks[0])[1]


@pytest.mark.parametrize(
    ("facts", "code", "sentence"),
    [
        ({"duration_ms": MINUTE_MS + 1}, "too_long", "Tracks are up to 1 min long in this room."),
        ({"explicit": True}, "explicit_off", "Explicit tracks are off in this room."),
    ],
)
def test_long_and_explicit_tracks_are_refused_where_the_rules_say_so(
    host: Member, guest: Member, tracks: list[Track], facts: Any, code: str, sentence: str
) -> None:
    rule(host, longest_min=1, explicit=False)
    Track.objects.filter(pk=tracks[0].pk).update(**facts)
    path = f"/api/rooms/{host.room.code}/queue"
    answer = ask(guest, "POST", path, {"uri": tracks[0].uri})
    assert refusal(answer) == (409, code)
    assert answer.json()["error"]["message"] == sentence


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
    assert play(by=guest).item is not None


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
    play(by=host)
    found = ask(guest, "GET", f"/api/rooms/{host.room.code}/search?q=track").json()["items"]
    refusals = {track["uri"]: track["refusal"] for track in found}
    assert refusals[tracks[0].uri]["code"] == "rests"
    assert refusals[tracks[0].uri]["until_ms"] > clock.now_ms()
    assert refusals[tracks[1].uri] is None


def test_a_search_refuses_nothing_that_waits_already(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    rule(host, open_requests=1)
    for member, track in ((guest, tracks[0]), (host, tracks[1])):
        add_track(member=member, track=track)
    found = ask(guest, "GET", f"/api/rooms/{host.room.code}/search?q=track").json()["items"]
    refused = {track["uri"] for track in found if track["refusal"]}
    assert refused == {track.uri for track in tracks[2:]}
    assert add_track(member=guest, track=tracks[1])[0].up == 2


def test_a_refusal_over_http_carries_its_code_and_the_moment(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    add_track(member=guest, track=tracks[0])
    play(by=host)
    path = f"/api/rooms/{host.room.code}/queue"
    answer = ask(guest, "POST", path, {"uri": tracks[0].uri})
    assert refusal(answer) == (409, "rests")
    assert answer.json()["error"]["until_ms"] > clock.now_ms()


def test_rules_are_changed_over_http_and_wrong_ones_named(host: Member) -> None:
    path = f"/api/rooms/{host.room.code}"
    room = ask(host, "PATCH", path, {"rules": {"mode": "fair", "open_requests": None}}).json()
    assert (room["rules"]["mode"], room["changed"]) == ("fair", ["mode", "open_requests"])
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


def test_the_page_about_the_rules_is_as_they_are_declared() -> None:
    page = Path(__file__).parents[1] / "docs/rules.md"
    assert page.read_text() == rules_page(), "python manage.py rules_table > docs/rules.md"
