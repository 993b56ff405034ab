"""HTTP through Django's synchronous stack, in a fixed set of threads.

Every view and every middleware here is synchronous, because they talk to the database. Django's
own ASGI handler would start a new thread for each request and hop between it and the event loop
for each layer of middleware; here a request takes one hop, to a thread that is already there and
that already has its connection to the database.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import HttpResponse, HttpResponseBase
from django.urls import set_script_prefix
from whitenoise.middleware import WhiteNoiseFileResponse


class ThreadedHandler(ASGIHandler):
    """An ASGI application for requests; at most `settings.HTTP_THREADS` are worked on at a time."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(settings.HTTP_THREADS, thread_name_prefix="http")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return  # gone before it had said what it wanted
        loop = asyncio.get_running_loop()
        response = await loop.run_in_executor(self._threads, self._respond, scope, body)
        try:
            await self.send_response(response, send)
        finally:
            if response.streaming:
                await loop.run_in_executor(self._threads, response.close)

    def _respond(self, scope: Any, body: IO[bytes]) -> Any:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        with body:
            request, response = self.create_request(scope, body)
            if request is not None:
                response = self.get_response(request)
            assert isinstance(response, HttpResponseBase)
            static = isinstance(response, WhiteNoiseFileResponse)
            answer = _in_one_piece(response) if static else response
            if not answer.streaming:
                response.close()  # also gives the database connection back
            return answer


def _in_one_piece(file: WhiteNoiseFileResponse) -> HttpResponse:
    """A room's page has a hundred small files, and each piece would take hops of its own."""
    whole = HttpResponse(b"".join(file), status=file.status_code)
    whole.headers = file.headers
    return whole
