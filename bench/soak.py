"""Rooms full of people for half an hour, on two hosts, while things go wrong: is anything lost?

Four web processes on two hosts (network namespaces), one PostgreSQL, one Redis, one nginx. In 20
rooms 600 people listen, vote, write, react, come and go. One process is killed, all are replaced
one after the other, Redis and PostgreSQL are ended and come back. At the end everything that was
answered has to be there.

    python -m bench.soak [--minutes 30] [--rooms 20] [--listeners 30] [--processes 4]
"""

from __future__ import annotations

import argparse
import asyncio
import random
import signal
import sys
import time
from array import array
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import redis as redis_client

from bench.client import clock
from bench.crowd import Line, Page, Promised, Room, keep_on
from bench.hosts import (
    RESTART_S,
    Postgres,
    Redis,
    Web,
    may_have_networks,
    network,
    nginx,
    rows,
    stores,
)
from bench.machine import allow_many_files, cpu_s, descendants, described, memory_kb
from bench.report import aim, percentile, table
from bench.running import NO_LIMITS, PLENTY
from bench.stage import Wanted, stage
from tests.servers import installation

Act = Callable[[], Coroutine[Any, Any, None]]

HOSTS = 2
# What one room's people do, one in so many seconds on average.
VOTE_S, WRITE_S, REACT_S, COME_S = 2.0, 20.0, 10.0, 20.0
QUEUE = 80
TRACK_MS = 40_000
AT_ONCE = 20
LOOK_EVERY_S = 5.0
# When things go wrong, as parts of the whole; the rest is quiet, so that memory can be watched.
KILL_AT, DEPLOY_AT, REDIS_AT, POSTGRES_AT = 0.08, 0.2, 0.4, 0.5
AWAY_S = 5.0
# Seconds after a fault until times count as undisturbed again.
AFTER_S = 20.0
# Seconds after its start in which a process still fills its caches: left out of the slope.
WARM_S = 120.0
AGREE_S = 30.0
SLOPE_MB = 20.0
STUCK_MS = 10_000
NO_MORE_LIMITS = ("CHAT", "REACTIONS", "ADDS", "SEARCHES", "DEVICES", "LINKS")

CONSUMED = (
    "SELECT xact_commit, tup_inserted + tup_updated + tup_deleted FROM pg_stat_database"
    " WHERE datname = current_database()"
)


@dataclass
class Fault:
    """Something that went wrong: from when to when (monotonic)."""

    name: str
    began: float
    ended: float = 0.0


@dataclass
class Watch:
    """What was seen of the processes meanwhile."""

    faults: list[Fault] = field(default_factory=list)
    # Of each life of a web process (name, pid): when, and MB.
    memory: dict[tuple[int, int], list[tuple[float, float]]] = field(default_factory=dict)
    # Of the stretch of quiet before the first fault: per second, or shares of a core.
    load: dict[str, float] = field(default_factory=dict)

    def is_quiet(self, at: float) -> bool:
        return not any(
            fault.began - 1 <= at <= (fault.ended or at) + AFTER_S for fault in self.faults
        )


@dataclass
class Site:
    """All that runs, and what it runs on."""

    webs: list[Web]
    postgres: Postgres
    redis: Redis
    proxy_pid: int
    environment: dict[str, str]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--listeners", type=int, default=30, help="in each room")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--calm", action="store_true", help="nothing goes wrong")
    parser.add_argument("--closed", action="store_true", help="nobody comes and nobody leaves")
    chosen, _ = parser.parse_known_args()
    print(described(), flush=True)
    # So that whoever ends it finds no namespace and no server left.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    allow_many_files()
    alone = not may_have_networks()
    if alone:
        print("No network namespaces here (they take root): all processes share one network.")
    limits = {f"LIMIT_{name}": PLENTY for name in (*NO_LIMITS, *NO_MORE_LIMITS)}
    with ExitStack() as stack:
        net = stack.enter_context(network(HOSTS, alone=alone))
        postgres, redis, folder = stack.enter_context(stores(net.front))
        environment = stack.enter_context(
            installation(
                folder / "data", DATABASE_URL=postgres.url, REDIS_URL=redis.url,
                TRUSTED_PROXIES="1", CONDUCTOR="web", **limits,
            )
        )  # fmt: skip
        webs = []
        for number in range(chosen.processes):
            host = net.hosts[number % HOSTS]
            webs.append(Web(host, environment, folder / f"web-{number}.log"))
            stack.callback(webs[-1].stop)
        for web in webs:
            web.wait_until_ready()
        port, proxy_pid = stack.enter_context(nginx(folder, [web.at for web in webs]))
        staged = stage(environment, *[Wanted(people=chosen.listeners, queue=QUEUE)] * chosen.rooms)
        with psycopg.connect(environment["DATABASE_URL"]) as line:
            line.execute(
                "UPDATE music_track SET duration_ms = %s WHERE uri LIKE 'library:bench-%%'",
                [TRACK_MS],
            )
        site = Site(webs, postgres, redis, proxy_pid, environment)
        rooms = [Room(each.code, each.room, each.cookies) for each in staged]
        soak = _soak(site, rooms, port, chosen.minutes * 60, calm=chosen.calm, closed=chosen.closed)
        print(asyncio.run(soak), flush=True)
        for web in webs:
            _show_faults(folder / f"web-{webs.index(web)}.log")


