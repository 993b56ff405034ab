"""What holds for the whole site: whether it is closed for maintenance, and a notice to all rooms.

Each is one write to one row, and no room is locked. The process that has written says so to all
that have sockets: each reads the row and sends what has changed to its sockets. Every process also
reads it every ten seconds, for such a message may be lost; no request asks the database for it.

A closed site answers pages and writes with a friendly 503. Music plays on and open pages stay; what
people do meanwhile is kept in their outbox.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import Error, close_old_connections, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from rooms.group import send_to_processes
from rooms.workers import Stop, start_worker
from staff import open_sockets
from staff.errors import SiteClosed
from staff.models import SiteState
from staff.shapes import NoticeShape, site_notice_shape

logger = logging.getLogger(__name__)

# A look at the database by each process, whatever happens in it: see tests/test_workers.py.
READ_EVERY_S = 10.0
RETRY_S = 60
# The admin opens the site again; music that plays needs its files.
STILL_OPEN = ("/admin/", "/accounts/", "/static/", "/media/")

SendFrame = Callable[[dict[str, Any]], None]


@dataclass
class _Known:
    """What this process has last read, and how it sends a frame to all its sockets."""

    closed: bool = False
    says: str = ""
    notice: NoticeShape | None = None
    has_sent: bool = False
    send: SendFrame | None = None


_known = _Known()
# Of two threads that read, the later one has the newer state.
_reading = threading.Lock()


def read_site_state() -> None:
    """Read how the site is; this process answers by it from now on, and sends a new notice."""
    with _reading:
        row = SiteState.objects.first() or SiteState()
        notice = site_notice_shape(row)
        is_news = notice != _known.notice or not _known.has_sent
        _known.closed, _known.says, _known.notice = row.closed, row.says, notice
        if is_news and _known.send is not None:
            _known.has_sent = True
            _known.send({"type": "site_notice", "notice": notice})


def announce_site_state() -> None:
    """Read how the site is, and let the other processes read it, too."""
    read_site_state()
    send_to_processes({"kind": "site"})


def current_notice() -> NoticeShape | None:
    """The notice to all rooms, as this process knows it: at most 10 s old."""
    return _known.notice


def forget() -> None:
    """Know nothing, as a new process."""
    _known.closed, _known.says, _known.notice = False, "", None
    _known.has_sent, _known.send = False, None


def keep_reading(*, on_notice: SendFrame) -> None:
    """Read it every ten seconds, in a thread beside the server, which also counts the open sockets.

    `on_notice` sends a frame to all sockets of this process.
    """
    _known.send = on_notice
    start_worker("site-state", _keep_reading)


def _keep_reading(stop: Stop) -> None:
    while not stop.is_set():
        open_sockets.write_count()
        try:
            read_site_state()
            close_old_connections()
        except Error as failure:
            logger.warning("the state of the site could not be read: %r", failure)
            connection.close()
        stop.pause(READ_EVERY_S)


class Maintenance:
    """Middleware that answers for a closed site."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not _known.closed or request.path_info.startswith(STILL_OPEN):
            return self._get_response(request)
        refusal = SiteClosed(
            _known.says or None, detail="own_words" if _known.says else "", retry_after=RETRY_S
        )
        if request.path_info.startswith("/api/"):
            answer: HttpResponse = JsonResponse(refusal.as_json(), status=refusal.status)
        else:
            context = {"message": refusal.words}
            answer = render(request, "closed.html", context, status=refusal.status)
        answer["Retry-After"] = str(RETRY_S)
        return answer
