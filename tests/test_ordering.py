"""The order of the queue: what each mode promises, whatever waits and however people vote."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from math import log

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from music.ordering import Facts, Setting, Why, cost_ms, explain, order, reason, started

# How fast an example runs depends on what else the machine does, and is no promise.
settings.register_profile("ordering", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ordering")

MODES = ("votes", "fair", "host")
FAIR = Setting("fair")


def facts(id: int, **known: object) -> Facts:
    """An item of its own requester, added at `id`, with its one vote; `known` says otherwise."""
    plain = Facts(
        id=id,
        up=1,
        down=0,
        added_at_ms=id,
        duration_ms=1000,
        requester=id,
        requester_plays=0,
        requester_played_at_ms=None,
        requester_finish_ms=None,
        floor_ms=0,
    )
    return replace(plain, **known)  # type: ignore[arg-type]  # the tests name fields that exist


def ids(items: list[Facts]) -> list[int]:
    return [item.id for item in items]


def tier(item: Facts) -> int:
    if item.locked:
        return 0
    if item.pinned_at_ms is not None:
        return 1
    return 2 if item.requester is not None else 3


@st.composite
def queues(draw: st.DrawFn) -> list[Facts]:
    """Up to twelve items of up to four people and the shelf, full of ties and of one artist."""
    people: dict[int | None, dict[str, int | None]] = {
        person: {
            "requester_plays": draw(st.integers(0, 2)),
            "requester_finish_ms": draw(st.sampled_from([None, 0, 1000, 1700])),
        }
        for person in range(4)
    }
    people[None] = {}
    size = draw(st.integers(1, 12))
    locked = draw(st.sampled_from([None, 0]))
    items = []
    for id in range(size):
        requester = draw(st.sampled_from([0, 0, 1, 1, 2, 3, None]))
        items.append(
            facts(
                id,
                up=draw(st.integers(0, 4)),
                down=draw(st.integers(0, 3)),
                added_at_ms=draw(st.integers(0, 3)),
                duration_ms=draw(st.sampled_from([300, 1000, 1000, 2500])),
                requester=requester,
                floor_ms=draw(st.sampled_from([0, 500, 1000, 2000])),
                artist=draw(st.sampled_from(["abba", "abba", "blur", "cher", ""])),
                place=draw(st.sampled_from([None, 0, 1, 2])),
                pinned_at_ms=draw(st.sampled_from([None, None, None, None, 5, 6])),
                locked=id == locked,
                **people[requester],
            )
        )
    return items


def any_setting(*modes: str) -> st.SearchStrategy[Setting]:
    return st.builds(
        Setting,
        mode=st.sampled_from(modes),
        artist_in_a_row=st.sampled_from([None, 1, 2]),
        run_artist=st.sampled_from(["abba", ""]),
        run_length=st.integers(1, 2),
    )


# What holds in every mode


@given(queues(), any_setting(*MODES), st.randoms(use_true_random=False))
def test_every_item_has_one_place_however_the_queue_is_read(
    queue: list[Facts], setting: Setting, chance: random.Random
) -> None:
    ordered = order(queue, setting)
    assert sorted(ids(ordered)) == sorted(ids(queue))
    chance.shuffle(queue)
    assert order(queue, setting) == ordered


@given(queues(), any_setting(*MODES))
def test_locked_comes_before_pinned_before_asked_for_before_shelf(
    queue: list[Facts], setting: Setting
) -> None:
    ordered = order(queue, setting)
    assert [tier(item) for item in ordered] == sorted(tier(item) for item in queue)
    pins = [item.pinned_at_ms or 0 for item in ordered if tier(item) == 1]
    assert pins == sorted(pins, reverse=True)


@given(queues(), any_setting("votes"))
def test_a_change_of_mode_and_back_changes_nothing(queue: list[Facts], setting: Setting) -> None:
    before, first = list(queue), order(queue, setting)
    for mode in MODES:
        explain(order(first, replace(setting, mode=mode)), replace(setting, mode=mode))
    assert queue == before
    assert order(queue, setting) == first


@settings(max_examples=400)
@given(queues(), any_setting("votes", "fair"), st.data())
def test_one_more_up_vote_never_moves_an_item_back(
    queue: list[Facts], setting: Setting, data: st.DataObject
) -> None:
    item = data.draw(st.sampled_from(queue))
    liked = [replace(each, up=each.up + (each == item)) for each in queue]
    before, after = ids(order(queue, setting)), ids(order(liked, setting))
    assert after.index(item.id) <= before.index(item.id)


# Votes


def test_a_higher_score_then_fewer_plays_then_the_earlier_arrival_comes_first() -> None:
    queue = [
        facts(1, up=2),
        facts(2, up=3, requester_plays=1, added_at_ms=0),
        facts(3, up=4, down=1, added_at_ms=9),
        facts(4, up=3, added_at_ms=8),
        facts(5, up=3, added_at_ms=8),
    ]
    assert ids(order(queue, Setting())) == [4, 5, 3, 2, 1]


# Host


def test_host_order_goes_by_place_and_what_is_not_placed_follows_as_it_came() -> None:
    queue = [facts(1, up=9), facts(2, place=7), facts(3, place=2), facts(4, added_at_ms=0)]
    assert ids(order(queue, Setting("host"))) == [3, 2, 4, 1]


@given(queues(), any_setting("host"))
def test_host_order_is_never_spaced(queue: list[Facts], setting: Setting) -> None:
    assert order(queue, setting) == order(queue, Setting("host"))


# Artists in a row


def runs(ordered: list[Facts], setting: Setting) -> Iterator[tuple[int, Facts]]:
    """Each item with its number in a row of its artist's, what plays now counted in."""
    artist, length = setting.run_artist, setting.run_length
    for item in ordered:
        length = length + 1 if item.artist == artist else 1
        artist = item.artist
        yield length, item


