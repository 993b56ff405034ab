"""The queue of a room, what became of its entries, and the votes on them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext, gettext_lazy

from music.models.tracks import LIVE_MOST_MS, Track
from rooms import clock
from rooms.models import Member, Room

# So many tracks that people added wait at most in a room,
QUEUE_LENGTH = 500
# and so many rows of its shelf behind them, or a few more after an undo.
SHELF_ROWS = 4
MOST_WAITING = QUEUE_LENGTH + 2 * SHELF_ROWS
# What a device could not play is left alone in that room for this long.
WONT_PLAY_FOR_MS = 30 * 60 * 1000
# Why a track failed, where that is the file's own fault; a line may be better the next minute.
ITS_OWN_FAULT = ["decode", "missing"]


class ItemState(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Waiting")
    PLAYING = "playing", gettext_lazy("Playing")
    PLAYED = "played", gettext_lazy("Played")
    SKIPPED = "skipped", gettext_lazy("Skipped")
    FAILED = "failed", gettext_lazy("Failed")
    REMOVED = "removed", gettext_lazy("Removed")


OVER = [ItemState.PLAYED, ItemState.SKIPPED, ItemState.FAILED]


class QueueItemQuerySet(models.QuerySet["QueueItem"]):
    def waiting(self) -> QueueItemQuerySet:
        return self.filter(state=ItemState.WAITING)

    def asked_for(self) -> QueueItemQuerySet:
        """Items that somebody has added."""
        return self.filter(added_by__isnull=False)

    def of_shelf(self) -> QueueItemQuerySet:
        """Items that the room took from its shelf."""
        return self.filter(added_by__isnull=True, suggested_for__isnull=True)

    def suggested(self) -> QueueItemQuerySet:
        """Items that the room added by itself, from its suggestions."""
        return self.filter(added_by__isnull=True, suggested_for__isnull=False)

    def held_until(self, now_ms: int) -> QueueItemQuerySet:
        """Waiting items on which a held vote has waited long enough."""
        return self.waiting().filter(held_until_ms__lte=now_ms, room__state="live")

    def waiting_for(self, away: Collection[str]) -> QueueItemQuerySet:
        """Items whose tracks are of these sources and music folders."""
        return self.filter(Q(track__source__in=away) | Q(track__folder__in=away))

    def with_facts(self) -> QueueItemQuerySet:
        """Bring along what ordering and the wire need, in one query."""
        return self.select_related("track", "added_by")

    def of_recording(self, track: Track) -> QueueItemQuerySet:
        """Items of this recording in any spelling: the track's own first, then the earliest."""
        return self.filter(track__in=Track.objects.same_recording(track)).order_by(
            Case(When(track__uri=track.uri, then=0), default=1), "pk"
        )

    def asked_for_since(self, moment_ms: int) -> QueueItemQuerySet:
        """What somebody had asked for and was heard since then; what failed was not."""
        heard = self.asked_for().filter(started_at_ms__gt=moment_ms)
        return heard.exclude(state=ItemState.FAILED)

    def broken_since(self, moment_ms: int) -> QueueItemQuerySet:
        """What a device has tried since then and could not play, by the fault of the file."""
        return self.filter(
            state=ItemState.FAILED, cause__in=ITS_OWN_FAULT, ended_at_ms__gt=moment_ms
        )

    def set_aside_since(self, moment_ms: int) -> QueueItemQuerySet:
        """What somebody has taken out since then, or what could not be played, for any reason."""
        return self.filter(
            Q(state=ItemState.FAILED, ended_at_ms__gt=moment_ms)
            | Q(state=ItemState.REMOVED, removed_at_ms__gt=moment_ms)
        )

    def history(self) -> QueueItemQuerySet:
        """What has played, the latest first."""
        return self.filter(state__in=OVER).order_by("-ended_at_ms", "-pk")