async def _soak(
    site: Site, rooms: list[Room], port: int, seconds: float, *, calm: bool, closed: bool
) -> str:
    answers: Counter[int] = Counter()
    promised, watch = Promised(), Watch()
    line = Line(port, answers)
    following: list[asyncio.Task[None]] = []
    turn = asyncio.Semaphore(AT_ONCE)

    async def open_page(room: Room, cookie: str) -> None:
        async with turn:
            page = Page(room, line, cookie, promised)
            room.pages.append(page)
            following.append(asyncio.create_task(page.follow()))
            await page.opened.wait()

    await asyncio.gather(*(open_page(room, each) for room in rooms for each in room.cookies))
    for room in rooms:
        await line.insist("POST", f"{room.path}/playback/play", cookie=room.cookies[0], body={})
        # Rooms that began together would also change their tracks together, all evening.
        await asyncio.sleep(TRACK_MS / 1000 / len(rooms))
    print(f"{len(following)} pages are open.", flush=True)
    over = asyncio.Event()
    sounding = [asyncio.create_task(room.pages[0].sound()) for room in rooms]
    doing = [
        asyncio.create_task(keep_on(act, every_s=every_s, until=over))
        for room in rooms
        for act, every_s in _acts(room, closed=closed)
    ]
    watching = asyncio.create_task(_look(site, watch))
    began = clock()
    if not calm:
        await _go_wrong(site, watch, began, seconds)
    await asyncio.sleep(max(0.0, began + seconds - clock()))
    print("Everybody stops, and what was promised is looked at.", flush=True)
    # What was asked is answered first: else nobody would know what became of it.
    over.set()
    await asyncio.wait(doing)
    ended = [task for task in (*doing, *sounding, *following) if task.done()]
    failures = [task.exception() for task in ended if task.exception()]
    agree = await _agreement(site, rooms)
    watching.cancel()
    result = _judged(site, rooms, promised, watch, answers, agree, seconds, failures)
    for task in (*sounding, *following):
        task.cancel()
    return result


def _acts(room: Room, *, closed: bool) -> Iterator[tuple[Act, float]]:
    def somebody() -> Page:
        return random.choice(room.pages)

    yield (lambda: somebody().vote()), VOTE_S
    yield (lambda: somebody().write()), WRITE_S
    yield (lambda: somebody().react()), REACT_S
    if not closed:
        yield (lambda: somebody().come_and_go()), COME_S


# --- What goes wrong ----------------------------------------------------------------------------


async def _go_wrong(site: Site, watch: Watch, began: float, seconds: float) -> None:
    async def at(part: float) -> None:
        await asyncio.sleep(max(0.0, began + part * seconds - clock()))

    async def during(name: str, work: Callable[[], None]) -> None:
        fault = Fault(name, clock())
        watch.faults.append(fault)
        print(f"{clock() - began:6.0f} s: {name}", flush=True)
        await asyncio.to_thread(work)
        fault.ended = clock()

    before = await asyncio.to_thread(_consumption, site)
    await at(KILL_AT)
    after = await asyncio.to_thread(_consumption, site)
    watch.load = {name: (after[name] - before[name]) / (KILL_AT * seconds) for name in before}
    await during("a process is killed, and started anew", lambda: _kill(site.webs[0]))
    await at(DEPLOY_AT)
    await during("all processes are replaced, one after the other", lambda: _deploy(site.webs))
    await at(REDIS_AT)
    await during("Redis is killed, and comes back empty", lambda: _restart(site.redis))
    await at(POSTGRES_AT)
    await during("PostgreSQL ends as in a crash, and comes back", lambda: _crash(site.postgres))