@given(queues(), any_setting("votes", "fair"))
def test_no_artist_plays_more_often_in_a_row_than_allowed_while_another_waits(
    queue: list[Facts], setting: Setting
) -> None:
    ordered = order(queue, setting)
    for at, (length, item) in enumerate(runs(ordered, setting)):
        too_often = item.artist and length > (setting.artist_in_a_row or len(queue) + 2)
        if tier(item) >= 2 and too_often:
            rest = [other for other in ordered[at:] if tier(other) == tier(item)]
            assert {other.artist for other in rest} == {item.artist}


@given(queues(), any_setting("votes", "fair"))
def test_only_the_first_item_that_may_play_is_taken(queue: list[Facts], setting: Setting) -> None:
    left = order(queue, replace(setting, artist_in_a_row=None))
    most = setting.artist_in_a_row or len(queue) + 2
    artist, before = setting.run_artist, setting.run_length
    for length, item in runs(order(queue, setting), setting):
        passed = [other for other in left[: left.index(item)] if tier(other) == tier(item)]
        if passed and tier(item) >= 2:
            assert {other.artist for other in passed} == {artist} != {item.artist}
            assert artist
            assert before >= most
        artist, before = item.artist, length
        left.remove(item)


def test_what_plays_now_counts_for_the_row_and_unknown_artists_never_do() -> None:
    queue = [facts(1, up=3, artist="abba"), facts(2, up=2), facts(3), facts(4, artist="abba")]
    setting = Setting(artist_in_a_row=1, run_artist="abba", run_length=1)
    assert ids(order(queue, setting)) == [2, 1, 3, 4]
    assert ids(order([queue[0], queue[3]], setting)) == [1, 4]


# Fair: single facts


def test_a_track_costs_its_duration_at_one_vote_less_with_more_and_more_with_fewer() -> None:
    assert cost_ms(facts(1)) == 1000
    costs = [cost_ms(facts(1, up=score)) for score in range(15)]
    assert all(more > less > 0 for more, less in pairwise(costs))
    assert cost_ms(facts(1, up=0)) == pytest.approx(1000 * (1 + log(2)))


def test_votes_down_cost_at_most_one_turn_more() -> None:
    assert cost_ms(facts(1, up=0, down=1)) == cost_ms(facts(1, up=0, down=50)) == 2000


def test_a_persons_tracks_take_turns_with_anothers_the_most_voted_first() -> None:
    mine = [facts(id, requester=1) for id in (1, 2)] + [facts(3, requester=1, up=2)]
    theirs = [facts(id, requester=2) for id in (4, 5)]
    assert ids(order(mine + theirs, FAIR)) == [3, 4, 1, 5, 2]


def test_a_start_charges_the_requester_and_the_shelf_charges_nobody() -> None:
    mine, shelf = facts(1, requester_finish_ms=500), facts(2, requester=None)
    theirs = facts(3, requester_finish_ms=700)
    assert started([mine, shelf, theirs], mine, virtual_ms=600) == (1500, 700)
    assert started([mine, shelf, theirs], shelf, virtual_ms=600) == (0, 600)
    assert started([mine, shelf], mine, virtual_ms=600) == (1500, 1500)


