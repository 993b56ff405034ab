"""Who hosts the room, who leaves it, and what host and co-hosts did in it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Route, WebSocketRoute, expect

from tests.browser.people import PHONE, Person
from tests.browser.test_accessibility import barriers
from tests.servers import Server

Arrive = Callable[..., Person]
# In the words of the server: the host of this room was last here three minutes ago.
HOST_AWAY = """
from rooms import clock
from rooms.actions.hosting import update_acting_host
from rooms.models import Member
host = Member.objects.get(room__code="{code}", role="host")
Member.objects.filter(pk=host.pk).update(seen_at_ms=clock.now_ms() - 180_000)
assert update_acting_host(room_id=host.room_id)
"""


@pytest.fixture
def pair(host: Person, arrive: Arrive) -> tuple[Person, Person, str]:
    """A host at a desk, a guest with a phone who looks at the people, and the code."""
    code = host.open_room("Amber", "Birch")
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.key("Room").tap()
    host.show_people()
    return host, guest, code


def test_a_room_is_handed_over_after_its_sheet_said_what_that_means(
    pair: tuple[Person, Person, str],
) -> None:
    host, guest, _ = pair
    host.show_people().get_by_role("button", name="More for").last.click()
    host.dialog.get_by_role("button", name="Hand the room over").click()
    expect(host.dialog).to_contain_text("You are co-host then.")
    host.dialog.get_by_role("button", name="Make ").click()
    guest.sees("You host this room now.")
    expect(host.dialog).to_be_hidden()
    # Who was the host may leave now.
    host.key("Leave the room").click()
    host.dialog.get_by_role("button", name="Leave the room").click()
    expect(host.page.get_by_role("heading", name="You left the room")).to_be_visible()
    expect(guest.page.locator("[data-members]")).not_to_contain_text("Co-host")


def test_who_leaves_is_out_at_once_and_comes_back_by_the_link(
    pair: tuple[Person, Person, str],
) -> None:
    host, guest, code = pair
    guest.key("Leave the room").tap()
    expect(guest.dialog).to_contain_text("The room’s link brings you back.")
    guest.dialog.get_by_role("button", name="Leave the room").tap()
    expect(guest.page.get_by_role("heading", name="You left the room")).to_be_visible()
    alone = host.show_people().get_by_text("Nobody else yet")
    expect(alone).to_be_visible()
    guest.enter(code)
    expect(alone).to_be_hidden()


def test_a_host_who_wants_to_leave_is_led_to_handing_over_or_ending(
    pair: tuple[Person, Person, str],
) -> None:
    host, guest, code = pair
    host.key("Leave the room").click()
    expect(host.dialog).to_contain_text("Hand the room over or end it first.")
    expect(host.dialog.get_by_role("button", name="Leave the room")).to_be_hidden()
    end = host.dialog.get_by_role("link", name="End the room")
    expect(end).to_have_attribute("href", f"/r/{code}/rules#end")
    host.dialog.get_by_role("button", name="Hand the room over to").click()
    host.dialog.get_by_role("button", name="Make ").click()
    guest.sees("You host this room now.")


def test_host_and_cohosts_find_the_log_and_take_back_what_it_tells(
    pair: tuple[Person, Person, str],
) -> None:
    host, guest, code = pair
    expect(guest.page.get_by_role("link", name="Activity log")).to_be_hidden()
    host.show_people().get_by_role("button", name="More for").last.click()
    host.dialog.get_by_role("group", name="Mute").get_by_role("button", name="10 min").click()
    muted = guest.page.get_by_text("Muted", exact=True).last
    expect(muted).to_be_visible()
    host.page.get_by_role("link", name="Activity log").click()
    expect(host.page.get_by_role("listitem").first).to_contain_text("muted")
    host.page.get_by_role("button", name="Undo").first.click()
    expect(host.page.get_by_role("listitem").first).to_contain_text("unmuted")
    expect(muted).to_be_hidden()
    assert code in host.page.url


def test_the_keys_of_a_host_who_is_away_are_said_to_be_with_whom(
    pair: tuple[Person, Person, str], server: Server
) -> None:
    host, guest, code = pair
    me = guest.api("GET", f"/{code}")["me"]["id"]
    host.api("PATCH", f"/{code}/members/{me}", {"role": "cohost"})
    expect(guest.page.get_by_role("link", name="Activity log")).to_be_visible()
    host.page.goto("/healthz")
    expect(guest.page.locator("[data-members]")).to_contain_text("away")
    server.run(HOST_AWAY.format(code=code))
    guest.sees("You have the host’s keys until they return.")
    host.enter(code)
    guest.sees("has the host’s keys again.")


def test_the_sheets_of_handing_over_and_leaving_have_no_barriers(arrive: Arrive) -> None:
    host = arrive(bypass_csp=True, **PHONE)
    code = host.open_room("Amber")
    arrive().enter(code)
    host.key("Room").tap()
    host.key("Leave the room").tap()
    assert barriers(host) == []
    host.dialog.get_by_role("button", name="Hand the room over to").tap()
    assert barriers(host) == []


def test_a_host_is_asked_before_leaving_even_where_the_list_of_people_has_not_come_yet(
    arrive: Arrive,
) -> None:
    host = arrive(**PHONE)
    held: list[Route] = []
    host.page.route(re.compile(r"/people[.\w]*\.js"), lambda route: held.append(route))
    code = host.open_room("Amber")
    host.key("Room").tap()
    host.key("Leave the room").tap()
    expect(host.dialog).to_contain_text("Nobody else is in the room yet.")
    assert held
    assert code in host.page.url


def test_a_newcomer_who_leaves_before_the_first_snapshot_is_asked_once_it_is_there(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber")
    guest = arrive()
    lines: list[WebSocketRoute] = []
    guest.page.route_web_socket("**/ws/**", lambda line: lines.append(line))
    guest.page.goto(f"/r/{code}")
    guest.show_people()
    with guest.page.expect_response(re.compile(r"/leave-sheet[.\w]*\.js")) as script:
        guest.key("Leave the room").click()
    guest.page.evaluate("(script) => import(script)", script.value.url)
    expect(guest.dialog).to_be_hidden()
    lines[0].connect_to_server()
    expect(guest.dialog).to_contain_text("The room’s link brings you back.")