def _kill(web: Web) -> None:
    web.kill()
    time.sleep(RESTART_S)
    web.start()
    web.wait_until_ready()


def _deploy(webs: list[Web]) -> None:
    for web in webs:
        web.stop()
        web.start()
        web.wait_until_ready()


def _restart(redis: Redis) -> None:
    redis.stop()
    time.sleep(AWAY_S)
    redis.start()


def _crash(postgres: Postgres) -> None:
    postgres.stop("immediate")
    time.sleep(AWAY_S)
    postgres.start()


# --- What is seen meanwhile ---------------------------------------------------------------------


async def _look(site: Site, watch: Watch) -> None:
    while True:
        for number, web in enumerate(site.webs):
            with suppress(ProcessLookupError, FileNotFoundError):
                seen = (clock(), memory_kb(web.process.pid) / 1024)
                watch.memory.setdefault((number, web.process.pid), []).append(seen)
        await asyncio.sleep(LOOK_EVERY_S)


def _consumption(site: Site) -> dict[str, float]:
    """What has been used so far: CPU seconds by program, and what the stores have done."""
    [(commits, written)] = rows(site.environment["DATABASE_URL"], CONSUMED)
    info: Any = redis_client.Redis.from_url(site.redis.url).info()
    return {
        "web processes, of a core": sum(cpu_s(web.process.pid) for web in site.webs),
        "PostgreSQL, of a core": _cpu_of_all(site.postgres.pid),
        "Redis, of a core": cpu_s(site.redis.pid),
        "nginx, of a core": _cpu_of_all(site.proxy_pid),
        "the load, of a core": time.process_time(),
        "PostgreSQL, transactions a second": float(str(commits)),
        "PostgreSQL, rows written a second": float(str(written)),
        "Redis, commands a second": float(info["total_commands_processed"]),
        "Redis, KB a second out": float(info["total_net_output_bytes"]) / 1024,
    }


def _cpu_of_all(pid: int) -> float:
    used = 0.0
    for each in (pid, *descendants(pid)):
        with suppress(OSError):
            used += cpu_s(each)
    return used


def _show_faults(log: Path) -> None:
    """What a process has said of errors: how often each, by the last line of its traceback."""
    said: Counter[str] = Counter()
    is_inside = False
    for line in log.read_text().splitlines():
        if line.startswith("Traceback"):
            is_inside = True
        elif is_inside and line and not line.startswith(" "):
            said[line[:150]] += 1
            is_inside = False
        elif " ERROR " in line:
            said[line[24:150]] += 1
    for text, times in said.most_common(8):
        print(f"{log.name}: {times} × {text}")


# --- What has to be true at the end -------------------------------------------------------------


async def _agreement(site: Site, rooms: list[Room]) -> tuple[int, int]:
    """Of all pages, how many show what the database has (within `AGREE_S`); and how many do not."""
    until = clock() + AGREE_S
    while True:
        truth: dict[int, dict[str, tuple[int, int]]] = {room.number: {} for room in rooms}
        waiting = await asyncio.to_thread(
            rows, site.environment["DATABASE_URL"],
            "SELECT room_id, id, up, down FROM music_queueitem WHERE state = 'waiting'",
        )  # fmt: skip
        for room_id, item, up, down in waiting:
            truth[int(str(room_id))][str(item)] = (int(str(up)), int(str(down)))
        pages = [(page, truth[room.number]) for room in rooms for page in room.pages]
        right = sum(page.tallies == true for page, true in pages)
        if right == len(pages) or clock() > until:
            return right, len(pages) - right
        await asyncio.sleep(0.5)


