"""A shelf of what a past room played: for its people, as long as that room is kept."""

import uuid

import pytest

from music.actions import playback as playing
from music.models import Playback, Track
from music.shelf import shelf, shelves, tracks_of
from rooms import actions
from rooms.errors import Invalid
from rooms.models import Member, Room
from tests.conftest import arrived
from tests.http import ask
from tests.suggestions import played

pytestmark = pytest.mark.django_db


@pytest.fixture
def past(host: Member, tracks: list[Track]) -> Room:
    """A room of the same host that is over, in which two tracks played and one was skipped."""
    before = actions.open_room(guest=host.guest, name="Friday")
    played(before.room, tracks[0], ago_min=60)
    played(before.room, tracks[1], ago_min=50)
    played(before.room, tracks[2], ago_min=40, state="skipped")
    return actions.end_room(by=before)


def key_of(past: Room) -> str:
    return f"room-{past.pk}"


def test_a_host_can_choose_what_a_past_room_played(
    host: Member, past: Room, tracks: list[Track]
) -> None:
    found = next(each for each in shelves(host.room) if each.key == key_of(past))
    assert (found.title.text, found.tracks) == ("Again: Friday", 2)
    assert (found.title.code, found.title.values) == ("past_room", {"name": "Friday"})
    playing.choose_shelf(by=host, key=found.key)
    playing.play(by=host)
    playback = Playback.objects.select_related("item__track").get(room=host.room)
    assert playback.item is not None
    assert playback.item.track == tracks[0]


def test_nobody_else_can_choose_it(outsider: Member, past: Room) -> None:
    assert key_of(past) not in {each.key for each in shelves(outsider.room)}
    with pytest.raises(Invalid):
        playing.choose_shelf(by=outsider, key=key_of(past))


def test_it_is_no_playlist_of_the_library(outsider: Member, past: Room) -> None:
    path = f"/api/rooms/{outsider.room.code}/playlists/{key_of(past)}?source=library"
    assert ask(outsider, "GET", path).status_code == 404


def test_listeners_are_not_told_where_their_host_was(host: Member, past: Room) -> None:
    path = f"/api/rooms/{host.room.code}/shelves"
    guest = arrived(host.room, guest=uuid.uuid4())
    keys = {
        who: {item["key"] for item in ask(who, "GET", path).json()["items"]}
        for who in (host, guest)
    }
    assert key_of(past) in keys[host]
    assert key_of(past) not in keys[guest]


def test_the_house_stands_in_once_the_room_is_erased(past: Room) -> None:
    key = key_of(past)
    past.delete()
    found, house = shelf(key), shelf("house")
    assert (found and found.key) == (house and house.key)
    assert [*tracks_of(key)] == [*tracks_of("house")]
