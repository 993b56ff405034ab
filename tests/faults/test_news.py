"""Messages between processes are lost or overtake each other: pages heal."""

import asyncio

from tests.faults.client import Listener, Person, picture
from tests.faults.conftest import running, web


async def test_lost_and_overtaking_messages_leave_no_trace(home: dict[str, str]) -> None:
    confused = web(home, loses=0.2, set={"rooms.relays.CHECK_S": 0.5})
    with running(confused):
        host = Person.opens_room(confused.url)
        guests = [host.invites() for _ in range(5)]
        async with Listener(host) as one, Listener(guests[0]) as other:
            for number in range(12):
                await asyncio.gather(
                    *[
                        asyncio.to_thread(
                            guest.ask, "PATCH", f"/members/{guest.id}", {"name": f"No. {number}"}
                        )
                        for guest in guests
                    ]
                )
            final = host.snapshot()
            for page in (one, other):
                await page.reach(final["revision"])
                assert picture(page.state) == picture(final)
                assert page.seen["connected"] == 1
                assert 1 < page.seen["snapshot"] < 60


async def test_what_is_lost_without_any_news_after_it_heals_too(home: dict[str, str]) -> None:
    mute = web(home, loses=1.0, set={"rooms.relays.CHECK_S": 0.5})
    with running(mute):
        host = Person.opens_room(mute.url)
        async with Listener(host) as page:
            await asyncio.to_thread(host.ask, "PATCH", f"/members/{host.id}", {"name": "Mika"})
            await page.until(lambda: page.state["members"][0]["name"] == "Mika")
            assert page.seen["connected"] == 1
            assert page.seen["events"] == 0
