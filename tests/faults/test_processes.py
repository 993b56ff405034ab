"""Several processes are one room, also when one of them is killed or its clock is wrong."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from functools import partial
from threading import Event

import pytest

from tests.faults.client import Json, Listener, Person, picture
from tests.faults.conftest import Conductor, Storage, running, web
from tests.servers import Server

pytestmark = pytest.mark.storage

VOTERS = 200
Two = tuple[Server, Server]


def now_ms() -> float:
    return time.time() * 1000


def starts(page: Listener) -> list[tuple[float, Json]]:
    """The starts of tracks that a page heard of: when (ms), and the playback."""
    told: dict[str, tuple[float, Json]] = {}
    for at, event in page.heard:
        if event["type"] == "playback.changed" and event["playback"]["item"]:
            told.setdefault(event["playback"]["play_id"], (at * 1000, event["playback"]))
    return list(told.values())


async def play_out(host: Person, page: Listener, *, left_ms: int) -> int:
    """Let a track play that has so much left, with others waiting; the moment of its end."""
    for uri in host.library()[:3]:
        host.add(uri)
    host.post("/playback/play", {})
    await page.until(lambda: page.state["playback"]["item"])
    return await near_the_end(host, page, left_ms=left_ms)


async def near_the_end(host: Person, page: Listener, *, left_ms: int) -> int:
    """Seek to where the track has so much left; the moment of its end."""
    duration_ms: int = page.state["playback"]["track"]["duration_ms"]
    sought = host.post("/playback/seek", {"position_ms": duration_ms - left_ms}).json()
    await page.until(lambda: page.state["playback"]["starts_at_ms"] == sought["starts_at_ms"])
    return int(sought["starts_at_ms"]) + duration_ms


async def test_two_web_processes_and_two_conductors_are_one_room_until_the_last_is_killed(
    two: Two, storage: Storage
) -> None:
    one, other = (each.url for each in two)
    host = Person.opens_room(one)
    guest = host.invites(other)
    async with Listener(host) as here, Listener(guest) as there:
        with Conductor(storage.environment) as first, Conductor(storage.environment) as last:
            ends_at_ms = await play_out(host, there, left_ms=4_000)
            await here.until(lambda: here.state["queue"])
            guest.vote(here.state["queue"][0]["id"], 1)
            final = guest.snapshot()
            for page in (here, there):
                await page.reach(final["revision"])
                assert picture(page.state) == picture(final)
            assert final["queue"][0]["up"] == 2
            await there.until(lambda: there.here == {host.id, guest.id})

            # Both conductors are about to announce the next track, 1.5 s before the end.
            await asyncio.sleep(max(0, ends_at_ms - 1_550 - now_ms()) / 1000)
            first.kill()
            await here.until(lambda: len(starts(here)) == 2)
            assert ends_at_ms <= starts(here)[1][1]["starts_at_ms"] <= ends_at_ms + 2_000

            ends_at_ms = await near_the_end(host, here, left_ms=2_500)
            last.kill()
        await asyncio.sleep(max(0, ends_at_ms - now_ms()) / 1000)
        assert len(starts(here)) == 2
        with Conductor(storage.environment):
            began_ms = now_ms()
            await here.until(lambda: len(starts(here)) == 3)
            assert starts(here)[2][1]["starts_at_ms"] <= began_ms + 2_000
    states = storage.rows(
        "SELECT q.state FROM music_queueitem q JOIN rooms_room r ON r.id = q.room_id"
        " WHERE r.code = %s AND q.state != 'waiting'",  # rows of the shelf wait
        host.code,
    )
    assert sorted(states) == [("played",), ("played",), ("playing",)]


async def test_a_web_process_killed_among_two_hundred_voters_loses_no_vote(
    two: Two, storage: Storage
) -> None:
    doomed, spare = two
    host = Person.opens_room(spare.url)
    uris = host.library()
    items = [host.add(uri) for uri in uris[:2]]
    both = (doomed.url, spare.url)
    acknowledged: list[int] = []
    half = Event()

    def join_and_vote(number: int) -> Person:
        urls = both if number % 2 else both[::-1]
        voter = host.invites(*urls)
        ready.wait(60)
        for place, item in enumerate(items):
            voter.vote(item, 1 if (number + place) % 3 else -1)
            acknowledged.append(number)
            if len(acknowledged) == VOTERS * len(items) // 2:
                half.set()
        if number % 20 == 0:
            voter.add(uris[2])
        return voter

    ready = Event()
    async with AsyncExitStack() as open_pages:
        readers = [host.invites() for _ in range(8)]
        pages = [
            await open_pages.enter_async_context(Listener(reader, *urls))
            for reader, urls in zip(readers, [both, both[::-1]] * 4, strict=True)
        ]
        with ThreadPoolExecutor(40) as threads:
            ready.set()
            voting = [threads.submit(join_and_vote, number) for number in range(VOTERS)]
            await asyncio.to_thread(half.wait, 60)
            doomed.kill()
            voters = [await asyncio.wrap_future(future) for future in voting]
        final = host.snapshot()
        for page in pages:
            await page.reach(final["revision"])
        pictures = [picture(page.state) for page in pages]
    assert pictures == [picture(final)] * len(pages)
    assert any(voter.answers[0] for voter in voters), "nobody noticed the death"

    expected = {
        (int(item), int(voter.id)): 1 if (number + place) % 3 else -1
        for number, voter in enumerate(voters)
        for place, item in enumerate(items)
    }
    expected |= {(int(item), int(host.id)): 1 for item in items}
    counted = storage.rows(
        "SELECT item_id, member_id, value FROM music_vote WHERE item_id = ANY(%s)",
        [int(item) for item in items],
    )
    assert len(counted) == len(expected)
    assert {(item, member): value for item, member, value in counted} == expected
    for item in final["queue"]:
        values = storage.rows("SELECT value FROM music_vote WHERE item_id = %s", int(item["id"]))
        assert item["up"] == values.count((1,))
        assert item["down"] == values.count((-1,))
    assert len(final["queue"]) == len(items) + 1


async def test_a_process_whose_clock_is_wrong_keeps_the_time_of_the_others(
    two: Two, storage: Storage
) -> None:
    wrong = web(storage.environment, ahead_ms=3_000)
    right = two[1]
    with running(wrong), Conductor(storage.environment, ahead_ms=3_000):
        host = Person.opens_room(wrong.url)
        guest = host.invites(right.url)
        async with Listener(host) as there, Listener(guest) as here:
            for page in (there, here):
                await page.until(partial(getattr, page, "clock"))
                assert abs(page.clock["replied"] - page.clock["sent"]) < 1_500
            ends_at_ms = await play_out(host, here, left_ms=3_500)
            await here.until(lambda: len(starts(here)) == 2)
            heard_at_ms, following = starts(here)[1]
            assert following["starts_at_ms"] == ends_at_ms
            # Announced 1.5 s ahead, and not 4.5 s.
            assert heard_at_ms > ends_at_ms - 2_500
            await there.until(lambda: len(starts(there)) == 2)


async def test_the_members_of_a_crashed_process_fade_out(two: Two) -> None:
    doomed, spare = two
    host = Person.opens_room(spare.url)
    guest = host.invites(doomed.url)
    async with Listener(host) as page, Listener(guest):
        await page.until(lambda: page.here == {host.id, guest.id})
        doomed.kill()
        await page.until(lambda: page.here == {host.id})
