"""What it costs to tell everybody: deliveries per second, and CPU per delivery, at 50 to 2,000.

Four ways side by side: each consumer a member of the group (the usual Channels way), BeatSync's
relay under daphne and under uvicorn, and a bare picows broadcast as the practical limit.
"""

import asyncio
import sys
from dataclasses import dataclass

from bench import report
from bench.client import Http, Listeners
from bench.machine import cpu_s, described
from bench.running import DAPHNE, REDIS, UVICORN, has_redis, installation, serving
from bench.stage import Stage, Wanted, stage
from tests.servers import Server

LISTENERS = (50, 200, 500, 1000, 2000)
# Where the aims are set: CPU of the usual way at least so many times ours, ours at most so many
# times that of picows.
AIMED_AT, TIMES_USUAL, TIMES_BARE = 500, 20, 2.5
# Fewer for more listeners, so that the slowest way delivers all of them within seconds: what was
# begun and not delivered would be charged to what was. Below 100, the capacity of a channel.
MOST_MESSAGES, DELIVERIES = 80, 20_000
# A way that has not delivered everything by then is not measured.
LIMIT_S = 40
# Presence is told within the second or so after somebody came, and then no more.
SETTLE_S = 2.5


@dataclass(frozen=True)
class Way:
    name: str
    kind: str
    command: tuple[str, ...]


USUAL = Way("usual, daphne", "usual", (*DAPHNE, "bench.fanout:application"))
RELAY_DAPHNE = Way("relay, daphne", "rooms", (*DAPHNE, "bench.fanout:application"))
RELAY_UVICORN = Way("relay, uvicorn", "rooms", (*UVICORN, "bench.fanout:application"))
BARE = Way("picows", "bare", (sys.executable, "-m", "bench.bare", "{port}"))
WAYS = (USUAL, RELAY_DAPHNE, RELAY_UVICORN, BARE)


@dataclass(frozen=True)
class Cost:
    """What one way took until everything was delivered."""

    deliveries: int
    seconds: float
    cpu_s: float

    @property
    def each_us(self) -> float:
        return self.cpu_s / self.deliveries * 1e6

    def __str__(self) -> str:
        return f"{self.each_us:.1f} ({self.deliveries / self.seconds:,.0f})"


def main() -> None:
    print(described())
    with installation(CONDUCTOR="worker") as environment:
        print(in_memory(environment), flush=True)
    if has_redis():
        with installation(layer=REDIS, CONDUCTOR="worker") as environment:
            print(over_redis(environment), flush=True)


def in_memory(environment: dict[str, str]) -> str:
    [room] = stage(environment, Wanted(people=max(LISTENERS), queue=12))
    rows, aims = [], []
    for listeners in LISTENERS:
        cost = {way: measured(environment, way, room, listeners) for way in WAYS}
        usual, bare = cost[USUAL].each_us, cost[BARE].each_us
        ours = [cost[RELAY_DAPHNE].each_us, cost[RELAY_UVICORN].each_us]
        rows.append(
            [
                f"{listeners:,}",
                *(cost[way] for way in WAYS),
                " / ".join(f"{usual / each:.0f}" for each in ours),
                " / ".join(f"{each / bare:.1f}" for each in ours),
            ]
        )
        if listeners == AIMED_AT:
            usual_met = all(usual / each >= TIMES_USUAL for each in ours)
            bare_met = all(each / bare <= TIMES_BARE for each in ours)
            aims = [
                report.aim(usual_met, f"usual ÷ relay ≥ {TIMES_USUAL}"),
                report.aim(bare_met, f"relay ÷ picows ≤ {TIMES_BARE}"),
            ]
    head = [
        "listeners",
        *(way.name for way in WAYS),
        "usual ÷ relay (daphne / uvicorn)",
        "relay ÷ picows",
    ]
    title = "CPU µs per delivery (deliveries per second), 18 messages a second, in-memory layer"
    return f"{report.table(title, head, rows)}\n\nAt {AIMED_AT}: {'; '.join(aims)}."


def over_redis(environment: dict[str, str]) -> str:
    [room] = stage(environment, Wanted(people=AIMED_AT, queue=12))
    ways = (USUAL, RELAY_DAPHNE, RELAY_UVICORN)
    cost = {way: measured(environment, way, room, AIMED_AT) for way in ways}
    row = [
        f"{AIMED_AT:,}",
        *(cost[way] for way in ways),
        " / ".join(f"{cost[USUAL].each_us / cost[way].each_us:.0f}" for way in ways[1:]),
    ]
    head = ["listeners", *(way.name for way in ways), "usual ÷ relay (daphne / uvicorn)"]
    return report.table("The same over Redis", head, [row])


def measured(environment: dict[str, str], way: Way, room: Stage, listeners: int) -> Cost:
    """One way, in a fresh process."""
    with serving(environment, *way.command) as server:
        return asyncio.run(measure_cost(server, way, room, listeners))


async def measure_cost(server: Server, way: Way, room: Stage, listeners: int) -> Cost:
    """Publish to the first `listeners` people of a room in which nothing was published before."""
    crowd, http, pid = Listeners(server.port), Http(server.port), server.process.pid
    messages = min(MOST_MESSAGES, DELIVERIES // listeners)
    finished = 0  # listeners who have heard the last message

    def hear(_: float, frame: bytes) -> None:
        nonlocal finished
        finished += f'"to":{messages},'.encode() in frame.replace(b" ", b"")[:60]

    try:
        await crowd.join(f"/ws/{way.kind}/{room.code}/", room.cookies[:listeners])
        await asyncio.sleep(SETTLE_S)
        crowd.on_events = hear
        loop = asyncio.get_running_loop()
        cpu_before, before = cpu_s(pid), loop.time()
        await http.ask("GET", f"/publish/{way.kind}/{room.room}/{messages}")
        async with asyncio.timeout(LIMIT_S):
            while finished < listeners:
                await asyncio.sleep(0.01)
        return Cost(crowd.events, loop.time() - before, cpu_s(pid) - cpu_before)
    finally:
        crowd.close()
        await http.close()
