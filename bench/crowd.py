"""People in rooms who go on through all trouble, as pages do, and remember what they were promised.

A page keeps the rules of docs/protocol.md: it connects again, says what it knows, asks for a
snapshot at a gap, and sends a write again until there is an answer that stands.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from array import array
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import websockets
from websockets.asyncio.client import connect

from bench.client import Http, clock

Json = dict[str, Any]

# An answer that takes longer is none.
ANSWER_S = 15.0
GAP_S = 0.25
ASKS_TIME_EVERY_S, SILENCE_S = 7.0, 25.0
LONGEST_DELAY_S = 4.0
STAY_AWAY = {4401, 4403, 4404, 4405, 4410}
PASSING = {408, 425, 429, 500, 502, 503, 504}
REPORT_EVERY_S = 1.5
# Seconds within which a vote reaches the screens, if it ever does.
ARRIVED_S = 10.0
KEPT = 600


class Line(Http):
    """Requests that are sent until there is an answer that stands."""

    def __init__(self, port: int, answers: Counter[int]) -> None:
        super().__init__(port)
        self._answers = answers

    async def insist(
        self, method: str, path: str, *, cookie: str = "", body: Json | None = None
    ) -> tuple[int, Json, int]:
        """The status and body of the answer that stands, and how many times it was asked for."""
        key = f"Idempotency-Key: {uuid.uuid4().hex}\r\n" if method == "POST" else ""
        said = json.dumps(body) if body is not None else ""
        delay, tries = 0.2, 0
        while True:
            tries += 1
            status, answer = 0, b""
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
                async with asyncio.timeout(ANSWER_S):
                    status, answer = await self.ask(
                        method, path, cookie=cookie, body=said, headers=key
                    )
            self._answers[status] += 1
            # Only JSON of the API is an answer; a proxy's own page is none.
            if status and status not in PASSING and (status == 204 or answer[:1] == b"{"):
                return status, json.loads(answer or b"{}"), tries
            await asyncio.sleep(delay * (0.5 + random.random()))
            delay = min(2 * delay, LONGEST_DELAY_S)

    async def join_at_last(self, code: str) -> str:
        """Make somebody new a member, however long it takes; return their cookie."""
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, AssertionError):
                async with asyncio.timeout(ANSWER_S):
                    return await self.join(code)
            await asyncio.sleep(1 + random.random())


@dataclass
class Promised:
    """What has been answered, and so has to be true at the end."""

    votes: dict[tuple[str, str], int] = field(default_factory=dict)  # (item, member): value
    # Asked more than once and refused at last: an earlier try may have counted.
    unsure: set[tuple[str, str]] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    reactions: int = 0
    joined: int = 0
    saw_nothing: int = 0  # of those who joined, until they left
    left: set[str] = field(default_factory=set)
    # When each vote was sent (monotonic), how long its answer and its way to each screen took (ms).
    answers_ms: list[tuple[float, float]] = field(default_factory=list)
    screens_ms: list[tuple[float, array[float]]] = field(default_factory=list)


class Room:
    """A room with its pages, the first of which is the host's and makes the sound."""

    def __init__(self, code: str, number: int, cookies: list[str]) -> None:
        self.code, self.number, self.cookies = code, number, cookies
        self.path = f"/api/rooms/{code}"
        self.pages: list[Page] = []
        # When each revision has arrived at each page, for the latest of them.
        self.arrivals: OrderedDict[int, array[float]] = OrderedDict()

    def note(self, revision: int, at: float) -> None:
        heard = self.arrivals.get(revision)
        if heard is None:
            heard = self.arrivals[revision] = array("d")
            if len(self.arrivals) > KEPT:
                self.arrivals.popitem(last=False)
        heard.append(at)


