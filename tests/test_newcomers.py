"""Many who have just come and want one thing: their votes wait, and nothing is lost."""

import uuid
from pathlib import Path

import pytest
from django.test import Client

from music.actions.held_votes import let_count, let_due_count
from music.actions.newcomers import MANY, MANY_OF_ONE_NETWORK, NEW_FOR_MS, SETTLED_AFTER_MS
from music.actions.queue import add_track
from music.actions.voting import cast_vote
from music.conductor import advance_due
from music.models import QueueItem, Track, Vote
from music.queue_state import order_of
from rooms import actions, clock
from rooms.actions import change_rules
from rooms.errors import NotAllowed
from rooms.models import Member, Room
from tests.conftest import arrived, make_track
from tests.http import ask

STREET, STREET_OF_THE_HOST = "another-network", "network-of-the-place"


def newcomers(host: Member, many: int = MANY, *, address: str = "") -> list[Member]:
    """People who join now."""
    return [arrived(host.room, address=address) for _ in range(many)]


@pytest.fixture
def item(host: Member, guest: Member, tracks: list[Track]) -> QueueItem:
    """The last of two waiting tracks, in a room that has gone on for a while."""
    add_track(member=host, track=tracks[0])
    item, _ = add_track(member=guest, track=tracks[1])
    long_ago = clock.now_ms() - SETTLED_AFTER_MS - 1
    Room.objects.update(created_at_ms=long_ago)
    Member.objects.update(joined_at_ms=long_ago)
    return item


@pytest.fixture
def others(host: Member, item: QueueItem, music_folder: Path) -> list[QueueItem]:
    """Twelve more waiting tracks."""
    change_rules(by=host, changes={"open_requests": None})
    made = [make_track(n, music_folder) for n in range(11, 23)]
    (beside,) = newcomers(host, 1, address=STREET_OF_THE_HOST)
    Member.objects.filter(pk=beside.pk).update(joined_at_ms=0)
    return [add_track(member=host, track=track)[0] for track in made]


def vote_all(people: list[Member], item: QueueItem, value: int = 1) -> QueueItem:
    for person in people:
        cast_vote(member=person, item_id=item.pk, value=value)
    item.refresh_from_db()
    return item


def test_many_newcomers_who_want_one_thing_do_not_move_it(host: Member, item: QueueItem) -> None:
    before = order_of(host.room)
    vote_all(newcomers(host), item)
    assert (item.up, item.held) == (1, MANY)
    assert order_of(host.room) == before
    assert Vote.objects.filter(item=item, value=1).count() == MANY + 1


def test_fewer_newcomers_count_at_once(host: Member, item: QueueItem) -> None:
    vote_all(newcomers(host, MANY - 1), item)
    assert (item.up, item.held) == (MANY, 0)


def test_newcomers_who_do_not_outnumber_the_others_count(host: Member, item: QueueItem) -> None:
    veterans = newcomers(host, MANY)
    Member.objects.filter(pk__in=[each.pk for each in veterans]).update(joined_at_ms=0)
    vote_all(veterans, item)
    vote_all(newcomers(host), item)
    assert (item.up, item.held) == (1 + 2 * MANY, 0)


def test_in_a_new_room_everybody_is_new_and_counts(host: Member, item: QueueItem) -> None:
    Room.objects.update(created_at_ms=clock.now_ms())
    vote_all(newcomers(host), item)
    assert (item.up, item.held) == (1 + MANY, 0)


def test_newcomers_with_minds_of_their_own_count(
    host: Member, item: QueueItem, others: list[QueueItem]
) -> None:
    """Eight come together for somebody's birthday, and want that track beside their own."""
    people = newcomers(host, 8, address=STREET_OF_THE_HOST)
    for n, person in enumerate(people):
        vote_all([person], others[n])
        vote_all([person], others[n + 1], -1)
        vote_all([person], others[n + 2])
    vote_all(people, item)
    assert (item.up, item.held) == (9, 0)


def test_five_friends_who_want_the_same_count(
    host: Member, item: QueueItem, others: list[QueueItem]
) -> None:
    friends = newcomers(host, 5)
    assert (vote_all(friends, item).held, vote_all(friends, others[0]).held) == (0, 0)


def test_half_of_a_crowd_that_has_just_come_may_like_one_track(
    host: Member, item: QueueItem, others: list[QueueItem]
) -> None:
    people = newcomers(host, 24)
    for n, person in enumerate(people):
        vote_all([person], others[n % 10])
        vote_all([person], others[(n * 3 + 1) % 10], -1)
        vote_all([person], others[(n * 7 + 2) % 10])
    vote_all(people[:12], item)
    assert (item.up, item.held) == (13, 0)


@pytest.mark.parametrize("decoys", [0, 1, 2])
@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_one_who_votes_under_twenty_names_is_held_back_whatever_else_the_names_vote_on(
    host: Member, item: QueueItem, others: list[QueueItem], wanted: int, decoys: int
) -> None:
    """In the network of the place, and with as many other votes for each name as one likes."""
    puppets = newcomers(host, 20, address=STREET_OF_THE_HOST)
    for n, puppet in enumerate(puppets):
        for decoy in range(decoys):
            vote_all([puppet], others[2 + (n * 3 + decoy * 5) % 10], -1 if n % 2 else 1)
    for target in [item, *others][:wanted]:
        vote_all(puppets, target)
        assert (target.up, target.held) == (1, 20)


