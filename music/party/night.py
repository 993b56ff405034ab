"""One night of an invented party: everything that happens, in the order of its moments."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count

from django.db.models import Min

from music.actions.playback import play
from music.conductor import advance_due
from music.models import Playback, QueueItem
from music.party.figures import Report, asks_of, votes_of
from music.party.invented_tracks import Library
from music.party.people import HOUR_MS, MINUTE_MS, Person, cast_of
from music.party.phone import Held, Phone, Refused
from music.party.plan import Party
from rooms import clock, presence
from rooms.actions import arrive, change_rules, join, open_room
from rooms.models import Member

# Half past eight in the evening, UTC. Any moment would do, as long as it is always the same.
BEGINS_MS = 1_767_385_800_000
# Everybody stays until the end. Open pages give a sign of life every 7 s; what asks for one is
# content with one in 80 s (`rooms.models.ACTIVE_FOR_MS`).
SIGN_OF_LIFE_EVERY_MS = MINUTE_MS
FIRST_LOOK_AFTER_MS = 90_000


def spend(party: Party, library: Library) -> Report:
    """Let a party take place in a room of its own, and say what came of it.

    The music folder that the library is in must be one of `MUSIC_DIRS`. The clock of the whole
    process follows the night, and only its events move it.
    """
    with clock.held(BEGINS_MS) as go_to:
        return Night(party, cast_of(party, library), go_to).spend()


class Night:
    """What is still to happen, and the room in which it does."""

    def __init__(self, party: Party, cast: Sequence[Person], go_to: Callable[[int], None]) -> None:
        self.party, self.cast = party, cast
        self.refused = Refused()
        self.held: Held = set()
        self.ends_ms = BEGINS_MS + round(party.hours * HOUR_MS)
        self._go_to = go_to
        self._coming: list[tuple[int, int, Callable[[], None]]] = []
        self._numbers = count()
        self._room_id = self._open().room_id
        self._is_started = False

    def spend(self) -> Report:
        """Let everything happen until the night ends."""
        while self._coming[0][0] < self.ends_ms:
            moment_ms = self._coming[0][0]
            due_ms = self._due_ms()
            if due_ms is not None and due_ms <= moment_ms:
                self._go_to(max(due_ms, clock.now_ms()))
                if not advance_due():
                    raise RuntimeError("The conductor left undone what was due; see the log.")
            else:
                self._go_to(moment_ms)
                heappop(self._coming)[2]()
                self._start_music()
        self._go_to(self.ends_ms)
        return Report(
            self.party,
            asks_of(self._room_id, self.cast, self.ends_ms),
            dict(self.refused),
            votes_of(self.cast, self.held),
        )

    def _open(self) -> Member:
        host, *guests = self.cast
        member = open_room(guest=_guest(host, 0), name="An invented party")
        change_rules(by=member, preset=self.party.preset, changes=self._changes())
        self._take_seat(host, member)
        for guest in guests:
            for nth in range(guest.identities):
                moment_ms = BEGINS_MS + guest.arrives_ms + nth * guest.joins_again_after_ms
                self._at(moment_ms, partial(self._join, guest, member.room_id, nth))
        self._at(BEGINS_MS, self._give_signs_of_life)
        return member

    def _start_music(self) -> None:
        """The host presses play when the first track waits: no device sounds in this room."""
        if self._is_started or not QueueItem.objects.waiting().filter(room=self._room_id).exists():
            return
        play(by=self.cast[0].phones[0].member)
        self._is_started = True

    def _changes(self) -> dict[str, object]:
        changes: dict[str, object] = {}
        if self.party.mode is not None:
            changes["mode"] = self.party.mode
        if not self.party.limits:
            changes["open_requests"] = None
        return changes

    def _join(self, person: Person, room_id: int, nth: int) -> None:
        name = person.name if nth == 0 else f"{person.name}, again {nth}"
        room = self.cast[0].phones[0].member.room
        member = join(room=room, guest=_guest(person, nth), name=name, address=person.address)
        arrive(member=member)
        self._take_seat(person, member)

    def _take_seat(self, person: Person, member: Member) -> None:
        phone = Phone(member, self.refused, self.held, votes=self.party.votes)
        person.phones.append(phone)
        self._at(clock.now_ms() + FIRST_LOOK_AFTER_MS, partial(self._look, person, phone))

    def _look(self, person: Person, phone: Phone) -> None:
        person.look(phone)
        self._at(clock.now_ms() + person.pause_ms(), partial(self._look, person, phone))

    def _give_signs_of_life(self) -> None:
        here = {phone.member.pk for person in self.cast for phone in person.phones}
        presence.write_presence({self._room_id: here}, set())
        self._at(clock.now_ms() + SIGN_OF_LIFE_EVERY_MS, self._give_signs_of_life)

    def _at(self, moment_ms: int, happens: Callable[[], None]) -> None:
        # What happens at one moment happens in the order in which it was foreseen.
        heappush(self._coming, (moment_ms, next(self._numbers), happens))

    def _due_ms(self) -> int | None:
        """When the conductor has to do something next."""
        wake = Playback.objects.filter(room=self._room_id).aggregate(at=Min("wake_at_ms"))["at"]
        held = QueueItem.objects.waiting().filter(room=self._room_id)
        counts = held.aggregate(at=Min("held_until_ms"))["at"]
        return min((at for at in (wake, counts) if at is not None), default=None)


def _guest(person: Person, nth: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_OID, f"{person.name}, {nth}")
