"""What pages and media answer while the storage is away: a clear 503, and try again soon."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from redis.exceptions import RedisError

from rooms.errors import Unavailable

RETRY_S = 2


class DatabaseAway:
    """Middleware for what the API's own handlers do not see."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a database that did not; any other error is Django's to handle.

        Redis is missed by logins alone, whose tries are counted there.
        """
        if not isinstance(error, OperationalError | InterfaceError | RedisError):
            return None
        answer: HttpResponse = render(request, "500.html", status=503)
        if request.path.startswith("/media/"):
            answer = JsonResponse(Unavailable(retry_after=RETRY_S).as_json(), status=503)
        answer["Retry-After"] = str(RETRY_S)
        return answer