def test_few_suffice_when_all_come_from_a_network_of_their_own(
    host: Member, item: QueueItem
) -> None:
    vote_all(newcomers(host, MANY_OF_ONE_NETWORK, address=STREET), item, -1)
    assert (item.down, item.held) == (0, MANY_OF_ONE_NETWORK)


def test_who_votes_with_several_names_is_held_back_whatever_else_they_vote_on(
    host: Member, item: QueueItem
) -> None:
    people = newcomers(host, MANY_OF_ONE_NETWORK, address=STREET)
    vote_all(people, QueueItem.objects.exclude(pk=item.pk).get(), -1)
    vote_all(people, item)
    assert (item.up, item.held) == (1, MANY_OF_ONE_NETWORK)


def test_a_venue_behind_one_address_is_no_network_of_its_own(host: Member, item: QueueItem) -> None:
    veteran, *people = newcomers(host, 1 + MANY_OF_ONE_NETWORK, address=STREET)
    Member.objects.filter(pk=veteran.pk).update(joined_at_ms=0)
    vote_all(people, item)
    assert (item.up, item.held) == (1 + MANY_OF_ONE_NETWORK, 0)


def test_who_only_joined_long_ago_vouches_for_no_network(host: Member, item: QueueItem) -> None:
    silent = actions.join(room=host.room, guest=uuid.uuid4(), address=STREET)
    Member.objects.filter(pk=silent.pk).update(joined_at_ms=0)
    vote_all(newcomers(host, MANY_OF_ONE_NETWORK, address=STREET), item)
    assert (item.up, item.held) == (1, MANY_OF_ONE_NETWORK)


def test_the_host_lets_held_votes_count_and_all_later_ones(host: Member, item: QueueItem) -> None:
    vote_all(newcomers(host), item)
    let_count(by=host, item_id=item.pk)
    vote_all(newcomers(host), item)
    assert (item.up, item.held) == (1 + 2 * MANY, 0)
    assert order_of(host.room)[0] == item.pk


def test_listeners_cannot_let_them_count(guest: Member, item: QueueItem) -> None:
    with pytest.raises(NotAllowed):
        let_count(by=guest, item_id=item.pk)


def test_after_ten_minutes_held_votes_count_by_themselves(host: Member, item: QueueItem) -> None:
    vote_all(newcomers(host), item)
    with clock.shifted(NEW_FOR_MS):
        advance_due()
    item.refresh_from_db()
    assert (item.up, item.held) == (1 + MANY, 0)
    assert order_of(host.room)[0] == item.pk


def test_a_vote_that_counts_again_is_not_held_again(host: Member, item: QueueItem) -> None:
    people = newcomers(host)
    with clock.shifted(NEW_FOR_MS - 2_000):
        vote_all(people[:-1], item)
        late = newcomers(host, 1)[0]
        vote_all([people[-1], late], item)
    assert (item.up, item.held) == (1, MANY + 1)
    with clock.shifted(NEW_FOR_MS + 2_000):
        advance_due()
        vote_all([late], item, 0)
        vote_all([late], item)
    assert (item.up, item.held) == (1 + MANY + 1, 0)


def test_each_vote_waits_until_its_voter_is_no_newcomer(host: Member, item: QueueItem) -> None:
    people = newcomers(host)
    with clock.shifted(NEW_FOR_MS // 2):
        vote_all(people + newcomers(host), item)
    for later, counting in ((NEW_FOR_MS, MANY), (NEW_FOR_MS * 3 // 2, 2 * MANY)):
        with clock.shifted(later):
            let_due_count(room_id=host.room_id)
        item.refresh_from_db()
        assert (item.up, item.held) == (1 + counting, 2 * MANY - counting)


def test_a_held_vote_can_be_taken_back(host: Member, item: QueueItem) -> None:
    people = newcomers(host)
    vote_all(people, item)
    vote_all(people[:1], item, 0)
    assert (item.up, item.held) == (1, MANY - 1)


def test_the_network_that_the_host_opened_the_room_from_is_not_strange(
    client: Client, tracks: list[Track]
) -> None:
    code = ask(client, "POST", "/api/rooms", {"name": "Mine"}).json()["code"]
    host = Member.objects.get(room__code=code)
    joined = Client()
    ask(joined, "POST", f"/api/rooms/{code}/join", {})
    assert {member.origin for member in host.room.members.all()} == {host.origin} != {""}


def test_two_rooms_do_not_tell_who_came_from_one_network(host: Member, outsider: Member) -> None:
    for member in (host, outsider):
        newcomers(member, 1, address=STREET)
    origins = Member.objects.exclude(origin="").values_list("origin", flat=True)
    assert len(set(origins)) == 2


def test_where_somebody_came_from_is_forgotten_when_they_are_gone_for_a_day(host: Member) -> None:
    newcomers(host, 1, address=STREET)
    with clock.shifted(actions.DAY_MS + 1):
        actions.erase_old(retention_days=30)
    assert not Member.objects.exclude(origin="").exists()
