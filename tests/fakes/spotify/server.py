"""The fake on a port: who may come in, what is answered, and what goes wrong on the way."""

import socket
import socketserver
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.fakes.spotify import accounts, media, player_api, web_api
from tests.fakes.spotify.calls import CallRecord
from tests.fakes.spotify.control import Control
from tests.fakes.spotify.faults import Fault
from tests.fakes.spotify.routes import Call, Route, Routes, bucket_of, is_removed
from tests.fakes.spotify.sdk import Pages
from tests.fakes.spotify.tokens import Access
from tests.fakes.spotify.wire import Answer, Refused, Request, as_text, error
from tests.fakes.spotify.world import World

ROUTES = Routes(web_api.ROUTES, player_api.ROUTES)
# Over which the number of calls is limited.
WINDOW_S = 30
# Pages may call the Web API by themselves.
_FROM_PAGES = {
    "Access-Control-Allow-Headers": "Accept, App-Platform, Authorization, Content-Type, Origin",
    "Access-Control-Allow-Methods": "GET, POST, PUT, DELETE, OPTIONS",
    "Access-Control-Max-Age": "604800",
}
_TOKEN_REALM = 'Bearer realm="spotify"'


class Service:
    """Answers requests for one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[CallRecord] = []
        # Set when the fake ends, so that nobody waits longer.
        self.ending = threading.Event()
        self.pages = Pages(world)
        self.control = Control(world, self.calls, self.pages)
        self._recent: deque[float] = deque()

    def answer(self, request: Request) -> Answer:
        """Answer anything; only calls to Spotify itself are recorded and can fail."""
        path = request.path
        if path.startswith(("/v1/", "/accounts/")):
            return self._recorded(request)
        try:
            if path.startswith("/sound/"):
                return media.sound(self.world.catalogue, request)
            if path.startswith("/image/"):
                return media.picture(request)
            if path.startswith("/sdk/") or path == "/spotify-player.js":
                return self.pages.answer(request)
            return self.control.answer(request)
        except Refused as refused:
            return refused.answer

    def _recorded(self, request: Request) -> Answer:
        if request.method == "OPTIONS":
            return Answer(204, b"", dict(_FROM_PAGES))
        access = self._access(request)
        person = access.person.id if access and access.person else ""
        record = CallRecord(
            time.time(),
            request.method,
            request.path,
            request.query,
            request.headers.get("user-agent", ""),
            person,
        )
        with self.world.lock:
            self.calls.append(record)
            fault = self._fault(request, person)
        answer = self._failing(request, access, fault) if fault else self._right(request, access)
        record.status = answer.status
        return answer

    def _fault(self, request: Request, person: str) -> Fault | None:
        """The fault that strikes now, if any: the one that was set last is the strongest."""
        bucket = bucket_of(ROUTES, request.method, request.path)
        for fault in reversed(self.world.failing):
            if fault.strikes(request.method, request.path, bucket, person):
                fault.struck += 1
                return fault
        return None

    def _failing(self, request: Request, access: Access | None, fault: Fault) -> Answer:
        if fault.slow_s:
            self.ending.wait(fault.slow_s)
        wrong = fault.answer(flat=request.path.startswith("/accounts/"))
        if wrong is None:
            return self._right(request, access)
        if fault.done_anyway:
            self._right(request, access)
        return wrong

    def _right(self, request: Request, access: Access | None) -> Answer:
        try:
            if request.path.startswith("/accounts/"):
                with self.world.lock:
                    return self._account(request)
            return self._api(request, access)
        except Refused as refused:
            return refused.answer

    def _account(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET" | "POST", "/accounts/authorize":
                return accounts.authorise(self.world, request)
            case "POST", "/accounts/api/token":
                return accounts.token(self.world, request)
        return as_text("Not found", 404)

    def _api(self, request: Request, access: Access | None) -> Answer:
        with self.world.lock:
            self._check_rate()
            access = self._check_token(request, access)
            self._check_owner()
            self._check_listed(access)
            found = self._find(request)
            call = Call(self.world, request, access)
            if found[0].scopes:
                call.require(*found[0].scopes)
            return found[0].answer(call, *found[1])

    def _find(self, request: Request) -> tuple[Route, tuple[str, ...]]:
        found = ROUTES.find(request.method, request.path)
        if found is None:
            removed = is_removed(request.method, request.path)
            raise Refused(as_text("Forbidden", 403) if removed else error(404, "Service not found"))
        return found

    def _access(self, request: Request) -> Access | None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        return self.world.tokens.access(token) if kind.lower() == "bearer" else None

    def _check_rate(self) -> None:
        now, most = time.monotonic(), self.world.faults.calls_per_30_s
        while self._recent and self._recent[0] < now - WINDOW_S:
            self._recent.popleft()
        if most and len(self._recent) >= most:
            answer = error(429, "API rate limit exceeded")
            answer.headers["Retry-After"] = str(int(self._recent[0] + WINDOW_S - now) + 1)
            raise Refused(answer)
        self._recent.append(now)

    def _check_token(self, request: Request, access: Access | None) -> Access:
        """Missing, bad and expired are told apart by the header alone, but for the message."""
        if access and self.world.tokens.is_live(access):
            if not self.world.faults.false_401s:
                return access
            self.world.faults.false_401s -= 1
        kind = "invalid_token" if "authorization" in request.headers else "missing_token"
        message = "The access token expired" if access else "Missing/invalid/expired access token"
        answer = error(401, message)
        answer.headers["WWW-Authenticate"] = f'{_TOKEN_REALM}, error="{kind}"'
        raise Refused(answer)

    def _check_owner(self) -> None:
        """The app stops for everybody while its owner has no Premium."""
        if not self.world.faults.owner_has_premium:
            text = "Active premium subscription required for the owner of the app."
            raise Refused(as_text(text, 403))

    def _check_listed(self, access: Access) -> None:
        """Somebody who is not on the app's list could log in, and learns of it here."""
        match access.person.allowed if access.person else True:
            case "json":
                raise Refused(error(403, "User not registered in the Developer Dashboard"))
            case "text":
                text = (
                    "Check settings on developer.spotify.com/dashboard, "
                    "the user may not be registered."
                )
                raise Refused(as_text(text, 403))


