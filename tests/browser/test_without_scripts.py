"""The pages without scripts: forms do it all."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import Person, expect_tally

Arrive = Callable[..., Person]


@pytest.fixture
def plain(arrive: Arrive) -> Person:
    """Somebody whose browser runs no scripts."""
    return arrive(java_script_enabled=False)


def test_a_room_is_opened(plain: Person) -> None:
    plain.page.goto("/")
    plain.page.get_by_role("textbox", name="Name of the room").fill("Plain night")
    plain.key("Open the room").click()
    expect(plain.page).to_have_url(re.compile(r"/r/\w{6}\?plain$"))
    expect(plain.page.get_by_role("heading", name="Plain night")).to_be_visible()


def test_one_joins_by_the_code_and_votes(host: Person, plain: Person) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    plain.page.goto("/")
    plain.page.get_by_role("textbox", name="Have a code?").fill(f"{code[:3]}-{code[3:]}".lower())
    plain.key("Join").click()
    expect(plain.page).to_have_url(re.compile(rf"/r/{code}\?plain$"))
    slot = plain.queue.get_by_role("listitem").filter(has_text="Cedar")
    slot.get_by_role("button", name="Vote up, 1 vote").click()
    expect_tally(host.up("Cedar"), 2)
    expect(plain.queue.get_by_role("heading", level=3)).to_have_text(["Cedar", "Birch"])


def test_one_joins_by_the_links_button(host: Person, plain: Person) -> None:
    code = host.open_room("Amber", "Birch")
    plain.page.goto(f"/r/{code}")
    expect(plain.page.get_by_role("button", name="Vote")).to_have_count(0)
    plain.key("Join the room").click()
    expect(plain.page).to_have_url(re.compile(rf"/r/{code}\?plain$"))
    expect(plain.key("Join the room")).to_be_hidden()
    expect(plain.page.get_by_role("button", name="Vote up, 1 vote")).to_be_visible()


def test_the_page_shows_what_plays_and_no_dead_keys(host: Person, plain: Person) -> None:
    code = host.open_room("Amber", "Birch")
    plain.page.goto(f"/r/{code}")
    expect(plain.now.get_by_role("heading", name="Amber")).to_be_visible()
    visible = [key.inner_text() for key in plain.page.get_by_role("button").all()]
    assert visible == ["Join the room"]


def test_one_asks_to_skip_by_a_form(host: Person, plain: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    plain.page.goto(f"/r/{code}")
    plain.key("Join the room").click()
    plain.key("Ask to skip, 0 of 2").click()
    expect(plain.key("Ask to skip, 1 of 2")).to_be_visible()
    guest.asks_to_skip().click()
    expect(host.title).to_have_text("Birch")


def test_the_host_hands_the_room_over_by_a_form(plain: Person, arrive: Arrive) -> None:
    plain.page.goto("/")
    plain.key("Open the room").click()
    code = plain.page.url.split("/r/")[1][:6]
    guest = arrive()
    guest.enter(code)
    plain.page.goto(f"/r/{code}/rules")
    plain.page.get_by_text("Hand the room over").click()
    plain.page.get_by_role("group", name="The new host").get_by_role("radio").check()
    plain.key("Make them host").click()
    expect(plain.page.get_by_role("region", name="Made from")).to_be_visible()
    guest.page.goto(f"/r/{code}/rules")
    guest.sees("Changes apply at once")
