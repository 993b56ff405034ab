"""PostgreSQL, Redis or the network goes away, and comes back."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import pytest
import requests

from tests.faults.client import SILENCE_S, Listener, Person, picture
from tests.faults.conftest import Conductor, Storage
from tests.faults.proxy import Proxy
from tests.servers import Server

pytestmark = pytest.mark.storage

Two = tuple[Server, Server]


def has_events(page: Listener, count: int) -> bool:
    """Whether a page has got this many frames of events."""
    return page.seen["events"] >= count


async def steadily(
    people: list[Person], act: Callable[[Person, int], object], stop: asyncio.Event
) -> int:
    """Let everybody act over and over until told to stop; how often all of them did."""

    async def go_on(person: Person) -> int:
        number = 0
        while not stop.is_set():
            await asyncio.to_thread(act, person, number)
            number += 1
            await asyncio.sleep(0.05)
        return number

    return sum(await asyncio.gather(*map(go_on, people)))


async def test_a_restart_of_redis_under_load_costs_no_vote_and_no_socket(
    two: Two, storage: Storage
) -> None:
    one, other = (each.url for each in two)
    host = Person.opens_room(one)
    voters = [host.invites(url) for url in (one, other) * 3]
    item = host.add(host.library()[0])
    stop = asyncio.Event()
    async with Listener(host) as here, Listener(voters[1]) as there:
        before = [voter.answers.copy() for voter in voters]
        voting = asyncio.create_task(
            steadily(voters, lambda voter, number: voter.vote(item, (-1) ** number), stop)
        )
        await there.until(lambda: there.seen["events"] > 3)
        storage.redis.cut()
        newcomer = host.invites(other)
        async with Listener(newcomer) as late:
            await asyncio.sleep(1.5)
            assert late.revision > 0
            storage.redis.mend()
            pages = (here, there, late)
            heard = [page.seen["events"] for page in pages]
            for page, count in zip(pages, heard, strict=True):
                await page.until(partial(has_events, page, count + 3))
            stop.set()
            votes = await voting
            final = host.snapshot()
            for page in pages:
                await page.reach(final["revision"])
                assert picture(page.state) == picture(final)
                assert page.seen["connected"] == 1
                assert page.seen["snapshot"] < 10
    answered = [voter.answers - known for voter, known in zip(voters, before, strict=True)]
    assert sum(answers[200] for answers in answered) == votes
    assert all(set(answers) == {200} for answers in answered)


async def test_a_redis_that_hangs_does_not_hang_the_votes(two: Two, storage: Storage) -> None:
    host = Person.opens_room(two[0].url)
    item = host.add(host.library()[0])
    storage.redis.drop()
    began = time.monotonic()
    for number in range(20):
        answer = await asyncio.to_thread(
            host.try_once, "PUT", f"/queue/{item}/vote", {"value": (-1) ** number}
        )
        assert answer.status_code == 200
    assert time.monotonic() - began < 10, "only the first one waits"
    storage.redis.mend()
    async with Listener(host) as page:
        await asyncio.to_thread(host.vote, item, 1)
        await page.until(lambda: page.state["queue"][0]["up"] == 1)


async def test_while_postgres_is_away_answers_are_clear_and_afterwards_all_is_well(
    two: Two, storage: Storage
) -> None:
    host = Person.opens_room(*(each.url for each in two))
    first, second = host.library()[:2]
    async with Listener(host) as page:
        with Conductor(storage.environment) as conductor:
            host.add(first)
            host.post("/playback/play", {})
            await page.until(lambda: page.state["playback"]["item"])
            item = host.add(second)
            storage.postgres.cut()
            away_until = time.monotonic() + 4
            refused = []
            while time.monotonic() < away_until:
                refused.append(await asyncio.to_thread(host.try_once, "GET", "/queue"))
                refused.append(
                    await asyncio.to_thread(
                        host.try_once, "PUT", f"/queue/{item}/vote", {"value": -1}
                    )
                )
                alive = await asyncio.to_thread(requests.get, f"{host.urls[0]}/healthz", timeout=5)
                assert alive.ok
            storage.postgres.mend()
            for answer in refused:
                assert answer.status_code == 503
                assert answer.json()["error"]["code"] == "unavailable"
                assert int(answer.headers["Retry-After"]) > 0
            await asyncio.to_thread(host.vote, item, -1)
            await page.until(lambda: page.state["queue"][0]["down"] == 1)
            host.post("/playback/skip", {})
            await page.until(lambda: page.state["playback"]["item"]["id"] == item)
            assert page.closes == []  # on a busy machine a client gives up after 3 s of silence
            assert conductor.process.poll() is None
    assert all(each.process.poll() is None for each in two)


async def test_who_loses_the_network_catches_up_and_does_once_what_was_meant(
    two: Two, storage: Storage
) -> None:
    parts = urlsplit(two[0].url)
    network = Proxy(parts.hostname or "", parts.port or 0)
    try:
        host = Person.opens_room(f"http://127.0.0.1:{network.port}")
        others = host.invites(two[1].url)
        items = [host.add(uri) for uri in host.library()[:4]]
        host.post("/playback/play", {})
        async with Listener(host) as page:
            await page.until(lambda: page.state["playback"]["play_id"] == "1")
            # The request arrives, its answer does not; then nothing comes through at all.
            network.drop(answers_only=True)
            skipping = asyncio.create_task(asyncio.to_thread(host.post, "/playback/skip", {}))
            await asyncio.sleep(0.5)
            network.drop()
            voting = asyncio.create_task(asyncio.to_thread(host.vote, items[3], -1))
            await asyncio.to_thread(others.vote, items[2], 1)
            await asyncio.sleep(SILENCE_S)
            network.mend()
            await skipping
            await voting
            final = others.snapshot()
            await page.until(lambda: page.revision >= final["revision"])
            assert picture(page.state) == picture(final)
        assert host.answers[0] > 0
        assert final["playback"]["play_id"] == "2", "skipped once"
        # Rows of the shelf stand behind.
        assert [(item["id"], item["up"], item["down"]) for item in final["queue"][:2]] == [
            (items[2], 2, 0),
            (items[3], 0, 1),
        ]
    finally:
        network.close()
