"""For how long data is kept: as the environment says, until the staff says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from rooms.actions.housekeeping import DAY_MS
from staff.models import AuditEntry, SiteBan, SiteState


@dataclass(frozen=True)
class Retention:
    """One time for which something is kept, in days.

    `field` is its column in `SiteState`, `setting` its name in the environment, where 0 stands for
    "for ever" if `may_be_endless`. The staff chooses from `least` to `most` days: nobody wipes out
    in a moment what they have just done. `refusal` says so of other days.
    """

    field: str
    setting: str
    title: str
    refusal: str
    least: int
    most: int = 3650
    may_be_endless: bool = False

    @property
    def days(self) -> int | None:
        """The days that hold now; None: for ever. One query."""
        return self.days_with(self.chosen)

    @property
    def chosen(self) -> int | None:
        """The days that the staff has chosen; None: it has not. One query."""
        return SiteState.objects.values_list(self.field, flat=True).first()

    def days_with(self, chosen: int | None) -> int | None:
        """The days that hold with this choice, None being no choice; None: for ever."""
        days = getattr(settings, self.setting) if chosen is None else chosen
        return None if days == 0 and self.may_be_endless else int(days)


ROOM_DAYS = Retention(
    "room_days",
    "ROOM_RETENTION_DAYS",
    _("Days that ended rooms are kept"),
    refusal=_("Ended rooms are kept for {least} to {most} days."),
    least=1,
)
AUDIT_DAYS = Retention(
    "audit_days",
    "AUDIT_RETENTION_DAYS",
    _("Days that the audit log is kept"),
    refusal=_("The audit log is kept for {least} to {most} days."),
    least=30,
    may_be_endless=True,
)
RETENTIONS = (ROOM_DAYS, AUDIT_DAYS)


def room_days() -> int | None:
    """The staff's choice for ended rooms; None: as the environment says."""
    return ROOM_DAYS.chosen


def find_expired(now_ms: int) -> Mapping[str, QuerySet[Any]]:
    """Old audit entries, and bans from the site that ended as long ago as ended rooms are kept."""
    days, kept_days = AUDIT_DAYS.days, ROOM_DAYS.days or 0
    entries = AuditEntry.objects.none()
    if days is not None:
        entries = AuditEntry.objects.filter(at_ms__lt=now_ms - days * DAY_MS)
    bans = SiteBan.objects.filter(until_ms__lt=now_ms - kept_days * DAY_MS)
    return {"entries of the audit log": entries, "ended bans from the site": bans}
