"""The web server: daphne, with bounds on the requests it takes in and the answers it holds.

Daphne alone reads a request's whole body before anybody may refuse it, gives a client any time for
that, and puts whatever is sent into the connection's buffer, whether the client reads it or not.
Under another ASGI server `beatsync.handler` keeps the same bounds, as far as ASGI lets it.

Uvicorn was measured in its place (docs/performance-versions.md): votes are as quick and 15 MB are
saved, but it has no limit for the time that the head of a request takes.
"""

import asyncio
import json
from contextlib import suppress
from http import HTTPStatus
from io import BytesIO
from typing import Any
from weakref import WeakSet

# Daphne first: it installs the reactor of Twisted that runs on asyncio's event loop.
from autobahn.exception import Disconnected
from daphne.cli import CommandLineInterface
from daphne.http_protocol import WebRequest
from daphne.server import Server as DaphneServer
from daphne.ws_protocol import WebSocketProtocol
from django.utils.translation import gettext_noop as _
from twisted.internet.defer import Deferred
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel

from beatsync import bounds
from beatsync.errors import TooLarge, TooSlow
from rooms.errors import RoomError, Unavailable
from rooms.workers import stop_workers

APPLICATION = "beatsync.asgi:application"


class Channel(HTTPChannel):
    """One HTTP connection: refuses what is too large or too slow while it arrives."""

    # All that may be open in this process; weak, for a channel that became a socket hears no end.
    open_channels: WeakSet["Channel"] = WeakSet()

    transport: Any  # Twisted's type says that there may be none
    requestFactory: Any

    def __init__(self) -> None:
        super().__init__()
        # Set while the client keeps up with what is written to it.
        self.has_room = asyncio.Event()
        self.has_room.set()
        self._is_receiving = False
        self._is_refused = False
        self._lingering_bytes = 0

    def connectionMade(self) -> None:
        super().connectionMade()
        self.requestFactory = BoundedRequest  # daphne's factory has set its own
        self.setTimeout(bounds.RECEIVE_S)
        self.open_channels.add(self)

    def dataReceived(self, data: bytes) -> None:
        if self._is_refused:
            self._discard(data)
            return
        if not self._is_receiving and not self._handlingRequest:
            self._is_receiving = True
            self.setTimeout(bounds.RECEIVE_S)
        # Not the superclass, which would give the client as much time again for each byte.
        super(HTTPChannel, self).dataReceived(data)

    def allHeadersReceived(self) -> None:
        if self.length is not None and self.length > bounds.body_limit():
            self.refuse(TooLarge())
        else:
            super().allHeadersReceived()

    def rawDataReceived(self, data: bytes) -> None:
        if self._is_refused:
            self._discard(data)
        else:
            super().rawDataReceived(data)

    def allContentReceived(self) -> None:
        if not self._is_refused:
            super().allContentReceived()

    def finish(self) -> None:
        """Take in no other request: close the connection, after the answer that is being made.

        What has arrived in part is refused: the process might end after doing it, before saying so.
        """
        if self._handlingRequest:
            self.persistent = 0
        elif self._is_receiving:
            self.refuse(
                Unavailable(
                    _("BeatSync restarts. Try again in 2 s."), detail="restarts", retry_after=2
                )
            )
        else:
            self.loseConnection()

    def requestDone(self, request: "BoundedRequest") -> None:
        self._is_receiving = False
        self._savedTimeOut = bounds.IDLE_S
        super().requestDone(request)

    def refuse(self, error: RoomError) -> None:
        """Answer with an error now, whatever the client still sends, and close the connection."""
        if self._is_refused:
            return
        self._is_refused = True
        body = json.dumps(error.as_json()).encode()
        head = (
            f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.loseWriteConnection()
        self.setTimeout(bounds.LINGER_S)

    def timeoutConnection(self) -> None:
        if self._is_refused:
            self.transport.abortConnection()
        elif self._is_receiving:
            self.refuse(TooSlow())
        else:
            super().timeoutConnection()

    def pauseProducing(self) -> None:
        self.has_room.clear()
        super().pauseProducing()

    def resumeProducing(self) -> None:
        self.has_room.set()
        super().resumeProducing()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.has_room.set()  # nobody need wait any longer
        super().connectionLost(reason)

    def _discard(self, data: bytes) -> None:
        self._lingering_bytes += len(data)
        if self._lingering_bytes > bounds.LINGER_BYTES:
            self.transport.abortConnection()


class BoundedRequest(WebRequest):
    """One HTTP request; its body is small, for `Channel` lets no large one arrive."""

    # Daphne's own page, for what not even HTTP can make sense of, says that daphne wrote it.
    error_template = "<!doctype html><title>%(title)s</title><p>%(body)s</p>"

    def __init__(self, channel: Channel, queued: bool = False) -> None:
        # Django parses forms; Twisted would do it a second time.
        super().__init__(channel, queued, parsePOSTFormSubmission=False)

    def gotLength(self, length: int | None) -> None:
        self.content = BytesIO()

    def handleContentChunk(self, data: bytes) -> None:
        if self.content.tell() + len(data) > bounds.body_limit():
            self.channel.refuse(TooLarge())
        else:
            super().handleContentChunk(data)


class Server(DaphneServer):
    """Daphne's server, with `Channel` for its connections."""

    def __init__(self, *args: Any, **options: Any) -> None:
        # Whose word counts about a client's address is decided in `rooms.access`.
        options |= dict.fromkeys(option for option in options if option.startswith("proxy_"))
        super().__init__(*args, ready_callable=self._use_own_channel, **options)
        self._ports: list[Any] = []

    def _use_own_channel(self) -> None:
        self.http_factory.protocol = Channel

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """What an application awaits as `send`: returns when the client has room for more.

        Raises `ConnectionResetError` for a socket that has closed in the meantime.
        """
        channel = getattr(protocol, "channel", None)
        if not isinstance(channel, Channel):
            try:
                await super().handle_reply(protocol, message)
            except Disconnected as closed:
                # Every day's business, for who writes knows no sooner: a line that is gone.
                raise ConnectionResetError("the socket has closed") from closed
            return
        await channel.has_room.wait()
        await super().handle_reply(protocol, message)
        await channel.has_room.wait()

    def listen_success(self, port: Any) -> None:
        self._ports.append(port)
        super().listen_success(port)

    def kill_all_applications(self) -> Deferred[None]:
        """What Twisted does and waits for before it ends, such as after SIGTERM."""
        return Deferred.fromFuture(asyncio.ensure_future(self._shut_down()))

    async def _shut_down(self) -> None:
        """Let nobody in, say goodbye to sockets, and finish what is being answered."""
        from beatsync.sockets import say_goodbye  # needs the apps, which are loaded by now

        for port in self._ports:
            port.stopListening()
        for channel in list(Channel.open_channels):
            channel.finish()
        say_goodbye()
        await asyncio.gather(
            asyncio.to_thread(stop_workers, within_s=bounds.FINISH_S),
            self._finish(BoundedRequest, within_s=bounds.FINISH_S),
            self._finish(WebSocketProtocol, within_s=bounds.GOODBYE_S),
        )
        unfinished = self._running(object)
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)

    async def _finish(self, kind: type, *, within_s: float) -> None:
        """Wait until no application of this kind runs, at most `within_s` seconds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while running := self._running(kind):
                    await asyncio.wait(running)

    def _running(self, kind: type) -> list[asyncio.Task[None]]:
        """The applications that serve connections of this kind."""
        tasks = [
            details.get("application_instance")
            for protocol, details in self.connections.items()
            if isinstance(protocol, kind)
        ]
        return [task for task in tasks if task is not None and not task.done()]


# A pong has to come before the next ping, for autobahn forgets the ping before that.
PING_EVERY_S, PONG_WITHIN_S = 12, 12


class CommandLine(CommandLineInterface):
    """Daphne's command line; serves this application, and never says that daphne does."""

    server_class = Server

    def __init__(self) -> None:
        super().__init__()
        most = bounds.SOCKET_MESSAGE_BYTES
        self.parser.set_defaults(websocket_max_message_size=most, websocket_max_frame_size=most)
        self.parser.set_defaults(verbosity=0, server_name="")
        # A phone that is gone without a word is noticed within 26 s (daphne looks every 2 s).
        self.parser.set_defaults(ping_interval=PING_EVERY_S, ping_timeout=PONG_WITHIN_S)
        for argument in self.parser._actions:
            if argument.dest == "application":  # daphne insists on one
                argument.nargs, argument.required, argument.default = "?", False, APPLICATION
