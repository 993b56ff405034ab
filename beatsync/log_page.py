"""The page of a room's log: who did what to whom and why, for host and co-hosts."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from beatsync.pages import for_members, personal, refused
from rooms import access, actions, clock
from rooms.acts import MODERATE
from rooms.api import whole_number
from rooms.errors import RoomError, UnknownLogEntry
from rooms.log import is_undoable, log_translated, replaced_by_newer
from rooms.models import LogEntry, Member
from rooms.shapes import room_url

# The latest; older ones are read over the API.
ENTRIES = 100


@require_safe
@personal
@ensure_csrf_cookie
@for_members
def log(request: HttpRequest, member: Member) -> HttpResponse:
    """The latest entries, each with a form that undoes it where that is possible."""
    member.require(MODERATE)
    of_room = LogEntry.objects.filter(room=member.room).select_related("by", "target")
    entries = list(of_room.order_by("-pk")[:ENTRIES])
    replaced = replaced_by_newer(entries)
    context = {
        "room": {"code": member.room.code, "name": member.room.name},
        "entries": [_row(entry, is_replaced=entry.pk in replaced) for entry in entries],
    }
    return render(request, "log.html", context)


@require_POST
def undo(request: HttpRequest, code: str, entry: str) -> HttpResponse:
    """The plain form that takes back what an entry tells of."""
    try:
        member = access.changer(request, code)
        actions.undo_logged(by=member, entry_id=whole_number(entry, UnknownLogEntry()))
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(f"{room_url(member.room)}/log", status=303)


def _row(entry: LogEntry, *, is_replaced: bool) -> dict[str, Any]:
    minutes = (clock.now_ms() - entry.at_ms) // 60_000
    return {
        "id": entry.pk,
        "says": log_translated(entry),
        "ago": _ago(minutes),
        "undoable": is_undoable(entry) and not is_replaced,
        "undone": entry.undone_at_ms is not None,
    }


def _ago(minutes: int) -> str:
    """ "1 h 5 min ago", "8 min ago", "now" """
    if minutes < 1:
        return gettext("now")
    hours, rest = divmod(minutes, 60)
    if hours == 0:
        return gettext("{minutes} min ago").format(minutes=rest)
    if rest == 0:
        return gettext("{hours} h ago").format(hours=hours)
    return gettext("{hours} h {minutes} min ago").format(hours=hours, minutes=rest)
