"""A queue people call fair: reasons, rules, asking to skip, Undo, and the host's own order."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from music.actions.newcomers import MANY
from tests.browser.people import DESKTOP, PHONE, Person, expect_pressed, expect_tally
from tests.faults import client
from tests.servers import Server

Arrive = Callable[..., Person]
CLOCK = re.compile(r"\b\d\d:\d\d\b")


def set_rules(host: Person, code: str, **rules: object) -> None:
    host.api("PATCH", f"/{code}", {"rules": rules})


# --- Skipping together --------------------------------------------------------------------------


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_who_ask_to_skip_are_enough(
    host: Person, arrive: Arrive, screen: dict[str, object]
) -> None:
    code = host.open_room("Amber", "Birch")
    ana, ben = arrive(**screen), arrive()
    ana.enter(code)
    ben.enter(code)
    ana.asks_to_skip().click()
    expect_pressed(ana.asks_to_skip())
    expect(ben.asks_to_skip()).to_have_accessible_name("Ask to skip, 1 of 2 ask")
    expect(host.now).to_contain_text("Skip: 1 of 2")
    ben.page.keyboard.press("s")
    for person in (host, ana, ben):
        expect(person.title).to_have_text("Birch")
    expect_pressed(ana.asks_to_skip(), False)


def test_the_target_of_a_skip_counts_who_is_here(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    set_rules(host, code, skip_percent=100)
    ana, ben = arrive(), arrive()
    ana.enter(code)
    expect(ana.asks_to_skip()).to_have_accessible_name("Ask to skip, 0 of 2 ask")
    ben.enter(code)
    expect(ana.asks_to_skip()).to_have_accessible_name("Ask to skip, 0 of 3 ask")


def test_what_one_has_asked_is_known_after_a_reload(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    guest.asks_to_skip().click()
    expect(host.now).to_contain_text("Skip: 1 of 2")
    guest.page.reload()
    expect_pressed(guest.asks_to_skip())


def test_nobody_is_asked_to_ask_where_only_hosts_skip(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    expect(guest.asks_to_skip()).to_be_visible()
    set_rules(host, code, may_skip="hosts")
    expect(guest.asks_to_skip()).to_be_hidden()


# --- Undo ---------------------------------------------------------------------------------------


def test_a_removed_track_comes_back_by_undo_with_its_votes(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive()
    guest.enter(code)
    guest.up("Birch").click()
    expect_tally(host.up("Birch"), 2)
    host.row("Birch").focus()
    host.page.keyboard.press("Delete")
    expect(guest.titles).to_have_text(["Cedar"])
    host.key("Undo").click()
    expect(guest.titles).to_have_text(["Birch", "Cedar"])
    expect_tally(guest.up("Birch"), 2)
    expect_pressed(guest.up("Birch"))


def test_a_cleared_queue_comes_back_by_a_key(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive()
    guest.enter(code)
    expect(guest.key("Clear the queue")).to_be_hidden()
    host.key("Clear the queue").click()
    expect(guest.titles).to_have_count(0)
    host.page.keyboard.press("Control+z")
    expect(guest.titles).to_have_text(["Birch", "Cedar"])


def test_what_one_has_just_added_is_taken_back_beside_it(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    guest.search("Cedar")
    guest.key("Add Cedar").click()
    expect(guest.found.first).to_contain_text("Added, 1st.")
    expect(host.titles).to_have_text(["Cedar", "Birch"])
    guest.key("Undo adding Cedar").click()
    expect(host.titles).to_have_text(["Birch"])
    expect(guest.key("Add Cedar")).to_be_visible()


# --- The host's hand ----------------------------------------------------------------------------


def test_the_host_moves_tracks_by_keys_and_everybody_follows(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    set_rules(host, code, mode="host")
    guest = arrive()
    guest.enter(code)
    host.row("Dune").focus()
    host.page.keyboard.press("Alt+ArrowUp")
    host.page.keyboard.press("Alt+ArrowUp")
    expect(host.titles).to_have_text(["Dune", "Birch", "Cedar"])
    expect(guest.titles).to_have_text(["Dune", "Birch", "Cedar"])
    expect(host.row("Dune")).to_be_focused()
    expect(guest.row("Dune")).to_contain_text("Placed by the host")


def test_the_host_drags_a_track_and_everybody_follows(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    set_rules(host, code, mode="host")
    guest = arrive()
    guest.enter(code)
    host.drag("Birch", below="Dune")
    expect(host.titles).to_have_text(["Cedar", "Dune", "Birch"])
    expect(guest.titles).to_have_text(["Cedar", "Dune", "Birch"])


def test_on_a_phone_the_host_drags_a_track_by_its_grip_and_everybody_follows(
    arrive: Arrive,
) -> None:
    host, guest = arrive(**PHONE), arrive()
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    set_rules(host, code, mode="host")
    guest.enter(code)
    host.row("Birch").locator("[data-grip]").wait_for()
    host.drag_by_touch("Birch", below="Dune")
    expect(host.titles).to_have_text(["Cedar", "Dune", "Birch"])
    expect(guest.titles).to_have_text(["Cedar", "Dune", "Birch"])


def test_a_refused_order_goes_back_and_says_why(host: Person) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    set_rules(host, code, mode="host")
    host.row("Cedar").locator("[data-grip]").wait_for()
    host.page.route("**/queue/order", lambda route: route.abort())
    host.forgive("Failed to load resource")
    host.row("Cedar").focus()
    host.page.keyboard.press("Alt+ArrowUp")
    host.sees("No connection.")
    expect(host.titles).to_have_text(["Birch", "Cedar"])


def test_the_menu_moves_and_pins(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    guest = arrive()
    guest.enter(code)
    host.key("More for Dune").click()
    host.dialog.get_by_role("button", name="Play next").click()
    expect(guest.titles).to_have_text(["Dune", "Birch", "Cedar"])
    expect(guest.row("Dune")).to_contain_text("Pinned by the host")
    set_rules(host, code, mode="host")
    host.row("Cedar").locator("[data-grip]").wait_for()
    host.key("More for Cedar").click()
    host.dialog.get_by_role("button", name="Move up").click()
    expect(guest.titles).to_have_text(["Dune", "Cedar", "Birch"])


# --- Votes that wait ---------------------------------------------------------------------------


def settle(server: Server, code: str) -> None:
    """Let a room and those who are in it be an hour old."""
    server.run(
        "from rooms.models import Member, Room\n"
        "from rooms.clock import now_ms\n"
        f"rooms, ago = Room.objects.filter(code={code!r}), now_ms() - 3_600_000\n"
        "Member.objects.filter(room__in=rooms).update(joined_at_ms=ago)\n"
        "rooms.update(created_at_ms=ago)"
    )


def test_the_host_sees_why_votes_of_newcomers_wait_and_lets_them_count(
    host: Person, arrive: Arrive, server: Server
) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    settle(server, code)
    (birch,) = host.api("GET", f"/{code}/queue")["items"]
    for _ in range(MANY):
        newcomer = client.Person(server.url, code=code)
        newcomer.post("/join", {})
        newcomer.vote(birch["id"], 1)
    expect(host.row("Birch")).to_contain_text(f"{MANY} votes of newcomers wait")
    expect_tally(guest.up("Birch"), 1)
    host.key("More for Birch").click()
    expect(host.dialog).to_contain_text("They count in at most 10 minutes.")
    host.dialog.get_by_role("button", name="Let them count").click()
    for person in (host, guest):
        expect_tally(person.up("Birch"), 1 + MANY)
    expect(host.row("Birch").get_by_text("of newcomers")).to_be_hidden()


# --- Rules, where they are felt -----------------------------------------------------------------


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_refused_track_says_which_rule_and_until_when(
    host: Person, arrive: Arrive, screen: dict[str, object]
) -> None:
    code = host.open_room("Amber")
    guest = arrive(**screen)
    guest.enter(code)
    guest.search("Birch")
    expect(guest.found).to_have_count(1)
    host.add(code, "Birch")
    host.key("Skip this track").click()
    expect(guest.title).to_have_text("Birch")
    host.add(code, "Cedar")
    host.key("Skip this track").click()
    expect(guest.title).to_have_text("Cedar")
    guest.forgive("409")
    guest.key("Add Birch").click()
    expect(guest.dialog.get_by_role("heading")).to_have_text("Not yet")
    expect(guest.dialog).to_contain_text("A track rests 30 min in this room. It is free again at")
    expect(guest.dialog).to_contain_text(CLOCK)
    rules = guest.dialog.get_by_role("link", name="Room rules")
    expect(rules).to_have_attribute("href", f"/r/{code}/rules")
    guest.key("Close").click()
    expect(guest.page.get_by_role("searchbox")).to_have_value("Birch")
    guest.sees("Rests until")
    guest.key("See why Birch cannot be added now").click()
    expect(guest.dialog.get_by_role("heading")).to_have_text("Not yet")


def test_places_are_counted_where_one_adds(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    set_rules(host, code, open_requests=2)
    guest = arrive()
    guest.enter(code)
    guest.add(code, "Birch")
    guest.sees("1 of your 2 places used. One more fits.")
    guest.add(code, "Cedar")
    guest.sees("All your 2 places are used.")
    guest.search("Dune")
    guest.sees("2 of yours wait")
    expect(guest.key("Add Dune")).to_be_hidden()


def test_votes_down_are_gone_where_they_are_off(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    expect(guest.down("Birch")).to_be_visible()
    set_rules(host, code, downvotes=False)
    expect(guest.down("Birch")).to_be_hidden()
    guest.row("Birch").focus()
    guest.page.keyboard.press("d")
    expect(guest.page.get_by_role("alert")).to_have_text("Down-votes are off in this room.")
    expect(guest.up("Birch")).to_be_visible()


def test_a_closed_room_says_who_votes_and_adds(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    set_rules(host, code, may_vote="hosts", may_add="hosts")
    guest = arrive()
    guest.enter(code)
    guest.sees("Only the host and co-hosts vote here.")
    guest.sees("Only the host and co-hosts add tracks here.")
    guest.search("Cedar")
    expect(guest.page.get_by_role("heading", name="Cedar")).to_be_visible()
    for name in ("Add Cedar", "See why Cedar cannot be added now"):
        expect(guest.key(name)).to_be_hidden()
    expect(guest.up("Birch")).to_be_hidden()
    expect(host.up("Birch")).to_be_visible()


def test_every_row_says_why_it_stands_there(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    guest.add(code, "Cedar")
    expect(guest.row("Cedar")).to_have_accessible_description("Yours: 1 vote so far")
    name = guest.api("GET", f"/{code}")["me"]["name"]
    expect(host.row("Cedar")).to_have_accessible_description(f"1 vote, first track of {name}")
    set_rules(host, code, mode="fair")
    expect(host.row("Cedar")).to_have_accessible_description(re.compile(f"^{name}’s turn"))
