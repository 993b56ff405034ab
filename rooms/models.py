"""A room, the people in it, and the receipts of requests that must not happen twice."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from rooms import clock
from rooms.codes import CODE_LENGTH, new_code, normalise_code
from rooms.errors import Banned, Muted
from rooms.roles import Act, Role, may, require
from rooms.rules import DEFAULT_PRESET, RoomRules, read_rules

NAME_LENGTH = 40
ROOM_NAME_LENGTH = 60
WHY_LENGTH = 140

# A member counts as here this long after the last sign of life; open sockets give one every 7 s. So
# 28 s after a process has died the others have told that its members are gone (`rooms.presence`).
HERE_FOR_MS = 20_000
# Who was here until a minute ago still counts among those here in votes of the room: a phone that
# sleeps for a moment does not move what such a vote takes, and who has gone does not for long.
ACTIVE_FOR_MS = HERE_FOR_MS + 60_000


# From the host's last sign of life until a co-host has the host's powers: 2 min away.
HOST_AWAY_AFTER_MS = HERE_FOR_MS + 2 * 60_000


class RoomState(models.TextChoices):
    LIVE = "live", gettext_lazy("Live")
    ENDED = "ended", gettext_lazy("Ended")


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

    The row is also the lock: an action that changes anything in the room holds it
    (`rooms.changes`). `revision` counts the published events; `part_revisions` says at which of
    them each part of the room last changed (`rooms.parts`).
    """

    code = models.CharField(gettext_lazy("code"), max_length=CODE_LENGTH, default=new_code)
    name = models.CharField(gettext_lazy("name"), max_length=ROOM_NAME_LENGTH)
    state = models.CharField(
        gettext_lazy("state"), max_length=8, choices=RoomState, default=RoomState.LIVE
    )
    preset = models.CharField(max_length=12, default=DEFAULT_PRESET)
    own_rules = models.JSONField(
        default=dict, blank=True, help_text="the rules that differ from the preset"
    )
    revision = models.BigIntegerField(default=0)
    part_revisions = models.JSONField(default=dict, blank=True)
    created_at_ms = models.BigIntegerField(default=clock.now_ms)
    ended_at_ms = models.BigIntegerField(null=True, blank=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("room")
        verbose_name_plural = gettext_lazy("rooms")
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(state=RoomState.LIVE), name="one_live_room_per_code"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RoomState.values), name="room_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["code"], name="room_by_code")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    @property
    def is_live(self) -> bool:
        return self.state == RoomState.LIVE

    def host_id(self) -> int | None:
        """The id of the member who hosts it."""
        return self.members.filter(role=Role.HOST).values_list("pk", flat=True).first()

    @property
    def rules(self) -> RoomRules:
        """What holds in this room."""
        return read_rules(self.preset, self.own_rules)


class MemberQuerySet(models.QuerySet["Member"]):
    def arrived(self) -> MemberQuerySet:
        """Members who have opened the room or acted in it; nobody is told of the others."""
        return self.filter(seen_at_ms__isnull=False)

    def not_arrived(self) -> MemberQuerySet:
        """Members who have only joined: they weigh nothing, and are deleted after an hour."""
        return self.filter(seen_at_ms__isnull=True)

    def inside(self) -> MemberQuerySet:
        """Members who have neither left the room for good nor been removed."""
        return self.filter(banned=False, left=False)

    def active(self, now_ms: int) -> MemberQuerySet:
        """Members who are here, or were until a minute ago."""
        return self.inside().filter(seen_at_ms__gt=now_ms - ACTIVE_FOR_MS)

    def present(self, now_ms: int) -> MemberQuerySet:
        """Members who gave a sign of life within the last `HERE_FOR_MS`."""
        return self.inside().filter(seen_at_ms__gt=now_ms - HERE_FOR_MS)

    def in_room(self, code: str) -> MemberQuerySet:
        """Members of the room with this code, the present room first."""
        return (
            self.select_related("room").filter(room__code=normalise_code(code)).order_by("-room_id")
        )


