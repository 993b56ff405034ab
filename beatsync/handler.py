"""HTTP through Django's synchronous stack, in a fixed set of threads.

Every view and every middleware here is synchronous, because they talk to the database. Django's
own ASGI handler would start a new thread for each request and hop between it and the event loop
for each layer of middleware; here a request takes one hop, to a thread that is already there and
that already has its connection to the database.

A client pays for what it asks for: its request is bounded in size and time, an answer is written
no faster than the client reads it, and "too often" is answered late (`beatsync.bounds`).
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import close_old_connections
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import set_script_prefix
from django.utils.translation import gettext_noop as _

from beatsync import bounds
from beatsync.bodies import LenientRequest
from beatsync.errors import TooLarge, TooSlow
from rooms.access import address_in
from rooms.errors import RateLimited, RoomError
from rooms.line import cut_connection

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientStalled(ConnectionError):
    """A client that has stopped reading its answer; its connection is cut."""


class ThreadedHandler(ASGIHandler):
    """An ASGI application for requests; at most `settings.HTTP_THREADS` are worked on at a time."""

    request_class = LenientRequest

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        self._threads = ThreadPoolExecutor(settings.HTTP_THREADS, thread_name_prefix="http")
        self._unread_bytes: Counter[str] = Counter()  # by network address
        self._made_to_wait: Counter[str] = Counter()  # refused requests, by network address

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        address = address_in(scope)
        try:
            self._check_unread(address)
            body = await _read_body(scope, receive)
        except RequestAborted:
            return  # gone before it had said what it wanted
        except RoomError as refusal:
            await _refuse(refusal, receive, send)
            return
        answering = self._threads.submit(self._respond, scope, body)
        try:
            response = await asyncio.wrap_future(answering)
        except asyncio.CancelledError:  # daphne does that 10 s after a client has gone
            answering.add_done_callback(_close_answer)
            raise
        if response.status_code == RateLimited.status:
            await self._make_wait(address)
        size = bounds.PIECE_BYTES if response.streaming else len(response.content)
        self._unread_bytes[address] += size
        try:
            await self._send(response, receive, send)
        finally:
            self._unread_bytes[address] -= size
            if not self._unread_bytes[address]:
                del self._unread_bytes[address]
            if response.streaming:
                closing = self._threads.submit(response.close)
                await asyncio.shield(asyncio.wrap_future(closing))

    def _check_unread(self, address: str) -> None:
        """Raise `RateLimited` if clients of this network leave too much unread already."""
        if self._unread_bytes[address] >= bounds.UNREAD_BYTES:
            raise RateLimited(
                _("Too much is on its way to this network. Wait 5 s."),
                detail="network_busy",
                retry_after=5,
            )

    async def _make_wait(self, address: str) -> None:
        """Hold back the answer to a request that was refused as one too many.

        A server reads the next request of a connection once the one before is answered, so a
        client that repeats what is refused comes as seldom as this lets it: in all connections of
        its network, four times a second. It waits in no thread, and at most `MOST_REFUSED` do.
        """
        if self._made_to_wait[address] >= bounds.MOST_REFUSED:
            return
        self._made_to_wait[address] += 1
        try:
            waiting = self._made_to_wait[address]
            await asyncio.sleep(min(waiting * bounds.REFUSED_S, bounds.LONGEST_REFUSED_S))
        finally:
            self._made_to_wait[address] -= 1
            if not self._made_to_wait[address]:
                del self._made_to_wait[address]

    def _respond(self, scope: Any, body: IO[bytes]) -> Any:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        with body:
            request, response = self.create_request(scope, body)
            if request is not None:
                response = self.get_response(request)
            assert isinstance(response, HttpResponseBase)
            answer = _in_one_piece(response) if _is_small_file(response) else response
            if answer.streaming:
                # It may be read for minutes: the connection is not kept for as long as that.
                close_old_connections()
            else:
                response.close()  # also gives the database connection back
            return answer

    async def _send(self, response: Any, receive: Receive, send: Send) -> None:
        """Send the answer as fast as the client reads it, until it leaves or stalls."""

        async def write(message: Message) -> None:
            try:
                async with asyncio.timeout(bounds.STALL_S):
                    await send(message)
            except TimeoutError as stalled:
                cut_connection(send)
                raise ClientStalled from stalled

        with suppress(ClientStalled):
            if not response.streaming:
                await self.send_response(response, write)
                return
            if isinstance(response, FileResponse) and response.file_to_stream is not None:
                response.streaming_content = _pieces(response.file_to_stream)
            sending = asyncio.create_task(self.send_response(response, write))
            leaving = asyncio.create_task(_wait_until_gone(receive))
            try:
                await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
            finally:
                sending.cancel()
                leaving.cancel()
                await asyncio.wait((sending, leaving))


def _close_answer(answering: Future[Any]) -> None:
    """Close the file of an answer for which nobody waits any more."""
    if not answering.cancelled() and answering.exception() is None:
        response = answering.result()
        if response.streaming:
            response.close()


async def _read_body(scope: Message, receive: Receive) -> IO[bytes]:
    """The whole body of a request.

    Raises `TooLarge` as soon as that is known, `TooSlow`, and `RequestAborted`.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > bounds.body_limit():
            raise TooLarge
    body = BytesIO()
    try:
        async with asyncio.timeout(bounds.RECEIVE_S):
            more_body = True
            while more_body:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestAborted
                body.write(message.get("body", b""))
                if body.tell() > bounds.body_limit():
                    raise TooLarge
                more_body = message.get("more_body", False)
    except TimeoutError as error:
        raise TooSlow from error
    body.seek(0)
    return body


async def _refuse(refusal: RoomError, receive: Receive, send: Send) -> None:
    """Answer with an error, and close the connection when the client could have read it."""
    body = json.dumps(refusal.as_json()).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if refusal.retry_after is not None:
        headers.append((b"retry-after", str(refusal.retry_after).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    received = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(bounds.LINGER_S):
            more_body = True
            while more_body and received < bounds.LINGER_BYTES:
                message = await receive()
                received += len(message.get("body", b""))
                more_body = message.get("more_body", False)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _pieces(file: Any) -> AsyncIterator[bytes]:
    """A file in pieces, each read in a thread so that the server's loop never waits for a disk."""
    while piece := await asyncio.to_thread(file.read, bounds.PIECE_BYTES):
        yield piece


def _is_small_file(response: HttpResponseBase) -> bool:
    if not isinstance(response, FileResponse):
        return False
    has_file = response.file_to_stream is not None
    return not has_file or int(response.headers["Content-Length"]) <= bounds.PIECE_BYTES


def _in_one_piece(file: Any) -> HttpResponse:
    """A room's page has a hundred small files, and each piece would take hops of its own."""
    whole = HttpResponse(b"".join(file), status=file.status_code)
    whole.headers = file.headers
    return whole
