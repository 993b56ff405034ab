"""The lists of the admin: rooms, people, queue, plays, messages, reports, bans and the rest.

They show and filter; what changes anything is an offer (`staff.offers`). Votes are tallies: whose
they are is in no list.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.db.models import Count, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from chat.models import ChatMessage, MessageReport, MessageState
from music.incident_words import cause_translated, incident_translated
from music.models import Incident, ItemState, Playback, QueueItem
from music.models.queue import OVER
from music.sources import registry
from music.sources.base import StaffList
from rooms import clock
from rooms.codes import is_code, normalise_code
from rooms.models import Member, Restriction, Room
from rooms.reasons import reason_translated
from rooms.roles import Role
from rooms.rules import presets
from staff.audit_words import target_translated
from staff.columns import (
    SEARCHED,
    BoundedPaginator,
    link_to,
    link_to_list,
    moment,
    newest,
    period,
    reason_words,
)
from staff.models import AuditEntry, PlayedItem, SiteBan
from staff.offers import Offer, offers_for

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin

AROUND = 5


class NewestFirst(ChangeList):
    """Rows as they came, the newest first, whatever order the address asks for.

    To sort a large table by a column without an index takes seconds.
    """

    def get_ordering(self, request: HttpRequest, queryset: Any) -> list[Any]:
        return ["-pk"]


class ReadList(_ModelAdmin):
    """A list that is read. Its rows have offers, and are never edited or deleted as such."""

    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    ordering = ("-pk",)
    sortable_by = ()
    # Counting each choice of a filter would read the whole table.
    show_facets = admin.ShowFacets.NEVER
    # The way from a row to its room, for a search by a room's code.
    room_path = ""
    searched = format_lazy(
        gettext_lazy("Words are looked for in the newest {n} rows, or in all of one room."),
        n=f"{SEARCHED:,}",
    )
    # What links from other pages narrow this list by, besides its filters.
    narrowed_by: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        """Only what a filter shows, or a link asks for.

        Django's own rule allows each column of the table. By `guest__startswith` and the like,
        somebody could read, one letter at a time, what no page shows.
        """
        return lookup in self.narrowed_by or lookup in self._filter_lookups

    @cached_property
    def _filter_lookups(self) -> set[str]:
        """The parameters that the filters of this list write into its address."""
        filters: list[Any] = [*self.list_filter]
        found: set[str] = set()
        for each in filters:
            if isinstance(each, str):
                found |= {each, f"{each}__exact", f"{each}__isnull"}
            else:
                found.add(each.parameter_name)
        return found

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        """Rows of the rooms with this code, if it is one; else those that hold the words.

        To look for both at once would join the rooms to each row that is searched. Words are looked
        for in all of one room, or person, or else in the newest rows.
        """
        code = normalise_code(search_term)
        if self.room_path and is_code(code):
            rooms = list(Room.objects.named(code).values_list("pk", flat=True))
            if rooms:
                return queryset.filter(**{f"{self.room_path}__in": rooms}), False
        if search_term and not request.GET.keys() & {*self.narrowed_by}:
            queryset = newest(queryset, SEARCHED)
        return super().get_search_results(request, queryset, search_term)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[NewestFirst]:
        return NewestFirst

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """An action for each offer that this user has a right to."""
        offered = offers_for(self.model, request.user)
        return {each.key: (_going_to(each), each.key, gettext(each.label)) for each in offered}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one row, with what can be done with it."""
        row = self.get_object(request, object_id)
        offered = offers_for(self.model, request.user) if row is not None else []
        ways = [
            {"offer": each, "address": offer_address(each, [object_id], request.get_full_path())}
            for each in offered
            if each.fits(row)
        ]
        return super().change_view(
            request, object_id, form_url, {"offers": ways, **(extra_context or {})}
        )


def offer_address(offer: Offer, ids: list[str], page: str) -> str:
    """Where an offer asks for its reason, for these rows, and comes back to this page."""
    chosen = urlencode({"id": ids, "from": page}, doseq=True)
    return f"{reverse('admin:offer', args=[offer.key])}?{chosen}"


def _going_to(offer: Offer) -> Callable[..., HttpResponse]:
    def go(model_admin: Any, request: HttpRequest, queryset: Any) -> HttpResponse:
        ids = [str(pk) for pk in queryset.values_list("pk", flat=True)[:100]]
        return HttpResponseRedirect(offer_address(offer, ids, request.get_full_path()), status=303)

    return go


