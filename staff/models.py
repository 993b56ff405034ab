"""What staff has done, and what holds for the whole site because of it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from music.models import QueueItem
from rooms import clock
from rooms.models import ROOM_NAME_LENGTH, WHY_LENGTH, Member, Room

NOTICE_LENGTH = 280


# What an entry can tell of, as the log shows it.
ACTS = {
    "end_room": gettext_lazy("End a room"),
    "mute_member": gettext_lazy("Mute a person"),
    "ban_member": gettext_lazy("Ban a person from a room"),
    "ban_from_site": gettext_lazy("Ban from the site"),
    "hide_messages": gettext_lazy("Hide messages"),
    "remove_items": gettext_lazy("Remove from a queue"),
    "skip_track": gettext_lazy("Skip what plays"),
    "count_held_votes": gettext_lazy("Let held votes count"),
    "settle_reports": gettext_lazy("Settle reports"),
    "post_notice": gettext_lazy("Post a notice"),
    "close_site": gettext_lazy("Close or open the site"),
    "watch_room": gettext_lazy("Observe a room"),
    "change_retention": gettext_lazy("Change how long data is kept"),
}


class AuditEntry(models.Model):
    """One thing that somebody of the staff did: who, what, to what, why, when, from which page.

    It outlives what it tells of: room, person and user stand in it by name, too. `target` is a name
    and `facts` what was done; `staff.audit_words` puts both into words.
    """

    at_ms = models.BigIntegerField(gettext_lazy("when"), default=clock.now_ms, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    user_name = models.CharField(gettext_lazy("who"), max_length=150)
    act = models.CharField(gettext_lazy("what"), max_length=32, choices=ACTS)
    room = models.ForeignKey(
        Room, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    room_code = models.CharField(max_length=6, blank=True)
    room_name = models.CharField(max_length=ROOM_NAME_LENGTH, blank=True)
    target = models.CharField(gettext_lazy("to"), max_length=300, blank=True)
    why = models.CharField(gettext_lazy("why"), max_length=WHY_LENGTH)
    page = models.CharField(gettext_lazy("page"), max_length=300, blank=True)
    facts = models.JSONField(gettext_lazy("facts"), default=dict, blank=True)

    class Meta:
        verbose_name = gettext_lazy("audit entry")
        verbose_name_plural = gettext_lazy("audit log")
        default_permissions = ("view",)
        permissions = [
            ("end_room", "Can end a room"),
            ("mute_member", "Can mute a person in a room"),
            ("ban_member", "Can ban a person from a room"),
            ("ban_from_site", "Can ban a person or a network from the site"),
            ("hide_messages", "Can hide messages"),
            ("remove_items", "Can remove tracks from a queue"),
            ("skip_track", "Can skip what plays"),
            ("count_held_votes", "Can let held votes count"),
            ("settle_reports", "Can act on reports and dismiss them"),
            ("post_notice", "Can post a notice to a room or to all"),
            ("close_site", "Can close the site for maintenance"),
            ("export_audit", "Can export the audit log"),
            ("watch_room", "Can open a room without being a member"),
            ("change_retention", "Can change for how long data is kept"),
        ]

    def __str__(self) -> str:
        return gettext("{act} by {who}").format(act=self.get_act_display(), who=self.user_name)


class SiteBanQuerySet(models.QuerySet["SiteBan"]):
    def holding(self, now_ms: int) -> SiteBanQuerySet:
        """Bans that have not ended."""
        return self.filter(Q(until_ms__isnull=True) | Q(until_ms__gt=now_ms))

    def concerning(self, guest: uuid.UUID) -> SiteBanQuerySet:
        """Those of a person, and all that concern a network."""
        return self.filter(Q(guest=guest) | ~Q(origin=""))


class SiteBan(models.Model):
    """A person, or for a time the newcomers of a network, may be in no room of this site.

    No address is kept: `origin` is the hash of it that `origin_room_id` has, also once that room is
    gone. `members` are the memberships that were banned with it.
    """

    guest = models.UUIDField(null=True, db_index=True)
    name = models.CharField(
        gettext_lazy("name"),
        max_length=40,
        help_text=gettext_lazy("as the person was called then"),
    )
    origin = models.CharField(max_length=16, blank=True)
    origin_room_id = models.BigIntegerField(null=True)
    why = models.CharField(gettext_lazy("why"), max_length=WHY_LENGTH)
    user_name = models.CharField(gettext_lazy("by"), max_length=150)
    at_ms = models.BigIntegerField(gettext_lazy("since"), default=clock.now_ms)
    until_ms = models.BigIntegerField(gettext_lazy("until"), null=True, blank=True)
    members = models.JSONField(default=list)

    objects = SiteBanQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("ban from the site")
        verbose_name_plural = gettext_lazy("bans from the site")
        default_permissions = ("view",)

    def __str__(self) -> str:
        if self.guest is not None:
            return self.name
        return gettext("the network of {name}").format(name=self.name)


class Notice(models.Model):
    """What the staff says to everybody in a room, or to one member of it; the latest one counts.

    A warning, or that the site ended the room, is a `code` of `staff.warnings` and its `values`;
    `text` is the same in English. Without a code, `text` is what the staff has written.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="notices")
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="notices"
    )
    text = models.CharField(max_length=NOTICE_LENGTH)
    code = models.CharField(max_length=24, blank=True, db_default="", default="")
    values = models.JSONField(blank=True, db_default={}, default=dict)
    at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["room", "member", "-id"], name="notice_by_reader")]

    def __str__(self) -> str:
        return f"notice in {self.room_id}"


class SiteState(models.Model):
    """What holds for the whole site: one row, which each process reads.

    `closed` for maintenance, with the words that pages say then. `notice` is read in all rooms.
    `room_days` and `audit_days` say for how many days something is kept; None: as the environment
    says (`staff.retention`).
    """

    closed = models.BooleanField(default=False)
    says = models.CharField(max_length=NOTICE_LENGTH, blank=True)
    notice = models.CharField(max_length=NOTICE_LENGTH, blank=True)
    notice_at_ms = models.BigIntegerField(null=True)
    room_days = models.PositiveIntegerField(null=True)
    audit_days = models.PositiveIntegerField(null=True)
    changed_at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return gettext("closed") if self.closed else gettext("open")


class PlayedItem(QueueItem):
    """A track that has played, was skipped, or would not play: a list of its own in the admin."""

    class Meta:
        proxy = True
        verbose_name = gettext_lazy("play")
        verbose_name_plural = gettext_lazy("plays")
        default_permissions = ("view",)
