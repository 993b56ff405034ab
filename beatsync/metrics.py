"""`/metrics` for Prometheus: what this process has counted, for who has the operator's token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Histogram, generate_latest

from music.conductor import read_overdue_ms
from music.metrics import OverdueCollector
from music.sources import registry
from rooms.metrics import RoomsCollector

REQUEST_SECONDS = Histogram(
    "beatsync_request_seconds",
    "From a request's arrival in its thread to its answer, by route and status class",
    ["method", "route", "status"],
    buckets=(0.01, 0.05, 0.25, 1, 5),
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}


def register_collectors() -> None:
    """Let `/metrics` also say what is read at its moment. Call it once in a process."""
    REGISTRY.register(RoomsCollector())
    REGISTRY.register(OverdueCollector(read_overdue_ms))
    for kind in registry.offered():
        for collector in kind.collectors():
            REGISTRY.register(collector)


def metrics(request: HttpRequest) -> HttpResponse:
    """All metrics; 404 where the operator has set no METRICS_TOKEN, 401 for another one."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not constant_time_compare(given, settings.METRICS_TOKEN):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


class _QuietHandler(WSGIRequestHandler):
    # Seconds. One request is served at a time, so a silent connection may not last longer.
    timeout = 5

    def log_message(self, *_: object) -> None:
        """One line a request is for debugging only."""


def serve_alone(host: str, port: int) -> WSGIServer:
    """Answer `/metrics` alone, in a thread of its own: for a process that serves nobody.

    Returns the server, whose `shutdown` ends it. Raises `OSError` where the port is taken.
    """
    server = make_server(host, port, _answer_alone, handler_class=_QuietHandler)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _answer_alone(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    request = WSGIRequest(environ)
    try:
        answer = metrics(request) if request.path == "/metrics" else HttpResponse(status=404)
    except DatabaseError:
        answer = HttpResponse(status=503)
    finally:
        connection.close()
    start_response(f"{answer.status_code} {answer.reason_phrase}", [*answer.items()])
    return [answer.content]


def observe_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Count an answered request; what nobody routes is one route, and so is an odd method."""
    match = request.resolver_match
    method = request.method if request.method in _METHODS else "other"
    route = match.route if match else "none"
    REQUEST_SECONDS.labels(method, route, f"{status // 100}xx").observe(seconds)
