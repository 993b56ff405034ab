"""Tracks, the queue with its votes, and what plays."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Case, Q, When

from music.recordings import KEY_LENGTH, artist_key, isrc_of, recording_key
from rooms import clock
from rooms.models import Member, Room

QUEUE_LENGTH = 500
# What a device could not play is left alone in that room for this long.
WONT_PLAY_FOR_MS = 30 * 60 * 1000
# Why a track failed, where that is the file's own fault; a line may be better the next minute.
ITS_OWN_FAULT = ["decode", "missing"]

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
# For each of some tracks, by uri, the ids of all saved ones that are the same recording. Its own is
# among them, if it has one: what a search has found is saved only when somebody adds it.
Alike = dict[str, list[int]]


class TrackQuerySet(models.QuerySet["Track"]):
    def same_recording(self, track: Track) -> TrackQuerySet:
        """The track itself, and what is the same recording in another source or spelling."""
        same = Q(uri=track.uri)
        if track.recording:
            same |= Q(recording=track.recording)
        if track.isrc:
            same |= Q(isrc=track.isrc)
        return self.filter(same)

    def alike(self, tracks: Collection[Track]) -> Alike:
        """Which tracks are the same recordings as these, in one query."""
        recordings = {track.recording for track in tracks if track.recording}
        isrcs = {track.isrc for track in tracks if track.isrc}
        wanted = Q(uri__in=[track.uri for track in tracks])
        found = self.filter(wanted | Q(recording__in=recordings) | Q(isrc__in=isrcs))
        known = list(found.values_list("pk", "uri", "recording", "isrc"))
        return {
            track.uri: [
                pk
                for pk, uri, recording, isrc in known
                if uri == track.uri
                or (recording and recording == track.recording)
                or (isrc and isrc == track.isrc)
            ]
            for track in tracks
        }

    def bulk_create(self, objs: Iterable[Track], *args: Any, **options: Any) -> list[Track]:
        """As Django's, and with their keys."""
        tracks = list(objs)
        for track in tracks:
            track.identify()
        return super().bulk_create(tracks, *args, **options)


class Track(models.Model):
    """A recording in one source, as last seen there. `uri` is its name: `library:…`.

    `recording` and `artist` follow title and artists whenever a track is saved; only a queryset's
    `update` passes them by. Empty ones, like an empty `isrc`, are equal to nothing.
    """

    uri = models.CharField(max_length=200, unique=True)
    source = models.CharField(max_length=20)
    title = models.CharField(max_length=300)
    artists: models.JSONField[list[str]] = models.JSONField(default=list)
    album = models.CharField(max_length=300, blank=True)
    duration_ms = models.PositiveIntegerField()
    explicit = models.BooleanField(default=False)
    link = models.URLField(blank=True, help_text="the track's page at its source")
    cover = models.CharField(max_length=200, blank=True, help_text="address of the picture")
    audio = models.CharField(max_length=200, blank=True, help_text="address of the sound")
    gain_db = models.FloatField(default=0, help_text="ReplayGain track gain, 0 when unknown")
    sought = models.TextField(blank=True, help_text="what a search looks through, normalised")
    available = models.BooleanField(default=True)
    recording = models.CharField(
        max_length=KEY_LENGTH, blank=True, db_index=True, help_text="artist and title, normalised"
    )
    artist = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="the first artist, normalised"
    )
    isrc = models.CharField(max_length=12, blank=True, db_index=True)

    objects = TrackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(duration_ms__gt=0), name="track_has_a_duration"),
        ]

    def __str__(self) -> str:
        return f"{self.title}, {', '.join(self.artists)}"

    def save(self, *args: Any, **options: Any) -> None:
        fields = options.get("update_fields")
        if fields is None:
            self.identify()
        elif {"title", "artists", "isrc"} & set(fields):
            self.identify()
            options["update_fields"] = {*fields, "recording", "artist"}
        super().save(*args, **options)

    def identify(self) -> None:
        """Set the keys that its other spellings have too."""
        self.recording = recording_key(self.artists, self.title)
        self.artist = artist_key(self.artists)
        self.isrc = isrc_of(self.isrc)


class LibraryFile(models.Model):
    """One audio file below a music folder: what the last scan saw of it."""

    path = models.TextField(unique=True, help_text="absolute, links resolved")
    root = models.TextField(help_text="the music folder it was found under")
    size = models.BigIntegerField()
    modified_ns = models.BigIntegerField()
    track = models.OneToOneField(
        Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="file"
    )
    error = models.CharField(max_length=300, blank=True, help_text="why it cannot be played")
    scanned_at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        indexes = [models.Index(fields=["root"], name="library_file_by_root")]

    def __str__(self) -> str:
        return self.path


class ItemState(models.TextChoices):
    WAITING = "waiting"
    PLAYING = "playing"
    PLAYED = "played"
    SKIPPED = "skipped"
    FAILED = "failed"
    REMOVED = "removed"


OVER = [ItemState.PLAYED, ItemState.SKIPPED, ItemState.FAILED]


class QueueItemQuerySet(models.QuerySet["QueueItem"]):
    def waiting(self) -> QueueItemQuerySet:
        return self.filter(state=ItemState.WAITING)

    def held_until(self, now_ms: int) -> QueueItemQuerySet:
        """Waiting items on which a held vote has waited long enough."""
        return self.waiting().filter(held_until_ms__lte=now_ms, room__state="live")

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
        asked = self.filter(added_by__isnull=False, started_at_ms__gt=moment_ms)
        return asked.exclude(state=ItemState.FAILED)

    def broken_since(self, moment_ms: int) -> QueueItemQuerySet:
        """What a device has tried since then and could not play, by the fault of the file."""
        return self.filter(
            state=ItemState.FAILED, cause__in=ITS_OWN_FAULT, ended_at_ms__gt=moment_ms
        )

    def history(self) -> QueueItemQuerySet:
        """What has played, the latest first."""
        return self.filter(state__in=OVER).order_by("-ended_at_ms", "-pk")


