"""The socket of a room: admits a member, sends the snapshot, forwards what the relay says.

It knows no feature of the room. Adding an event does not touch it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable
from http.cookies import CookieError, SimpleCookie
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError

from rooms import access, clock
from rooms.errors import NoMembership, RoomEnded, RoomError, Unavailable, UnknownRoom
from rooms.models import Member
from rooms.relay import encode, relays

logger = logging.getLogger(__name__)

Message = dict[str, Any]
ReadSnapshot = Callable[[Member], Message]

FRAME_BYTES = 16 * 1024
# Frames that may wait for a slow client before it gets one fresh snapshot in their place.
BACKLOG = 128
# A client that breaks the rules this often is not worth another answer.
PATIENCE = 20
# More frames in a window than an eager client needs (a clock burst, a resync, pulses).
FRAMES_PER_WINDOW, WINDOW_MS = 60, 10_000
MALFORMED, NOT_A_MEMBER, REMOVED, NO_ROOM, TOO_SLOW, ENDED = 4400, 4401, 4403, 4404, 4408, 4410
TRY_AGAIN = 1013


class RoomSocket:
    """One connection, from handshake to close.

    All sending goes through one backlog and one writer, so frames keep their order and a client
    that does not read holds up nobody but itself.
    """

    def __init__(
        self, send: Callable[[Message], Awaitable[None]], read_snapshot: ReadSnapshot
    ) -> None:
        self._send = send
        self._read_snapshot = read_snapshot
        self._backlog: deque[str] = deque()
        self._wanted = asyncio.Event()
        self._closing: tuple[int, str] | None = None
        self._snapshot_wanted = False
        self._overflowed = False
        self._complaints = 0
        self._window_ends_ms, self._frames = 0, 0
        self.member: Member
        self.member_id = 0

    # --- What the relay uses --------------------------------------------------------------------

    def offer(self, text: str) -> None:
        """Queue a frame. A full backlog gives way to one fresh snapshot, and then to a close."""
        if self._snapshot_wanted or self._closing:
            return  # the snapshot to come says it all
        if len(self._backlog) >= BACKLOG:
            if self._overflowed:
                self._backlog.clear()
                self.finish(TOO_SLOW, "too_slow", "This line is too slow. Connecting anew.")
                return
            self._overflowed = True
            self._backlog.clear()
            self._snapshot_wanted = True
        else:
            self._backlog.append(text)
        self._wanted.set()

    def finish(self, code: int, error: str, message: str) -> None:
        """Say why, then close, after what is queued."""
        if self._closing is None:
            self._closing = (code, encode({"type": "error", "code": error, "message": message}))
            self._wanted.set()

    # --- The life of the connection -------------------------------------------------------------

    async def serve(self, scope: Message, receive: Callable[[], Awaitable[Message]]) -> None:
        """Admit the client and talk with it until either side closes."""
        await receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})
        try:
            self.member = await self._admit(scope)
        except RoomError as refusal:
            await self._refuse(refusal)
            return
        self.member_id = self.member.pk
        relay = await relays.attach(self.member.room_id, self)
        writer = asyncio.create_task(self._write())
        # Attached first, so that nothing between the snapshot and the first event is lost.
        self._ask_for_snapshot()
        listener = asyncio.create_task(self._listen(receive))
        try:
            await asyncio.wait({writer, listener}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writer, listener):
                task.cancel()
            await asyncio.gather(writer, listener, return_exceptions=True)
            relay.detach(self)

    async def _admit(self, scope: Message) -> Member:
        guest = access.guest_in(_cookies(scope))
        code = scope["url_route"]["kwargs"]["code"]
        try:
            member: Member | None = await database_sync_to_async(access.find_member)(guest, code)
            if member is None:
                address = (scope.get("client") or [""])[0]
                await database_sync_to_async(access.room)(code, address=address)
                raise NoMembership
        except DatabaseError as failure:
            raise Unavailable from failure
        if not member.room.is_live:
            raise RoomEnded
        return member

    async def _refuse(self, refusal: RoomError) -> None:
        code = {401: NOT_A_MEMBER, 403: REMOVED, 404: NO_ROOM, 409: ENDED}.get(
            refusal.status, TRY_AGAIN
        )
        error = {"type": "error", "code": refusal.code, "message": refusal.message}
        await self._send({"type": "websocket.send", "text": encode(error)})
        await self._send({"type": "websocket.close", "code": code})

    async def _write(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            if self._snapshot_wanted:
                self._backlog.clear()
                self._snapshot_wanted = False
                await self._text(await self._snapshot())
            while self._backlog:
                await self._text(self._backlog.popleft())
            if not self._snapshot_wanted:
                self._overflowed = False
            if self._closing is not None:
                code, error = self._closing
                await self._text(error)
                await self._send({"type": "websocket.close", "code": code})
                return

    async def _text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    async def _snapshot(self) -> str:
        try:
            return encode(await database_sync_to_async(self._fresh)())
        except DatabaseError:
            logger.warning("no snapshot of room %s: the database is away", self.member.room_id)
            self.finish(TRY_AGAIN, "unavailable", Unavailable.message)
            return encode({"type": "error", "code": "unavailable", "message": Unavailable.message})

    def _fresh(self) -> Message:
        self.member.refresh_from_db(fields=["name", "named", "role", "muted", "banned"])
        return self._read_snapshot(self.member)

    def _ask_for_snapshot(self) -> None:
        self._snapshot_wanted = True
        self._wanted.set()

    # --- What the client says -------------------------------------------------------------------

    async def _listen(self, receive: Callable[[], Awaitable[Message]]) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            self._heard(message, received_ms=clock.now_ms())

    def _heard(self, message: Message, *, received_ms: int) -> None:
        if self._too_many(received_ms):
            return
        frame = _decoded(message)
        match frame:
            case {"type": "clock", "sent": int() | float() as sent} if math.isfinite(sent):
                reply = {"type": "clock", "sent": sent, "received": received_ms}
                self.offer(encode({**reply, "replied": clock.now_ms()}))
            case {"type": "resync"}:
                self._ask_for_snapshot()
            case {"type": "pulse"}:
                pass  # the open socket itself is the sign of life; see `rooms.presence`
            case _:
                self._complain('A frame is {"type": "clock" | "resync" | "pulse"}.')

    def _complain(self, message: str) -> None:
        self._complaints += 1
        if self._complaints >= PATIENCE:
            self.finish(MALFORMED, "malformed", message)
        else:
            self.offer(encode({"type": "error", "code": "malformed", "message": message}))

    def _too_many(self, now_ms: int) -> bool:
        if now_ms >= self._window_ends_ms:
            self._window_ends_ms, self._frames = now_ms + WINDOW_MS, 0
        self._frames += 1
        if self._frames <= FRAMES_PER_WINDOW:
            return False
        self._complain("Too many frames. An open page needs a few a minute.")
        return True


def room_socket(
    read_snapshot: ReadSnapshot,
) -> Callable[[Message, Callable[[], Awaitable[Message]], Any], Awaitable[None]]:
    """The ASGI application for `/ws/rooms/{code}/`, given how to read a snapshot."""

    async def application(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Any
    ) -> None:
        await RoomSocket(send, read_snapshot).serve(scope, receive)

    return application


async def nowhere(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
    """Answers sockets at addresses where nothing is."""
    await receive()
    await send({"type": "websocket.accept"})
    error = {"type": "error", "code": "unknown_room", "message": UnknownRoom.message}
    await send({"type": "websocket.send", "text": encode(error)})
    await send({"type": "websocket.close", "code": NO_ROOM})


def _cookies(scope: Message) -> dict[str, str]:
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header.decode()).items()}
    except (CookieError, UnicodeDecodeError):
        return {}


def _decoded(message: Message) -> Any:
    """What a frame says, or None when it is binary, too long, or not JSON."""
    text = message.get("text")
    if text is None or len(text.encode("utf-8", "replace")) > FRAME_BYTES:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