class QueueItem(models.Model):
    """A track that somebody brought to a room, or the room itself, when `added_by` is empty.

    The room takes it from its shelf, or, where `suggested_for` says why, from its suggestions.

    `up` and `down` always equal the votes that count, `held` those that do not yet.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="queue")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="items")
    added_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.CASCADE, related_name="items"
    )
    # The same member's turns, without a column of its own: the way over `added_by` would join the
    # table of members too, and PostgreSQL takes 0.3 ms longer to plan that.
    requester_turns = models.ForeignObject(
        "music.Turns",
        null=True,
        editable=False,
        on_delete=models.DO_NOTHING,
        from_fields=["added_by"],
        to_fields=["member"],
        related_name="+",
    )
    length_ms = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="of this play, if not the track's: as its device found it, or as a rule set it",
    )
    state = models.CharField(
        gettext_lazy("state"), max_length=8, choices=ItemState, default=ItemState.WAITING
    )
    locked = models.BooleanField(default=False, help_text="fixed as the next track")
    up = models.PositiveIntegerField(gettext_lazy("up"), default=0)
    down = models.PositiveIntegerField(gettext_lazy("down"), default=0)
    held = models.PositiveIntegerField(
        gettext_lazy("held"), default=0, help_text=gettext_lazy("votes that do not count yet")
    )
    held_until_ms = models.BigIntegerField(null=True, blank=True, db_index=True)
    trusted = models.BooleanField(
        gettext_lazy("trusted"),
        default=False,
        help_text=gettext_lazy("the host lets all votes on it count"),
    )
    pinned_at_ms = models.BigIntegerField(null=True, blank=True)
    place = models.PositiveIntegerField(null=True, blank=True, help_text="in host order")
    floor_ms = models.BigIntegerField(
        default=0, help_text="the room's virtual time when it was added (music.ordering)"
    )
    added_at_ms = models.BigIntegerField(default=clock.now_ms)
    removed_at_ms = models.BigIntegerField(null=True, blank=True)
    removed_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at_ms = models.BigIntegerField(null=True, blank=True)
    ended_at_ms = models.BigIntegerField(null=True, blank=True)
    cause = models.CharField(
        max_length=20, blank=True, help_text="why it would not play, as its device says"
    )

    suggested_for: models.JSONField[dict[str, Any] | None] = models.JSONField(
        null=True, blank=True, help_text="why the room added it by itself: a code and its values"
    )
    failed_on = models.CharField(
        max_length=64, blank=True, help_text="the device that could not play it, told once"
    )

    objects = QueueItemQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("queue item")
        verbose_name_plural = gettext_lazy("queue items")
        constraints = [
            models.UniqueConstraint(
                fields=["room", "track"],
                condition=Q(state=ItemState.WAITING),
                name="a_track_waits_once",
            ),
            models.UniqueConstraint(
                fields=["room"], condition=Q(state=ItemState.PLAYING), name="one_track_plays"
            ),
            models.UniqueConstraint(
                fields=["room"],
                condition=Q(state=ItemState.WAITING, locked=True),
                name="one_track_is_next",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ItemState.values), name="item_state_is_known"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "state"], name="item_by_state"),
            models.Index(fields=["room", "-ended_at_ms"], name="item_by_end"),
            models.Index(fields=["room", "track", "-started_at_ms"], name="item_by_last_play"),
        ]

    def __str__(self) -> str:
        return gettext("{track} in {room}").format(track=self.track, room=self.room_id)

    @property
    def score(self) -> int:
        return self.up - self.down

    @property
    def duration_ms(self) -> int:
        """How long it sounds in this room, at most if it is live; its track must be at hand."""
        return self.length_ms or (LIVE_MOST_MS if self.track.live else self.track.duration_ms)

    @property
    def known_duration_ms(self) -> int | None:
        """The same; None for what plays live until somebody or something ends it."""
        return None if self.track.live and self.length_ms is None else self.duration_ms


class Vote(models.Model):
    """One member's vote on one item; no row is no vote. A held one does not count yet."""

    item = models.ForeignKey(QueueItem, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="votes")
    value = models.SmallIntegerField()
    held = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "member"], name="one_vote_per_member_and_item"),
            models.CheckConstraint(condition=Q(value__in=[-1, 1]), name="a_vote_is_up_or_down"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d}"


class SkipVote(models.Model):
    """One member who asks to skip an item that plays."""

    item = models.ForeignKey(QueueItem, on_delete=models.CASCADE, related_name="skip_votes")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="skip_votes")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "member"], name="one_skip_vote_per_member_and_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} asks to skip {self.item_id}"


class Turns(models.Model):
    """The turns of one member: how many tracks of theirs have started in the room.

    The row is written when their first track starts; without one, the member had no turn yet. A
    turn that is given back leaves the row with one less.
    """

    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, primary_key=True, related_name="turns"
    )
    plays = models.PositiveIntegerField(help_text="tracks of theirs that have started")
    played_at_ms = models.BigIntegerField(
        null=True, blank=True, help_text="when the last of them started"
    )
    finish_ms = models.BigIntegerField(
        null=True, blank=True, help_text="virtual finish of the last of them (music.ordering)"
    )

    def __str__(self) -> str:
        return f"{self.plays} of {self.member_id}"
