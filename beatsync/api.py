"""The API: puts the apps' routers together, and turns what was refused into answers, once."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_noop as _
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from beatsync.errors import Malformed, NoToken, ServerError, TooLarge, WrongMethod, WrongOrigin
from beatsync.openapi_errors import describe_errors
from beatsync.openapi_rules import describe_rules
from beatsync.origins import is_from_foreign_origin
from chat.api import router as chat_router
from discovery.api import router as discovery_router
from music.api import router as music_router
from music.sources import registry
from rooms.api import router as rooms_router
from rooms.auth import GuestCookie
from rooms.errors import Invalid, RoomError, Unavailable, Unknown

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


class Api(NinjaAPI):
    """Answers are personal, and refusals have one shape, also where django-ninja has its own."""

    @property
    def urls(self) -> Any:  # as loosely typed there
        patterns, *names = super().urls
        for pattern in patterns:
            pattern.callback = _at_the_edge(cast(View, pattern.callback))
        return (patterns, *names)

    def get_openapi_schema(self, **options: Any) -> Any:
        schema = super().get_openapi_schema(**options)
        describe_errors(schema)
        describe_rules(schema)
        return schema


def _at_the_edge(view: View) -> View:
    @wraps(view)
    def edge(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code == 405:
            response = _wrong_method(response["Allow"])
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return edge


api = Api(
    title="BeatSync",
    version="1",
    description="A collaborative jukebox. Writes go here; what happened comes over the socket.",
    auth=GuestCookie(),
    docs_url="/docs",
    urls_namespace="api",
)
api.add_router("/rooms", rooms_router)
api.add_router("/rooms", music_router)
for kind in registry.kinds():
    for source_router in kind.routers:
        api.add_router("/rooms", source_router)
api.add_router("/rooms", chat_router)
api.add_router("/rooms", discovery_router)


def answer(refusal: RoomError) -> JsonResponse:
    """A refusal as the wire says it: status, code, sentence, and when to try again."""
    response = JsonResponse(refusal.as_json(), status=refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response


def _wrong_method(allowed: str) -> HttpResponse:
    response = answer(WrongMethod(_("What can be asked here: {allowed}."), allowed=allowed))
    response["Allow"] = allowed
    return response


@api.exception_handler(RoomError)
def refused(request: HttpRequest, refusal: RoomError) -> HttpResponse:
    return answer(refusal)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first: dict[str, Any] = error.errors[0] if error.errors else {}
    where = [str(part) for part in first.get("loc", ()) if part not in ("body", "query", "path")]
    if not where:
        return answer(Invalid(_("The body of this request is a JSON object.")))
    return answer(
        Invalid("{field}: {problem}.", field=where[-1], problem=str(first.get("msg", "not valid")))
    )


@api.exception_handler(HttpError)
def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 403:
        if is_from_foreign_origin(request):
            return answer(WrongOrigin())
        return answer(NoToken())
    return answer(Malformed())


@api.exception_handler(RequestDataTooBig)
def too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return answer(TooLarge())


@api.exception_handler(SuspiciousOperation)
@api.exception_handler(BadRequest)
@api.exception_handler(MultiPartParserError)
def unreadable(request: HttpRequest, error: Exception) -> HttpResponse:
    return answer(Malformed())


@api.exception_handler(Http404)
def not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return answer(Unknown(_("There is nothing at this address."), detail="nothing_here"))


@api.exception_handler(DatabaseError)
def database_away(request: HttpRequest, error: DatabaseError) -> HttpResponse:
    logger.error("the database did not answer", exc_info=error)
    return answer(Unavailable(retry_after=2))


@api.exception_handler(Exception)
def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """The last resort: the log gets everything, the client one calm sentence."""
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return answer(ServerError())