def column(words: str) -> Callable[[Any], Any]:
    """Name a column of a list."""
    return admin.display(description=gettext_lazy(words))


class StartedFrom(admin.SimpleListFilter):
    """Rooms by the preset that their rules began with."""

    title = gettext_lazy("preset")
    parameter_name = "preset"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(each.key, gettext(each.title)) for each in presets().values()]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(preset=self.value()) if self.value() else queryset


class RoomList(ReadList):
    list_display = ("code", "name", "state", "host", "people", "opened", "ended", "more")
    list_filter = ("state", StartedFrom, period("created_at_ms", _("opened")))
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("Code or name of the room")
    fields = (
        "code",
        "name",
        "state",
        "started_from",
        "opened",
        "ended",
        "host",
        "people",
        "playing",
        "more",
    )
    readonly_fields = ("started_from", "opened", "ended", "host", "people", "playing", "more")

    def get_queryset(self, request: HttpRequest) -> Any:
        hosts = Member.objects.filter(room=OuterRef("pk"), role=Role.HOST)
        present = Member.objects.present(clock.now_ms()).filter(room=OuterRef("pk")).order_by()
        counted = present.values("room").annotate(many=Count("pk")).values("many")
        rooms = super().get_queryset(request)
        return rooms.annotate(
            host_pk=Subquery(hosts.values("pk")[:1]),
            host_name=Subquery(hosts.values("name")[:1]),
            here=Subquery(counted[:1]),
        )

    @column(_("preset"))
    def started_from(self, room: Room) -> str:
        declared = presets().get(room.preset)
        return gettext(declared.title) if declared else room.preset

    @column(_("opened"))
    def opened(self, room: Room) -> SafeString | str:
        return moment(room.created_at_ms)

    @column(_("ended"))
    def ended(self, room: Room) -> SafeString | str:
        return moment(room.ended_at_ms)

    @column(_("host"))
    def host(self, room: Any) -> SafeString | str:
        return link_to("rooms_member", room.host_pk, room.host_name or "")

    @column(_("here now"))
    def people(self, room: Any) -> int:
        return room.here or 0

    @column(_("plays"))
    def playing(self, room: Room) -> str:
        playback = Playback.objects.filter(room=room).select_related("item__track").first()
        item = playback.item if playback else None
        return (
            "–"
            if playback is None or item is None
            else f"{item.track.title} ({playback.get_state_display()})"
        )

    @column(_("see"))
    def more(self, room: Room) -> SafeString:
        here = {"room__id__exact": room.pk}
        ways = [
            link_to_list("rooms_member", gettext("people"), **here),
            link_to_list("music_queueitem", gettext("queue"), **here),
            link_to_list("staff_playeditem", gettext("plays"), **here),
            link_to_list("chat_chatmessage", gettext("messages"), **here),
            link_to_list("music_incident", gettext("incidents"), **here),
        ]
        return SafeString(" ".join(ways))


class MemberList(ReadList):
    list_display = ("name", "in_room", "role", "muted", "banned", "left", "joined", "seen", "more")
    list_filter = ("role", "muted", "banned", "left", period("seen_at_ms", _("seen")))
    list_select_related = ("room",)
    search_fields = ("name",)
    room_path = "room"
    narrowed_by = ("room__id__exact",)
    search_help_text = gettext_lazy("Name of the person, or code of their room")
    fields = (
        "name",
        "in_room",
        "role",
        "muted",
        "banned",
        "left",
        "joined",
        "seen",
        "elsewhere",
        "more",
    )
    readonly_fields = ("in_room", "joined", "seen", "elsewhere", "more")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(seen_at_ms__isnull=False)

    @column(_("room"))
    def in_room(self, member: Member) -> SafeString | str:
        return link_to("rooms_room", member.room_id, str(member.room))

    @column(_("joined"))
    def joined(self, member: Member) -> SafeString | str:
        return moment(member.joined_at_ms)

    @column(_("seen"))
    def seen(self, member: Member) -> SafeString | str:
        return moment(member.seen_at_ms)

    @column(_("also in"))
    def elsewhere(self, member: Member) -> SafeString | str:
        """Other rooms of the same person: the secret identity itself is shown nowhere."""
        others = Member.objects.filter(guest=member.guest).exclude(pk=member.pk)
        found = others.select_related("room").order_by("-pk")[:20]
        return SafeString(
            " ".join(link_to("rooms_member", o.pk, str(o.room)) for o in found) or "–"
        )

    @column(_("see"))
    def more(self, member: Member) -> SafeString:
        return link_to_list("chat_chatmessage", gettext("messages"), member__id__exact=member.pk)