class Page:
    """An open page of one member."""

    def __init__(self, room: Room, line: Line, cookie: str, promised: Promised) -> None:
        self.room, self.cookie = room, cookie
        self.member = ""
        self.revision = -1
        self.tallies: dict[str, tuple[int, int]] = {}
        self.playback: Json = {}
        self.closes: Counter[int] = Counter()
        self.snapshots = self.gaps = 0
        self._line, self._promised = line, promised
        self._early: list[Json] = []
        self._gap: asyncio.TimerHandle | None = None
        self._socket: websockets.ClientConnection | None = None
        self._voting = asyncio.Lock()
        self._sent: dict[tuple[str, int], float] = {}
        self._told_to_return = False
        self.opened = asyncio.Event()

    @property
    def waiting(self) -> list[str]:
        return [*self.tallies]

    # --- What it hears --------------------------------------------------------------------------

    async def follow(self) -> None:
        """Be open, for ever: connect, listen, and connect again."""
        delay = 0.2
        while not STAY_AWAY & self.closes.keys():
            was = self.revision
            with suppress(OSError, TimeoutError, websockets.WebSocketException):
                await self._listen()
            delay = 0.2 if self.revision > was else min(2 * delay, LONGEST_DELAY_S)
            # "Come back", spread over some seconds; else soon, and ever later.
            spread = LONGEST_DELAY_S * random.random()
            await asyncio.sleep(spread if self._told_to_return else delay * (0.5 + random.random()))

    async def _listen(self) -> None:
        known = f"?revision={self.revision}&member={self.member}" if self.revision >= 0 else ""
        host = f"127.0.0.1:{self._line.port}"
        async with connect(
            f"ws://{host}/ws/rooms/{self.room.code}/{known}",
            origin=f"http://{host}",  # type: ignore[arg-type]  # a plain string there
            additional_headers={"Cookie": f"guest={self.cookie}"},
            open_timeout=ANSWER_S, close_timeout=1, ping_interval=None, max_size=None,
            compression=None,
        ) as socket:  # fmt: skip
            self._socket = socket
            asking = asyncio.create_task(self._ask_the_time(socket))
            try:
                while True:
                    async with asyncio.timeout(SILENCE_S):
                        frame = await socket.recv()
                    self._hear(json.loads(frame), clock())
            except websockets.ConnectionClosed:
                code = socket.close_code or 1006
                self.closes[code] += 1
                self._told_to_return = code == 4512
            finally:
                asking.cancel()
                self._socket = None
                self._calm()

    async def _ask_the_time(self, socket: websockets.ClientConnection) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                await asyncio.sleep(ASKS_TIME_EVERY_S * (0.5 + random.random()))
                await socket.send('{"type":"clock","sent":1}')

    def _hear(self, frame: Json, at: float) -> None:
        if frame["type"] == "snapshot":
            self.snapshots += 1
            self.revision = frame["revision"]
            self.member = frame["me"]["id"]
            self.playback = frame["playback"]
            self.tallies = {item["id"]: (item["up"], item["down"]) for item in frame["queue"]}
            self._early = [each for each in self._early if each["to"] > self.revision]
            self._advance(at)
            self.opened.set()
        elif frame["type"] == "events":
            self._early.append(frame)
            self._advance(at)

    def _advance(self, at: float) -> None:
        self._early.sort(key=lambda frame: int(frame["from"]))
        while self._early and self._early[0]["from"] <= self.revision + 1:
            frame = self._early.pop(0)
            for revision, event in enumerate(frame["events"], frame["from"]):
                if revision > self.revision:
                    self.revision = revision
                    self.room.note(revision, at)
                    if event is not None:
                        self._apply(event, revision)
        if not self._early:
            self._calm()
        elif self._gap is None:
            self._gap = asyncio.get_running_loop().call_later(GAP_S, self._resync)

    def _resync(self) -> None:
        self._calm()
        self._early.clear()
        self.gaps += 1
        if self._socket is not None:
            self._asking = asyncio.ensure_future(_quietly(self._socket.send('{"type":"resync"}')))

    def _calm(self) -> None:
        if self._gap is not None:
            self._gap.cancel()
            self._gap = None

    def _apply(self, event: Json, revision: int) -> None:
        match event["type"]:
            case "queue.added" | "queue.restored":
                item = event["item"]
                self.tallies[item["id"]] = (item["up"], item["down"])
            case "queue.tallied":
                self.tallies[event["item"]] = (event["up"], event["down"])
            case "queue.removed":
                self.tallies.pop(event["item"], None)
            case "playback.changed":
                self.playback = event["playback"]
            case "me.voted":
                for item, value in event["votes"].items():
                    began = self._sent.pop((item, value), None)
                    if began is not None:
                        loop = asyncio.get_running_loop()
                        loop.call_later(ARRIVED_S, self._measure, revision, began)

    def _measure(self, revision: int, began: float) -> None:
        """How long the vote with this revision took to each page that has heard of it."""
        heard = self.room.arrivals.get(revision)
        if heard is not None:
            waits = array("d", ((at - began) * 1000 for at in heard))
            self._promised.screens_ms.append((began, waits))

    # --- What it does ---------------------------------------------------------------------------

    async def vote(self) -> None:
        """Vote by chance on something that waits, until it is answered."""
        if self._voting.locked() or not self.tallies:
            return
        async with self._voting:
            item, value = random.choice(self.waiting), random.choice((1, 1, 1, -1, 0))
            key, began = (item, self.member), clock()
            self._sent[item, value] = began
            status, _, tries = await self._line.insist(
                "PUT", f"{self.room.path}/queue/{item}/vote",
                cookie=self.cookie, body={"value": value},
            )  # fmt: skip
            if status == 200:
                self._promised.votes[key] = value
                self._promised.unsure.discard(key)
                self._promised.answers_ms.append((began, (clock() - began) * 1000))
                return
            self._sent.pop((item, value), None)
            if tries > 1:
                self._promised.unsure.add(key)
            # It has begun to play, or is gone, in the meantime.
            assert status in (404, 409), status

    async def write(self) -> None:
        text = f"A message that is told once {uuid.uuid4().hex}"
        status, _, _ = await self._line.insist(
            "POST", f"{self.room.path}/chat", cookie=self.cookie, body={"text": text}
        )
        if status == 201:
            self._promised.messages.append(text)

    async def react(self) -> None:
        item = self.playback.get("item")
        if item:
            status, _, _ = await self._line.insist(
                "PUT", f"{self.room.path}/reactions/{item['id']}",
                cookie=self.cookie, body={"reaction": random.choice(("love", "fire", "clap"))},
            )  # fmt: skip
            self._promised.reactions += status == 204

    async def come_and_go(self) -> None:
        """Somebody new joins, opens the room, stays for some seconds, and leaves for good."""
        cookie = await self._line.join_at_last(self.room.code)
        self._promised.joined += 1
        guest = Page(self.room, self._line, cookie, self._promised)
        following = asyncio.create_task(guest.follow())
        try:
            await asyncio.sleep(5 + 10 * random.random())
            await self._line.insist("POST", f"{self.room.path}/leave", cookie=cookie)
            self._promised.left.add(guest.member)
            self._promised.saw_nothing += not guest.opened.is_set()
        finally:
            following.cancel()

    async def sound(self) -> None:
        """Be the room's speaker: claim the sound, and report as a browser does."""
        device = {"device": f"speaker-of-{self.room.code}"}
        while True:
            playback = self.playback
            speaker = (playback.get("speaker") or {}).get("device")
            if playback and speaker != device["device"]:
                await self._line.insist(
                    "PUT", f"{self.room.path}/playback/speaker", cookie=self.cookie,
                    body={**device, "action": "claim", "name": "Laptop", "takeover": True},
                )  # fmt: skip
            elif playback.get("state") == "playing":
                position_ms = max(0, round(time.time() * 1000) - playback["starts_at_ms"])
                with suppress(OSError, asyncio.IncompleteReadError, TimeoutError, ValueError):
                    async with asyncio.timeout(ANSWER_S):
                        await self._line.ask(
                            "POST", f"{self.room.path}/playback/report", cookie=self.cookie,
                            body=json.dumps({
                                **device, "play_id": playback["play_id"], "state": "playing",
                                "position_ms": position_ms,
                            }),
                        )  # fmt: skip
            await asyncio.sleep(REPORT_EVERY_S)


async def _quietly(sending: Awaitable[None]) -> None:
    with suppress(websockets.ConnectionClosed):
        await sending


async def keep_on(
    act: Callable[[], Coroutine[Any, Any, None]], *, every_s: float, until: asyncio.Event
) -> None:
    """Do something at a steady mean rate, and end when all that was begun is done.

    What takes longer goes on meanwhile.
    """
    async with asyncio.TaskGroup() as doing:
        while not until.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(random.expovariate(1 / every_s)):
                    await until.wait()
                    return
            doing.create_task(act())