def _judged(
    site: Site,
    rooms: list[Room],
    promised: Promised,
    watch: Watch,
    answers: Counter[int],
    agree: tuple[int, int],
    seconds: float,
    failures: list[BaseException | None],
) -> str:
    url = site.environment["DATABASE_URL"]
    lost, sure = _lost_votes(url, promised)
    wrong_tallies = len(rows(url, WRONG_TALLIES))
    missing, twice = _lost_messages(url, promised)
    stuck = _stuck(url, rooms)
    started, pauses_ms, stood_ms = _progress(url)
    reacted = sum(int(str(each[0])) for each in rows(url, REACTIONS))
    pages = [page for room in rooms for page in room.pages]
    closes = sum((page.closes for page in pages), Counter[int]())
    mean_s = sum(stood_ms) / max(1, len(stood_ms)) / 1000
    stood = f"{mean_s:.1f}; {max(stood_ms, default=0) / 1000:.1f}"
    came = f"{promised.joined:,}; {promised.saw_nothing:,}"
    all_agree = aim(not agree[1], "all")
    found: list[tuple[str, object, str]] = [
        ("minutes", f"{seconds / 60:g}", ""),
        ("rooms; pages", f"{len(rooms)}; {len(pages)}", ""),
        ("votes answered", f"{len(promised.answers_ms):,}", ""),
        ("of these, the last of a member on an item: compared", f"{sure:,}", ""),
        ("votes lost", lost, aim(not lost, "none")),
        ("items whose tally is not its votes", wrong_tallies, aim(not wrong_tallies, "none")),
        ("messages answered", f"{len(promised.messages):,}", ""),
        ("messages lost, or there twice", f"{missing}, {twice}", aim(not missing + twice, "none")),
        ("reactions answered; counted", f"{promised.reactions:,}; {reacted:,}", ""),
        ("came and left; of these, saw nothing", came, ""),
        ("tracks started", f"{started:,}", ""),
        ("stuck rooms", stuck, aim(not stuck, "none")),
        ("longest pause between tracks, s", f"{max(pauses_ms, default=0) / 1000:.1f}", ""),
        ("tracks took longer than they last, s on average; most", stood, ""),
        ("pages that agree with the database", f"{agree[0]} of {sum(agree)}", all_agree),
        ("pages' gaps, and new snapshots", _news(rooms), ""),
        ("closes by code", _counted(closes), ""),
        ("answers by status (0: none)", _counted(answers), ""),
        ("failures of the load itself", len(failures), aim(not failures, "none")),
    ]  # fmt: skip
    for failure in failures[:3]:
        print(f"failure of the load: {failure!r}")
    tables = [table("A soak on two hosts", ("what", "found", "aim"), found)]
    tables.append(_times(promised, watch))
    tables.append(_memory(watch))
    consumed = [(name, f"{amount:,.2f}") for name, amount in watch.load.items()]
    tables.append(table("Before the first fault", ("what", "used"), consumed))
    return "\n".join(tables)


WRONG_TALLIES = """
SELECT item.id FROM music_queueitem item LEFT JOIN music_vote vote ON vote.item_id = item.id
WHERE item.state = 'waiting' GROUP BY item.id
HAVING item.up <> count(*) FILTER (WHERE vote.value = 1 AND NOT vote.held)
    OR item.down <> count(*) FILTER (WHERE vote.value = -1 AND NOT vote.held)
"""
REACTIONS = """
SELECT coalesce(sum(value::int), 0) FROM chat_reactiontally, jsonb_each_text(counts::jsonb)
"""
STARTS = """
SELECT item.room_id, item.started_at_ms, item.ended_at_ms, track.duration_ms
FROM music_queueitem item JOIN music_track track ON track.id = item.track_id
WHERE started_at_ms IS NOT NULL ORDER BY item.room_id, started_at_ms
"""
PLAYING = "SELECT room_id, state, ends_at_ms FROM music_playback"


def _lost_votes(url: str, promised: Promised) -> tuple[int, int]:
    """How many of the members' last answered votes are not there, of how many that are sure."""
    there = {
        (str(item), str(member)): int(str(value))
        for item, member, value in rows(url, "SELECT item_id, member_id, value FROM music_vote")
    }
    sure = {
        key: value
        for key, value in promised.votes.items()
        if key not in promised.unsure and key[1] not in promised.left
    }
    lost = [key for key, value in sure.items() if there.get(key, 0) != value]
    for key in lost[:10]:
        print(f"lost: item, member {key}: promised {sure[key]}, there {there.get(key, 0)}")
    return len(lost), len(sure)


