"""A phone that was never here: what a room's page costs it, and what it can do at once."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Request, Route, expect

from tests.browser.people import PHONE, Person, expect_pressed, expect_tally
from tests.servers import Server

MOST_REQUESTS, MOST_BYTES, MOST_SHIFT = 12, 90_000, 0.05
# How far what stands on the page has moved by itself, as Chromium counts it.
SHIFT = """() => new Promise((resolve) => {
    new PerformanceObserver((list) => resolve(list.getEntries()
        .filter((one) => !one.hadRecentInput).reduce((sum, { value }) => sum + value, 0)))
        .observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(0), 500);
})"""


@pytest.fixture
def newcomer(browser: Browser, server: Server) -> Iterator[Person]:
    """Somebody with a phone and an empty cache."""
    person = Person(browser, server, **PHONE)
    yield person
    complaints = person.complaints()
    person.leave()
    assert complaints == []


@pytest.mark.skipif(os.environ.get("BUNDLE") == "false", reason="single modules are requests")
def test_a_first_visit_takes_few_requests_and_bytes(host: Person, newcomer: Person) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune", "Elm")
    asked: list[Request] = []
    newcomer.page.on("requestfinished", lambda request: asked.append(request))
    newcomer.enter(code)
    newcomer.page.wait_for_load_state("networkidle")
    counted = [one for one in asked if "/media/" not in one.url and "/covers/" not in one.url]
    sizes = [one.sizes() for one in counted]
    assert 1 < len(counted) <= MOST_REQUESTS
    assert sum(one["responseHeadersSize"] + one["responseBodySize"] for one in sizes) <= MOST_BYTES


def test_nothing_moves_when_the_script_takes_over(host: Person, newcomer: Person) -> None:
    newcomer.enter(host.open_room("Amber", "Birch", "Cedar", "Dune", "Elm"))
    expect(newcomer.page.locator("[data-banner]")).to_contain_text("can play it on a device.")
    assert newcomer.page.evaluate(SHIFT) < MOST_SHIFT


def test_a_vote_before_the_script_is_there_is_cast_by_it(host: Person, newcomer: Person) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    waiting: list[Route] = []
    newcomer.page.route("**/js/pages/room*", lambda route: waiting.append(route))
    newcomer.page.goto(f"/r/{code}", wait_until="commit")
    # Its row has no name yet.
    row = newcomer.queue.get_by_role("listitem").filter(has_text="Cedar")
    row.get_by_role("button", name="Vote up").tap()
    expect_pressed(row.get_by_role("button", name="Vote up"))
    for script in waiting:
        script.continue_()
    expect_tally(host.up("Cedar"), 2)
    expect_pressed(newcomer.up("Cedar"))
