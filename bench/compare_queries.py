"""Database queries of each change, counted inside one process of the version under comparison.

Not a bench by itself: `bench.compare` runs this file with the code of either version, so it goes
by addresses of HTTP, and names only what both have. Prints, for each change, how many statements
it sent (savepoints are some; BEGIN and COMMIT are not counted) and how often it locked the room's
row; SQLite has no such statements, so the second number is 0 there.
"""

import asyncio
import inspect
import json
import os
import re
import sys
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "beatsync.settings")

import django

django.setup()

from channels.testing import WebsocketCommunicator
from django.db import connection
from django.test import Client

LOCKS_ROOM = re.compile(r'FROM "rooms_room".* FOR (NO KEY )?UPDATE', re.DOTALL)
# Presence is told within the second or so after somebody came.
SETTLE_S = 2.5
TRACKS = 6

Counts = dict[str, tuple[int, int]]


class Person:
    """A guest with a browser."""

    def __init__(self) -> None:
        self.browser = Client(SERVER_NAME="127.0.0.1")

    @property
    def cookie(self) -> str:
        return self.browser.cookies["guest"].value

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Call the API as a page does; returns the answer."""
        key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex} if method == "POST" else {}
        content = {"data": json.dumps(body or {}), "content_type": "application/json"}
        call = getattr(self.browser, method.lower())
        answer = call(f"/api/rooms{path}", **({} if method == "GET" else content), **key)
        assert answer.status_code < 300, (method, path, answer.content)
        return answer.json() if answer.content else None

    def arrive(self, code: str) -> str:
        """Join the room and open it; returns the member's id."""
        self.ask("POST", f"/{code}/join")
        return str(self.ask("GET", f"/{code}")["me"]["id"])


def counted(change: Callable[[], object]) -> tuple[int, int]:
    """Statements, and locks of the room, of one change."""
    statements: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        change()
    statements = [sql for sql in statements if not sql.startswith(("BEGIN", "COMMIT"))]
    return len(statements), sum(bool(LOCKS_ROOM.search(sql)) for sql in statements)


def count_vote_by_action(code: str, cookie: str, item: int, value: int) -> tuple[int, int]:
    """Queries of the action itself, the voter already found."""
    from music.actions.voting import cast_vote
    from rooms.access import find_member, guest_in

    voter: Any = find_member(guest_in({"guest": cookie}), code)
    who = "member" if "member" in inspect.signature(cast_vote).parameters else "actor"
    vote: Any = {who: voter, "item_id": item, "value": value}
    return counted(lambda: cast_vote(**vote))