def test_what_a_person_still_has_waiting_follows_what_started() -> None:
    first, second = (facts(id, requester=1, requester_finish_ms=5000) for id in (1, 2))
    assert started([first, second], first, virtual_ms=0) == (6000, 6000)


def test_a_newcomer_catches_up_by_one_track_and_who_comes_back_by_none() -> None:
    newcomer, back = facts(1, floor_ms=9000), facts(2, requester_finish_ms=0, floor_ms=9000)
    assert ids(order([back, newcomer], FAIR)) == [1, 2]
    assert started([back, newcomer], newcomer, virtual_ms=9000)[0] == 9000
    assert started([back, newcomer], back, virtual_ms=9000)[0] == 10_000


def test_a_pinned_track_is_the_first_that_its_requester_is_charged_for() -> None:
    pinned = facts(1, requester=1, pinned_at_ms=5)
    mine, theirs = facts(2, requester=1, up=2, added_at_ms=0), facts(3, requester=2)
    assert ids(order([mine, theirs, pinned], FAIR)) == [1, 3, 2]


@given(queues(), st.integers(0, 5000), st.data())
def test_a_start_never_turns_time_back_and_always_costs_its_requester(
    queue: list[Facts], now: int, data: st.DataObject
) -> None:
    item = data.draw(st.sampled_from(queue))
    finish, virtual = started(queue, item, virtual_ms=now)
    assert virtual >= now
    if item.requester is not None and item.requester_finish_ms is not None:
        assert finish > item.requester_finish_ms


@given(queues(), any_setting("fair", "host"))
def test_what_is_shown_is_what_plays_as_long_as_nobody_acts(
    queue: list[Facts], setting: Setting
) -> None:
    ordered = order([replace(item, up=1, down=0) for item in queue], setting)
    played, rest = ordered[0], ordered[1:]
    # But for this: where somebody's second track overtakes their first, since another artist has to
    # come next, it is charged as their first, and others may come before what was the first.
    own = (item for item in order(ordered, replace(setting, artist_in_a_row=None)))
    assume(played.id == next(item.id for item in own if item.requester == played.requester))
    finish, _ = started(ordered, played, virtual_ms=0)
    length, _ = next(runs(ordered, setting))
    later = [
        replace(item, requester_plays=item.requester_plays + 1, requester_finish_ms=finish)
        if item.requester == played.requester and played.requester is not None
        else item
        for item in rest
    ]
    now = replace(setting, run_artist=played.artist, run_length=length)
    assert ids(order(later, now)) == ids(rest)


# Fair: whole evenings


@dataclass
class Evening:
    """A room in fair mode that remembers what it must, and what each waiting person has heard."""

    virtual_ms: int = 0
    added: int = 0
    waiting: list[Facts] = field(default_factory=list)
    finishes: dict[int | None, int] = field(default_factory=dict)
    plays: Counter[int | None] = field(default_factory=Counter)
    heard: defaultdict[int | None, list[int]] = field(default_factory=lambda: defaultdict(list))
    crowd: dict[int | None, int] = field(default_factory=dict)

    def add(self, person: int, *, duration_ms: int = 1000, score: int = 1) -> int:
        self.added += 1
        self.waiting.append(
            facts(
                self.added,
                requester=person,
                duration_ms=duration_ms,
                up=score,
                floor_ms=self.virtual_ms,
            )
        )
        return self.added

    def has(self, person: int) -> int:
        return sum(item.requester == person for item in self.waiting)

    def people(self) -> set[int | None]:
        return {item.requester for item in self.waiting}

    def facts(self) -> list[Facts]:
        return [
            replace(
                item,
                requester_plays=self.plays[item.requester],
                requester_finish_ms=self.finishes.get(item.requester),
            )
            for item in self.waiting
        ]

    def start(self) -> tuple[Facts, list[int], int]:
        """What plays, what its requester heard while they waited, and the most people meanwhile."""
        queue, people = self.facts(), self.people()
        item = order(queue, FAIR)[0]
        finish, self.virtual_ms = started(queue, item, virtual_ms=self.virtual_ms)
        self.finishes[item.requester] = finish
        self.plays[item.requester] += 1
        self.waiting = [other for other in self.waiting if other.id != item.id]
        for person in people:
            self.crowd[person] = max(self.crowd.get(person, 0), len(people))
        for person in people - {item.requester}:
            self.heard[person].append(item.duration_ms)
        return item, self.heard.pop(item.requester, []), self.crowd.pop(item.requester)