def _lost_messages(url: str, promised: Promised) -> tuple[int, int]:
    """How many answered messages are not there, and how many are there twice."""
    there = Counter(str(text) for (text,) in rows(url, "SELECT text FROM chat_chatmessage"))
    missing = sum(there[text] == 0 for text in promised.messages)
    return missing, sum(times > 1 for times in there.values())


def _stuck(url: str, rooms: list[Room]) -> int:
    """How many rooms play nothing now, or are overdue."""
    now_ms = round(time.time() * 1000)
    states = {room: (state, ends) for room, state, ends in rows(url, PLAYING)}
    stuck = 0
    for room in rooms:
        state, ends = states.get(room.number, ("none", None))
        late = ends is None or int(str(ends)) < now_ms - STUCK_MS
        stuck += state != "playing" or late
        if state != "playing" or late:
            print(f"stuck: {room.code}: {state}, ends at {ends}, now {now_ms}")
    return stuck


def _progress(url: str) -> tuple[int, list[int], list[int]]:
    """Tracks started; pauses between two; and how much longer than its length each took, in ms."""
    starts = [[int(str(cell or 0)) for cell in row] for row in rows(url, STARTS)]
    following = [(one, two) for one, two in pairwise(starts) if one[0] == two[0] and one[2]]
    pauses = [two[1] - one[2] for one, two in following]
    return len(starts), pauses, [one[2] - one[1] - one[3] for one, _ in following]


def _news(rooms: list[Room]) -> str:
    pages = [page for room in rooms for page in room.pages]
    gaps, snapshots = sum(page.gaps for page in pages), sum(page.snapshots for page in pages)
    return f"{gaps}; {snapshots - len(pages)}"


def _counted(counts: Counter[int]) -> str:
    return ", ".join(f"{code}: {times:,}" for code, times in sorted(counts.items())) or "none"


def _times(promised: Promised, watch: Watch) -> str:
    """How long votes took, in quiet and in all."""
    told = []
    for name, counts in (("in quiet", watch.is_quiet), ("in all", lambda _: True)):
        answers = [ms for began, ms in promised.answers_ms if counts(began)]
        screens: array[float] = array("d")
        for began, waits in promised.screens_ms:
            if counts(began):
                screens.extend(waits)
        told.append(
            [
                name, f"{len(answers):,}",
                *(f"{percentile(answers, percent):.0f}" for percent in (50, 99)),
                f"{len(screens):,}",
                *(f"{percentile(screens, percent):.0f}" for percent in (50, 99)),
                f"{max(answers, default=0):,.0f}",
            ]
        )  # fmt: skip
    head = [
        "votes",
        "answered",
        "p50 ms",
        "p99 ms",
        "arrivals",
        "p50 ms",
        "p99 ms",
        "longest answer ms",
    ]
    return table("Votes, to the answer and to each screen", head, told)


def _memory(watch: Watch) -> str:
    """Each life of a process: for how long it was watched once it was warm, and its slope."""
    told = []
    for (number, _), seen in watch.memory.items():
        warm = [each for each in seen if each[0] > seen[0][0] + WARM_S]
        if len(warm) < 12:
            continue
        minutes = (warm[-1][0] - warm[0][0]) / 60
        slope = _slope(warm) * 3600
        flat = aim(slope <= SLOPE_MB, f"≤ {SLOPE_MB:g}") if minutes >= 5 else ""
        quarters = [warm[at * (len(warm) - 1) // 4][1] for at in range(5)]
        told.append(
            [
                f"web {number}", f"{minutes:.1f}", f"{seen[0][1]:.0f}",
                *(f"{each:.1f}" for each in quarters), f"{slope:+.1f}", flat,
            ]
        )  # fmt: skip
    head = ["process", "minutes", "MB at first", "MB warm", "1/4", "1/2", "3/4", "end",
            "MB an hour", "aim"]  # fmt: skip
    return table("Memory of the web processes", head, told)


def _slope(seen: list[tuple[float, float]]) -> float:
    """By least squares, per second."""
    middle_x = sum(x for x, _ in seen) / len(seen)
    middle_y = sum(y for _, y in seen) / len(seen)
    over = sum((x - middle_x) * (y - middle_y) for x, y in seen)
    return over / sum((x - middle_x) ** 2 for x, _ in seen)


if __name__ == "__main__":
    main()
