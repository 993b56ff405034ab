"""Leases on a row: work that one caller does at a time, in all processes.

A field of the row says until when (ms UTC) somebody is at it. One conditional `UPDATE` takes it, so
no lock of the database is held meanwhile, and the lease of a process that dies ends by itself.
"""

from typing import Any

from django.db.models import Model, QuerySet

from rooms import clock


def take(rows: QuerySet[Model, Any], field: str, *, for_ms: int, held_until_ms: int = 0) -> int:
    """Take the lease on the one row of `rows`; until when it holds, 0 while somebody else has it.

    `held_until_ms` is what an earlier call gave: then the lease is prolonged, if it still holds.
    """
    now_ms = clock.now_ms()
    free = {field: held_until_ms} if held_until_ms else {f"{field}__lte": now_ms}
    until_ms = now_ms + for_ms
    return until_ms if rows.filter(**free).update(**{field: until_ms}) else 0


def give_back(rows: QuerySet[Model, Any], field: str, until_ms: int, **changes: Any) -> None:
    """End a lease that holds until then, with other changes to its row; quiet if it has ended."""
    rows.filter(**{field: until_ms}).update(**{field: 0}, **changes)