def busy(
    chance: random.Random, *, starts: int, durations: list[int]
) -> Iterator[tuple[Facts, list[int], int]]:
    """Random evenings: regulars who always have something waiting, guests who come and come back.

    Crowded ones are the hard ones: whoever leaves makes room for the next newcomer.
    """
    room, regulars, most = Evening(), chance.randrange(4), chance.choice([2, 4, 8])
    again, tracks = chance.choice([0, 0.3, 0.7]), chance.choice([[1], [1, 1, 2, 5], [2], [2, 3]])
    arrivals = chance.choice([[1], [0, 0, 1], [0, 0, 1, 2, 3], [0] * 9 + [9]])
    guests = 100
    for _ in range(starts):
        for person in range(regulars):
            while room.has(person) <= person % 2:
                room.add(person, duration_ms=chance.choice(durations))
        for _ in range(chance.choice(arrivals)):
            if len(room.people()) < most:
                guests += 1
                back = chance.random() < again
                person = chance.randrange(100, guests) if back and guests > 101 else guests
                for _ in range(chance.choice(tracks)):
                    room.add(person, duration_ms=chance.choice(durations))
        if room.waiting:
            yield room.start()


seeds = st.integers(0, 10**9)
evenings = settings(max_examples=40)


@evenings
@given(seeds)
def test_between_two_turns_at_most_five_tracks_play_per_person_waiting(seed: int) -> None:
    for _, heard, people in busy(random.Random(seed), starts=80, durations=[1000]):
        assert len(heard) <= 5 * people


@evenings
@given(seeds)
def test_between_two_turns_at_most_five_longest_tracks_play_per_person_waiting(seed: int) -> None:
    for _, heard, people in busy(random.Random(seed), starts=80, durations=[300, 1000, 3000]):
        assert sum(heard) <= 5 * people * 3000


@evenings
@given(st.integers(2, 6))
def test_regulars_hear_at_most_two_tracks_of_each_other_between_their_own(people: int) -> None:
    room = Evening()
    for _ in range(60):
        for person in range(people):
            while room.has(person) < 2:
                room.add(person)
        _, heard, _ = room.start()
        assert len(heard) <= 2 * (people - 1)


@evenings
@given(st.integers(1, 8), st.sampled_from([1, 2, 20]))
def test_an_endless_stream_of_newcomers_never_starves_a_regular(regulars: int, score: int) -> None:
    room, turns = Evening(), 0
    for newcomer in range(100, 300):
        for person in range(regulars):
            while room.has(person) < 2:
                room.add(person)
        if len(room.people()) <= regulars:
            room.add(newcomer, score=score)
        item, heard, people = room.start()
        assert len(heard) <= 3 * people
        turns += item.requester == 0
    assert turns >= 200 // (3 * (regulars + 1) + 1)


@evenings
@given(st.integers(1, 6), st.integers(0, 20))
def test_a_newcomer_is_next_among_regulars_and_after_newcomers_before_them(
    regulars: int, more: int
) -> None:
    room = Evening()
    for _ in range(3 * regulars + more):
        for person in range(regulars):
            while room.has(person) < 10:
                room.add(person)
        room.start()
    newcomers = [room.add(person) for person in (100, 101)]
    assert ids(order(room.facts(), FAIR))[:2] == newcomers


def flooded(seed: int, durations: list[int]) -> Iterator[list[int]]:
    """What plays of a flood of fifty while each other person's first track waits, guests coming."""
    room, chance, flood = Evening(), random.Random(seed), -1
    firsts: dict[int | None, int] = {}
    heard: defaultdict[int | None, list[int]] = defaultdict(list)
    begin = chance.randrange(20)
    for time in range(90):
        if time == begin:
            for _ in range(50):
                room.add(flood, duration_ms=chance.choice(durations))
        for _ in range(chance.choice([0, 0, 1, 1, 2, 0, 0, 8 * (time % 7 == 0)])):
            person = chance.randrange(time + 2)
            id = room.add(person, duration_ms=chance.choice(durations))
            firsts.setdefault(person, id)
        if room.waiting:
            item, _, _ = room.start()
            if item.requester == flood:
                for other_person in room.people() - {flood}:
                    if any(other.id == firsts[other_person] for other in room.waiting):
                        heard[other_person].append(item.duration_ms)
    yield from heard.values()