class QueueList(ReadList):
    list_display = ("title", "in_room", "added_by_whom", "up", "down", "held", "state", "added")
    list_filter = ("state", period("added_at_ms", _("added")))
    list_select_related = ("room", "track", "added_by")
    search_fields = ("track__title",)
    room_path = "room"
    narrowed_by = ("room__id__exact",)
    search_help_text = gettext_lazy("Title of the track, or code of the room")
    fields = (
        "title",
        "in_room",
        "added_by_whom",
        "up",
        "down",
        "held",
        "trusted",
        "state",
        "added",
        "ended",
    )
    readonly_fields = ("title", "in_room", "added_by_whom", "added", "ended")
    states: tuple[str, ...] = (ItemState.WAITING, ItemState.PLAYING)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).filter(state__in=self.states)

    @column(_("track"))
    def title(self, item: QueueItem) -> str:
        return f"{item.track.title} – {', '.join(item.track.artists)}"

    @column(_("room"))
    def in_room(self, item: QueueItem) -> SafeString | str:
        return link_to("rooms_room", item.room_id, str(item.room))

    @column(_("added by"))
    def added_by_whom(self, item: QueueItem) -> SafeString | str:
        who = item.added_by
        return gettext("the shelf") if who is None else link_to("rooms_member", who.pk, who.name)

    @column(_("added"))
    def added(self, item: QueueItem) -> SafeString | str:
        return moment(item.added_at_ms)

    @column(_("ended"))
    def ended(self, item: QueueItem) -> SafeString | str:
        return moment(item.ended_at_ms)


class PlayList(QueueList):
    list_display = ("title", "in_room", "added_by_whom", "up", "down", "state", "reason", "ended")
    list_filter = ("state", period("ended_at_ms", _("ended")))
    states = tuple(OVER)

    @column(_("cause"))
    def reason(self, item: QueueItem) -> str:
        return cause_translated(item.cause)


class MessageList(ReadList):
    list_display = ("short", "author", "in_room", "state", "reports", "written")
    list_filter = ("state", period("created_at_ms", _("written")))
    list_select_related = ("room", "member")
    search_fields = ("text",)
    search_help_text = gettext_lazy("Words of the message, or code of the room")
    room_path = "room"
    narrowed_by = ("room__id__exact", "member__id__exact")
    fields = ("text", "author", "in_room", "state", "reports", "written")
    readonly_fields = ("author", "in_room", "reports", "written")

    def get_queryset(self, request: HttpRequest) -> Any:
        reports = MessageReport.objects.filter(message=OuterRef("pk")).order_by()
        counted = reports.values("message").annotate(many=Count("pk")).values("many")
        return super().get_queryset(request).annotate(reported=Subquery(counted[:1]))

    @column(_("message"))
    def short(self, message: ChatMessage) -> str:
        return message.text[:120] or gettext("(no text any more)")

    @column(_("by"))
    def author(self, message: ChatMessage) -> SafeString | str:
        return link_to("rooms_member", message.member_id, message.member.name)

    @column(_("room"))
    def in_room(self, message: ChatMessage) -> SafeString | str:
        return link_to("rooms_room", message.room_id, str(message.room))

    @column(_("reports"))
    def reports(self, message: Any) -> int:
        return message.reported or 0

    @column(_("written"))
    def written(self, message: ChatMessage) -> SafeString | str:
        return moment(message.created_at_ms)