class Scene:
    """A room with a host, two guests and a queue; one guest votes to and fro."""

    def __init__(self) -> None:
        self.host, self.ana, self.ben = Person(), Person(), Person()
        self.code = self.host.ask("POST", "", {"name": "Bench"})["code"]
        self.host.ask("GET", f"/{self.code}")
        self.ana.arrive(self.code)
        self.ben_id = self.ben.arrive(self.code)
        found = self.host.ask("GET", f"/{self.code}/search")["items"]
        self.uris = [track["uri"] for track in found]
        for uri in self.uris[:TRACKS]:
            self.host.ask("POST", f"/{self.code}/queue", {"uri": uri})
        self.item = self.host.ask("GET", f"/{self.code}")["queue"][0]["id"]
        self.value = 1

    def vote(self) -> None:
        self.value = -self.value
        path = f"/{self.code}/queue/{self.item}/vote"
        self.ana.ask("PUT", path, {"value": self.value})

    def count_vote_by_action(self) -> tuple[int, int]:
        self.value = -self.value
        return count_vote_by_action(self.code, self.ana.cookie, int(self.item), self.value)

    def change_ben(self, **change: Any) -> None:
        self.host.ask("PATCH", f"/{self.code}/members/{self.ben_id}", change)

    def vote_after(self, change: Callable[[], object]) -> tuple[int, int]:
        self.vote()
        change()
        return counted(self.vote)

    def count_plain_votes(self) -> Counts:
        for _ in range(3):  # what a process remembers, it remembers now
            self.vote()
        return {
            "a vote, by the action": self.count_vote_by_action(),
            "a vote": counted(self.vote),
        }

    def count_votes_after_changes(self) -> Counts:
        code, host, ben = self.code, self.host, self.ben
        member = f"/{code}/members/{self.ben_id}"
        along = {
            "device": "bench-phone", "name": "Phone", "along": True, "mode": "pocket",
            "offset_ms": 0, "jitter_ms": 0, "uncertainty_ms": 0, "corrected_ms": None,
        }  # fmt: skip
        changes = {
            "somebody joined": lambda: Person().arrive(code),
            "a member's rename": lambda: ben.ask("PATCH", member, {"name": "Benno"}),
            "the room's rename": lambda: host.ask("PATCH", f"/{code}", {"name": "Other"}),
            "a device began to listen along": lambda: ben.ask(
                "PUT", f"/{code}/playback/device", along
            ),
            "a message": lambda: ben.ask("POST", f"/{code}/chat", {"text": "Hello"}),
        }
        return {f"a vote after {name}": self.vote_after(change) for name, change in changes.items()}

    def count_reads(self) -> Counts:
        address = f"/{self.code}"
        member = f"{address}/members/{self.ben_id}"
        return {
            "the snapshot over HTTP, kept": self.read_after(address, lambda: None),
            "the snapshot over HTTP after a vote": self.read_after(address, self.vote),
            "the snapshot over HTTP after a member's rename": self.read_after(
                address, lambda: self.ben.ask("PATCH", member, {"name": "Ben"})
            ),
            "the queue over HTTP after a vote": self.read_after(f"{address}/queue", self.vote),
        }

    def read_after(self, address: str, change: Callable[[], object]) -> tuple[int, int]:
        self.ana.ask("GET", address)
        change()
        return counted(lambda: self.ana.ask("GET", address))

    def count_other_changes(self) -> Counts:
        code, host, new = self.code, self.host, Person()
        counts = {
            "make a listener co-host": counted(lambda: self.change_ben(role="cohost")),
            "mute a member": counted(lambda: self.change_ben(muted=True)),
            "remove a member": counted(lambda: self.change_ben(banned=True)),
            "let back in, unmute and change the role, in one request": counted(
                lambda: self.change_ben(role="listener", muted=False, banned=False)
            ),
            "join": counted(lambda: new.ask("POST", f"/{code}/join")),
            "open the room, joined": counted(lambda: new.ask("GET", f"/{code}")),
        }
        track = {"uri": self.uris[TRACKS]}
        counts["add a track"] = counted(lambda: new.ask("POST", f"/{code}/queue", track))
        host.ask("POST", f"/{code}/playback/play")
        play = {"play_id": host.ask("GET", f"/{code}")["playback"]["play_id"]}
        counts["skip"] = counted(lambda: host.ask("POST", f"/{code}/playback/skip", play))
        return counts


async def all_counts(thread: ThreadPoolExecutor) -> Counts:
    """All counts; the changes are made on one thread, so that they have one connection."""
    from beatsync.asgi import application

    loop = asyncio.get_running_loop()
    scene = await loop.run_in_executor(thread, Scene)
    counts = await loop.run_in_executor(thread, scene.count_plain_votes)
    headers = {
        "host": "127.0.0.1",
        "origin": "http://127.0.0.1",
        "cookie": f"guest={scene.host.cookie}",
    }
    socket = WebsocketCommunicator(
        application,
        f"/ws/rooms/{scene.code}/",
        headers=[(name.encode(), value.encode()) for name, value in headers.items()],
    )
    await socket.connect()
    await loop.run_in_executor(thread, scene.vote)
    await asyncio.sleep(SETTLE_S)
    after_presence = await loop.run_in_executor(thread, counted, scene.vote)
    counts["a vote after a member came"] = after_presence
    counts |= await loop.run_in_executor(thread, scene.count_votes_after_changes)
    counts |= await loop.run_in_executor(thread, scene.count_reads)
    counts |= await loop.run_in_executor(thread, scene.count_other_changes)
    await socket.disconnect()
    return counts


if __name__ == "__main__":
    with ThreadPoolExecutor(1) as thread:
        print(json.dumps(asyncio.run(all_counts(thread))))
    sys.stdout.flush()
    os._exit(0)  # whatever works beside a server would be waited for
