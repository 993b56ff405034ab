"""A socket client for tests, in one place: `async with connected(guest) as socket: …`."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels.db import aclose_old_connections
from channels.testing import WebsocketCommunicator

from beatsync.sockets import application
from rooms import access
from rooms.models import Member

Frame = dict[str, Any]
# Far more than anything takes; only a test that fails waits so long.
PATIENCE_S = 5


class Socket:
    """An open line to a room, as a page has it."""

    def __init__(self, line: WebsocketCommunicator) -> None:
        self._line = line

    async def say(self, frame: Frame | None = None, *, text: str = "", data: bytes = b"") -> None:
        """Send a frame, or something that is none."""
        if data:
            await self._line.send_to(bytes_data=data)
        else:
            await self._line.send_to(text_data=text or json.dumps(frame))

    async def hear(self, kind: str | None = None) -> Frame:
        """The next frame, or the next of one type (presence is noise, unless asked for)."""
        while True:
            message = await self._next_message()
            frame: Frame = json.loads(message["text"])
            if kind == frame["type"] or (kind is None and frame["type"] != "presence"):
                return frame

    async def message_with(self, words: str) -> Frame:
        """The next message that contains these words, as the server wrote it."""
        while words not in (message := await self._next_message())["text"]:
            pass
        return message

    async def _next_message(self) -> Frame:
        message: Frame = await self._line.receive_output(PATIENCE_S)
        if message["type"] == "websocket.close":
            raise Closed(message["code"])
        return message

    async def hear_until(self, revision: int) -> list[Frame]:
        """Frames up to and with this revision: events, or a snapshot in their place."""
        frames: list[Frame] = []
        while not frames or frames[-1].get("to", frames[-1].get("revision", 0)) < revision:
            frames.append(await self.hear())
        return frames

    async def event(self, kind: str) -> Frame:
        """The next event of this type."""
        while True:
            frame = await self.hear("events")
            for event in filter(None, frame["events"]):
                if event["type"] == kind:
                    found: Frame = event
                    return found

    async def closed(self) -> tuple[int, list[Frame]]:
        """Wait for the close: its code, and the frames that came before it."""
        frames = []
        while True:
            try:
                frames.append(await self.hear())
            except Closed as closed:
                return closed.code, frames

    async def quiet(self) -> bool:
        """Whether nothing but presence comes for a moment."""
        try:
            while True:
                frame = await asyncio.wait_for(asyncio.shield(self.hear("events")), 0.2)
                del frame
                return False
        except TimeoutError:
            return True


class Closed(Exception):
    """The server has closed the socket."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@asynccontextmanager
async def connected(
    member: Member | None,
    *,
    code: str | None = None,
    origin: str = "http://localhost",
    address: str = "127.0.0.1",
    to: Any = application,
    knows: str = "",
) -> AsyncIterator[Socket]:
    """An open socket of this member (or of a stranger) to their room, or to another.

    `knows`: the query string with which a page says what it has from before.
    """
    headers = [(b"origin", origin.encode())]
    if member is not None:
        cookie = f"{access.COOKIE}={access.cookie_of(member.guest)}"
        headers.append((b"cookie", cookie.encode()))
    if code is None:
        assert member is not None
        code = member.room.code
    line = WebsocketCommunicator(to, f"/ws/rooms/{code}/{knows}", headers=headers)
    line.scope["client"] = [address, 50_000]
    accepted, _ = await line.connect(PATIENCE_S)
    assert accepted
    try:
        yield Socket(line)
    finally:
        await line.disconnect()
        await aclose_old_connections()
