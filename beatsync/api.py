"""The API: puts the apps' routers together, and turns what was refused into answers, once."""

import logging
from typing import Any

from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from beatsync.snapshot import read_snapshot
from music.api import router as music_router
from rooms.api import router as rooms_router
from rooms.auth import GuestCookie
from rooms.errors import Invalid, Malformed, RoomError, Unavailable, Unknown

logger = logging.getLogger(__name__)

api = NinjaAPI(
    title="BeatSync",
    version="1",
    description="A collaborative jukebox. Writes go here; what happened comes over the socket.",
    auth=GuestCookie(),
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("/rooms", rooms_router(read_snapshot))
api.add_router("/rooms", music_router)


def answer(refusal: RoomError) -> JsonResponse:
    """A refusal as the wire says it: status, code, sentence, and when to try again."""
    response = JsonResponse(refusal.as_json(), status=refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


@api.exception_handler(RoomError)
def refused(request: HttpRequest, refusal: RoomError) -> HttpResponse:
    return answer(refusal)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first: dict[str, Any] = error.errors[0] if error.errors else {}
    where = [str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path")]
    field = where[-1] if where else "the body"
    return answer(Invalid(f"{field}: {first.get('msg', 'not valid')}."))


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 403:
        return JsonResponse(
            {"error": {"code": "csrf", "message": "Load the page again, then repeat that."}},
            status=403,
        )
    return answer(Malformed())


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(Unknown("There is nothing at this address."))


@api.exception_handler(DatabaseError)
def database_away(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    logger.error("the database did not answer", exc_info=error)
    return answer(Unavailable(retry_after=2))


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """The last resort: the log gets everything, the client one calm sentence."""
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return JsonResponse(
        {"error": {"code": "server_error", "message": Unavailable.message}}, status=500
    )