class OpenReports(admin.SimpleListFilter):
    """Reports that wait are shown first."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("settled", gettext("Settled")), ("all", gettext("All"))]

    def choices(self, changelist: Any) -> Any:
        choices = super().choices(changelist)
        yield {**next(choices), "display": gettext("Waiting")}
        yield from choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "all":
            return queryset
        return queryset.filter(cleared_at_ms__isnull=self.value() != "settled")


class ReportList(ReadList):
    change_form_template = "admin/report.html"
    list_display = ("reason", "short", "author", "in_room", "reported", "outcome")
    list_filter = (OpenReports, period("created_at_ms", _("reported")))
    list_select_related = ("message__room", "message__member")
    search_fields = ("reason", "message__text", "message__member__name")
    room_path = "message__room"
    search_help_text = gettext_lazy("Reason, words, name of the author, or code of the room")
    fields = ("reason", "short", "author", "in_room", "reported", "outcome")
    readonly_fields = ("short", "author", "in_room", "reported", "outcome")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """A report with the messages around it, and what else is reported of this person."""
        found = self.get_queryset(request).filter(pk=object_id) if object_id.isdecimal() else None
        report = found.first() if found is not None else None
        context = dict(extra_context or {})
        if report is not None:
            author, page = [str(report.message.member_id)], request.get_full_path()
            context |= {
                "report": report,
                "around": messages_around(report.message),
                "others": other_reports(report),
                "person_offers": [
                    {"offer": each, "address": offer_address(each, author, page)}
                    for each in offers_for(Member, request.user)
                    if each.key in ("mute", "ban", "ban-site")
                ],
                "past": past_acts(report.message),
            }
        return super().change_view(request, object_id, form_url, context)

    @column(_("message"))
    def short(self, report: MessageReport) -> str:
        return report.message.text[:120] or gettext("(no text any more)")

    @column(_("written by"))
    def author(self, report: MessageReport) -> SafeString | str:
        return link_to("rooms_member", report.message.member_id, report.message.member.name)

    @column(_("room"))
    def in_room(self, report: MessageReport) -> SafeString | str:
        return link_to("rooms_room", report.message.room_id, str(report.message.room))

    @column(_("reported"))
    def reported(self, report: MessageReport) -> SafeString | str:
        return moment(report.created_at_ms)

    @column(_("outcome"))
    def outcome(self, report: MessageReport) -> str:
        if report.cleared_at_ms is None:
            return gettext("waiting")
        if report.message.state == MessageState.SHOWN:
            return gettext("left as it is")
        return report.message.get_state_display()


def messages_around(message: ChatMessage) -> list[ChatMessage]:
    """The five messages before and after one in its room, with it, the oldest first."""
    there = ChatMessage.objects.filter(room=message.room_id).select_related("member")
    before = list(there.filter(pk__lt=message.pk).order_by("-pk")[:AROUND])
    after = list(there.filter(pk__gt=message.pk).order_by("pk")[:AROUND])
    return [*reversed(before), message, *after]


def past_acts(message: ChatMessage) -> list[dict[str, str]]:
    """What staff has done about a message before, the latest first: who, what and why."""
    entries = AuditEntry.objects.filter(room=message.room, facts__message=message.pk)
    return [
        {
            "user": each.user_name,
            "act": str(each.get_act_display()),
            "reason": reason_translated(each.why),
        }
        for each in entries.order_by("-pk")[:10]
    ]


def other_reports(report: MessageReport) -> list[MessageReport]:
    """What else people have reported of the author of this message, in any room."""
    guest = report.message.member.guest
    others = MessageReport.objects.filter(message__member__guest=guest).exclude(pk=report.pk)
    return list(others.select_related("message__room").order_by("-pk")[:20])


class ReasonList(ReadList):
    """A list with a reason in each row. It is kept as a code, shown and searched in words."""

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[Any, bool]:
        in_words = queryset.alias(reason_words=reason_words("why"))
        return super().get_search_results(request, in_words, search_term)

    @column(_("why"))
    def reason(self, row: Restriction | SiteBan | AuditEntry) -> str:
        return reason_translated(row.why)


class BanList(ReasonList):
    list_display = ("kind", "who", "in_room", "reason", "by_whom", "since", "until")
    list_filter = ("kind", "by_site", period("at_ms", _("since")))
    list_select_related = ("room", "member", "by")
    search_fields = ("member__name", "reason_words")
    room_path = "room"
    search_help_text = gettext_lazy("Name, code of the room, or reason")
    fields = ("who", "kind", "in_room", "reason", "by_whom", "since", "until")
    readonly_fields = ("who", "in_room", "reason", "by_whom", "since", "until")

    @column(_("who"))
    def who(self, restriction: Restriction) -> SafeString | str:
        return link_to("rooms_member", restriction.member_id, restriction.member.name)

    @column(_("room"))
    def in_room(self, restriction: Restriction) -> SafeString | str:
        return link_to("rooms_room", restriction.room_id, str(restriction.room))

    @column(_("by"))
    def by_whom(self, restriction: Restriction) -> str:
        if restriction.by_site:
            return gettext("the site")
        return restriction.by.name if restriction.by else "–"

    @column(_("since"))
    def since(self, restriction: Restriction) -> SafeString | str:
        return moment(restriction.at_ms)

    @column(_("until"))
    def until(self, restriction: Restriction) -> SafeString | str:
        return moment(restriction.until_ms) if restriction.until_ms else gettext("lifted")


class SiteBanList(ReasonList):
    list_display = ("__str__", "reason", "user_name", "since", "until")
    list_filter = (period("at_ms", _("since")),)
    search_fields = ("name", "reason_words", "user_name")
    fields = ("name", "reason", "user_name", "since", "until")
    readonly_fields = ("reason", "since", "until")

    @column(_("since"))
    def since(self, ban: SiteBan) -> SafeString | str:
        return moment(ban.at_ms)

    @column(_("until"))
    def until(self, ban: SiteBan) -> SafeString | str:
        return moment(ban.until_ms)


class IncidentList(ReadList):
    list_display = ("sentence", "kind", "in_room", "device", "happened")
    list_filter = ("kind", period("at_ms", _("happened")))
    list_select_related = ("room",)
    search_fields = ("says",)
    room_path = "room"
    narrowed_by = ("room__id__exact",)
    fields = ("sentence", "kind", "reason", "title", "device", "in_room", "happened")
    readonly_fields = ("sentence", "reason", "in_room", "happened")

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Incident | None:
        """An incident that says its sentence in the language of the page."""
        incident: Incident | None = super().get_object(request, object_id, from_field)
        if incident is not None:
            incident.says = self.sentence(incident)
        return incident

    @column(_("says"))
    def sentence(self, incident: Incident) -> str:
        return incident_translated(incident.code, incident.values) or incident.says

    @column(_("cause"))
    def reason(self, incident: Incident) -> str:
        return cause_translated(incident.cause)

    @column(_("room"))
    def in_room(self, incident: Incident) -> SafeString | str:
        return link_to("rooms_room", incident.room_id, str(incident.room))

    @column(_("when"))
    def happened(self, incident: Incident) -> SafeString | str:
        return moment(incident.at_ms)


def list_of_source(declared: StaffList) -> type[ReadList]:
    """The list of a model that a source has, as the source declares it."""

    def get_queryset(self: ReadList, request: HttpRequest) -> Any:
        return super(ReadList, self).get_queryset(request).defer(*declared.secret)

    def shown(words: str, field: str) -> Callable[[Any, Any], SafeString | str]:
        def moment_of(self: ReadList, row: Any) -> SafeString | str:
            return moment(getattr(row, field))

        shown_moment: Callable[[Any, Any], SafeString | str] = column(words)(moment_of)
        return shown_moment

    moments = {name: shown(*of) for name, of in declared.moments.items()}
    return type(
        f"{declared.model.__name__}List",
        (ReadList,),
        {
            "list_display": declared.columns,
            "list_filter": declared.filters,
            "search_fields": declared.search,
            "fields": declared.fields,
            "readonly_fields": tuple(moments),
            "get_queryset": get_queryset,
            **moments,
        },
    )


class AuditList(ReasonList):
    change_list_template = "admin/audit_list.html"
    list_display = ("when", "user_name", "act", "to", "in_room", "reason", "page")
    list_filter = ("act", period("at_ms", _("when")))
    search_fields = ("user_name", "target", "reason_words", "room_code")
    fields = ("when", "user_name", "act", "to", "in_room", "reason", "page", "facts")
    readonly_fields = ("when", "to", "in_room", "reason")

    @column(_("to"))
    def to(self, entry: AuditEntry) -> str:
        return target_translated(entry)

    @column(_("when"))
    def when(self, entry: AuditEntry) -> SafeString | str:
        return moment(entry.at_ms)

    @column(_("room"))
    def in_room(self, entry: AuditEntry) -> SafeString | str:
        words = f"{entry.room_name} ({entry.room_code})" if entry.room_code else ""
        return link_to("rooms_room", entry.room_id, words) if entry.room_id else words or "–"


LISTS: dict[type[models.Model], type[ReadList]] = {
    Room: RoomList,
    Member: MemberList,
    QueueItem: QueueList,
    PlayedItem: PlayList,
    ChatMessage: MessageList,
    MessageReport: ReportList,
    Restriction: BanList,
    SiteBan: SiteBanList,
    Incident: IncidentList,
    **{each.model: list_of_source(each) for kind in registry.kinds() for each in kind.staff_lists},
    AuditEntry: AuditList,
}
