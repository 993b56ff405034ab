"""Reactions to what plays: summed, never kept by person, counted for each track."""

from typing import Any

import pytest

from chat import reaction_batches
from chat.models import ReactionTally
from music.actions import playback, queue
from music.models import Playback, Track
from rooms import actions, clock, limits
from rooms.features import current_subject
from rooms.models import Member, Receipt, Room
from rooms.snapshot import read_snapshot
from rooms.workers import stop_workers
from tests.conftest import arrived
from tests.http import ask, refusal


@pytest.fixture
def playing(host: Member, tracks: list[Track]) -> str:
    """The id of the item that plays."""
    item, _ = queue.add_track(member=host, track=tracks[0])
    queue.add_track(member=host, track=tracks[1])
    playback.play(by=host)
    return str(item.pk)


def react(member: Member, subject: str, reaction: Any = "love") -> Any:
    path = f"/api/rooms/{member.room.code}/reactions/{subject}"
    return ask(member, "PUT", path, {"reaction": reaction})


def counted(room: Room) -> Any:
    """What everybody sees, once the second is over."""
    reaction_batches.count_noted()
    host = Member.objects.select_related("room").get(room=room, role="host")
    return read_snapshot(host)["reactions"]


def test_reactions_of_a_second_are_one_event_with_sums(
    host: Member, guest: Member, other: Member, playing: str
) -> None:
    for member, reaction in ((host, "love"), (guest, "love"), (other, "dance")):
        assert react(member, playing, reaction).status_code == 204
    before = Room.objects.get(pk=host.room_id).revision
    assert counted(host.room) == {"subject": playing, "counts": {"love": 2, "dance": 1}}
    assert Room.objects.get(pk=host.room_id).revision == before + 1


def test_later_reactions_add_to_those_before(host: Member, guest: Member, playing: str) -> None:
    react(host, playing)
    counted(host.room)
    react(guest, playing)
    assert counted(host.room)["counts"] == {"love": 2}


def test_a_second_without_reactions_changes_nothing(host: Member, playing: str) -> None:
    before = Room.objects.get(pk=host.room_id).revision
    reaction_batches.count_noted()
    assert Room.objects.get(pk=host.room_id).revision == before


def test_a_person_reacts_once_a_second(host: Member, playing: str, settings: Any) -> None:
    assert limits.rate_of("REACTIONS") == "1/1"
    settings.LIMITS = {"REACTIONS": "1/600"}
    assert [react(host, playing).status_code for _ in range(3)] == [204, 429, 429]
    assert counted(host.room)["counts"] == {"love": 1}


def test_each_track_keeps_its_counts(host: Member, guest: Member, playing: str) -> None:
    react(host, playing)
    counted(host.room)
    playback.skip(by=host)
    following = current_subject(host.room)
    assert following not in (None, playing)
    react(guest, str(following), "fire")
    assert counted(host.room) == {"subject": following, "counts": {"fire": 1}}
    kept = dict(ReactionTally.objects.values_list("subject", "counts"))
    assert kept == {playing: {"love": 1}, following: {"fire": 1}}


def test_what_was_noted_before_the_track_changed_counts_for_it(host: Member, playing: str) -> None:
    react(host, playing)
    playback.skip(by=host)
    assert counted(host.room) == {"subject": playing, "counts": {"love": 1}}


def test_a_reaction_to_what_is_over_or_never_played_is_refused(
    host: Member, guest: Member, other: Member, playing: str
) -> None:
    playback.skip(by=host)
    for member, subject in ((host, playing), (guest, "0"), (other, "x" * 300)):
        assert refusal(react(member, subject)) == (409, "stale_subject")
    assert counted(host.room) == {"subject": None, "counts": {}}


def test_nothing_plays_and_nothing_can_be_reacted_to(host: Member) -> None:
    assert not Playback.objects.filter(room=host.room_id, item__isnull=False).exists()
    for subject in ("None", "0", "null"):
        with clock.shifted(2000):
            assert react(arrived(host.room), subject).status_code == 409


@pytest.mark.parametrize("reaction", ["heart", "", "LOVE", None, 1, True, [], {}, "❤️"])
def test_there_are_six_reactions_and_no_others(host: Member, playing: str, reaction: Any) -> None:
    assert [
        str(one) for one in reaction_batches.Reaction
    ] == "love fire clap dance laugh again".split()
    assert refusal(react(host, playing, reaction)) == (422, "invalid")
    assert counted(host.room)["counts"] == {}


def test_a_rule_leaves_reactions_to_the_host_and_a_mute_takes_them(
    host: Member, guest: Member, other: Member, playing: str
) -> None:
    actions.set_muted(by=host, member_id=other.pk, muted=True)
    assert refusal(react(other, playing)) == (403, "muted")
    actions.change_rules(by=host, changes={"may_react": "hosts"})
    assert refusal(react(guest, playing)) == (403, "not_allowed")
    assert react(host, playing).status_code == 204


def test_nothing_says_who_reacted(guest: Member, host: Member, playing: str) -> None:
    receipts = Receipt.objects.count()
    react(guest, playing)
    counted(host.room)
    names = {field.name for field in ReactionTally._meta.get_fields()}
    assert names == {"id", "room", "subject", "counts", "counted_at_ms"}
    assert Receipt.objects.count() == receipts


def test_reactions_to_a_room_that_has_ended_or_was_erased_are_dropped(
    host: Member, outsider: Member, playing: str
) -> None:
    react(host, playing)
    actions.end_room(by=host)
    reaction_batches.count_noted()
    assert not ReactionTally.objects.exists()
    assert refusal(react(host, playing))[1] in ("room_ended", "rate_limited")


def test_a_reaction_takes_two_queries_and_counting_a_thousand_as_many_as_one(
    host: Member, guest: Member, playing: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):  # the member with the room, and what plays
        react(host, playing)
    reaction_batches.count_noted()
    for member in (host, guest):
        member.room.refresh_from_db()
        for _ in range(500):
            reaction_batches.note_reaction(member, playing, reaction_batches.Reaction.CLAP)
    # Savepoint, room, the tally, its row, the revision, savepoint.
    with django_assert_num_queries(6):
        reaction_batches.count_noted()


def test_what_is_wrong_with_one_room_stops_the_reactions_of_no_other(
    host: Member, outsider: Member, playing: str, tracks: list[Track], caplog: Any
) -> None:
    item, _ = queue.add_track(member=outsider, track=tracks[2])
    playback.play(by=outsider)
    broken = {"room": host.room, "subject": playing, "counts": {"love": "many"}}
    ReactionTally.objects.create(**broken, counted_at_ms=1)
    react(outsider, str(item.pk))
    react(host, playing)
    reaction_batches.count_noted()
    assert ReactionTally.objects.get(subject=item.pk).counts == {"love": 1}
    assert "could not be counted" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_server_that_ends_counts_what_was_noted_before(host: Member, playing: str) -> None:
    reaction_batches.start_in_background()
    react(host, playing)
    stop_workers(within_s=10)
    assert ReactionTally.objects.get(subject=playing).counts == {"love": 1}
