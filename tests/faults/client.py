"""A client over real HTTP and real sockets that keeps the rules of docs/protocol.md.

It retries with its `Idempotency-Key`, turns to another server when one is gone, reconnects with
exponential backoff and jitter, waits 250 ms at a gap and then asks for a snapshot.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import requests
import websockets
from websockets.asyncio.client import ClientConnection, connect

Json = dict[str, Any]

# Far more than anything takes; only a test that fails waits so long.
PATIENCE_S = 30.0
# How long an answer may take before the client doubts the line.
ANSWER_S = 4.0
GAP_S = 0.25
# A line on which nothing comes for so long, although the time is asked every second, is dead.
SILENCE_S = 3.0
LONGEST_DELAY_S = 1.0
STAY_AWAY = {4401, 4403, 4404, 4410}


class Person:
    """Somebody with a browser. `urls` are servers of one installation, the preferred one first.

    `cookie` is that of a guest who has been there before.
    """

    def __init__(self, *urls: str, code: str = "", cookie: str = "") -> None:
        self.urls = list(urls)
        self.code = code
        self.id = ""
        self.answers: Counter[int] = Counter()  # by status; 0 where there was none
        self._session = requests.Session()
        self._csrf = uuid.uuid4().hex
        self._session.cookies.set("csrftoken", self._csrf)
        if cookie:
            self._session.cookies.set("guest", cookie)

    @classmethod
    def opens_room(cls, *urls: str) -> Person:
        """The host of a new room."""
        host = cls(*urls)
        host.code = host.post("/api/rooms", {"name": "Friday"}).json()["code"]
        host.id = host.snapshot()["me"]["id"]
        return host

    def invites(self, *urls: str) -> Person:
        """Another person, who joins the same room."""
        guest = Person(*(urls or self.urls), code=self.code)
        guest.id = guest.post("/join", {}).json()["me"]["id"]
        return guest

    @property
    def cookie(self) -> str:
        return f"guest={self._session.cookies['guest']}"

    def snapshot(self) -> Json:
        snapshot: Json = self.ask("GET", "").json()
        return snapshot

    def library(self) -> list[str]:
        """The tracks that can be added, by their URIs."""
        return [track["uri"] for track in self.ask("GET", "/search").json()["items"]]

    def post(self, path: str, body: Json) -> requests.Response:
        return self.ask("POST", path, body)

    def vote(self, item: str, value: int) -> requests.Response:
        return self.ask("PUT", f"/queue/{item}/vote", {"value": value})

    def add(self, uri: str) -> str:
        """Add a track; the id of its item."""
        item: str = self.post("/queue", {"uri": uri}).json()["id"]
        return item

    def ask(self, method: str, path: str, body: Json | None = None) -> requests.Response:
        """Ask until there is an answer that stands; a POST always with the same key."""
        key = uuid.uuid4().hex if method == "POST" else None
        deadline = time.monotonic() + PATIENCE_S
        delay = 0.05
        while True:
            try:
                answer = self.try_once(method, path, body, key=key)
                if answer.status_code not in (429, 503):
                    assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
                    return answer
            except (requests.ConnectionError, requests.Timeout):
                self.urls.append(self.urls.pop(0))
            assert time.monotonic() < deadline, f"{method} {path}: {dict(self.answers)}"
            time.sleep(delay * (0.5 + random.random()))
            delay = min(2 * delay, LONGEST_DELAY_S)

    def try_once(
        self, method: str, path: str, body: Json | None = None, *, key: str | None = None
    ) -> requests.Response:
        """Ask the preferred server once, whatever comes of it."""
        headers = {"X-CSRFToken": self._csrf} | ({"Idempotency-Key": key} if key else {})
        place = path if path.startswith("/api") else f"/api/rooms/{self.code}{path}"
        try:
            answer = self._session.request(
                method, self.urls[0] + place, json=body, headers=headers, timeout=ANSWER_S
            )
        except requests.RequestException:
            self.answers[0] += 1
            raise
        self.answers[answer.status_code] += 1
        return answer


class Listener:
    """An open page: `async with Listener(person) as page` follows the room until the end."""

    def __init__(self, person: Person, *urls: str) -> None:
        self.person = person
        self.state: Json = {"revision": -1}
        self.here: set[str] = set()
        self.clock: Json = {}
        self.seen: Counter[str] = Counter()  # frames by type, and "connected"
        self.closes: list[int] = []
        # Each applied event, and what each snapshot says of the playback, and when.
        self.heard: list[tuple[float, Json]] = []
        self._urls = list(urls or person.urls)
        self._line: ClientConnection | None = None
        self._early: list[Json] = []
        self._gap: asyncio.TimerHandle | None = None
        self._changed = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Listener:
        self._start(self._run())
        await self.until(lambda: self.revision >= 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def revision(self) -> int:
        return int(self.state["revision"])

    async def until(self, shows: Callable[[], Any], *, within_s: float = PATIENCE_S) -> None:
        """Wait until the page shows something. Raises TimeoutError with what it shows instead."""
        try:
            async with asyncio.timeout(within_s):
                while not shows():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            seen = {part: self.state.get(part) for part in ("revision", "playback", "queue")}
            raise TimeoutError(f"after {within_s} s: {self.closes} {json.dumps(seen)}") from None

    async def reach(self, revision: int, *, within_s: float = PATIENCE_S) -> None:
        """Wait until the page knows this revision, or a later one."""
        await self.until(lambda: self.revision >= revision, within_s=within_s)

    async def _run(self) -> None:
        delay = 0.1
        while not STAY_AWAY & set(self.closes):
            snapshots = self.seen["snapshot"]
            with suppress(OSError, TimeoutError, websockets.WebSocketException):
                await self._talk()
            self._urls.append(self._urls.pop(0))
            delay = 0.1 if self.seen["snapshot"] > snapshots else min(2 * delay, LONGEST_DELAY_S)
            await asyncio.sleep(delay * (0.5 + random.random()))

    async def _talk(self) -> None:
        async with connect(
            self._urls[0].replace("http", "ws") + f"/ws/rooms/{self.person.code}/",
            origin=self._urls[0],  # type: ignore[arg-type]  # a plain string there
            additional_headers={"Cookie": self.person.cookie},
            open_timeout=ANSWER_S,
            close_timeout=0.5,
            ping_interval=None,
            max_size=None,
            compression=None,
        ) as line:
            self.seen["connected"] += 1
            self._line = line
            asking = self._start(self._ask_for_the_time(line))
            try:
                while True:
                    async with asyncio.timeout(SILENCE_S):
                        frame = await line.recv()
                    self._hear(json.loads(frame))
                    self._changed.set()
            except websockets.ConnectionClosed:
                self.closes.append(line.close_code or 1006)
                self._changed.set()
            finally:
                asking.cancel()
                self._line = None
                self._calm()

    async def _ask_for_the_time(self, line: ClientConnection) -> None:
        with suppress(websockets.ConnectionClosed):
            while True:
                await line.send(json.dumps({"type": "clock", "sent": time.time() * 1000}))
                await asyncio.sleep(1)

    def _hear(self, frame: Json) -> None:
        self.seen[frame["type"]] += 1
        match frame["type"]:
            case "snapshot":
                self.state, self.here = frame, set(frame["presence"]["here"])
                # A page that was away for a moment learns of a start from here.
                playback = {"type": "playback.changed", "playback": frame["playback"]}
                self.heard.append((time.time(), playback))
                self._early = [each for each in self._early if each["to"] > self.revision]
                self._advance()
            case "events":
                self._early.append(frame)
                self._advance()
            case "presence":
                if "here" in frame:
                    self.here = set(frame["here"])
                self.here = self.here - {*frame.get("left", [])} | {*frame.get("came", [])}
            case "clock":
                self.clock = frame

    def _advance(self) -> None:
        """Apply what follows; wait a moment for what is missing."""
        self._early.sort(key=lambda frame: int(frame["from"]))
        while self._early and self._early[0]["from"] <= self.revision + 1:
            frame = self._early.pop(0)
            for revision, event in enumerate(frame["events"], frame["from"]):
                if revision <= self.revision:
                    continue
                self.state["revision"] = revision
                if event is not None:  # what another member alone may see
                    apply(self.state, event)
                    self.heard.append((time.time(), event))
        if not self._early:
            self._calm()
        elif self._gap is None:
            self._gap = asyncio.get_running_loop().call_later(GAP_S, self._resync)

    def _resync(self) -> None:
        self._calm()
        self._early.clear()
        if self._line is not None:
            self.seen["resync"] += 1
            self._start(self._line.send(json.dumps({"type": "resync"})))

    def _calm(self) -> None:
        if self._gap is not None:
            self._gap.cancel()
            self._gap = None

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        return task


def apply(state: Json, event: Json) -> None:
    """What a fact does to the state; as the page's reducers, for what all pages show alike."""
    queue = state["queue"]
    match event["type"]:
        case "room.changed" | "room.ended":
            state["room"] = event["room"]
        case "member.joined" | "member.changed":
            others = [each for each in state["members"] if each["id"] != event["member"]["id"]]
            state["members"] = [*others, event["member"]]
        case "queue.added":
            state["queue"] = [item for item in queue if item["id"] != event["item"]["id"]]
            state["queue"].insert(event["at"], event["item"])
        case "queue.tallied":
            item = next(item for item in queue if item["id"] == event["item"])
            item.update({name: event[name] for name in ("up", "down", "score", "reason")})
        case "queue.ordered":
            queue.sort(key=lambda item: event["items"].index(item["id"]))
        case "queue.removed":
            state["queue"] = [item for item in queue if item["id"] != event["item"]]
        case "queue.locked":
            queue.sort(key=lambda item: item["id"] != event["item"])
        case "playback.changed":
            state["playback"] = event["playback"]


def picture(snapshot: Json) -> Json:
    """What of a snapshot is the same for everybody, and not a matter of the moment."""
    return {
        "revision": snapshot["revision"],
        "room": snapshot["room"]["name"],
        "members": {member["id"]: member["name"] for member in snapshot["members"]},
        "queue": [(item["id"], item["up"], item["down"]) for item in snapshot["queue"]],
        "playing": [snapshot["playback"][name] for name in ("play_id", "state", "starts_at_ms")],
    }