class QueueItem(models.Model):
    """A track that somebody (or the shelf, when `added_by` is empty) brought to a room.

    `up` and `down` always equal the votes that count, `held` those that do not yet.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="queue")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="items")
    added_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.CASCADE, related_name="items"
    )
    state = models.CharField(max_length=8, choices=ItemState, default=ItemState.WAITING)
    locked = models.BooleanField(default=False, help_text="fixed as the next track")
    up = models.PositiveIntegerField(default=0)
    down = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0, help_text="votes that do not count yet")
    held_until_ms = models.BigIntegerField(null=True, blank=True, db_index=True)
    trusted = models.BooleanField(default=False, help_text="the host lets all votes on it count")
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

    objects = QueueItemQuerySet.as_manager()

    class Meta:
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
        return f"{self.track} in {self.room_id}"

    @property
    def score(self) -> int:
        return self.up - self.down


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


class PlaybackState(models.TextChoices):
    IDLE = "idle"
    PLAYING = "playing"
    PAUSED = "paused"


class Halt(models.TextChoices):
    """Why the music waits, although nobody paused it."""

    SPEAKER = "speaker"  # its device has gone; it goes on when one has the sound again
    FAILURES = "failures"  # several tracks in a row would not play; somebody has to look


class PlaybackQuerySet(models.QuerySet["Playback"]):
    def of(self, room: Room) -> Playback:
        """The playback of a room, with its track; a blank, unsaved one where nothing has played."""
        return self.select_related("item__track").filter(room=room).first() or Playback(room=room)

    def due(self, now_ms: int) -> PlaybackQuerySet:
        """Playbacks of live rooms that the conductor must look at now."""
        return self.filter(wake_at_ms__lte=now_ms, room__state="live").order_by("wake_at_ms")

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
    def lease_ms(self) -> int:
        """How long after a sign of life the speaker's place is held as things are."""
        return LEASE_MS if self.state == PlaybackState.PLAYING else QUIET_LEASE_MS


class SourceState(models.TextChoices):
    """How a source is in a room."""

    AVAILABLE = "available"
    DEGRADED = "degraded"  # what waits of it plays; looking for more is limited
    AWAY = "away"  # what waits of it goes on waiting


class RoomSourceQuerySet(models.QuerySet["RoomSource"]):
    def of(self, room: Room) -> RoomSourceQuerySet:
        """Those of a room, in the order in which they came."""
        return self.filter(room=room).order_by("pk")

    def states(self) -> dict[str, str]:
        """How each of them is, by name."""
        return dict(self.values_list("name", "state"))

    def away(self) -> list[str]:
        """The names of those that cannot play now."""
        return list(self.filter(state=SourceState.AWAY).values_list("name", flat=True))


class RoomSource(models.Model):
    """A source that a room has beside the library, how it is there, and where it sounds.

    `cause` is the code of what is in the way, `until_ms` the moment (UTC) at which that ends by
    itself, if it is known.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=20)
    state = models.CharField(max_length=9, choices=SourceState, default=SourceState.AVAILABLE)
    cause = models.CharField(max_length=24, blank=True)
    until_ms = models.BigIntegerField(null=True, blank=True)
    at_ms = models.BigIntegerField(default=clock.now_ms, help_text="since when it is so")
    output = models.CharField(max_length=100, blank=True, help_text="the device that sounds")

    objects = RoomSourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "name"], name="a_room_has_a_source_once"),
            models.CheckConstraint(
                condition=Q(state__in=SourceState.values), name="source_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} is {self.state}"


class Hearing(models.Model):
    """When a web process could last hear what speakers report: one row, written by all of them."""

    at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"heard at {self.at_ms}"


class IncidentKind(models.TextChoices):
    SPEAKER_LOST = "speaker_lost"
    SPEAKER_BACK = "speaker_back"
    STALLED = "stalled"
    RECOVERED = "recovered"
    WOULD_NOT_PLAY = "would_not_play"
    SLEPT = "slept"
    SUSPENDED = "suspended"
    THREE_FAILED = "three_failed"
    SOURCE_AWAY = "source_away"
    SOURCE_BACK = "source_back"


class Incident(models.Model):
    """Something that stood in the way of the sound, as it is told to people.

    `title` and `device` are copies: what happened stays true when track or device have other names.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="incidents")
    at_ms = models.BigIntegerField(default=clock.now_ms)
    kind = models.CharField(max_length=14, choices=IncidentKind)
    cause = models.CharField(max_length=20, blank=True)
    item = models.ForeignKey(
        QueueItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(max_length=300, blank=True)
    device = models.CharField(max_length=60, blank=True)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    says = models.TextField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=IncidentKind.values), name="incident_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.says


class Device(models.Model):
    """A device of a member that sounds or listens along: how well it keeps step, by its own word.

    Milliseconds: `offset_ms` is how far its sound is ahead of the room, `corrected_ms` its last
    correction by a jump (None: there was none).
    """

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="devices")
    device = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    along = models.BooleanField(default=False)
    mode = models.CharField(max_length=7)
    offset_ms = models.IntegerField()
    jitter_ms = models.IntegerField()
    uncertainty_ms = models.IntegerField()
    corrected_ms = models.IntegerField(null=True, blank=True)
    seen_at_ms = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "device"], name="one_row_per_device"),
        ]

    def __str__(self) -> str:
        return self.name
