"""Which request bodies are read here: JSON for the API, forms for the pages, both in UTF-8."""

from collections.abc import Callable

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_noop as _

from beatsync import api, pages
from beatsync.errors import Malformed, Unsupported
from rooms.errors import RoomError

_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii"}
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
# What Django and Python raise on the way through a form that makes no sense.
_BROKEN_FORM = (BadRequest, SuspiciousOperation, MultiPartParserError, LookupError, ValueError)


class LenientRequest(ASGIRequest):
    """A request; also one whose Content-Type names a codec that turns bytes into no text."""

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # private in Django
        except (LookupError, ValueError):
            self.content_type, self.content_params = "unreadable", {}


class ReadableBodies:
    """Middleware that refuses, before any view reads it, a body that no view here can read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_api = request.path_info.startswith("/api/")
        try:
            _check_body(request, is_api=is_api)
        except RoomError as refusal:
            return api.answer(refusal) if is_api else pages.refused(request, refusal)
        return self._get_response(request)


def _check_body(request: HttpRequest, *, is_api: bool) -> None:
    """Raise `Unsupported` for a body that is not read here, `Malformed` for a broken form."""
    kind = request.content_type or ""
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if charset not in _CHARSETS or kind == "unreadable":
        raise Unsupported(_("That is not written in UTF-8. Send UTF-8."), detail="no_utf8")
    if is_api:
        if request.method in ("POST", "PUT", "PATCH", "DELETE") and kind not in (
            "", "application/json",
        ):  # fmt: skip
            raise Unsupported
    elif request.method == "POST" and kind in _FORMS:
        try:
            request.POST  # noqa: B018 - reading it parses the form
        except _BROKEN_FORM as error:
            raise Malformed(
                _("That form could not be read. Load the page again."), detail="unreadable_form"
            ) from error
