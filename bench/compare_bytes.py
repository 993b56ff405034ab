"""What one version writes to sockets: presence, snapshots, and what a phone that was away gets.

Exact, apart from the digits of times and ids, so that once is enough.
"""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path

from bench.client import Http, Listeners
from bench.running import APPLICATION, DAPHNE, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

CROWDS, QUEUES = (500, 2000), (20, 500)
# One member comes and goes, this often, for a while.
TURN_S, TURNS = 5.0, 4
# Presence is told within the second or so after somebody came or went.
SETTLE_S = 2.5
# For how long a phone is away, and what it misses.
AWAY_S, MISSED = 2.0, 5
# What follows the first frame at once belongs to it; presence comes a second later.
AT_ONCE_S = 0.5
PRESENCE = (b'{"type":"presence"', b'{"type": "presence"')


@dataclass
class Written:
    """Frames that sockets have received: bytes without the WebSocket's own header."""

    total: int = 0
    first: bytes = b""
    presence: int = 0
    presences: list[int] = field(default_factory=list)

    def hear(self, _: float, frame: bytes) -> None:
        self.first = self.first or frame
        self.total += len(frame)
        if frame.startswith(PRESENCE):
            self.presence += len(frame)
            self.presences.append(len(frame))


async def count_bytes(root: Path) -> dict[str, float]:
    """Bytes by what they tell, of the version that is checked out at `root`."""
    with (
        installation(root=root, CONDUCTOR="worker") as environment,
        serving(environment, *DAPHNE, APPLICATION, root=root) as server,
    ):
        wanted = [Wanted(people=crowd, queue=queue) for crowd in CROWDS for queue in QUEUES]
        rooms = dict(zip(wanted, stage(environment, *wanted, root=root), strict=True))
        counts: dict[str, float] = {}
        for crowd in CROWDS:
            counts |= await _in_crowd(server, rooms[Wanted(crowd, QUEUES[0])], crowd)
        for want, room in rooms.items():
            name = f"a listener's snapshot: {want.people:,} members, {want.queue} items"
            counts[name] = len((await _connect(server, room)).first)
        return counts


async def _in_crowd(server: Server, room: Stage, crowd: int) -> dict[str, float]:
    """What a crowd hears while its last member comes and goes, and what that one hears then."""
    path, others, written = f"/ws/rooms/{room.code}/", Listeners(server.port), Written()
    try:
        await others.join(path, room.cookies[:-1])
        # At first all members of a fresh room count as here.
        await _come_and_go(server, room, SETTLE_S)
        others.on_frame = written.hear
        for _ in range(TURNS // 2):
            await _come_and_go(server, room, TURN_S)
        others.on_frame = None
        missed = await _come_back(server, room)
        assert others.lost == 0, f"{others.lost} listeners were lost"
    finally:
        others.close()
    a_minute = written.presence * 60 / (TURNS * TURN_S)
    return {
        f"presence frame, one of {crowd:,} comes": written.presences[0],
        f"presence to all of {crowd:,} in a minute, one comes or goes every {TURN_S:.0f} s": (
            a_minute
        ),
        f"one of {crowd:,} comes back after {AWAY_S:.0f} s and {MISSED} votes": missed,
    }


async def _come_and_go(server: Server, room: Stage, turn_s: float) -> None:
    last = Listeners(server.port)
    await last.join(f"/ws/rooms/{room.code}/", room.cookies[-1:])
    await asyncio.sleep(turn_s)
    last.close()
    await asyncio.sleep(turn_s)


async def _connect(server: Server, room: Stage, query: str = "") -> Written:
    """What the last member gets who opens the room, before anything happens."""
    written, phone = Written(), Listeners(server.port)
    phone.on_frame = written.hear
    await phone.join(f"/ws/rooms/{room.code}/{query}", room.cookies[-1:])
    await asyncio.sleep(AT_ONCE_S)
    phone.close()
    return written


async def _come_back(server: Server, room: Stage) -> float:
    """Bytes that a phone gets which connects again, as a page does, while others listen."""
    http = Http(server.port)
    known = json.loads((await _connect(server, room)).first)
    for number in range(MISSED):
        cookie, item = room.cookies[number], room.items[number]
        status, body = await http.vote(room.code, item, cookie=cookie, value=1)
        assert status == 200, body
    await asyncio.sleep(AWAY_S)
    # Versions that send the whole room in any case pass over what a page says it knows.
    query = f"?revision={known['revision']}&member={known['me']['id']}"
    written = await _connect(server, room, query)
    await http.close()
    return written.total
