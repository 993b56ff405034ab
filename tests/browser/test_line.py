"""A bad line, a blocked one, none at all, and a server that dies."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.browser.people import PHONE, Person, expect_pressed, expect_tally
from tests.servers import Server

Arrive = Callable[..., Person]
# A line may be lost for a while before the page calls it lost.
PATIENCE_MS = 30_000


@pytest.fixture
def guest(arrive: Arrive) -> Person:
    """A guest whose browser complains of the network, as it must."""
    guest = arrive(**PHONE)
    guest.forgive("net::ERR_|WebSocket connection to")
    return guest


@pytest.fixture
def mortal(server: Server) -> Iterator[Server]:
    """A server that may be killed in a test; it stands again for the next one."""
    yield server
    if server.process.poll() is not None:
        server.restart()


def test_a_vote_without_a_network_is_kept_and_sent_once(host: Person, guest: Person) -> None:
    guest.enter(host.open_room("Amber", "Birch", "Cedar"))
    guest.context.set_offline(True)
    guest.up("Cedar").tap()
    expect_pressed(guest.up("Cedar"))
    expect(guest.banner).to_contain_text(
        "No connection. 1 vote is kept and goes out once.", timeout=PATIENCE_MS
    )
    expect(guest.row("Cedar")).to_contain_text("Your vote is kept, sends once")
    answered: list[int] = []
    guest.page.on("response", lambda it: answered.extend([it.status] * it.url.endswith("/vote")))
    guest.context.set_offline(False)
    expect_tally(host.up("Cedar"), 2)
    expect(guest.offline).to_be_hidden(timeout=PATIENCE_MS)
    expect(guest.row("Cedar")).not_to_contain_text("kept")
    assert answered == [200]


def test_of_two_kept_votes_for_one_track_the_last_is_sent(host: Person, guest: Person) -> None:
    guest.enter(host.open_room("Amber", "Birch"))
    guest.context.set_offline(True)
    guest.up("Birch").tap()
    guest.down("Birch").tap()
    expect_pressed(guest.down("Birch"))
    guest.context.set_offline(False)
    expect_tally(host.down("Birch"), 1)
    expect_tally(host.up("Birch"), 1)


def test_a_track_added_without_a_network_is_added_once(host: Person, guest: Person) -> None:
    guest.enter(host.open_room("Amber", "Birch"))
    guest.search("Cedar")
    # The answer has come: nothing is being asked when the line goes.
    expect(guest.found).to_have_count(1)
    guest.context.set_offline(True)
    guest.key("Add Cedar").tap()
    guest.sees("Kept. It goes out once the line is back.")
    guest.context.set_offline(False)
    expect(host.titles).to_have_text(["Cedar", "Birch"])
    expect_tally(host.up("Cedar"), 1)
    expect(guest.page.get_by_role("list", name="Tracks")).to_contain_text("Added")


def test_a_kept_vote_outlives_a_reload(host: Person, guest: Person) -> None:
    guest.enter(host.open_room("Amber", "Birch"))
    guest.page.route("**/vote", lambda route: route.abort())
    guest.up("Birch").tap()
    expect_pressed(guest.up("Birch"))
    guest.page.unroute("**/vote")
    guest.page.reload()
    expect_tally(host.up("Birch"), 2)


def test_where_sockets_are_blocked_the_page_asks_and_votes_count(
    host: Person, guest: Person
) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest.page.route_web_socket("**/ws/**", lambda socket: socket.close())
    guest.enter(code)
    expect(guest.banner).to_contain_text("Slow line.", timeout=PATIENCE_MS)
    guest.up("Cedar").tap()
    expect_tally(host.up("Cedar"), 2)
    host.down("Birch").click()
    expect_tally(guest.down("Birch"), 1)
    expect(guest.titles).to_have_text(["Cedar", "Birch"])


def test_after_a_killed_server_the_page_agrees_with_it_again(
    host: Person, guest: Person, mortal: Server
) -> None:
    host.forgive("net::ERR_|WebSocket connection to")
    guest.enter(host.open_room("Amber", "Birch", "Cedar"))
    mortal.kill()
    expect(guest.offline).to_be_visible()
    guest.up("Cedar").tap()
    expect(guest.banner).to_contain_text("1 vote is kept")
    mortal.restart()
    for person in (host, guest):
        expect(person.titles).to_have_text(["Cedar", "Birch"], timeout=PATIENCE_MS)
        expect_tally(person.up("Cedar"), 2)
        expect(person.offline).to_be_hidden(timeout=PATIENCE_MS)


def test_a_track_plays_on_through_a_restart_of_the_server(host: Person, mortal: Server) -> None:
    host.forgive("net::ERR_|WebSocket connection to")
    host.open_room("Amber", "Birch")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    before = host.hears(beyond_s=0.5)
    mortal.kill()
    mortal.restart()
    expect(host.offline).to_be_hidden(timeout=PATIENCE_MS)
    assert host.hears(beyond_s=before) > before
    expect(host.title).to_have_text("Amber")


def test_a_track_that_should_have_ended_while_the_server_was_down_gives_way(
    host: Person, mortal: Server
) -> None:
    host.forgive("net::ERR_|WebSocket connection to")
    code = host.open_room("Amber", "Birch")
    host.api("POST", f"/{code}/playback/seek", {"position_ms": 57_000})
    mortal.kill()
    mortal.restart()
    expect(host.title).to_have_text("Birch", timeout=PATIENCE_MS)


def test_the_page_of_a_guest_who_was_away_catches_up(host: Person, guest: Person) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest.enter(code)
    guest.context.set_offline(True)
    expect(guest.offline).to_be_visible(timeout=PATIENCE_MS)
    host.down("Birch").click()
    host.add(code, "Dune")
    expect(host.titles).to_have_text(["Cedar", "Dune", "Birch"])
    guest.context.set_offline(False)
    expect(guest.titles).to_have_text(["Cedar", "Dune", "Birch"], timeout=PATIENCE_MS)


def joins_by_asking(guest: Person) -> None:
    """The socket by which one would join does not come about, so the page asks by a request."""
    guest.page.route_web_socket(re.compile(r"/ws/.*\?join$"), lambda socket: socket.close())


def test_where_many_join_at_once_one_waits_and_is_in(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    guest.forgive("Failed to load resource.* 429")
    joins_by_asking(guest)
    error = {"code": "rate_limited", "message": "Many people join.", "retry_after": 3}
    guest.page.route(
        "**/join", lambda route: route.fulfill(status=429, json={"error": error}), times=1
    )
    guest.page.goto(f"/r/{code}", wait_until="commit")
    expect(guest.banner).to_contain_text("Many people join. The page tries by itself:")
    guest.stand_in_room()
    expect(guest.banner).not_to_contain_text("Many people join.")


def test_a_room_that_ended_before_one_was_in_says_so(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    host.forgive("Failed to load resource")
    guest.forgive("Failed to load resource.* 409")
    joins_by_asking(guest)

    def ends_first(route: Route) -> None:
        host.api("POST", f"/{code}/end")
        route.continue_()

    guest.page.route("**/join", ends_first)
    guest.page.goto(f"/r/{code}")
    expect(guest.page.get_by_role("heading", name="This room has ended")).to_be_visible()
