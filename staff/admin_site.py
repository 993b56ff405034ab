"""The admin of this site: which lists it has, what can be done from it, and how one gets in."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from allauth.account.decorators import secure_admin_login
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext, gettext_lazy, ngettext

from rooms import clock
from rooms.errors import NoMembership, RoomEnded, RoomError
from rooms.reasons import reason_translated
from rooms.snapshot import read_parts
from staff import observing
from staff.actions.acting import Moderator
from staff.audit_words import target_translated
from staff.checks import checks
from staff.columns import DAY_MS
from staff.dashboard import read_charts, read_conditions, read_facts, read_figures
from staff.lists import LISTS
from staff.models import AuditEntry, SiteState
from staff.offers import BY_KEY, Offer, ReasonForm, offers_for

if TYPE_CHECKING:
    _UserAdmin = UserAdmin[User]
else:
    _UserAdmin = UserAdmin

# Rows that one reason is given for.
MOST_AT_ONCE = 100
CSV_COLUMNS = ("at", "who", "what", "to", "room", "why", "page", "facts")


class StaffSite(admin.AdminSite):
    """Django's admin. The login is that of all accounts, with its limits and its second factor."""

    site_title = gettext_lazy("BeatSync admin")
    site_header = gettext_lazy("BeatSync admin")
    index_title = gettext_lazy("The site now")
    empty_value_display = "–"

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """To the login of all accounts. Django's own form would pass by its limits and codes."""
        answer: HttpResponse = secure_admin_login(_to_index)(request)
        return answer

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """How the site is now, what can be done with all of it, and the lists."""
        state = SiteState.objects.first() or SiteState()
        offered = [each for each in offers_for(None, request.user) if each.fits(state)]
        context = {
            "figures": read_figures(state),
            "charts": read_charts(),
            "conditions": read_conditions(),
            "facts": read_facts(),
            # Of the server itself: for those who run the site.
            "findings": checks.read() if request.user.has_perm("staff.close_site") else None,
            "offers": [{"offer": each, "address": _address(each, request)} for each in offered],
        }
        return super().index(request, {**context, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        own = [
            path("offer/<str:key>/", self.admin_view(self.offer), name="offer"),
            path("watch/<str:token>/", self.admin_view(self.watch), name="watch"),
            path("audit.csv", self.admin_view(self.audit_csv), name="audit-csv"),
        ]
        return [*own, *super().get_urls()]

    def offer(self, request: HttpRequest, key: str) -> HttpResponse:
        """Ask why something shall be done, and do it: to each row by itself."""
        offer = BY_KEY.get(key)
        if offer is None:
            raise Http404
        if not request.user.has_perm(offer.right):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        rows = _rows(offer, asked.getlist("id"))
        back = _back(request, asked.get("from", ""))
        form = ReasonForm(offer, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            by = Moderator(request.user, form.why, back)
            is_done = _do(request, offer, rows, by, form.cleaned_data)
            if is_done and offer.leads_to is not None and len(rows) == 1:
                back = offer.leads_to(by, rows[0])
            return HttpResponseRedirect(back, status=303)
        context = {
            **self.each_context(request),
            "title": gettext(offer.label),
            "offer": offer,
            "rows": rows,
            "form": form,
            "back": back,
        }
        return TemplateResponse(request, "admin/offer.html", context)

    def watch(self, request: HttpRequest, token: str) -> HttpResponse:
        """A live room for somebody who is no member: what everybody there sees, and no key."""
        try:
            room = observing.observed_room(token, request.user)
        except NoMembership:
            raise PermissionDenied from None
        except RoomEnded as refusal:
            messages.error(request, str(refusal.words))
            return HttpResponseRedirect(reverse("admin:index"), status=303)
        address = f"/ws/rooms/{room.code}/?{urlencode({'observe': token})}"
        context = {
            **self.each_context(request),
            "title": room.name,
            "room": room,
            "address": address,
            **read_parts(room.pk, "queue", "playback", "chat", "members"),
        }
        names = {member["id"]: member["name"] for member in context["members"]}
        context["messages_here"] = [
            {**message, "name": names.get(message["member"], "–")} for message in context["chat"]
        ]
        return TemplateResponse(request, "admin/watch.html", context)

    def audit_csv(self, request: HttpRequest) -> StreamingHttpResponse:
        """The audit log of a period as CSV: from one day (UTC) to another, both in it."""
        if not request.user.has_perm("staff.export_audit"):
            raise PermissionDenied
        first, last = _day(request, "from", back=30), _day(request, "to", back=0)
        from_ms = round(first.timestamp() * 1000)
        to_ms = round(last.timestamp() * 1000) + DAY_MS
        entries = AuditEntry.objects.filter(at_ms__gte=from_ms, at_ms__lt=to_ms).order_by("pk")
        answer = StreamingHttpResponse(_csv_lines(entries), content_type="text/csv; charset=utf-8")
        name = f"audit-{first:%Y-%m-%d}-{last:%Y-%m-%d}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _to_index(request: HttpRequest) -> HttpResponse:
    """Who has logged in already has nothing to do at a login, whatever the form holds."""
    return HttpResponseRedirect(reverse("admin:index"))


def _rows(offer: Offer, ids: list[str]) -> list[Any]:
    """The rows that an offer is for; one None where it is for the site. Raises `Http404`."""
    if offer.model is None:
        return [None]
    keys = [int(each) for each in ids[:MOST_AT_ONCE] if each.isdecimal() and len(each) < 19]
    found = list(offer.model._default_manager.filter(pk__in=keys).order_by("pk"))
    if not found:
        raise Http404
    return found


def _do(
    request: HttpRequest, offer: Offer, rows: list[Any], by: Moderator, asked: dict[str, Any]
) -> bool:
    """Do it to each row, and say how it went: what is refused for one keeps no other back.

    Returns whether it was done to any.
    """
    done = 0
    for row in rows:
        try:
            offer.run(by, row, asked)
            done += 1
        except RoomError as refusal:
            what = f"{row}: " if row is not None else ""
            messages.error(request, f"{what}{refusal.words}")
    if done:
        said = ngettext("{offer}: done.", "{offer}: done ({n}).", done)
        messages.success(request, said.format(offer=gettext(offer.label), n=done))
    return done > 0


def _address(offer: Offer, request: HttpRequest) -> str:
    return f"{reverse('admin:offer', args=[offer.key])}?from={request.path}"


def _back(request: HttpRequest, page: str) -> str:
    """The page of the admin from which something is done; the first one where it is none."""
    is_ours = url_has_allowed_host_and_scheme(page, None) and page.startswith("/admin/")
    return page if is_ours else reverse("admin:index")


def _day(request: HttpRequest, name: str, *, back: int) -> datetime:
    """A day of the address such as 2026-11-30; else so many days before today."""
    today = datetime.fromtimestamp(clock.now_ms() / 1000, UTC)
    try:
        day = datetime.strptime(request.GET.get(name, ""), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        day = today - timedelta(days=back)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


class _Echo:
    """What `csv` writes to: each line is handed on as it comes."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(entries: Any) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(CSV_COLUMNS)
    for entry in entries.iterator():
        when = datetime.fromtimestamp(entry.at_ms / 1000, UTC)
        room = f"{entry.room_name} ({entry.room_code})" if entry.room_code else ""
        words = (target_translated(entry), room, reason_translated(entry.why))
        row = (entry.user_name, entry.act, *words, entry.page, entry.facts)
        yield writer.writerow([f"{when:%Y-%m-%dT%H:%M:%SZ}", *map(_inert, row)])


def _inert(value: Any) -> str:
    """A value that no spreadsheet takes for a formula."""
    text = str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


class UserList(_UserAdmin):
    """Accounts of staff, and of hosts who find their rooms again by one (`LOCAL_ACCOUNTS`).

    One is closed by taking "active" away, never deleted.
    """

    list_display = ("username", "is_active", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    # Plain lists: those with two columns have names on elements that may have none (ARIA).
    filter_horizontal = ()
    # The server writes them; as fields, their halves would have no labels.
    readonly_fields = ("last_login", "date_joined")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class GroupList(GroupAdmin):
    """Groups of staff, whose rights stand in a plain list, too."""

    filter_horizontal = ()


staff_site = StaffSite()
staff_site.register(User, UserList)
staff_site.register(Group, GroupList)
for model, rows in LISTS.items():
    staff_site.register(model, rows)
