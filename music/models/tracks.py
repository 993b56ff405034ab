"""Tracks, and the files of the library behind some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db import models
from django.db.models import Q

from music.recordings import KEY_LENGTH, artist_key, isrc_of, recording_key
from rooms import clock
from rooms.models import Room

# What plays live has no length. For turns and the last track before closing time it counts as this,
LIVE_TURN_MS = 4 * 60_000
# and it plays for this long at most, if nothing else ends it.
LIVE_MOST_MS = 24 * 60 * 60_000
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
    duration_ms = models.PositiveIntegerField(
        help_text="how long it sounds; of what plays live, how much of a turn it is"
    )
    live = models.BooleanField(
        default=False, db_default=False, help_text="plays until it is ended: a radio station"
    )
    explicit = models.BooleanField(default=False)
    link = models.URLField(blank=True, help_text="the track's page at its source")
    folder = models.CharField(
        max_length=20, blank=True, help_text="key of the music folder or station that it needs"
    )
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


class PlaylistShelf(models.Model):
    """The playlist that a host has chosen as a room's shelf, as it was then; goes with the room.

    `title` is the playlist's; where we have named it, `code` is of `music.titles`.
    """

    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, primary_key=True, related_name="playlist_shelf"
    )
    source = models.CharField(max_length=20)
    title = models.CharField(max_length=100)
    code = models.CharField(max_length=16, blank=True, db_default="", default="")
    tracks: models.ManyToManyField[Track, Any] = models.ManyToManyField(
        Track, related_name="playlist_shelves"
    )

    def __str__(self) -> str:
        return self.title


class LibraryFile(models.Model):
    """One audio file below a music folder: what the last scan saw of it.

    `error` is a code of `music.sources.library.unreadable`, empty for a file that plays.
    """

    path = models.TextField(unique=True, help_text="absolute, links resolved")
    root = models.TextField(help_text="the music folder it was found under")
    size = models.BigIntegerField()
    modified_ns = models.BigIntegerField()
    track = models.OneToOneField(
        Track, null=True, blank=True, on_delete=models.SET_NULL, related_name="file"
    )
    error = models.CharField(max_length=300, blank=True, help_text="why it cannot be played")
    read_version = models.PositiveSmallIntegerField(
        default=0, help_text="of our reading; another one reads the file again, 0: at the next scan"
    )
    scanned_at_ms = models.BigIntegerField(default=clock.now_ms)
    genres: models.JSONField[list[str]] = models.JSONField(
        default=list, help_text="as tagged, in lower case"
    )
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    tempo = models.PositiveSmallIntegerField(null=True, blank=True, help_text="beats a minute")
    key = models.CharField(max_length=3, blank=True, help_text="musical key, such as F#m")
    mbid = models.CharField(
        max_length=36, blank=True, help_text="id of the recording at MusicBrainz"
    )

    class Meta:
        indexes = [models.Index(fields=["root"], name="library_file_by_root")]

    def __str__(self) -> str:
        return self.path


class LibraryRevision(models.Model):
    """One row: a number that grows whenever a scan has changed the tracks of the library.

    What a process keeps of the library in memory is as good as its number.
    """

    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="library_has_one_revision"),
        ]

    def __str__(self) -> str:
        return str(self.number)
