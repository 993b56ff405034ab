"""The room adds suggestions by itself, where its host allows it."""

import uuid
from pathlib import Path

import pytest

from discovery import background
from discovery.actions.autofill import fill, stop_autofill
from discovery.actions.dismissing import dismiss
from discovery.actions.suggesting import prefetch, prefetch_outside
from discovery.models import RoomSuggestions
from music.actions import playback as playing
from music.actions import queue, voting
from music.models import ItemState, Playback, QueueItem, Track
from music.queue_state import in_order, standing
from music.sources.library import folders
from music.sources.library.scanner import scan
from rooms.actions import change_rules, open_room, set_role
from rooms.errors import NotAllowed
from rooms.models import Member, Room
from rooms.roles import Role
from tests.conftest import arrived
from tests.fakes.discovery import FakeDiscovery
from tests.suggestions import library_track, play_to_the_end, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def jazz(music_folder: Path) -> list[Track]:
    return [
        library_track(music_folder, f"Trio {n}", f"Blue {n}", genres=["jazz"]) for n in range(9)
    ]


@pytest.fixture
def filling(host: Member, jazz: list[Track]) -> Room:
    """A room in which something plays, nothing waits, and which may add by itself."""
    playback = start(host, jazz[0])
    change_rules(by=host, changes={"autofill": True})
    prefetch(room_id=host.room_id, play_id=playback.play_id)
    return host.room


def waiting(room: Room) -> list[QueueItem]:
    return in_order(room, standing(room))


def test_a_room_adds_one_at_a_time_while_fewer_than_two_wait(filling: Room) -> None:
    assert fill(room_id=filling.pk)
    assert len(waiting(filling)) == 1
    assert fill(room_id=filling.pk)
    assert not fill(room_id=filling.pk)
    assert len(waiting(filling)) == 2


def test_what_the_room_adds_is_nobodys_and_says_why(filling: Room) -> None:
    fill(room_id=filling.pk)
    [item] = waiting(filling)
    assert item.added_by is None
    assert item.up == 0
    assert item.suggested_for is not None
    assert item.suggested_for["code"] == "same_genre"
    assert standing(filling).why[item.pk].kind == "suggested"


def test_what_the_room_adds_names_the_service_that_suggested_it(
    outside_services: FakeDiscovery, host: Member, jazz: list[Track]
) -> None:
    outside_services.know("Trio 0", "Blue 0", [("Trio 5", "Blue 5")])
    playback = start(host, jazz[0])
    change_rules(by=host, changes={"autofill": True})
    prefetch_outside(room_id=host.room_id, play_id=playback.play_id)
    fill(room_id=host.room_id)
    [item] = waiting(host.room)
    credit = (item.suggested_for or {})["credit"]
    assert credit["title"] == "Last.fm"
    assert credit["page"].startswith("https://www.last.fm/music/")


def test_a_room_adds_nothing_unless_its_host_allows_it(host: Member, jazz: list[Track]) -> None:
    playback = start(host, jazz[0])
    prefetch(room_id=host.room_id, play_id=playback.play_id)
    assert not fill(room_id=host.room_id)


def test_members_come_first_and_the_shelf_last(
    filling: Room, guest: Member, host: Member, jazz: list[Track]
) -> None:
    fill(room_id=filling.pk)
    [own] = waiting(filling)
    playing.choose_shelf(by=host, key=jazz[0].folder)
    other = next(track for track in jazz[1:] if track != own.track)
    queue.add_track(member=guest, track=other)
    ordered = waiting(filling)
    assert ordered[0].added_by == guest
    assert ordered[1].pk == own.pk
    assert [standing(filling).why[item.pk].kind for item in ordered[2:]] == ["shelf"] * 4


def test_it_plays_when_the_queue_runs_dry_without_a_shelf(filling: Room) -> None:
    fill(room_id=filling.pk)
    [item] = waiting(filling)
    play_to_the_end(filling)
    item.refresh_from_db()
    assert item.state == ItemState.PLAYING


def test_an_idle_room_goes_on_by_itself(host: Member, filling: Room) -> None:
    playing.skip(by=host)
    assert Playback.objects.get(room=filling).state == "idle"
    fill(room_id=filling.pk)
    assert Playback.objects.get(room=filling).wake_at_ms is not None


def test_who_adds_its_track_gets_the_row(filling: Room, guest: Member) -> None:
    fill(room_id=filling.pk)
    [item] = waiting(filling)
    added, is_new = queue.add_track(member=guest, track=item.track)
    assert is_new
    assert (added.pk, added.added_by, added.suggested_for) == (item.pk, guest, None)


