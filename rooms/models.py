"""A room, the people in it, and the receipts of requests that must not happen twice."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q

from rooms import clock
from rooms.codes import CODE_LENGTH, new_code, normalise_code
from rooms.roles import Act, Role, may, require
from rooms.rules import DEFAULT_PRESET, Rules, preset

if TYPE_CHECKING:
    from rooms.events import Event

NAME_LENGTH = 40
ROOM_NAME_LENGTH = 60

# A member counts as here this long after the last sign of life; open sockets give one every 15 s.
HERE_FOR_MS = 45_000
# Who was here within this time has a say in skipping.
ACTIVE_FOR_MS = 10 * 60 * 1000


class RoomState(models.TextChoices):
    LIVE = "live"
    ENDED = "ended"


class RoomQuerySet(models.QuerySet["Room"]):
    def live(self) -> RoomQuerySet:
        return self.filter(state=RoomState.LIVE)

    def named(self, code: str) -> RoomQuerySet:
        """Rooms that had this code, the present one first (ended ones may share it)."""
        return self.filter(code=normalise_code(code)).order_by("-pk")

    def ended_before(self, moment_ms: int) -> RoomQuerySet:
        return self.filter(state=RoomState.ENDED, ended_at_ms__lt=moment_ms)


class Room(models.Model):
    """One jukebox: a queue, a playback, and the people around it.

    The row is also the lock: whoever changes anything in the room holds it (`rooms.publish`).
    `revision` counts the published changes.
    """

    code = models.CharField(max_length=CODE_LENGTH, default=new_code)
    name = models.CharField(max_length=ROOM_NAME_LENGTH)
    state = models.CharField(max_length=8, choices=RoomState, default=RoomState.LIVE)
    preset = models.CharField(max_length=12, default=DEFAULT_PRESET)
    own_rules = models.JSONField(
        default=dict, blank=True, help_text="the rules that differ from the preset"
    )
    revision = models.BigIntegerField(default=0)
    created_at_ms = models.BigIntegerField(default=clock.now_ms)
    ended_at_ms = models.BigIntegerField(null=True, blank=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(state=RoomState.LIVE), name="one_live_room_per_code"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RoomState.values), name="room_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["code"], name="room_by_code")]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What has happened to the room since it was locked; see `rooms.publish`.
        self.unpublished: list[Event] = []

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def is_live(self) -> bool:
        return self.state == RoomState.LIVE

    def host_id(self) -> int | None:
        """The id of the member who hosts it."""
        return self.members.filter(role=Role.HOST).values_list("pk", flat=True).first()

    @property
    def rules(self) -> Rules:
        """What holds in this room."""
        return preset(self.preset).rules.with_changes(self.own_rules)


class MemberQuerySet(models.QuerySet["Member"]):
    def arrived(self) -> MemberQuerySet:
        """Members who have opened the room or acted in it; nobody is told of the others."""
        return self.filter(seen_at_ms__isnull=False)

    def not_arrived(self) -> MemberQuerySet:
        """Members who have only joined: they weigh nothing, and are deleted after an hour."""
        return self.filter(seen_at_ms__isnull=True)

    def active(self, now_ms: int) -> MemberQuerySet:
        """Members who were here within the last `ACTIVE_FOR_MS`."""
        return self.filter(seen_at_ms__gt=now_ms - ACTIVE_FOR_MS, banned=False)

    def present(self, now_ms: int) -> MemberQuerySet:
        """Members who gave a sign of life within the last `HERE_FOR_MS`."""
        return self.filter(seen_at_ms__gt=now_ms - HERE_FOR_MS, banned=False)

    def in_room(self, code: str) -> MemberQuerySet:
        """Members of the room with this code, the present room first."""
        return (
            self.select_related("room").filter(room__code=normalise_code(code)).order_by("-room_id")
        )


class Member(models.Model):
    """A guest in one room. `guest` is the person's secret identity in the signed cookie."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    guest = models.UUIDField()
    name = models.CharField(max_length=NAME_LENGTH)
    named = models.BooleanField(default=False, help_text="chose the name, rather than was given it")
    role = models.CharField(max_length=8, choices=Role, default=Role.LISTENER)
    muted = models.BooleanField(default=False)
    banned = models.BooleanField(default=False)
    along = models.BooleanField(default=False, help_text="hears the music on a device of their own")
    plays = models.PositiveIntegerField(
        default=0, help_text="tracks of theirs that have started here"
    )
    played_at_ms = models.BigIntegerField(
        null=True, blank=True, help_text="when the last of them started"
    )
    finish_ms = models.BigIntegerField(
        null=True, blank=True, help_text="virtual finish of the last of them (music.ordering)"
    )
    origin = models.CharField(
        max_length=16, blank=True, help_text="keyed hash of the address they joined from"
    )
    joined_at_ms = models.BigIntegerField(default=clock.now_ms)
    # The last sign of life; null until they arrive.
    seen_at_ms = models.BigIntegerField(null=True, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "guest"], name="one_membership_per_guest"),
            models.UniqueConstraint(
                fields=["room"], condition=Q(role=Role.HOST), name="one_host_per_room"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]
        indexes = [
            models.Index(fields=["guest"], name="member_by_guest"),
            models.Index(fields=["room", "seen_at_ms"], name="member_by_presence"),
        ]

    def __str__(self) -> str:
        return self.name

    def may(self, act: Act) -> bool:
        """Whether this member may do that, by role and by the rules of the room."""
        return may(self.role, act, muted=self.muted, rules=self.room.rules)

    def require(self, act: Act) -> None:
        """Raise `Muted` or `NotAllowed` unless this member may do that."""
        require(self.role, act, muted=self.muted, rules=self.room.rules)

    @property
    def has_arrived(self) -> bool:
        """Whether they have opened the room or acted in it, and not only joined."""
        return self.seen_at_ms is not None

    def is_here(self, now_ms: int) -> bool:
        return (
            not self.banned
            and self.seen_at_ms is not None
            and self.seen_at_ms > now_ms - HERE_FOR_MS
        )


class ClockOffset(models.Model):
    """What the time of BeatSync is ahead of its reference clock: one row, for all processes.

    Nothing but `rooms.clock_sync` moves it.
    """

    offset_ms = models.BigIntegerField(default=0)
    last_seen_ms = models.BigIntegerField(default=0, help_text="a moment at which a process ran")

    def __str__(self) -> str:
        return f"{self.offset_ms:+} ms"


class Receipt(models.Model):
    """The first answer to a POST that carried an `Idempotency-Key`, kept for a day."""

    guest = models.UUIDField()
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64, help_text="SHA-256 of method, path and body")
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    created_at_ms = models.BigIntegerField(default=clock.now_ms, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["guest", "key"], name="one_receipt_per_key"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.status}"


def new_guest() -> uuid.UUID:
    """A fresh identity for somebody without one."""
    return uuid.uuid4()