@evenings
@given(seeds)
def test_a_flood_of_fifty_delays_anothers_first_track_by_one_track(seed: int) -> None:
    assert all(len(heard) <= 1 for heard in flooded(seed, [1000]))


@evenings
@given(seeds)
def test_a_flood_of_unequal_tracks_delays_it_by_less_than_two_of_the_longest(seed: int) -> None:
    assert all(sum(heard) < 2 * 3000 for heard in flooded(seed, [300, 1000, 3000]))


@evenings
@given(st.lists(st.sampled_from([300, 900, 1700, 3000]), min_size=40, max_size=40), seeds)
def test_two_who_always_wait_get_airtime_within_a_longest_track_and_two_of_catch_up(
    durations: list[int], seed: int
) -> None:
    room, airtime, chance = Evening(), [0, 0], random.Random(seed)
    for duration in durations:
        for person in (0, 1):
            while room.has(person) < 2:
                room.add(person, duration_ms=chance.choice([duration, 300, 3000]))
        item, _, _ = room.start()
        airtime[item.requester or 0] += item.duration_ms
        assert abs(airtime[0] - airtime[1]) <= 3 * 3000


# Reasons


@given(queues(), any_setting(*MODES))
def test_nth_counts_a_persons_tracks_in_playing_order(queue: list[Facts], setting: Setting) -> None:
    ordered = order(queue, setting)
    whys = explain(ordered, setting)
    for person in {item.requester for item in queue}:
        own = [whys[item.id].nth for item in ordered if item.requester == person]
        assert own == ([0] * len(own) if person is None else list(range(1, len(own) + 1)))


@given(queues(), any_setting("votes", "fair"))
def test_spaced_is_what_plays_later_than_its_votes_or_turn_say(
    queue: list[Facts], setting: Setting
) -> None:
    free, spaced = order(queue, replace(setting, artist_in_a_row=None)), order(queue, setting)
    whys = explain(spaced, setting)
    for item in spaced:
        if tier(item) == 2:
            later = spaced.index(item) > free.index(item)
            plain = "turn" if setting.mode == "fair" else "votes"
            assert whys[item.id].kind == ("spaced" if later else plain)


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        ("votes", "next pinned votes votes spaced shelf"),
        ("fair", "next pinned turn turn spaced shelf"),
        ("host", "next pinned placed new new shelf"),
    ],
)
def test_each_item_is_of_the_kind_that_put_it_where_it_is(mode: str, kinds: str) -> None:
    queue = [
        facts(1, locked=True, pinned_at_ms=3),
        facts(2, pinned_at_ms=4, place=1),
        facts(3, up=3, artist="abba", place=2),
        facts(4, up=2, artist="abba"),
        facts(5, artist="blur"),
        facts(6, requester=None, place=1),
    ]
    setting = Setting(mode, artist_in_a_row=1)
    ordered = order(queue, setting)
    whys = explain(ordered, setting)
    assert [whys[item.id].kind for item in ordered] == kinds.split()


def test_an_item_knows_when_a_track_of_its_requester_last_started() -> None:
    queue = [facts(1, requester_played_at_ms=77), facts(2)]
    whys = explain(order(queue, FAIR), FAIR)
    assert (whys[1].played_at, whys[2].played_at) == (77, None)


@pytest.mark.parametrize(
    ("kind", "nth", "score", "sentence"),
    [
        ("next", 1, 6, "Next, fixed"),
        ("pinned", 1, 6, "Pinned by the host"),
        ("votes", 3, 6, "6 votes"),
        ("votes", 3, 1, "1 vote"),
        ("votes", 3, -2, "−2 votes"),
        ("turn", 1, 6, "Their next turn, 6 votes"),
        ("turn", 2, 1, "Their 2nd turn, 1 vote"),
        ("turn", 3, 0, "Their 3rd turn, 0 votes"),
        ("turn", 11, 0, "Their 11th turn, 0 votes"),
        ("turn", 21, 0, "Their 21st turn, 0 votes"),
        ("placed", 1, 6, "Placed by the host"),
        ("new", 1, 6, "New, not placed yet"),
        ("shelf", 0, 0, "From the shelf"),
        ("spaced", 1, 6, "Waits for another artist, 6 votes"),
    ],
)
def test_a_reason_is_one_short_line(kind: str, nth: int, score: int, sentence: str) -> None:
    assert reason(Why(kind, nth, 1234567), score=score) == sentence
