"""Ids of requests, and how long each took."""

import re
import secrets
import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from beatsync.logs import request_id
from beatsync.metrics import observe_request

HEADER = "X-Request-ID"
_of_a_proxy = re.compile(r"[\w.-]{8,64}", re.ASCII)


class RequestIds:
    """Middleware: gives a request its id, or keeps that of the proxy, and measures it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "") if settings.TRUSTED_PROXIES else ""
        known_as = given if _of_a_proxy.fullmatch(given) else secrets.token_hex(8)
        token = request_id.set(known_as)
        began = time.perf_counter()
        try:
            response = self._get_response(request)
        finally:
            request_id.reset(token)
        observe_request(request, response.status_code, time.perf_counter() - began)
        response[HEADER] = known_as
        return response
