"""Closing the whole site for maintenance, and opening it again."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from rooms import clock
from rooms.errors import Invalid
from rooms.names import cleaned
from staff.actions.acting import Moderator
from staff.models import NOTICE_LENGTH, SiteState
from staff.retention import RETENTIONS
from staff.site_state import announce_site_state


def set_site_closed(*, by: Moderator, closed: bool, says: str = "") -> None:
    """Close the site with these words, or open it. Raises `NotAllowed`, `Invalid`."""
    if closed and says:
        says = cleaned(says, what="notice", length=NOTICE_LENGTH)
    with by.acting("close_site", facts={"says": says, "closed": closed}):
        SiteState.objects.update_or_create(
            pk=1,
            defaults={
                "closed": closed,
                "says": says if closed else "",
                "changed_at_ms": clock.now_ms(),
            },
        )
        transaction.on_commit(announce_site_state)


def set_retention(*, by: Moderator, days: Mapping[str, int | None]) -> None:
    """Set for how many days things are kept, by `Retention.field`; None: as the environment says.

    The audit log has the days that held before and hold now; None there: for ever. Raises
    `NotAllowed`, and `Invalid` for days outside of the range.
    """
    for each in RETENTIONS:
        chosen = days.get(each.field)
        if chosen is not None and not each.least <= chosen <= each.most:
            raise Invalid(each.refusal, detail="retention_days", least=each.least, most=each.most)
    chosen_days = {each.field: days.get(each.field) for each in RETENTIONS}
    with transaction.atomic():
        state = lock_site()
        facts = {
            each.field: {
                "before": each.days_with(getattr(state, each.field)),
                "after": each.days_with(chosen_days[each.field]),
            }
            for each in RETENTIONS
        }
        with by.acting("change_retention", facts=facts):
            SiteState.objects.filter(pk=state.pk).update(
                **chosen_days, changed_at_ms=clock.now_ms()
            )


def lock_site() -> SiteState:
    """Lock the state of the site until the end of this transaction, and return it.

    Changes of the whole site that depend on what they have read wait for each other here.
    """
    SiteState.objects.get_or_create(pk=1)
    return SiteState.objects.select_for_update().get(pk=1)
