"""The page of a room's rules: every member reads it, the host changes it."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from beatsync import rules_form
from beatsync.pages import for_members, personal, refused
from chat.actions.blocked_words import set_blocked_words
from music.sources import registry
from rooms import access, clock
from rooms.actions import change_rules
from rooms.acts import GOVERN
from rooms.errors import Invalid, RoomEnded, RoomError
from rooms.models import Member
from rooms.roles import Role
from rooms.shapes import room_url
from rooms.snapshot import read_part


@require_http_methods(["GET", "HEAD", "POST"])
@personal
@ensure_csrf_cookie
def rules(request: HttpRequest, code: str) -> HttpResponse:
    """What the room goes by: every member reads it, the host changes it."""
    if request.method == "POST":
        return _changed_rules(request, code)
    return _read_rules(request, code)


def _changed_rules(request: HttpRequest, code: str) -> HttpResponse:
    """A preset, the form with all the rules in it, or that with the blocked words, one a line."""
    try:
        member = access.changer(request, code)
        member.require(GOVERN)
        if not member.room.is_live:
            raise RoomEnded
        if (typed := request.POST.get("blocked_words")) is not None:
            try:
                set_blocked_words(by=member, words=typed.splitlines())
            except Invalid as refusal:  # beside the list, which is nowhere else yet
                return _rules_page(request, member, words=typed, words_error=refusal.words)
        elif preset := request.POST.get("preset"):
            change_rules(by=member, preset=preset)
        else:
            form = rules_form.RulesForm(request.POST, member.room)
            if not form.is_valid():
                return _rules_page(request, member, form=form)
            form.save(member)
    except RoomError as refusal:
        return refused(request, refusal)
    return HttpResponseRedirect(f"{room_url(member.room)}/rules", status=303)


@for_members
def _read_rules(request: HttpRequest, member: Member) -> HttpResponse:
    return _rules_page(request, member)


def _rules_page(
    request: HttpRequest,
    member: Member,
    *,
    form: rules_form.RulesForm | None = None,
    words: str | None = None,
    words_error: str = "",
) -> HttpResponse:
    """The page; with the `form` or the blocked `words` as they were typed, if these are wrong."""
    context = {
        "room": {"code": member.room.code, "name": member.room.name},
        "edits": member.may(GOVERN),
        "boot": {
            "code": member.room.code,
            "revision": member.room.revision,
            "server_ms": clock.now_ms(),
        },
        "source_lines": _source_lines(member),
        "blocked_words": "\n".join(_blocked_words(member)) if words is None else words,
        "words_error": words_error,
        "heirs": _heirs(member),
        **rules_form.page_of(member, form=form),
    }
    status = 422 if form or words_error else 200
    return render(request, "rules.html", context, status=status)


def _heirs(member: Member) -> list[Member]:
    """Whom the host can hand the room over to; nobody for everybody else."""
    if member.role != Role.HOST:
        return []
    others = member.room.members.arrived().inside().exclude(pk=member.pk)
    return list(others.filter(muted=False).order_by("name", "pk"))


def _blocked_words(member: Member) -> list[str]:
    """The words that the room's chat refuses, for the host alone."""
    if not member.may(GOVERN):
        return []
    words: list[str] = read_part(member.room_id, "blocked_words")
    return words


def _source_lines(member: Member) -> list[dict[str, str]]:
    """How the sources stand in this room, for those who see to it, with their pages."""
    lines = ((kind, kind.line(member)) for kind in registry.offered() if kind.line)
    return [
        {
            "name": kind.name,
            "title": kind.title,
            "line": line,
            "address": f"{room_url(member.room)}/{kind.can.page}",
        }
        for kind, line in lines
        if line
    ]
