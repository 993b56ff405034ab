"""Suggestions: what they go with, what they leave out, and what they say."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from discovery.actions.dismissing import dismiss
from discovery.actions.learning import learn
from discovery.actions.suggesting import begin_suggestions, prefetch
from discovery.chain import find_suggestions
from discovery.feature import FEATURE
from discovery.links.own import OwnKnowledge
from discovery.models import CoPlay, RoomSuggestions
from discovery.seed import read_mood
from music.actions import playback as playing
from music.actions import queue, voting
from music.models import ItemState, QueueItem, Track
from rooms import leases
from rooms.actions import change_rules
from rooms.actions.housekeeping import erase_old
from rooms.models import Member, Room
from tests.http import ask, refusal
from tests.suggestions import library_track, played, room_that_played, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def jazz(music_folder: Path) -> list[Track]:
    """Twelve tracks of one genre by six artists."""
    return [
        library_track(music_folder, f"Trio {n % 6}", f"Blue {n}", genres=["jazz"], year=1960 + n)
        for n in range(12)
    ]


@pytest.fixture
def metal(music_folder: Path) -> list[Track]:
    return [
        library_track(music_folder, f"Iron {n}", f"Red {n}", genres=["metal"], year=1990)
        for n in range(12)
    ]


def suggested(room: Room) -> list[Track]:
    return [each.track for each in find_suggestions(room, read_mood(room), most=10).items]


def look(member: Member, **query: Any) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    answer = ask(member, "GET", f"/api/rooms/{member.room.code}/suggestions?{asked}")
    assert answer.status_code == 200, answer.content
    said: dict[str, Any] = answer.json()
    return said


def titles(said: dict[str, Any]) -> list[str]:
    return [item["track"]["title"] for item in said["items"]]


def test_suggestions_go_with_what_plays(
    host: Member, jazz: list[Track], metal: list[Track]
) -> None:
    start(host, jazz[0])
    found = suggested(host.room)
    assert len(found) == 10
    assert all(track in jazz for track in found)


def test_what_waits_was_played_or_taken_out_is_not_suggested(
    host: Member, jazz: list[Track], metal: list[Track]
) -> None:
    start(host, jazz[0])
    played(host.room, jazz[1])
    queue.add_track(member=host, track=jazz[2])
    item, _ = queue.add_track(member=host, track=jazz[3])
    queue.remove_item(by=host, item_id=item.pk)
    assert not {*jazz[:4]} & {*suggested(host.room)}


def test_what_breaks_a_rule_is_not_suggested(host: Member, music_folder: Path) -> None:
    seed = library_track(music_folder, "A", "Seed", genres=["jazz"])
    long = library_track(music_folder, "B", "Long", genres=["jazz"], duration_ms=3_600_000)
    rude = library_track(music_folder, "C", "Rude", genres=["jazz"], explicit=True)
    fine = library_track(music_folder, "D", "Fine", genres=["jazz"])
    change_rules(by=host, changes={"explicit": False})
    start(host, seed)
    found = suggested(host.room)
    assert fine in found
    assert long not in found
    assert rude not in found


def test_at_most_two_of_an_artist_are_among_ten(host: Member, music_folder: Path) -> None:
    tracks = [
        library_track(music_folder, "One Band", f"Song {n}", genres=["pop"]) for n in range(9)
    ]
    start(host, tracks[0])
    assert len(suggested(host.room)) == 2


def test_a_recording_in_two_files_is_suggested_once(host: Member, music_folder: Path) -> None:
    seed = library_track(music_folder, "A", "Seed", genres=["jazz"])
    for title in ("Twice", "Twice (2011 Remaster)"):
        library_track(music_folder, "B", title, genres=["jazz"])
    start(host, seed)
    assert len(suggested(host.room)) == 1


def test_an_artist_that_was_skipped_this_evening_comes_later(
    host: Member, music_folder: Path
) -> None:
    seed = library_track(music_folder, "A", "Seed", genres=["jazz"])
    skipped = library_track(music_folder, "B", "Skipped", genres=["jazz"])
    library_track(music_folder, "B", "Of the same", genres=["jazz"])
    library_track(music_folder, "C", "Of another", genres=["jazz"])
    start(host, seed)
    played(host.room, skipped, state=ItemState.SKIPPED)
    assert [track.title for track in suggested(host.room)] == ["Of another", "Of the same"]


def test_votes_weigh_more_than_what_just_played(
    host: Member, jazz: list[Track], metal: list[Track]
) -> None:
    start(host, jazz[0])
    for track in metal[:4]:
        played(host.room, track, ago_min=5, up=15)
    assert suggested(host.room)[0] in metal


def test_rooms_teach_each_other_what_goes_together(
    host: Member, jazz: list[Track], metal: list[Track]
) -> None:
    for _ in range(4):
        room_that_played([jazz[0], metal[0], metal[1]])
    start(host, jazz[0])
    said = look(host)
    assert said["items"][0]["track"]["title"] in ("Red 0", "Red 1")
    assert said["items"][0]["why"] == {
        "code": "played_after",
        "values": {"title": "Blue 0", "rooms": 4},
    }


def test_what_one_room_alone_played_together_is_known_there_only(
    host: Member, jazz: list[Track], metal: list[Track], music_folder: Path
) -> None:
    lonely = library_track(music_folder, "Hermit", "Alone")
    room = room_that_played([lonely, metal[0]])
    start(host, lonely)
    codes = {each["why"]["code"] for each in look(host)["items"]}
    assert "played_after" not in codes
    [known] = OwnKnowledge().propose(room, read_mood(host.room).seeds, may_ask=False)
    assert [each.title for each in known.candidates] == ["Red 0"]


def test_nothing_of_a_service_is_learned(host: Member, jazz: list[Track]) -> None:
    foreign = Track.objects.create(
        uri="spotify:track:1", source="spotify", title="X", artists=["Y"], duration_ms=1000
    )
    for track in (jazz[0], foreign, jazz[1]):
        played(host.room, track, ago_min=10)
    begin_suggestions(host.room_id)
    assert learn(room_id=host.room_id) > 0
    assert not CoPlay.objects.filter(first=foreign).exists()
    assert not CoPlay.objects.filter(second=foreign).exists()


def test_what_has_ended_is_learned_once(host: Member, jazz: list[Track]) -> None:
    played(host.room, jazz[0], ago_min=10)
    played(host.room, jazz[1], ago_min=6)
    begin_suggestions(host.room_id)
    assert learn(room_id=host.room_id) == 2
    before = {*CoPlay.objects.values_list("first", "second", "weight")}
    assert learn(room_id=host.room_id) == 0
    assert {*CoPlay.objects.values_list("first", "second", "weight")} == before
    assert len(before) == 4


def test_a_skip_speaks_against_a_pair(host: Member, jazz: list[Track]) -> None:
    played(host.room, jazz[0], ago_min=10)
    played(host.room, jazz[1], ago_min=6, state=ItemState.SKIPPED)
    begin_suggestions(host.room_id)
    learn(room_id=host.room_id)
    assert CoPlay.objects.get(first=jazz[0], second=jazz[1]).weight < 0


def erased(room: Room) -> None:
    Room.objects.filter(pk=room.pk).update(state="ended", ended_at_ms=1)
    erase_old(retention_days=1)
    assert not Room.objects.filter(pk=room.pk).exists()


def test_what_one_room_alone_played_together_is_erased_with_it(jazz: list[Track]) -> None:
    erased(room_that_played(jazz[:2]))
    assert not CoPlay.objects.exists()


def test_of_a_pair_that_several_rooms_played_a_sum_stays_without_them(jazz: list[Track]) -> None:
    rooms = [room_that_played(jazz[:2]) for _ in range(3)]
    pair = CoPlay.objects.filter(first=jazz[0], second=jazz[1])
    before = sum(pair.values_list("weight", flat=True))
    for room in rooms:
        erased(room)
    [left] = pair
    assert (left.room, left.rooms) == (None, 3)
    assert left.weight == pytest.approx(before)


def test_rooms_learn_from_erased_ones_that_agreed(
    host: Member, jazz: list[Track], metal: list[Track]
) -> None:
    for room in [room_that_played([jazz[0], metal[0]]) for _ in range(2)]:
        erased(room)
    start(host, jazz[0])
    assert look(host)["items"][0]["why"] == {
        "code": "played_after",
        "values": {"title": "Blue 0", "rooms": 2},
    }


def test_a_room_without_any_past_gets_the_library(host: Member, jazz: list[Track]) -> None:
    said = look(host)
    assert len(said["items"]) == 10
    assert {each["why"]["code"] for each in said["items"]} == {"library"}


def test_an_empty_library_is_no_error(host: Member, music_folder: Path) -> None:
    QueueItem.objects.all().delete()
    Track.objects.all().delete()
    assert look(host)["items"] == []


def test_what_stands_ready_is_read_and_not_searched(
    host: Member, jazz: list[Track], django_assert_max_num_queries: Any
) -> None:
    playback = start(host, jazz[0])
    prefetch(room_id=host.room_id, play_id=playback.play_id)
    look(host)
    with django_assert_max_num_queries(16):
        assert len(look(host)["items"]) == 10


def test_what_was_added_meanwhile_leaves_what_stands_ready(host: Member, jazz: list[Track]) -> None:
    playback = start(host, jazz[0])
    prefetch(room_id=host.room_id, play_id=playback.play_id)
    first = titles(look(host))[0]
    queue.add_track(member=host, track=Track.objects.get(title=first))
    assert first not in titles(look(host))


def test_a_dismissed_track_is_suggested_to_others_only(
    host: Member, guest: Member, jazz: list[Track]
) -> None:
    start(host, jazz[0])
    first = look(guest)["items"][0]["track"]
    path = f"/api/rooms/{guest.room.code}/suggestions/dismissed"
    assert ask(guest, "PUT", path, {"uri": first["uri"], "dismissed": True}).status_code == 204
    assert first["title"] not in titles(look(guest))
    assert first["title"] in titles(look(host))
    ask(guest, "PUT", path, {"uri": first["uri"], "dismissed": False})
    assert first["title"] in titles(look(guest))


def test_more_like_a_track_goes_with_that_track_alone(
    host: Member, jazz: list[Track], metal: list[Track]
) -> None:
    start(host, jazz[0])
    assert all(title.startswith("Red") for title in titles(look(host, like=metal[3].uri)))


def test_more_like_an_unknown_track_is_refused(host: Member, jazz: list[Track]) -> None:
    path = f"/api/rooms/{host.room.code}/suggestions?like=library:nothing"
    assert refusal(ask(host, "GET", path)) == (404, "unknown_track")


def test_a_track_that_was_added_in_another_room_alone_is_unknown_here(
    host: Member, outsider: Member, jazz: list[Track]
) -> None:
    """Or anybody could ask what people on this site have ever added of a service."""
    uri = "spotify:track:" + "1" * 22
    track = Track.objects.create(uri=uri, source="spotify", title="Quiet", duration_ms=200_000)
    other = QueueItem.objects.create(room=outsider.room, track=track)
    path = f"/api/rooms/{host.room.code}/suggestions"
    for method, end, body in (
        ("PUT", "/dismissed", {"uri": uri, "dismissed": True}),
        ("GET", f"?like={uri}", None),
    ):
        assert refusal(ask(host, method, path + end, body)) == (404, "unknown_track")
    other.room = host.room
    other.save()
    body = {"uri": uri, "dismissed": True}
    assert ask(host, "PUT", f"{path}/dismissed", body).status_code == 204


def test_looks_are_limited(host: Member, jazz: list[Track], settings: Any) -> None:
    settings.LIMITS = {"SUGGESTIONS": "1/60"}
    look(host)
    path = f"/api/rooms/{host.room.code}/suggestions"
    assert refusal(ask(host, "GET", path)) == (429, "rate_limited")


def test_the_room_is_told_of_other_suggestions_only_while_somebody_looks(
    host: Member, jazz: list[Track]
) -> None:
    playback = start(host, jazz[0])
    prefetch(room_id=host.room_id, play_id=playback.play_id)
    assert RoomSuggestions.objects.get(room=host.room).announced_at_ms is None
    look(host)
    queue.add_track(member=host, track=jazz[1])
    playing.skip(by=host)
    prefetch(room_id=host.room_id, play_id=playback.play_id + 1)
    assert RoomSuggestions.objects.get(room=host.room).announced_at_ms is not None


def test_two_processes_prefetch_a_room_once(host: Member, jazz: list[Track]) -> None:
    playback = start(host, jazz[0])
    begin_suggestions(host.room_id)
    rows = RoomSuggestions.objects.filter(room=host.room)
    assert leases.take(rows, "claimed_until_ms", for_ms=60_000)
    assert not prefetch(room_id=host.room_id, play_id=playback.play_id)


def test_what_a_guest_dismissed_is_theirs_to_read_and_erase(
    guest: Member, jazz: list[Track]
) -> None:
    dismiss(member=guest, track=jazz[0])
    assert FEATURE.data_of_guest is not None
    assert FEATURE.erase_guest is not None
    assert len(FEATURE.data_of_guest(guest.guest)["dismissed"]) == 1
    FEATURE.erase_guest(guest.guest)
    assert FEATURE.data_of_guest(guest.guest)["dismissed"] == []


def test_the_privacy_page_names_the_services_that_are_asked(settings: Any) -> None:
    settings.LISTENBRAINZ, settings.LASTFM_API_KEY = True, ""
    page = Client().get("/privacy").content.decode()
    assert "ListenBrainz" in page
    assert "Last.fm" not in page
    settings.LISTENBRAINZ = False
    assert "ListenBrainz" not in Client().get("/privacy").content.decode()


def test_votes_of_the_room_make_a_reason(
    host: Member, guest: Member, other: Member, jazz: list[Track]
) -> None:
    start(host, jazz[0])
    item, _ = queue.add_track(member=host, track=jazz[1])
    for member in (guest, other):
        voting.cast_vote(member=member, item_id=item.pk, value=1)
    assert read_mood(host.room).seeds[0].score in (1, 3)
    assert {seed.track for seed in read_mood(host.room).seeds} == {jazz[0], jazz[1]}
