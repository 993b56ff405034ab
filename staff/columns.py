"""What the lists of the admin have in common: times, links, periods, counts that cost little."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.paginator import Page, Paginator
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from rooms import clock
from rooms.reasons import BETWEEN, REASON_SENTENCES, reason_translated

if TYPE_CHECKING:
    _Paginator = Paginator[Any]
else:
    _Paginator = Paginator

MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
# Rows beyond this are not counted: nobody turns 400 pages.
COUNTED = 20_000
# Words are looked for in as many of the newest rows. Without a bound, a search that finds nothing
# reads the whole table.
SEARCHED = 50_000


class BoundedPaginator(_Paginator):
    """Counts up to `COUNTED` rows. More are reached by a search or a filter, not by turning."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, at most `COUNTED`; one query that ends there."""
        rows: Any = self.object_list
        if not isinstance(rows, models.QuerySet):
            return len(rows)
        bounded = rows.order_by().values("pk")[:COUNTED]
        sql, values = bounded.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS bounded", values)  # noqa: S608 - ours
            return int(cursor.fetchone()[0])

    def page(self, number: int | str) -> Any:
        """A page by the keys of its rows: columns are not read for the rows before them."""
        rows: Any = self.object_list
        if not isinstance(rows, models.QuerySet):
            return super().page(number)
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        keys = list(rows.values_list("pk", flat=True)[first : first + self.per_page])
        return Page(rows.filter(pk__in=keys), number, self)

    @cached_property
    def words(self) -> str:
        """How many rows there are, for people: exactly, about, or more than are counted."""
        if self.count < COUNTED:
            return f"{self.count:,}"
        rows: Any = self.object_list
        estimate = 0 if rows.query.where else _estimated_rows(rows.model._meta.db_table)
        if estimate > COUNTED:
            return gettext("about {n}").format(n=f"{estimate:,}")
        return gettext("more than {n}").format(n=f"{COUNTED:,}")


def _estimated_rows(table: str) -> int:
    """How many rows PostgreSQL believes a table to have, in two digits; 0 where it is not asked."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
        rows = max(0, int(cursor.fetchone()[0]))
    return int(float(f"{rows:.2g}"))


def newest(rows: Any, most: int) -> Any:
    """At most so many of the newest rows of a queryset: by their keys, which an index has."""
    last = rows.model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return rows if last is None else rows.filter(pk__gt=last - most)


def reason_words(field: str) -> Case:
    """What a search reads of a reason in this column: the words of its code, and all that is kept.

    The words are those of the page that asks.
    """
    return Case(
        *(
            When(
                Q(**{field: code}) | Q(**{f"{field}__startswith": f"{code}{BETWEEN}"}),
                then=Concat(Value(f"{reason_translated(code)} "), F(field)),
            )
            for code in REASON_SENTENCES
        ),
        default=F(field),
    )


def moment(ms: int | None) -> SafeString | str:
    """A time as a page of the admin has it, in UTC; "–" without one."""
    if ms is None:
        return "–"
    when = datetime.fromtimestamp(ms / 1000, UTC)
    return format_html(
        '<time datetime="{}">{}</time>', f"{when:%Y-%m-%dT%H:%M:%SZ}", f"{when:%Y-%m-%d %H:%M:%S}"
    )


def link_to(model: str, pk: int | None, words: str) -> SafeString | str:
    """A link to the page of a row; "–" without one. `model` is such as "rooms_room"."""
    if pk is None:
        return "–"
    return format_html('<a href="{}">{}</a>', reverse(f"admin:{model}_change", args=[pk]), words)


def link_to_list(model: str, words: str, **filters: Any) -> SafeString:
    """A link to a list with these filters."""
    chosen = "&".join(f"{name}={value}" for name, value in filters.items())
    return format_html(
        '<a href="{}?{}">{}</a>', reverse(f"admin:{model}_changelist"), chosen, words
    )


def period(field: str, title: str) -> type[admin.SimpleListFilter]:
    """A filter for rows whose moment in `field` (ms UTC) is in the last hour, day, week, month."""
    spans = {"hour": HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS, "month": 30 * DAY_MS}
    words: dict[str, Any] = {
        "hour": gettext_lazy("Last hour"),
        "day": gettext_lazy("Last day"),
        "week": gettext_lazy("Last 7 days"),
        "month": gettext_lazy("Last 30 days"),
    }

    class Period(admin.SimpleListFilter):
        parameter_name = field

        def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
            return words.items()

        def queryset(self, request: HttpRequest, queryset: Any) -> Any:
            span_ms = spans.get(self.value() or "")
            if span_ms is None:
                return queryset
            return queryset.filter(**{f"{field}__gt": clock.now_ms() - span_ms})

    Period.title = gettext_lazy(title)
    return Period
