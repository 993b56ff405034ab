"""What the sound of a room depends on: its sources and devices, and what stood in the way."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from music.models.queue import QueueItem
from rooms import clock
from rooms.models import Member, Room


class SourceState(models.TextChoices):
    """How a source is in a room."""

    AVAILABLE = "available", gettext_lazy("available")
    DEGRADED = (
        "degraded",
        gettext_lazy("degraded"),
    )  # what waits of it plays; looking for more is limited
    AWAY = "away", gettext_lazy("away")  # what waits of it goes on waiting


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

    A music folder of the library has a row, under its key, while it cannot be reached. `cause` is
    the code of what is in the way, `until_ms` the moment (UTC) at which that ends by itself, if it
    is known.
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
    SPEAKER_LOST = "speaker_lost", gettext_lazy("Speaker Lost")
    SPEAKER_BACK = "speaker_back", gettext_lazy("Speaker Back")
    STALLED = "stalled", gettext_lazy("Stalled")
    RECOVERED = "recovered", gettext_lazy("Recovered")
    WOULD_NOT_PLAY = "would_not_play", gettext_lazy("Would Not Play")
    SLEPT = "slept", gettext_lazy("Slept")
    SUSPENDED = "suspended", gettext_lazy("Suspended")
    THREE_FAILED = "three_failed", gettext_lazy("Three Failed")
    SOURCE_AWAY = "source_away", gettext_lazy("Source Away")
    SOURCE_BACK = "source_back", gettext_lazy("Source Back")


class Incident(models.Model):
    """Something that stood in the way of the sound, as it is told to people.

    `code` and `values` are a sentence of `music.incident_words`. `says` is the same in English:
    for the last release, which reads nothing else, and the only words of a row without a code.
    `title` and `device` are copies: what happened stays true when track or device have other names.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="incidents")
    at_ms = models.BigIntegerField(default=clock.now_ms)
    kind = models.CharField(gettext_lazy("kind"), max_length=14, choices=IncidentKind)
    cause = models.CharField(max_length=24, blank=True)
    item = models.ForeignKey(
        QueueItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    title = models.CharField(gettext_lazy("title"), max_length=300, blank=True)
    device = models.CharField(gettext_lazy("device"), max_length=60, blank=True)
    member = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    code = models.CharField(max_length=40, blank=True, db_default="", default="")
    values = models.JSONField(blank=True, db_default={}, default=dict)
    says = models.TextField()

    class Meta:
        verbose_name = gettext_lazy("incident")
        verbose_name_plural = gettext_lazy("incidents")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=IncidentKind.values), name="incident_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.says or self.code


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
