"""Who comes to an invented party, what they like, and what they do there.

Everybody draws from a random generator of their own, so that the same people come at the same
moments with the same tastes whatever the rules of the room are.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from typing import ClassVar

from music.models import Track
from music.party.invented_tracks import Library
from music.party.phone import Phone, Waiting
from music.party.plan import Party

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

LIKED, DISLIKED = 15, 8  # artists, of all there are
ON_SCREEN = 12  # waiting tracks that a phone shows without scrolling
# After these refusals people try another track; after others they give up for now.
ANOTHER_MAY_DO = {"rests", "too_long", "explicit_off"}
TRIES = 3
FRIENDS = 5  # who come together
# On the wireless network of the place; the others have their own.
ON_THE_WIRELESS, WIRELESS = 0.6, "wireless"


class Person(ABC):
    """Somebody with a taste, who joins at `arrives_ms` and looks at the phone now and then."""

    habit: ClassVar[str]
    looks_every_min: ClassVar[float]
    identities: ClassVar[int] = 1  # how often they join
    joins_again_after_ms: ClassVar[int] = 3 * MINUTE_MS
    likes_artists: ClassVar[int] = LIKED

    def __init__(
        self, number: int, rng: random.Random, library: Library, *, arrives_ms: int
    ) -> None:
        self.name = f"{self.habit.capitalize()} {number}"
        self.rng = rng
        self.arrives_ms = arrives_ms
        self.library = library
        self.address = WIRELESS if rng.random() < ON_THE_WIRELESS else f"mobile {number}"
        artists = _drawn(rng, library.fame, LIKED + DISLIKED)
        self.liked, self.disliked = artists[: self.likes_artists], set(artists[LIKED:])
        self.phones: list[Phone] = []
        self._wishes: list[Track] = []

    @abstractmethod
    def look(self, phone: Phone) -> None:
        """Do what one does when looking at the phone."""

    def pause_ms(self) -> int:
        """Until the next look."""
        return round(self.looks_every_min * MINUTE_MS * self.rng.uniform(0.5, 1.5))

    def wish(self) -> Track:
        """A track they would like to hear, another one every time until there are no more."""
        if not self._wishes:
            self._wishes = [track for artist in self.liked for track in self.library.tracks[artist]]
            self.rng.shuffle(self._wishes)
        return self._wishes.pop()

    def add_something(self, phone: Phone) -> str:
        """Add a track, another one if the first does not fit. Returns the last refusal, or ""."""
        refusal = ""
        for _ in range(TRIES):
            refusal = phone.add(self.wish())
            if refusal not in ANOTHER_MAY_DO:
                break
        return refusal

    def vote_for_some(self, phone: Phone, queue: list[Waiting], *, most: int) -> None:
        """Vote for a few tracks that one likes, from the top."""
        liked = [item for item in queue if item.pk not in phone.voted and item.artist in self.liked]
        for item in [item for item in liked if item.added_by != phone.member.pk][:most]:
            phone.vote(item, 1)


class Regular(Person):
    """Adds now and then, votes for what they like, and sometimes against what they do not."""

    habit = "regular"
    looks_every_min = 8

    def look(self, phone: Phone) -> None:
        queue = phone.queue()
        self.vote_for_some(phone, queue[:ON_SCREEN], most=3)
        self._vote_against_one(phone, queue[:ON_SCREEN])
        self._ask_to_skip(phone)
        mine = _of(phone, queue)
        # Whoever has a track waiting is in less of a hurry to add the next one.
        if self.rng.random() < (0.4 if mine == 0 else 0.1 if mine < 3 else 0):
            self.add_something(phone)

    def _vote_against_one(self, phone: Phone, queue: list[Waiting]) -> None:
        disliked = [item for item in queue if item.artist in self.disliked]
        if disliked and disliked[0].pk not in phone.voted and self.rng.random() < 0.2:
            phone.vote(disliked[0], -1)

    def _ask_to_skip(self, phone: Phone) -> None:
        playback = phone.playing()
        if not playback or not playback.item:
            return
        bothers = playback.item.track.artists[0] in self.disliked
        if bothers and self.rng.random() < 0.5:
            phone.ask_to_skip(playback)


class Shy(Person):
    """Adds one track in the whole night, and votes rarely."""

    habit = "shy"
    looks_every_min = 15

    def look(self, phone: Phone) -> None:
        if phone.added == 0:
            self.add_something(phone)
        elif self.rng.random() < 0.4:
            self.vote_for_some(phone, phone.queue()[:ON_SCREEN], most=1)


class Fan(Person):
    """Adds tracks of one artist only, and votes for that artist wherever they wait."""

    habit = "fan"
    looks_every_min = 8
    likes_artists = 1

    def look(self, phone: Phone) -> None:
        queue = phone.queue()
        self.vote_for_some(phone, queue, most=6)
        if _of(phone, queue) < 3 and self.rng.random() < 0.5:
            self.add_something(phone)


class Flooder(Person):
    """Wants a great many tracks in, one after the other, and votes like others after that."""

    habit = "flooder"
    looks_every_min = 8
    wants = 50

    def look(self, phone: Phone) -> None:
        self.is_in_flow = phone.added < self.wants and not self.add_something(phone)
        if phone.added >= self.wants:
            self.vote_for_some(phone, phone.queue()[:ON_SCREEN], most=3)

    def pause_ms(self) -> int:
        # As fast as a room lets one person add (`LIMIT_ADDS`).
        return 10_000 if self.is_in_flow else super().pause_ms()


class Troll(Person):
    """Joins late and several times over, to vote a track of their own up and others down."""

    habit = "troll"
    looks_every_min = 5
    identities = 6

    def look(self, phone: Phone) -> None:
        queue = phone.queue()
        own = {each.member.pk for each in self.phones}
        mine = [item for item in queue if item.added_by in own]
        if not mine and phone is self.phones[0]:
            self.add_something(phone)
        against = [item for item in queue[:5] if item.added_by not in own]
        for item, value in [*((item, 1) for item in mine), *((item, -1) for item in against)]:
            if item.pk not in phone.voted:
                phone.vote(item, value)


class Brigade(Person):
    """Joins under twenty names within three minutes, for two tracks of their own.

    Each name votes for both, and for one of the others so as not to be noticed.
    """

    habit = "brigade"
    looks_every_min = 5
    identities = 20
    joins_again_after_ms = 10_000
    wants = 2

    def look(self, phone: Phone) -> None:
        first = self.phones[0]
        while phone is first and phone.added < self.wants and not self.add_something(phone):
            pass
        queue = phone.queue()
        own = {each.member.pk for each in self.phones}
        mine = [item for item in queue if item.added_by in own]
        decoys = self.rng.sample(queue, 1) if queue and not phone.voted else []
        for item in [*mine, *decoys]:
            if item.pk not in phone.voted and item.added_by != phone.member.pk:
                phone.vote(item, 1)


class Friend(Regular):
    """Comes with four others who like the same, and votes for what they add, too."""

    habit = "friend"
    group: list[Person]

    def look(self, phone: Phone) -> None:
        theirs = {each.member.pk for friend in self.group for each in friend.phones}
        for item in phone.queue():
            if item.added_by in theirs - {phone.member.pk} and item.pk not in phone.voted:
                phone.vote(item, 1)
        super().look(phone)


def cast_of(party: Party, library: Library) -> list[Person]:
    """The people of a party, the host first: a tenth are fans, three tenths shy."""
    friends = FRIENDS * party.friends
    others = party.people - 1 - party.flooders - party.trolls - party.brigades - friends
    fans, shy = round(others * 0.1), round(others * 0.3)
    habits: list[type[Person]] = [Regular]
    habits += [Flooder] * party.flooders + [Troll] * party.trolls
    habits += [Fan] * fans + [Shy] * shy + [Regular] * (others - fans - shy)
    habits += [Brigade] * party.brigades + [Friend] * friends
    cast = [_person(habit, number, party, library) for number, habit in enumerate(habits)]
    _bring_together([person for person in cast if isinstance(person, Friend)])
    for person in cast:
        if isinstance(person, Flooder):
            person.wants = party.flooder_tracks
        elif isinstance(person, Brigade):
            person.address = WIRELESS  # so that no network gives it away
    return cast


def _person(habit: type[Person], number: int, party: Party, library: Library) -> Person:
    rng = random.Random(f"{party.seed}: {number}")
    arrival = rng.triangular(0, 1, 1 / 3)
    arrives_ms = round(arrival * party.arrive_min * MINUTE_MS)
    if number == 0:
        arrives_ms = 0
    elif habit is Flooder:
        # Early, for then the others come upon a queue that is full already.
        arrives_ms = round(party.arrive_min * MINUTE_MS / 10)
    elif habit in (Troll, Brigade, Friend):
        arrives_ms = round(party.hours * HOUR_MS * (0.4 + 0.2 * arrival))
    return habit(number, rng, library, arrives_ms=arrives_ms)


def _bring_together(friends: list[Friend]) -> None:
    """Let each five of these come at once, with one taste, in the network of the place."""
    for number in range(0, len(friends), FRIENDS):
        group = friends[number : number + FRIENDS]
        for friend in group:
            friend.group = list(group)
            friend.arrives_ms, friend.address = group[0].arrives_ms, WIRELESS
            friend.liked, friend.disliked = group[0].liked, group[0].disliked


def _drawn(rng: random.Random, weights: dict[str, float], many: int) -> list[str]:
    """So many different names, the heavier the likelier and the earlier."""
    keys = {name: rng.random() ** (1 / weight) for name, weight in weights.items()}
    return sorted(keys, key=lambda name: -keys[name])[:many]


def _of(phone: Phone, queue: list[Waiting]) -> int:
    """How many of these are this member's."""
    return sum(item.added_by == phone.member.pk for item in queue)
