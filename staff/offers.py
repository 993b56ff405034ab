"""What the admin offers to do with a row of its lists, or with the site: one table.

The lists, the pages of rows and the page that asks for a reason all read it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from chat.models import ChatMessage, MessageReport, MessageState
from music.models import QueueItem
from rooms.models import WHY_LENGTH, Member, Restriction, RestrictionKind, Room
from rooms.reasons import reason_of, reason_translated
from staff import observing
from staff.actions import bans, moderation, notices, site
from staff.actions.acting import Moderator
from staff.models import NOTICE_LENGTH, SiteBan
from staff.retention import AUDIT_DAYS, RETENTIONS, ROOM_DAYS, Retention

# What people read of why something was done to them begins with one of these.
RULES = ("hate", "spam", "sexual", "private_data", "disturbing", "host_asked")
OTHER = "other"
TIMES = (
    ("10", gettext_lazy("10 minutes")),
    ("60", gettext_lazy("1 hour")),
    (str(24 * 60), gettext_lazy("1 day")),
    (str(7 * 24 * 60), gettext_lazy("7 days")),
    ("", gettext_lazy("Until it is lifted")),
)

Asked = Mapping[str, Any]
# Fields of `ReasonForm` that only some offers ask for.
ASKED = {"minutes", "network", "text", *(each.field for each in RETENTIONS)}


@dataclass(frozen=True)
class Offer:
    """One thing that staff can do. `permission` is a right of `AuditEntry.Meta.permissions`.

    `model` is what it is done to, None: the site. `asks` names the fields of `ReasonForm` that it
    needs besides the reason. `consequence` says what people will see. `is_reason_read`: by somebody
    to whom something is done, so it names a rule; otherwise it is for the audit log alone.
    """

    key: str
    label: str
    permission: str
    model: type[models.Model] | None
    consequence: str
    run: Callable[[Moderator, Any, Asked], object]
    asks: tuple[str, ...] = ()
    is_severe: bool = False
    is_reason_read: bool = True
    # Where it leads once it is done to one row; None: back.
    leads_to: Callable[[Moderator, Any], str] | None = None
    # Whether it would change anything as the row is now, or as the site is.
    fits: Callable[[Any], bool] = lambda _: True

    @property
    def right(self) -> str:
        """The permission by its whole name."""
        return f"staff.{self.permission}"


def _is_live(room: Room) -> bool:
    return room.is_live


def _lift(by: Moderator, restriction: Restriction) -> None:
    member = restriction.member
    if restriction.kind == RestrictionKind.BAN:
        moderation.unban_member(by=by, member=member)
    else:
        moderation.unmute_member(by=by, member=member)


OFFERS: tuple[Offer, ...] = (
    Offer(
        "end-room", _("End the room"), "end_room", Room,
        _("The music stops for good. Everybody there reads the reason."),
        lambda by, room, _: moderation.end_room(by=by, room=room), is_severe=True,
        fits=_is_live,
    ),
    Offer(
        "skip", _("Skip what plays"), "skip_track", Room,
        _("The next track begins. Who added this one reads the reason."),
        lambda by, room, _: moderation.skip_track(by=by, room=room),
        fits=_is_live,
    ),
    Offer(
        "watch", _("Open as an observer"), "watch_room", Room,
        _("You see what everybody there sees, for an hour. You are no member, and nobody is told."),
        lambda by, room, _: moderation.watch_room(by=by, room=room),
        is_reason_read=False,
        leads_to=lambda by, room: reverse(
            "admin:watch", args=[observing.token_for(by.user, room)]
        ),
        fits=_is_live,
    ),
    Offer(
        "notice", _("Post a notice"), "post_notice", Room,
        _("Everybody in the room reads it, now and when they come later."),
        lambda by, room, asked: notices.post_notice(by=by, text=asked["text"], room=room),
        asks=("text",), is_reason_read=False, fits=_is_live,
    ),
    Offer(
        "withdraw-notice", _("Take the notice back"), "post_notice", Room,
        _("The notice goes from all screens."),
        lambda by, room, _: notices.withdraw_notice(by=by, room=room),
        is_reason_read=False,
        fits=lambda room: _is_live(room) and room.notices.filter(member=None).exists(),
    ),
    Offer(
        "mute", _("Mute"), "mute_member", Member,
        _("They can still vote. They read the reason."),
        lambda by, member, asked: moderation.mute_member(
            by=by, member=member, minutes=asked["minutes"]
        ),
        asks=("minutes",),
    ),
    Offer(
        "unmute", _("Unmute"), "mute_member", Member, _("They can chat and add again."),
        lambda by, member, _: moderation.unmute_member(by=by, member=member),
        fits=lambda member: member.muted,
    ),
    Offer(
        "ban", _("Ban from the room"), "ban_member", Member,
        _("They are out at once and read the reason. Their votes stay counted."),
        lambda by, member, asked: moderation.ban_member(
            by=by, member=member, minutes=asked["minutes"], network=asked["network"]
        ),
        asks=("minutes", "network"), is_severe=True,
    ),
    Offer(
        "unban", _("Let back into the room"), "ban_member", Member, _("They can join again."),
        lambda by, member, _: moderation.unban_member(by=by, member=member),
        fits=lambda member: member.banned,
    ),
    Offer(
        "ban-site", _("Ban from the site"), "ban_from_site", Member,
        _("They are out of all rooms at once and read the reason."),
        lambda by, member, asked: bans.ban_from_site(
            by=by, member=member, minutes=asked["minutes"], network=False
        ),
        asks=("minutes",), is_severe=True,
    ),
    Offer(
        "ban-network", _("Ban newcomers of their network"), "ban_from_site", Member,
        _("Nobody new joins any room from there. A whole venue may be one network."),
        lambda by, member, asked: bans.ban_from_site(
            by=by, member=member, minutes=asked["minutes"], network=True
        ),
        asks=("minutes",), is_severe=True,
    ),
    Offer(
        "hide", _("Hide"), "hide_messages", ChatMessage,
        _("Nobody reads it any more. Its author reads the reason."),
        lambda by, message, _: moderation.hide_message(by=by, message=message),
        fits=lambda message: message.state == MessageState.SHOWN,
    ),
    Offer(
        "show", _("Show again"), "hide_messages", ChatMessage, _("Everybody can read it again."),
        lambda by, message, _: moderation.show_message(by=by, message=message),
        fits=lambda message: message.state == MessageState.HIDDEN,
    ),
    Offer(
        "hide-reported", _("Hide the message"), "hide_messages", MessageReport,
        _("Nobody reads it any more. Its author reads the reason, who reported it the outcome."),
        lambda by, report, _: moderation.hide_message(by=by, message=report.message),
    ),
    Offer(
        "dismiss", _("Leave the message"), "settle_reports", MessageReport,
        _("It stays. Who reported it reads the outcome."),
        lambda by, report, _: moderation.dismiss_reports(by=by, message=report.message),
    ),
    Offer(
        "remove", _("Remove from the queue"), "remove_items", QueueItem,
        _("The track is gone from all screens. Who added it reads the reason."),
        lambda by, item, _: moderation.remove_track(by=by, item=item),
    ),
    Offer(
        "count-held", _("Let held votes count"), "count_held_votes", QueueItem,
        _("Votes that were held back count now."),
        lambda by, item, _: moderation.count_held_votes(by=by, item=item),
    ),
    Offer(
        "lift", _("Lift"), "ban_member", Restriction, _("It ends at once."),
        lambda by, restriction, _: _lift(by, restriction),
    ),
    Offer(
        "lift-site-ban", _("Lift"), "ban_from_site", SiteBan, _("They can join rooms again."),
        lambda by, ban, _: bans.lift_site_ban(by=by, ban=ban),
    ),
    Offer(
        "notice-all", _("Post a notice to all rooms"), "post_notice", None,
        _("Everybody in a room reads it, now and when they come later, until you take it back."),
        lambda by, _, asked: notices.post_notice_everywhere(by=by, text=asked["text"]),
        asks=("text",), is_reason_read=False,
    ),
    Offer(
        "withdraw-notice-all", _("Take back the notice to all rooms"), "post_notice", None,
        _("The notice goes from all screens."),
        lambda by, _, __: notices.withdraw_notice_everywhere(by=by),
        is_reason_read=False, fits=lambda state: state.notice != "",
    ),
    Offer(
        "close-site", _("Close for maintenance"), "close_site", None,
        _("Pages show these words. Music plays on, and votes in open rooms wait."),
        lambda by, _, asked: site.set_site_closed(by=by, closed=True, says=asked["text"]),
        asks=("text",), is_severe=True, is_reason_read=False,
        fits=lambda state: not state.closed,
    ),
    Offer(
        "retention", _("Change how long data is kept"), "change_retention", None,
        _("What is older is deleted within the hour, for good."),
        lambda by, _, asked: site.set_retention(
            by=by, days={each.field: asked[each.field] for each in RETENTIONS}
        ),
        asks=tuple(each.field for each in RETENTIONS), is_severe=True,
        is_reason_read=False,
    ),
    Offer(
        "open-site", _("Open the site again"), "close_site", None,
        _("Everybody can come in again."),
        lambda by, _, __: site.set_site_closed(by=by, closed=False),
        is_reason_read=False, fits=lambda state: state.closed,
    ),
)  # fmt: skip
BY_KEY = {offer.key: offer for offer in OFFERS}


def offers_for(model: type[models.Model] | None, user: Any) -> list[Offer]:
    """What this user may do with a row of a model, or with the site."""
    return [each for each in OFFERS if each.model is model and user.has_perm(each.right)]


def _days_field(kept: Retention) -> forms.IntegerField:
    days = kept.days_with(None)
    if days is None:
        help_text = format_lazy(
            gettext_lazy("{least} to {most}. Empty: for ever, as {setting} says."),
            least=kept.least, most=kept.most, setting=kept.setting,
        )  # fmt: skip
    else:
        help_text = format_lazy(
            gettext_lazy("{least} to {most}. Empty: {days} days, as {setting} says."),
            least=kept.least, most=kept.most, days=days, setting=kept.setting,
        )  # fmt: skip
    return forms.IntegerField(
        label=gettext_lazy(kept.title), required=False, min_value=kept.least, max_value=kept.most,
        help_text=help_text,
    )  # fmt: skip


def _choice(code: str) -> str:
    return capfirst(reason_translated(code))


_lazy_choice = lazy(_choice, str)


class ReasonForm(forms.Form):
    """Why something is done, and what else an offer asks for."""

    rule = forms.ChoiceField(
        label=gettext_lazy("Rule"),
        choices=[
            *((each, _lazy_choice(each)) for each in RULES),
            (OTHER, gettext_lazy("Another reason")),
        ],
        help_text=gettext_lazy("The person reads it."),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("In your words"), required=False, max_length=100,
        help_text=gettext_lazy("Up to 100 characters, read by the person, too."),
    )  # fmt: skip
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("For how long"),
        choices=TIMES,
        required=False,
        coerce=int,
        empty_value=None,
    )
    network = forms.BooleanField(
        label=gettext_lazy("Nobody new joins from their network meanwhile"), required=False
    )
    text = forms.CharField(
        label=gettext_lazy("What people read"),
        max_length=NOTICE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )

    room_days = _days_field(ROOM_DAYS)
    audit_days = _days_field(AUDIT_DAYS)

    def __init__(self, offer: Offer, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ASKED - {*offer.asks}:
            del self.fields[name]
        if not offer.is_reason_read:
            del self.fields["rule"]
            self.fields["words"].required = True
            self.fields["words"].label = gettext_lazy("Why")
            self.fields["words"].help_text = gettext_lazy(
                "Kept in the audit log, for the site's staff alone."
            )
        for each in RETENTIONS:
            if each.field in self.fields:
                self.fields[each.field].initial = each.chosen

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("rule") == OTHER and not found.get("words"):
            self.add_error("words", gettext("Say the reason in your words."))
        return found

    @property
    def why(self) -> str:
        """The reason as it is kept."""
        rule, words = self.cleaned_data.get("rule"), self.cleaned_data["words"].strip()
        if rule in (None, OTHER):
            return str(words)
        return reason_of(str(rule), words)[:WHY_LENGTH]
