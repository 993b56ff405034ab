"""What an entry of the audit log was done to, put into words where it is shown.

`target` is the name of a person, or the title of a track; what was done to it is in `facts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from staff.models import AuditEntry
from staff.retention import RETENTIONS


def target_translated(entry: AuditEntry) -> str:
    """In the language of the page. Entries of former versions have a sentence as their target.

    A lifted ban from the site has it besides its fact: there it is shown as it is.
    """
    facts = entry.facts
    said = entry.target
    if facts.get("by_network"):
        said = gettext("the network of {name}").format(name=said)
    if facts.get("lifted") and said and not said.startswith("lifted: "):
        return gettext("lifted: {name}").format(name=said)
    if facts.get("shown"):
        return gettext("shown: {name}").format(name=said)
    if "closed" in facts:
        return gettext("closed") if facts["closed"] else gettext("opened")
    if facts.get("everywhere"):
        said = gettext("all rooms")
    if facts.get("withdrawn"):
        return gettext("{rooms}, withdrawn").format(rooms=said) if said else gettext("withdrawn")
    return said or _changed_days(facts)


def _changed_days(facts: Mapping[str, Any]) -> str:
    """For how long data was kept before and is now, where it was changed.

    Empty where the entry is of something else.
    """
    if not any(each.field in facts for each in RETENTIONS):
        return ""
    changes = "; ".join(
        gettext("{title}: from {before} to {after}").format(
            title=gettext(each.title),
            before=_days(facts[each.field]["before"]),
            after=_days(facts[each.field]["after"]),
        )
        for each in RETENTIONS
        if each.field in facts and facts[each.field]["before"] != facts[each.field]["after"]
    )
    return changes or gettext("the same days")


def _days(days: int | None) -> str:
    return gettext("for ever") if days is None else str(days)
