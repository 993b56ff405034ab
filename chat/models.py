"""What members of a room write to each other."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, gettext_lazy

from chat.message_text import MESSAGE_LENGTH
from rooms import clock
from rooms.models import Member, Room


class MessageState(models.TextChoices):
    SHOWN = "shown", gettext_lazy("Shown")
    HIDDEN = "hidden", gettext_lazy("Hidden")  # by the host or a co-host, who can undo it
    DELETED = "deleted", gettext_lazy("Deleted")  # by its author; the text is gone


class MessageReportQuerySet(models.QuerySet["MessageReport"]):
    def open(self) -> MessageReportQuerySet:
        """Reports that nobody has dealt with yet."""
        return self.filter(cleared_at_ms__isnull=True)


class MessageReport(models.Model):
    """A member asks host, co-hosts and the site to look at a message, and says why."""

    message = models.ForeignKey("ChatMessage", on_delete=models.CASCADE, related_name="reports")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(gettext_lazy("reason"), max_length=200)
    created_at_ms = models.BigIntegerField(default=clock.now_ms)
    cleared_at_ms = models.BigIntegerField(null=True, blank=True)

    objects = MessageReportQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("message report")
        verbose_name_plural = gettext_lazy("message reports")
        constraints = [
            models.UniqueConstraint(
                fields=["message", "member"], name="one_report_per_message_and_member"
            ),
        ]

    def __str__(self) -> str:
        return gettext("report of message {message}").format(message=self.message_id)


class ReactionTally(models.Model):
    """How many times each reaction was given to one subject of a room, such as a track of it."""

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="reactions", db_index=False
    )
    subject = models.CharField(max_length=40, help_text="opaque: see `rooms.features`")
    counts = models.JSONField(default=dict, blank=True, help_text="by reaction")
    counted_at_ms = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "subject"], name="one_tally_per_subject"),
        ]
        indexes = [models.Index(fields=["room", "-counted_at_ms"], name="tally_by_room")]

    def __str__(self) -> str:
        return f"reactions to {self.subject}"


class BlockedWords(models.Model):
    """The words that the host of a room does not want in its chat."""

    room = models.OneToOneField(
        Room, on_delete=models.CASCADE, primary_key=True, related_name="blocked_words"
    )
    words = models.JSONField(default=list, blank=True)

    def __str__(self) -> str:
        return f"blocked words of room {self.room_id}"


class ChatMessage(models.Model):
    """One message of a member. Ids grow within a room, so they order its messages.

    The row stays when its author deletes it, without the text: slow mode still counts it.
    """

    room = models.ForeignKey(
        Room, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    member = models.ForeignKey(
        Member, on_delete=models.CASCADE, related_name="messages", db_index=False
    )
    text = models.CharField(gettext_lazy("text"), max_length=MESSAGE_LENGTH, blank=True)
    mentions = models.JSONField(default=list, blank=True, help_text="ids of members of the room")
    created_at_ms = models.BigIntegerField(default=clock.now_ms)
    state = models.CharField(
        gettext_lazy("state"), max_length=8, choices=MessageState, default=MessageState.SHOWN
    )
    hidden_by = models.ForeignKey(
        Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    hidden_at_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = gettext_lazy("chat message")
        verbose_name_plural = gettext_lazy("chat messages")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MessageState.values), name="message_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=MessageState.DELETED) | Q(text=""),
                name="deleted_message_has_no_text",
            ),
        ]
        indexes = [
            models.Index(fields=["room", "-id"], name="message_by_room"),
            models.Index(fields=["member", "-id"], name="message_by_member"),
        ]

    def __str__(self) -> str:
        # Never the text: this goes into logs.
        return gettext("message {id}").format(id=self.pk)
