"""A host whose rooms are found again in another browser, by an account."""

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import PHONE, Person
from tests.browser.test_accessibility import barriers

Arrive = Callable[..., Person]
PASSWORD = "a long enough secret"


def test_a_host_finds_the_room_on_a_phone_and_is_host_there(arrive: Arrive) -> None:
    laptop, phone, name = arrive(), arrive(bypass_csp=True, **PHONE), f"mika-{uuid.uuid4().hex[:8]}"
    code = laptop.open_room("Amber", "Birch", name="Kitchen")
    page = laptop.page
    page.goto("/")
    page.get_by_role("link", name="Your rooms on any device").click()
    page.get_by_role("link", name="Make an account").click()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password (again)").fill(PASSWORD)
    laptop.key("Make the account").click()
    expect(page.get_by_text("Are these yours?")).to_contain_text("Kitchen")
    laptop.key("Bind these rooms").click()
    laptop.sees("Bound. A login to this account finds your rooms on any device.")

    page = phone.page
    page.goto("/")
    page.get_by_role("link", name="Your rooms on any device").tap()
    expect(page.get_by_role("heading", name="You, on this server")).to_be_visible()
    assert barriers(phone) == []
    page.get_by_role("link", name="Log in", exact=True).tap()
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    phone.key("Log in").tap()
    expect(phone.key("Go on here")).to_be_visible()
    assert barriers(phone) == []
    phone.key("Go on here").tap()
    page.get_by_role("link", name=re.compile("Back in Kitchen")).tap()
    phone.stand_in_room()
    page.goto(f"/r/{code}/rules")
    phone.sees("Changes apply at once")
