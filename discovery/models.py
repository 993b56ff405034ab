"""What rooms played together, the suggestions of each room, and what members do not want."""

from __future__ import annotations

from typing import Any

from django.db import models

from music.models import Track
from rooms import clock
from rooms.models import Member, Room


class CoPlay(models.Model):
    """How much two tracks of the library belong together by what one room played.

    `weight` is forward-decayed (`discovery.decay`), so that sums need no look at the clock. A row
    with `first` = `second` holds how much the track was played. A pair is stored both ways round.
    There is one row per room and pair; one row without a room has the sum of the `rooms` that were
    erased (`discovery.actions.learning.erase_room`). Tracks of services are never counted, by their
    terms.
    """

    room = models.ForeignKey(Room, null=True, on_delete=models.CASCADE, related_name="+")
    first = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="+", db_index=False)
    weight = models.FloatField()
    rooms = models.PositiveIntegerField(
        default=1, db_default=1, help_text="how many rooms it counts"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "first", "second"], name="one_count_per_room_and_pair"
            ),
        ]
        indexes = [models.Index(fields=["first", "second"], name="co_play_by_pair")]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id} in {self.room_id}"


class RoomSuggestions(models.Model):
    """The suggestions that stand ready in a room, best first, as `discovery.suggestion` has them.

    `play_id` is the play for which they were found here, `asked_play_id` the one for which services
    were asked, too. `learned_to` is the last ended item that counts in `CoPlay`.
    """

    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, primary_key=True, related_name="suggestions"
    )
    items: models.JSONField[list[dict[str, Any]]] = models.JSONField(default=list)
    used: models.JSONField[list[str]] = models.JSONField(
        default=list, help_text="the links of the chain that have answered"
    )
    announced_at_ms = models.BigIntegerField(
        null=True, help_text="when the room was last told of other ones"
    )
    looked_at_ms = models.BigIntegerField(default=0, help_text="when somebody last looked at them")
    play_id = models.PositiveIntegerField(default=0)
    asked_play_id = models.PositiveIntegerField(default=0)
    learned_to = models.BigIntegerField(default=0)
    claimed_until_ms = models.BigIntegerField(default=0)
    asking_until_ms = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{len(self.items)} for {self.room_id}"


class Dismissal(models.Model):
    """A member does not want this recording suggested in this room."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=300, help_text="the recording, or the uri without one")
    dismissed_at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "key"], name="one_dismissal_per_member_and_recording"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} dismissed {self.key}"
