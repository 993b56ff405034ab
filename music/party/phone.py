"""A phone: the real actions of a room, as one person reaches them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from music.actions.playback import ask_to_skip
from music.actions.queue import add_track
from music.actions.voting import cast_vote
from music.models import Playback, QueueItem, Track, Vote
from music.queue_state import order_of
from rooms.errors import RoomError
from rooms.models import Member

# What was refused: the act, and the code of the refusal.
Refused = Counter[tuple[str, str]]
# Votes that were held back at some moment: the member and the item.
Held = set[tuple[int, int]]


class Waiting(NamedTuple):
    """A waiting track, as far as people mind: its item's id, whose it is, and by whom."""

    pk: int
    added_by: int | None
    artist: str


@dataclass(eq=False)
class Phone:
    """What one member sees and does. Refusals are counted, for people shrug and go on."""

    member: Member
    refused: Refused
    held: Held
    votes: bool = True
    added: int = 0  # tracks that were new to the queue
    voted: set[int] = field(default_factory=set)  # ids of items

    def queue(self) -> list[Waiting]:
        """What waits, in playing order."""
        items = QueueItem.objects.filter(room=self.member.room_id).waiting()
        rows = items.values_list("pk", "added_by", "track__artists")
        waiting = {pk: Waiting(pk, added_by, artists[0]) for pk, added_by, artists in rows}
        return [waiting[pk] for pk in order_of(self.member.room)]

    def playing(self) -> Playback | None:
        """What plays, with its track; None in a silent room."""
        return (
            Playback.objects.select_related("item__track")
            .filter(room=self.member.room_id, item__isnull=False)
            .first()
        )

    def add(self, track: Track) -> str:
        """Ask for a track. Returns the code of a refusal, or "" when it waits now."""
        try:
            _, is_new = add_track(member=self.member, track=track)
        except RoomError as refusal:
            return self._shrug("add", refusal)
        self.added += is_new
        return ""

    def vote(self, item: Waiting, value: int) -> None:
        """Vote on a waiting item, 1 or -1, unless nobody votes tonight."""
        if not self.votes:
            return
        self.voted.add(item.pk)
        try:
            cast_vote(member=self.member, item_id=item.pk, value=value)
            held = Vote.objects.filter(item=item.pk, held=True)
            self.held.update(held.values_list("member_id", "item_id"))
        except RoomError as refusal:
            self._shrug("vote", refusal)

    def ask_to_skip(self, playback: Playback) -> None:
        """Ask to skip what plays."""
        try:
            ask_to_skip(member=self.member, play_id=str(playback.play_id))
        except RoomError as refusal:
            self._shrug("skip", refusal)

    def _shrug(self, act: str, refusal: RoomError) -> str:
        self.refused[act, refusal.code] += 1
        return refusal.code
