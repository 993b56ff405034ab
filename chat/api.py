"""The chat of a room over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Field, Query, Router
from pydantic import BaseModel, StrictBool, StrictStr

from chat import reaction_batches
from chat.actions import blocked_words, messages, reports
from chat.errors import UnknownMessage
from chat.models import ChatMessage
from chat.shapes import MessageShape, message_shape
from rooms import access, limits
from rooms.api import whole_number
from rooms.errors import UnknownMember
from rooms.receipts import once, repeated

PAGE = 50
# How many messages one request may hide or show.
MANY = 100
router = Router(tags=["chat"])

Short = Annotated[StrictStr, Field(min_length=1, max_length=40)]
# Far longer than these may be: the actions say how long that is, in their own words.
Word = Annotated[StrictStr, Field(max_length=5000)]
Typed = Annotated[StrictStr, Field(max_length=5000)]


class Posting(BaseModel):
    text: Typed
    mentions: Annotated[list[Short], Field(max_length=20)] = []


class Words(BaseModel):
    words: Annotated[list[Word], Field(max_length=5000)]


class Reporting(BaseModel):
    reason: Typed


class Hiding(BaseModel):
    messages: Annotated[list[Short], Field(max_length=MANY)]
    hidden: StrictBool


class Reacting(BaseModel):
    reaction: reaction_batches.Reaction


class HidingAll(BaseModel):
    hidden: Literal[True]


@router.get("/{code}/chat", summary="Messages, the latest first; cursor: older than this message")
def history(
    request: HttpRequest, code: str, cursor: Annotated[str | None, Query(max_length=20)] = None
) -> HttpResponse:
    member = access.member(request, code)
    older = ChatMessage.objects.filter(room=member.room).order_by("-pk")
    if cursor is not None:
        before = whole_number(cursor, UnknownMessage())
        if not older.filter(pk=before).exists():
            raise UnknownMessage
        older = older.filter(pk__lt=before)
    found = list(older[: PAGE + 1])
    following = str(found[PAGE - 1].pk) if len(found) > PAGE else None
    items = [message_shape(message) for message in found[:PAGE]]
    return JsonResponse({"items": items, "next": following})


@router.post("/{code}/chat", response={201: MessageShape}, summary="Write a message to the room")
def post(request: HttpRequest, code: str, body: Posting) -> HttpResponse:
    # Known without a query, so that refusing somebody who floods the room costs next to nothing.
    known = access.cached_member(request, code)
    if answer := repeated(request, known.guest):
        return answer
    limits.hit_by("CHAT", known.pk, access.address_of(request))
    member = access.member(request, code)
    mentions = [whole_number(each, UnknownMember()) for each in body.mentions]

    def perform() -> HttpResponse:
        message = messages.post_message(member=member, text=body.text, mentions=mentions)
        return JsonResponse({**message_shape(message)}, status=201)

    return once(request, member.guest, perform)


# Before that with {message}: django-ninja goes by addresses in order, and it would take this.
@router.put("/{code}/chat/hidden", summary="Hide messages, or show them again (host, co-host)")
def hide(request: HttpRequest, code: str, body: Hiding) -> HttpResponse:
    by = access.changer(request, code)
    wanted = [whole_number(each, UnknownMessage()) for each in body.messages]
    changed = messages.set_hidden(by=by, message_ids=wanted, hidden=body.hidden)
    return JsonResponse({"items": [str(pk) for pk in changed]})


@router.put("/{code}/chat/blocked-words", summary="The words that are blocked here now (host)")
def block_words(request: HttpRequest, code: str, body: Words) -> HttpResponse:
    by = access.changer(request, code)
    return JsonResponse({"items": blocked_words.set_blocked_words(by=by, words=body.words)})


@router.delete("/{code}/chat/{message}", response={204: None}, summary="Delete my message")
def delete(request: HttpRequest, code: str, message: str) -> HttpResponse:
    member = access.changer(request, code)
    messages.delete_message(member=member, message_id=whole_number(message, UnknownMessage()))
    return HttpResponse(status=204)


@router.put("/{code}/members/{member_id}/chat", summary="Hide all of a member (host, co-host)")
def hide_all(request: HttpRequest, code: str, member_id: str, body: HidingAll) -> HttpResponse:
    by = access.changer(request, code)
    hidden = messages.hide_all_of(by=by, member_id=whole_number(member_id, UnknownMember()))
    return JsonResponse({"items": [str(pk) for pk in hidden]})


@router.put(
    "/{code}/chat/{message}/report", response={204: None}, summary="Report a message, with a reason"
)
def report(request: HttpRequest, code: str, message: str, body: Reporting) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("REPORTS", member.pk, access.address_of(request))
    message_id = whole_number(message, UnknownMessage())
    reports.report_message(member=member, message_id=message_id, reason=body.reason)
    return HttpResponse(status=204)


@router.delete(
    "/{code}/chat/{message}/reports",
    response={204: None},
    summary="Leave a reported message as it is (host, co-host)",
)
def clear_reports(request: HttpRequest, code: str, message: str) -> HttpResponse:
    by = access.changer(request, code)
    reports.clear_reports(by=by, message_id=whole_number(message, UnknownMessage()))
    return HttpResponse(status=204)


@router.put(
    "/{code}/reactions/{subject}",
    response={204: None},
    summary="React to the subject, the id of the item that plays; counted within a second",
)
def react(request: HttpRequest, code: str, subject: str, body: Reacting) -> HttpResponse:
    member = access.member(request, code)
    limits.hit_by("REACTIONS", member.pk, access.address_of(request))
    reaction_batches.note_reaction(member, subject, body.reaction)
    return HttpResponse(status=204)