def test_it_can_be_voted_for_and_taken_out(filling: Room, host: Member, guest: Member) -> None:
    fill(room_id=filling.pk)
    [item] = waiting(filling)
    voting.cast_vote(member=guest, item_id=item.pk, value=-1)
    queue.remove_item(by=host, item_id=item.pk)
    fill(room_id=filling.pk)
    assert [each.track for each in waiting(filling)] != [item.track]


def test_the_host_stops_it_and_what_waits_of_it_goes(filling: Room, host: Member) -> None:
    fill(room_id=filling.pk)
    change_rules(by=host, changes={"autofill": False})
    assert waiting(filling) == []
    assert not fill(room_id=filling.pk)


def test_a_cohost_stops_it_and_only_the_host_begins_it_again(
    filling: Room, host: Member, guest: Member
) -> None:
    fill(room_id=filling.pk)
    with pytest.raises(NotAllowed):
        stop_autofill(by=guest)
    set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    stop_autofill(by=Member.objects.get(pk=guest.pk))
    assert waiting(filling) == []
    assert not fill(room_id=filling.pk)
    with pytest.raises(NotAllowed):
        change_rules(by=Member.objects.get(pk=guest.pk), changes={"autofill": True})


def withdrawn(room: Room) -> Track:
    """What the room adds first, which it would add again."""
    fill(room_id=room.pk)
    [item] = waiting(room)
    QueueItem.objects.filter(pk=item.pk).delete()
    return item.track


def test_what_one_guest_dismissed_is_added_by_the_room_all_the_same(
    filling: Room, guest: Member
) -> None:
    track = withdrawn(filling)
    dismiss(member=guest, track=track)
    fill(room_id=filling.pk)
    assert waiting(filling)[0].track == track


@pytest.mark.parametrize("who", [["host"], ["guest", "other"]])
def test_what_the_host_or_several_dismissed_is_not_added_by_the_room(
    filling: Room, who: list[str], request: pytest.FixtureRequest
) -> None:
    track = withdrawn(filling)
    for name in who:
        dismiss(member=request.getfixturevalue(name), track=track)
    fill(room_id=filling.pk)
    assert waiting(filling)[0].track != track


def test_as_many_must_dismiss_a_track_as_may_skip_one(
    filling: Room, guest: Member, other: Member
) -> None:
    track = withdrawn(filling)
    for n in range(6):
        arrived(filling, name=f"Guest {n}")
    for member in (guest, other):
        dismiss(member=member, track=track)
    fill(room_id=filling.pk)
    assert waiting(filling)[0].track == track


def test_nothing_is_added_within_its_rest(filling: Room, jazz: list[Track]) -> None:
    for _ in range(12):
        if not fill(room_id=filling.pk):
            break
        play_to_the_end(filling)
        prefetch(room_id=filling.pk, play_id=Playback.objects.get(room=filling).play_id)
    starts = QueueItem.objects.filter(room=filling, started_at_ms__isnull=False)
    assert starts.count() == len({*starts.values_list("track", flat=True)})


def test_a_file_that_is_gone_is_passed_over(filling: Room, music_folder: Path) -> None:
    ready = Track.objects.filter(title__startswith="Blue").exclude(title="Blue 0")
    for track in ready.exclude(title="Blue 5"):
        Path(track.file.path).unlink()
    assert fill(room_id=filling.pk)
    assert waiting(filling)[0].track.title == "Blue 5"


def test_the_thread_beside_the_server_does_all_of_it(host: Member, jazz: list[Track]) -> None:
    start(host, jazz[0])
    change_rules(by=host, changes={"autofill": True})
    background.do_due()
    background.do_due()
    assert len(waiting(host.room)) == 2
    assert background.do_due() == 0


def test_a_room_that_was_never_started_adds_nothing(host: Member, jazz: list[Track]) -> None:
    change_rules(by=host, changes={"autofill": True})
    prefetch(room_id=host.room_id, play_id=0)
    assert not fill(room_id=host.room_id)


def test_the_files_of_the_house_say_what_they_are(db: None) -> None:
    scan(folders.roots())
    facts = Track.objects.get(title="Cardamom").file
    assert (facts.genres, facts.year, facts.tempo, facts.key) == (["jazz"], 2026, 126, "Cm")


@pytest.fixture
def dry_rooms(db: None) -> None:
    """Rooms that were there first, and for which no suggestion stands ready."""
    for _ in range(3):
        host = open_room(guest=uuid.uuid4(), name="Silent")
        change_rules(by=host, changes={"autofill": True})
        Playback.objects.filter(room=host.room).update(play_id=1)
        RoomSuggestions.objects.create(room=host.room, play_id=1, asked_play_id=1)


def test_rooms_for_which_nothing_fits_do_not_keep_the_others_waiting(
    dry_rooms: None, filling: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "MOST_AT_ONCE", 1)
    for _ in range(80):
        background.do_due()
    assert len(waiting(filling)) == 2