class Server(ThreadingHTTPServer):
    """One thread for each connection, all of which end with the server."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, service: Service, port: int) -> None:
        self.service = service
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Connections are dropped on purpose here; anything else is told as usual."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Stop, and hang up: a client must not go on to talk to a fake that is no more."""
        self.service.ending.set()
        self.service.pages.end()
        self.shutdown()
        self.server_close()
        for connection in self._open.copy():
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Small answers leave at once.
    disable_nagle_algorithm = True
    server: Server

    def _answer(self) -> None:
        address = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        request = Request(
            self.command,
            unquote(address.path),
            f"http://{self.headers.get('Host', '127.0.0.1')}",
            address.query,
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        answer = self.server.service.answer(request)
        if request.path.startswith("/v1/"):
            answer.headers["Access-Control-Allow-Origin"] = "*"
        if answer.dropped:
            self.close_connection = True
            return
        self._write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _answer

    def _write(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.stream:
            self.close_connection = True
            self.send_header("Connection", "close")
        elif answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if answer.stream:
            answer.stream(self._write_bit)
        elif self.command != "HEAD":
            self.wfile.write(answer.body)

    def _write_bit(self, bit: bytes) -> bool:
        try:
            self.wfile.write(bit)
            self.wfile.flush()
        except OSError:
            return False
        return True

    # One write for head and body together.
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: `calls` is the log."""


def serving(server: socketserver.BaseServer) -> threading.Thread:
    """A thread in which the server runs."""
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    return thread
