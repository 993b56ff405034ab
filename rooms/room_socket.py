"""The socket of a room: admits a member, sends the snapshot, forwards what the relay says.

It knows no feature of the room. Adding an event does not touch it.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from django.db import DatabaseError
from django.http import parse_cookie

from rooms import access, actions, clock, limits, metrics
from rooms.actors import System
from rooms.admission import PAUSE_S, Admission
from rooms.audience import Audience, audiences_of
from rooms.changes import changing
from rooms.close_codes import (
    ENDED,
    MALFORMED,
    NO_ROOM,
    NOT_A_MEMBER,
    REMOVED,
    TOO_OFTEN,
    TOO_SLOW,
    UNAVAILABLE,
)
from rooms.codes import normalise_code
from rooms.errors import NoMembership, RoomEnded, RoomError, Unavailable, UnknownRoom
from rooms.frames import encode_frame
from rooms.line import Line
from rooms.models import Member, Room
from rooms.relays import Relays
from rooms.snapshot import OBSERVER
from rooms.socket_reader import GOODBYE_BYTES, SocketReader

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Observe = Callable[[str, Mapping[str, str]], Room]

FRAME_BYTES = 16 * 1024
# Frames that may wait for a slow client before it gets one fresh snapshot in their place.
BACKLOG = 128
# A client that has read nothing for so long after that is not coming back on this line.
STUCK_S = 20.0
# How long a client may take to read why it is closed, and one that sends too much.
GOODBYE_S, FLOOD_GOODBYE_S = 5.0, 1.0
# Somebody who looks at a room without being a member connects again every 300 s.
OBSERVED_S = 300.0
# Until then, their login and their right are asked for again this often.
LOOK_AT_RIGHT_S = 15.0
# A client that breaks the rules this often is not worth another answer.
PATIENCE = 20
# More frames in a window than an eager client needs (a clock burst, a resync, pulses).
FRAMES_PER_WINDOW, WINDOW_MS = 60, 10_000
# What JavaScript can count exactly; no clock is further on.
LATEST_MS = 2**53
REVISION = re.compile("[0-9]{1,15}")
CLOSE_CODES = {401: NOT_A_MEMBER, 403: REMOVED, 404: NO_ROOM, 409: ENDED, 429: TOO_OFTEN}


class RoomSocket:
    """One connection, from handshake to close.

    Frames are written at once while the client keeps up, and wait in a bounded backlog while it
    does not, or while its snapshot is being read; a client that does not read holds up nobody.
    """

    def __init__(
        self,
        send: Callable[[Message], Awaitable[None]],
        relays: Relays,
        admission: Admission,
        observe: Observe,
    ) -> None:
        self._send = send
        self._observe = observe
        self._relays = relays
        self._admission = admission
        self._guest: uuid.UUID | None = None
        self._backlog: deque[Message] = deque()
        self._awaits_snapshot = True
        self._behind = False  # the backlog overflowed: only a fresh snapshot can help
        self._fell_behind_at: float | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._closing = False
        self._complaints = 0
        self._window_ends_ms, self._frames = 0, 0
        self.member_id = 0
        self.audiences: frozenset[Audience] = frozenset()
        self.audiences_at_revision = 0
        self.is_tv = False

    # --- What the relay uses --------------------------------------------------------------------

    def offer(self, frame: Message) -> None:
        """Write a frame, or keep it until the client has read what came before."""
        if self._closing or self._behind:
            return  # the snapshot to come says it all
        if not self._awaits_snapshot and not self._line.congested:
            self._write(frame)
        elif len(self._backlog) < BACKLOG:
            self._backlog.append(frame)
        else:
            self._fall_behind()

    def refresh(self) -> None:
        """Have a snapshot given soon; what happens meanwhile waits behind it."""
        if self._closing or self._awaits_snapshot:
            return
        if self._line.congested:
            self._wait_for_line()
        else:
            self._awaits_snapshot = True
            self._relay.ask_for_snapshot(self)

    def give_snapshot(self, frame: Message) -> None:
        """The snapshot that was asked for; what happened since stands in the backlog."""
        if not self._closing:
            self._awaits_snapshot = False
            self._backlog.appendleft(frame)
            self._catch_up()

    def finish(self, code: int, error: Message) -> None:
        """Say why, then close; never raises. What waited in the backlog will not be read any more.

        `error`: as `RoomError.as_facts` has it. Nothing that the client says is read any more.
        One that does not read even the goodbye is cut off after 5 s, one that was closed for what
        it sent after 1 s.
        """
        if self._closing:
            return
        self._closing, self._awaits_snapshot = True, False
        metrics.CLOSES.labels(str(code)).inc()
        goodbye: Message = {"type": "error", **error}
        self._backlog = deque([encode_frame(goodbye), {"type": "websocket.close", "code": code}])
        self._catch_up()
        self._reader.stop(rest=0 if code == MALFORMED else GOODBYE_BYTES)
        within_s = FLOOD_GOODBYE_S if code == MALFORMED else GOODBYE_S
        asyncio.get_running_loop().call_later(within_s, self._line.cut)

    # --- The life of the connection -------------------------------------------------------------

    async def serve(self, scope: Message, receive: Receive) -> None:
        """Admit the client and talk with it until either side closes."""
        await receive()  # websocket.connect
        await self._send({"type": "websocket.accept"})
        self._line = Line(self._send, on_free=self._catch_up)
        self._reader = SocketReader(self._send, on_flood=self._refuse_flood)
        self._guest = access.guest_in(_cookies(scope))
        address = access.address_in(scope)
        self.is_tv = _asked(scope).get("screen") == ["tv"]
        try:
            with self._admission.admitted(self._guest, address), metrics.SOCKETS.track_inprogress():
                if "observe" in _asked(scope):
                    await self._show(await self._find_observed(scope), scope, receive)
                    return
                member = await self._find_member(scope, address)
                await self._talk(member, receive, known=_known_revision(scope, member))
        except RoomError as refusal:
            code = CLOSE_CODES.get(refusal.status, UNAVAILABLE)
            self.finish(code, refusal.as_facts())

    async def _find_member(self, scope: Message, address: str) -> Member:
        """The member who connects. Raises `RoomError` where there is none, or no room."""
        code = scope["url_route"]["kwargs"]["code"]
        try:
            find = database_sync_to_async(_joined_member if _joins(scope) else _arrived_member)
            member: Member = await find(self._guest, code, address)
        except DatabaseError as failure:
            raise Unavailable from failure
        return member

    async def _find_observed(self, scope: Message) -> Room:
        """The live room that somebody of the staff may look at. Raises `RoomError`."""
        [token], code = _asked(scope)["observe"][:1], scope["url_route"]["kwargs"]["code"]
        try:
            find = database_sync_to_async(self._observe)
            room: Room = await find(token, _cookies(scope))
        except DatabaseError as failure:
            raise Unavailable from failure
        if room.code != normalise_code(code):
            raise NoMembership
        if not room.is_live:
            raise RoomEnded
        return room

    async def _show(self, room: Room, scope: Message, receive: Receive) -> None:
        """Show a room to somebody who is no member: what everybody sees, for `OBSERVED_S` at most.

        Then the page opens another socket. A login, an account or a right that is gone by then
        ends the look within `LOOK_AT_RIGHT_S`.
        """
        self.member_id = OBSERVER
        self._relay = await self._relays.attach(room.pk, self)
        error = {"code": "look_again", "message": "This page connects again."}
        loop = asyncio.get_running_loop()
        ending = loop.call_later(OBSERVED_S, self.finish, UNAVAILABLE, error)
        looking = loop.create_task(self._look_at_right(scope))
        try:
            self._relay.ask_for_snapshot(self)
            await self._listen(receive)
        finally:
            ending.cancel()
            looking.cancel()
            self._end()

    async def _look_at_right(self, scope: Message) -> None:
        """End the look of somebody who may not look any more; quiet while the database is away."""
        while not self._closing:
            await asyncio.sleep(LOOK_AT_RIGHT_S)
            try:
                await self._find_observed(scope)
            except Unavailable:
                continue
            except RoomError as refusal:
                self.finish(CLOSE_CODES.get(refusal.status, UNAVAILABLE), refusal.as_facts())

    async def _talk(self, member: Member, receive: Receive, *, known: int | None) -> None:
        """`known`: the revision that the client has from before its connection was lost."""
        self.member_id, self.audiences = member.pk, audiences_of(member)
        self.audiences_at_revision = member.room.revision
        self._relay = await self._relays.attach(member.room_id, self)
        try:
            # Attached first, so that nothing between the snapshot and the first event is lost.
            if known is not None and self._relay.resume(self, known):
                for frame in self._relays.standing_frames():
                    self.offer(frame)
            else:
                self._relay.ask_for_snapshot(self)
            await self._listen(receive)
        finally:
            self._end()

    def _end(self) -> None:
        """Hear and write nothing more."""
        self._closing = True
        self._relay.detach(self)
        self._line.drop()
        self._relax()

    def _write(self, message: Message) -> None:
        if not self._line.write(message):
            self._closing = True

    def _catch_up(self) -> None:
        """Write what waits, as far as the client reads; then a snapshot, if it fell behind."""
        while self._backlog and not self._line.congested and not self._awaits_snapshot:
            self._write(self._backlog.popleft())
        if not self._line.congested and not self._awaits_snapshot and not self._closing:
            self._relax()
            if self._behind:
                self._behind = False
                self.refresh()

    def _fall_behind(self) -> None:
        """Drop the backlog for one snapshot later; let go of a client for whom that is no help."""
        loop = asyncio.get_running_loop()
        if self._fell_behind_at is not None and loop.time() < self._fell_behind_at + STUCK_S:
            self._give_up()
            return
        self._fell_behind_at = loop.time()
        self._wait_for_line()

    def _wait_for_line(self) -> None:
        """Want nothing but a snapshot as soon as the client reads again, and not for ever."""
        self._backlog.clear()
        self._behind = True
        if self._stuck is None:
            self._stuck = asyncio.get_running_loop().call_later(STUCK_S, self._give_up)

    def _give_up(self) -> None:
        words = "This line is too slow to follow the room."
        self.finish(TOO_SLOW, {"code": "too_slow", "detail": "line_too_slow", "message": words})

    def _relax(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    # --- What the client says -------------------------------------------------------------------

    async def _listen(self, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                if not self._closing:
                    metrics.count_client_close(message.get("code"))
                return
            self._heard(message, received_ms=clock.now_ms())

    def _heard(self, message: Message, *, received_ms: int) -> None:
        if self._closing or self._too_many(received_ms):
            return
        match _decoded(message):
            case {"type": "clock", "sent": int() | float() as sent} if abs(sent) < LATEST_MS:
                reply = {"type": "clock", "sent": sent, "received": received_ms}
                self.offer(encode_frame({**reply, "replied": clock.now_ms()}))
            case {"type": "resync"}:
                self.refresh()
            case {"type": "pulse"}:
                pass  # the open socket itself is the sign of life; see `rooms.presence`
            case _:
                self._complain('A frame is {"type": "clock" | "resync" | "pulse"}.')

    def _complain(self, message: str) -> None:
        self._complaints += 1
        if self._complaints >= PATIENCE:
            self._refuse(message)
        else:
            self.offer(encode_frame({"type": "error", "code": "malformed", "message": message}))

    def _too_many(self, now_ms: int) -> bool:
        if now_ms >= self._window_ends_ms:
            self._window_ends_ms, self._frames = now_ms + WINDOW_MS, 0
        self._frames += 1
        if self._frames <= FRAMES_PER_WINDOW:
            return False
        self._refuse_flood()
        return True

    def _refuse_flood(self) -> None:
        self._refuse("Too many frames. An open page needs a few a minute.")

    def _refuse(self, message: str) -> None:
        """Close a client that sends what no page sends, and let it wait before the next socket."""
        self._admission.pause(self._guest)
        error = {"code": "malformed", "message": message, "retry_after": PAUSE_S}
        self.finish(MALFORMED, error)


def observe_nothing(token: str, cookies: Mapping[str, str]) -> Room:
    """Nobody may look at a room without being a member. Raises `NoMembership`."""
    raise NoMembership


def room_socket(
    relays: Relays, admission: Admission, observe: Observe = observe_nothing
) -> Callable[[Message, Receive, Any], Awaitable[None]]:
    """The ASGI application for `/ws/rooms/{code}/`, given what this process shares.

    `observe` gives the room that somebody may look at who is no member (`?observe=TOKEN`), from
    the token and the cookies of the handshake; it raises `RoomError`.
    """

    async def application(scope: Message, receive: Receive, send: Any) -> None:
        await RoomSocket(send, relays, admission, observe).serve(scope, receive)

    return application


async def nowhere(scope: Message, receive: Receive, send: Any) -> None:
    """Answers sockets at addresses where nothing is."""
    await receive()
    await send({"type": "websocket.accept"})
    refusal = {"type": "error", **UnknownRoom().as_facts()}
    await send(encode_frame(refusal))
    await send({"type": "websocket.close", "code": NO_ROOM})


def _arrived_member(guest: uuid.UUID | None, code: str, address: str) -> Member:
    """The guest's membership in this live room; opening its socket is arriving there.

    Raises `RoomError` where there is none, or no room.
    """
    member = access.find_member(guest, code)
    if member is None:
        access.room(code, guest=guest, address=address)
        raise NoMembership
    if not member.room.is_live:
        raise RoomEnded
    actions.arrive(member=member)
    return member


def _joined_member(guest: uuid.UUID | None, code: str, address: str) -> Member:
    """The guest as a member of this live room, who joins it now if they have not yet.

    Browsers send our cookie from pages of this site alone, so no other page makes anybody a member.
    Raises `RoomError`; `NoMembership` for somebody without a cookie, who is nobody to let in.
    """
    if guest is None or access.find_member(guest, code) is not None:
        return _arrived_member(guest, code, address)
    room = access.room(code, guest=guest, address=address)
    limits.hit("JOINS", str(guest))
    # One change: the room is locked once, and others are told once.
    with changing(System(room.pk, "joining")):
        member = actions.join(room=room, guest=guest, address=address)
        actions.arrive(member=member)
    return member


def _joins(scope: Message) -> bool:
    """Whether the client asks to become a member, if it is none: `?join`."""
    return "join" in _asked(scope)


def _asked(scope: Message) -> dict[str, list[str]]:
    return parse_qs(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)


def _known_revision(scope: Message, member: Member) -> int | None:
    """The revision that a returning client says it knows as this member: `?revision=140&member=12`.

    None for any other: it may be of an earlier room under the same code, or of somebody who has
    another cookie by now.
    """
    said = _asked(scope)
    [revision], [member_id] = said.get("revision", [""])[:1], said.get("member", [""])[:1]
    known = REVISION.fullmatch(revision) and member_id == str(member.pk)
    return int(revision) if known else None


def _cookies(scope: Message) -> dict[str, str]:
    """The cookies of a handshake, read as those of requests are.

    Browsers send along those of any other server on this machine, which may hold anything.
    """
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
    return parse_cookie(header.decode("latin-1"))


def _decoded(message: Message) -> Any:
    """What a frame says, or None when it is binary, too long, or not JSON."""
    said = message.get("text")
    if said is None or len(said.encode("utf-8", "replace")) > FRAME_BYTES:
        return None
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return None
