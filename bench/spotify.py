"""What Spotify is asked for, and how long that takes: calls are what its quota counts.

Against the stand-in of the tests, which answers as late as Spotify does from most places.
"""

import asyncio
import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import report
from bench.client import Http, clock
from bench.machine import cpu_s, described
from bench.running import APPLICATION, DAPHNE, PLENTY, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.fakes.spotify import SCOPES, FakeSpotify
from tests.servers import Server

LATE_S = 0.15
WORDS = "rain harbour small copper minutes nordlys vacancy goats cucina interludes".split()
SHEETS, ADDED = 5, 10
LIMITS = ("SEARCHES", "SPOTIFY_SEARCHES", "ROOM_SPOTIFY_SEARCHES", "HOST_ADDS", "CHANGES")
WARM_AIM_MS = 30
# A method, a path in the room, a body.
Asked = tuple[str, str, str]
# In the process of the server's installation: its models are not loaded here.
CONNECT = """
from music.sources.spotify.login import Profile, Purpose, connect
from music.sources.spotify.tokens import Grant
from rooms import clock
from rooms.models import Room
grant = Grant({access!r}, {refresh!r}, {scopes!r}, clock.now_ms() + 3_600_000)
host = Room.objects.get(code={code!r}).members.get(role="host")
profile = Profile({account!r}, {user!r}, "Ann")
connect(guest=host.guest, grant=grant, profile=profile, purpose=Purpose.HOST)
"""


@dataclass(frozen=True)
class Cost:
    """What something takes each time: calls to Spotify, milliseconds to the answer, and of CPU."""

    calls: float
    ms: float
    cpu_ms: float


class Host:
    """The host of a room, who looks for music."""

    def __init__(self, server: Server, room: Stage, spotify: FakeSpotify) -> None:
        self._http, self._room, self._spotify = Http(server.port), room, spotify
        self._pid = server.process.pid

    async def costs(self, *asked: Asked) -> Cost:
        """Ask for each of these, one after the other."""
        self._spotify.forget_calls()
        times_ms, before_s = [], cpu_s(self._pid)
        for method, path, body in asked:
            began = clock()
            await self.ask(method, path, body)
            times_ms.append((clock() - began) * 1000)
        cpu_ms = (cpu_s(self._pid) - before_s) * 1000 / len(asked)
        return Cost(len(self._spotify.calls) / len(asked), statistics.median(times_ms), cpu_ms)

    async def ask(self, method: str, path: str, body: str = "") -> list[dict[str, str]]:
        address = f"/api/rooms/{self._room.code}{path}"
        status, answer = await self._http.ask(
            method, address, cookie=self._room.cookies[0], body=body
        )
        assert status in (200, 201), (status, answer[:200])
        items: list[dict[str, str]] = json.loads(answer).get("items", [])
        return items

    async def close(self) -> None:
        await self._http.close()


def main() -> None:
    print(described())
    with FakeSpotify() as spotify, _room(spotify) as (server, room):
        spotify.fail("api", slow_s=LATE_S)
        costs = asyncio.run(_measured(Host(server, room, spotify), spotify))
    rows = [
        [
            name,
            f"{cold.calls:g}",
            f"{warm.calls:g}",
            f"{cold.ms:.0f}",
            f"{warm.ms:.1f}",
            f"{warm.cpu_ms:.1f}",
        ]
        for name, (cold, warm) in costs.items()
    ]
    head = ["", "calls, cold", "calls, warm", "ms, cold", "ms, warm", "CPU ms, warm"]
    late_ms = round(LATE_S * 1000)
    print(
        report.table(f"What Spotify is asked for ({late_ms} ms away; daphne, SQLite)", head, rows)
    )
    dearest_ms = max(warm.cpu_ms for _, warm in costs.values())
    none = all(warm.calls == 0 for _, warm in costs.values())
    print(f"\nWarm, no call: {report.aim(none, '0')};", end=" ")
    print(f"dearest, CPU: {report.aim(dearest_ms <= WARM_AIM_MS, f'≤ {WARM_AIM_MS} ms')}.")


@contextmanager
def _room(spotify: FakeSpotify) -> Iterator[tuple[Server, Stage]]:
    """A server whose only room has a host with an account."""
    more: dict[str, Any] = {f"LIMIT_{name}": PLENTY for name in LIMITS} | spotify.environment()
    with (
        installation(**more) as environment,
        serving(environment, *DAPHNE, APPLICATION) as server,
    ):
        [room] = stage(environment, Wanted(people=1))
        ann = spotify.people["ann"]
        answer = spotify.tokens_for(ann)
        server.run(
            CONNECT.format(
                code=room.code,
                access=answer["access_token"],
                refresh=answer["refresh_token"],
                scopes=SCOPES,
                account=ann.account_id,
                user=ann.id,
            )
        )
        yield server, room


async def _measured(host: Host, spotify: FakeSpotify) -> dict[str, tuple[Cost, Cost]]:
    """By what is done: what it takes for the first time, and soon after again."""
    long = next(
        each
        for each in spotify.playlists.values()
        if each.owner.id == "ann" and len(each.entries) > 50 * (SHEETS - 1)
    )
    searches = [("GET", f"/search?source=spotify&q={word}", "") for word in WORDS]
    lists = [("GET", "/playlists?source=spotify", "")]
    pages = [
        ("GET", f"/playlists/{long.id}?source=spotify{cursor}", "")
        for cursor in ["", *(f"&cursor={50 * sheet}" for sheet in range(1, SHEETS))]
    ]
    # Before anything is known: what was found or listed once is known by its address, too.
    last = [track.uri for track in spotify.catalogue.tracks if track.can_be_played][-ADDED:]
    pasted = await host.costs(*(_adding(uri) for uri in last))
    costs = {}
    for name, asked in {
        "a search": searches,
        "the list of playlists": lists,
        "a page of 50 tracks": pages,
    }.items():
        cold = await host.costs(*asked)
        costs[name] = (cold, await host.costs(*asked * 3))
    shown = {each["uri"] for path in searches for each in await host.ask(*path)}
    shown_added = [_adding(uri) for uri in sorted(shown)[:ADDED]]
    costs["a track added (cold: by its address only)"] = (
        pasted,
        await host.costs(*shown_added),
    )
    await host.close()
    return costs


def _adding(uri: str) -> Asked:
    return "POST", "/queue", json.dumps({"uri": uri})