class Member(models.Model):
    """A guest in one room. `guest` is the person's secret identity in the signed cookie."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="members")
    guest = models.UUIDField()
    name = models.CharField(gettext_lazy("name"), max_length=NAME_LENGTH)
    named = models.BooleanField(default=False, help_text="chose the name, rather than was given it")
    role = models.CharField(gettext_lazy("role"), max_length=8, choices=Role, default=Role.LISTENER)
    cohost_since_ms = models.BigIntegerField(null=True, blank=True)
    acting = models.BooleanField(default=False, help_text="has the powers of a host who is away")
    muted = models.BooleanField(gettext_lazy("muted"), default=False)
    banned = models.BooleanField(gettext_lazy("banned"), default=False)
    left = models.BooleanField(
        gettext_lazy("left"),
        default=False,
        help_text=gettext_lazy("left for good; joins again by the link"),
    )
    origin = models.CharField(
        max_length=16, blank=True, help_text="keyed hash of the address they joined from"
    )
    joined_at_ms = models.BigIntegerField(default=clock.now_ms)
    # The last sign of life; null until they arrive.
    seen_at_ms = models.BigIntegerField(null=True, blank=True)
    screen_at_ms = models.BigIntegerField(
        null=True, blank=True, help_text="the last sign of life of a TV on which they show the room"
    )

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("member")
        verbose_name_plural = gettext_lazy("members")
        constraints = [
            models.UniqueConstraint(fields=["room", "guest"], name="one_membership_per_guest"),
            models.UniqueConstraint(
                fields=["room"], condition=Q(role=Role.HOST), name="one_host_per_room"
            ),
            models.UniqueConstraint(
                fields=["room"], condition=Q(acting=True), name="one_acting_host_per_room"
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="role_is_known"),
        ]
        indexes = [
            models.Index(fields=["guest"], name="member_by_guest"),
            models.Index(fields=["room", "seen_at_ms"], name="member_by_presence"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def powers(self) -> Role:
        """The role by whose rights they act: the host's for who stands in."""
        return Role.HOST if self.acting else Role(self.role)

    @property
    def is_inside(self) -> bool:
        """Whether they have neither left the room for good nor been removed."""
        return not (self.banned or self.left)

    def may(self, act: Act) -> bool:
        """Whether this member may do that, by role and by the rules of the room."""
        return may(self.powers, act, muted=self.muted, rules=self.room.rules)

    def require(self, act: Act) -> None:
        """Raise `Muted` or `NotAllowed` unless this member may do that."""
        try:
            require(self.powers, act, muted=self.muted, rules=self.room.rules)
        except Muted as refusal:
            mute = self.restrictions.filter(kind=RestrictionKind.MUTE).first()
            if mute is None:
                raise
            raise refusal.because(mute.why, until_ms=mute.until_ms) from None

    def ban_refusal(self) -> Banned:
        """What this member reads who was removed: by whom, why, and until when; one query."""
        bans = self.restrictions.select_related("by").filter(kind=RestrictionKind.BAN)
        ban = bans.first()
        if ban is None:
            return Banned()
        if ban.by:
            refusal = Banned(
                _("{by} removed you from this room."), detail="banned_by", by=ban.by.name
            )
        elif ban.by_site:
            refusal = Banned(_("The site removed you from this room."), detail="banned_by_site")
        else:
            refusal = Banned()
        return refusal.because(ban.why, until_ms=ban.until_ms)

    @property
    def has_arrived(self) -> bool:
        """Whether they have opened the room or acted in it, and not only joined."""
        return self.seen_at_ms is not None


class RestrictionKind(models.TextChoices):
    MUTE = "mute", gettext_lazy("Mute")
    BAN = "ban", gettext_lazy("Ban")


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def over(self, now_ms: int) -> RestrictionQuerySet:
        """Restrictions whose time is up, in live rooms."""
        return self.filter(until_ms__lte=now_ms, room__state=RoomState.LIVE)

    def meeting_newcomers(self, origin: str) -> RestrictionQuerySet:
        """Bans that let nobody new in from this origin."""
        return self.filter(kind=RestrictionKind.BAN, origin=origin).exclude(origin="")


class Restriction(models.Model):
    """A mute or a ban of one member that holds now; deleted when it is lifted.

    `Member.muted` and `Member.banned` say the same, for all who only ask whether.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="restrictions")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="restrictions")
    kind = models.CharField(gettext_lazy("kind"), max_length=4, choices=RestrictionKind)
    why = models.CharField(
        gettext_lazy("why"),
        max_length=WHY_LENGTH,
        blank=True,
        help_text=gettext_lazy("read by the member, too"),
    )
    by = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at_ms = models.BigIntegerField(default=clock.now_ms)
    until_ms = models.BigIntegerField(
        null=True, blank=True, db_index=True, help_text="null: until it is lifted"
    )
    by_site = models.BooleanField(
        gettext_lazy("by the site"),
        default=False,
        db_default=False,
        help_text=gettext_lazy("only the site's staff lifts it early"),
    )
    # Kept as long as the ban, and so longer than `Member.origin`.
    origin = models.CharField(
        max_length=16, blank=True, help_text="nobody new may join from this origin"
    )

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("restriction")
        verbose_name_plural = gettext_lazy("restrictions")
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="one_restriction_per_kind"),
            models.CheckConstraint(
                condition=Q(kind__in=RestrictionKind.values), name="restriction_kind_is_known"
            ),
        ]

    def __str__(self) -> str:
        kind = self.get_kind_display()
        return gettext("{kind} of {member}").format(kind=kind, member=self.member_id)


class LogEntry(models.Model):
    """One line of a room's log: who did what to whom and why. Only host and co-hosts see it.

    `kind` is declared by an app (`rooms.log`); `facts` are what its sentence and its undo need.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="log")
    at_ms = models.BigIntegerField(default=clock.now_ms)
    kind = models.CharField(max_length=32)
    by = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    by_name = models.CharField(max_length=80, blank=True, help_text="of staff and system")
    target = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    why = models.CharField(max_length=WHY_LENGTH, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    undone_at_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["room", "-id"], name="log_by_room")]

    def __str__(self) -> str:
        return f"{self.kind} in {self.room_id}"


class ClockOffset(models.Model):
    """What the time of BeatSync is ahead of its reference clock: one row, for all processes.

    Nothing but `rooms.clock_sync` moves it.
    """

    offset_ms = models.BigIntegerField(default=0)
    last_seen_ms = models.BigIntegerField(default=0, help_text="a moment at which a process ran")

    def __str__(self) -> str:
        return f"{self.offset_ms:+} ms"


class IdentityLink(models.Model):
    """A link that lets another device go on as the same guest: once, within ten minutes."""

    token_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the token")
    guest = models.UUIDField(unique=True)
    until_ms = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.until_ms}"


class IdentityBinding(models.Model):
    """An account by which a guest is found again on any device: whoever logs in to it is them.

    `provider` names who keeps the account, `account` its id there. An account finds one guest, and
    a guest has one account of each provider.
    """

    guest = models.UUIDField()
    provider = models.CharField(max_length=20)
    account = models.CharField(max_length=200)
    bound_at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "account"], name="one_guest_per_bound_account"
            ),
            models.UniqueConstraint(
                fields=["guest", "provider"], name="one_bound_account_per_provider"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.account}"


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
