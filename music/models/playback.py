"""What plays in a room, and the one device that makes its sound."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from music.models.queue import QueueItem
from rooms.models import Member, Room

# For how long a speaker holds its place after it was last heard of: it reports every 1.5 s while
# something plays, and is missed within 5 s …
LEASE_MS = 4_000
# … else every 5 s, though a browser gives a silent tab in the background one timer a minute.
QUIET_LEASE_MS = 150_000
# A quiet device that has missed three of its reports may be a tab that was closed: another one of
# the same member's need not ask it. Unless one comes, it keeps its place.
MAY_BE_CLOSED_AFTER_MS = 15_000
# When the music begins again, a device that has gone to sleep meanwhile is found out within this.
GRACE_MS = 5_000


class PlaybackState(models.TextChoices):
    IDLE = "idle", gettext_lazy("Idle")
    PLAYING = "playing", gettext_lazy("Playing")
    PAUSED = "paused", gettext_lazy("Paused")


class Halt(models.TextChoices):
    """Why the music waits, although nobody paused it."""

    SPEAKER = "speaker"  # no device makes the sound; it goes on when one does
    DEVICE = "device"  # the speaker can play nothing; somebody or another device has to help
    FAILURES = "failures"  # several tracks in a row would not play; somebody has to look


class PlaybackQuerySet(models.QuerySet["Playback"]):
    def of(self, room: Room) -> Playback:
        """The playback of a room, with its track; a blank, unsaved one where nothing has played."""
        return self.select_related("item__track").filter(room=room).first() or Playback(room=room)

    def due(self, now_ms: int) -> PlaybackQuerySet:
        """Playbacks of live rooms that the conductor must look at now."""
        return self.filter(wake_at_ms__lte=now_ms, room__state="live").order_by("wake_at_ms")

    def running(self, now_ms: int) -> PlaybackQuerySet:
        """Playbacks of live rooms in which something plays, or a device holds the sound."""
        plays = Q(state=PlaybackState.PLAYING) | Q(speaker_until_ms__gt=now_ms)
        return self.filter(plays, room__state="live")

    def lapsed(self, now_ms: int) -> PlaybackQuerySet:
        """Playbacks of live rooms whose speaker has not been heard of in time."""
        return self.filter(speaker_until_ms__lte=now_ms, room__state="live")


class Playback(models.Model):
    """What plays in a room and since when. The server's clock is the truth.

    playing: position = now − `starts_at_ms` (which may lie a moment ahead), over at `ends_at_ms`;
    paused: position = `position_ms`; idle: no item. `play_id` changes with every start, and guards
    against acting on a track that has just changed. `wake_at_ms` is when the conductor has to act.

    The speaker's place is a lease until `speaker_until_ms`. Its reports prolong that without the
    room's lock, so this row is locked as well by whoever changes it (`playback_of`).
    """

    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, primary_key=True, related_name="playback"
    )
    play_id = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=PlaybackState, default=PlaybackState.IDLE)
    item = models.ForeignKey(
        QueueItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    starts_at_ms = models.BigIntegerField(null=True, blank=True)
    position_ms = models.PositiveIntegerField(default=0)
    cue = models.PositiveIntegerField(
        default=0,
        help_text="how often it was started, moved or stopped; devices are told",
    )
    ends_at_ms = models.BigIntegerField(null=True, blank=True)
    wake_at_ms = models.BigIntegerField(null=True, blank=True, db_index=True)
    shelf = models.CharField(max_length=40, blank=True, default="house")
    live_title = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="what the station that plays says it has on",
    )
    skip_asked = models.PositiveIntegerField(default=0)
    skip_needed = models.PositiveIntegerField(default=2)
    virtual_ms = models.BigIntegerField(
        default=0, help_text="the room's virtual time (music.ordering)"
    )
    was_virtual_ms = models.BigIntegerField(
        default=0, help_text="before what plays began: given back if it would not play, …"
    )
    was_finish_ms = models.BigIntegerField(
        null=True, blank=True, help_text="… with the virtual finish of its requester …"
    )
    was_played_at_ms = models.BigIntegerField(
        null=True, blank=True, help_text="… and when a track of theirs had started"
    )
    run_artist = models.CharField(max_length=300, blank=True, help_text="who plays now …")
    run_length = models.PositiveIntegerField(default=0, help_text="… and how many in a row")
    speaker = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    speaker_device = models.CharField(max_length=64, blank=True)
    speaker_name = models.CharField(max_length=60, blank=True)
    speaker_until_ms = models.BigIntegerField(null=True, blank=True, db_index=True)
    heard_at_ms = models.BigIntegerField(
        null=True, blank=True, help_text="when the speaker was last heard of"
    )
    stalled = models.BooleanField(default=False, help_text="by what the speaker says of this play")
    out_of_step = models.BooleanField(default=False, help_text="by its last report")
    lost_member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    lost_name = models.CharField(
        max_length=60, blank=True, help_text="the speaker whose lease lapsed last"
    )
    lost_at_ms = models.BigIntegerField(
        null=True, blank=True, help_text="when it did, if no device has claimed the sound since"
    )
    failures = models.PositiveSmallIntegerField(
        default=0, help_text="tracks in a row that would not play"
    )
    halt = models.CharField(max_length=8, choices=Halt, blank=True)
    halt_at_ms = models.BigIntegerField(null=True, blank=True)

    objects = PlaybackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state=PlaybackState.IDLE, item__isnull=True)
                | Q(state=PlaybackState.PAUSED, item__isnull=False)
                | Q(
                    state=PlaybackState.PLAYING,
                    item__isnull=False,
                    starts_at_ms__isnull=False,
                    ends_at_ms__isnull=False,
                ),
                name="playback_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(halt="") | (Q(halt__in=Halt.values) & ~Q(state=PlaybackState.PLAYING)),
                name="what_is_halted_does_not_play",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.play_id}"

    def position_at(self, now_ms: int) -> int:
        """Where the track is at a moment, in milliseconds from its beginning (0 when idle)."""
        if self.state == PlaybackState.PLAYING and self.starts_at_ms is not None:
            return max(0, now_ms - self.starts_at_ms)
        return self.position_ms

    @property
    def awaits_first_speaker(self) -> bool:
        """Nothing has ever played here, and no device makes the sound: nothing begins by itself."""
        return self.play_id == 0 and self.speaker_id is None

    @property
    def lease_ms(self) -> int:
        """How long after a sign of life the speaker's place is held as things are."""
        return LEASE_MS if self.state == PlaybackState.PLAYING else QUIET_LEASE_MS
