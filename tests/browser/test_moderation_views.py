"""What host and co-hosts see and set of the chat: what is reported, and the blocked words."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Person
from tests.browser.test_accessibility import barriers

Arrive = Callable[..., Person]


def report(person: Person, code: str, message: dict[str, str], reason: str) -> None:
    person.api("PUT", f"/{code}/chat/{message['id']}/report", {"reason": reason})


@pytest.fixture
def reported(arrive: Arrive) -> tuple[Person, Person, str]:
    """A host with a phone in the chat, in which two of three messages of Ana are reported."""
    host = arrive(bypass_csp=True, **PHONE)
    code = host.open_room("Amber")
    ana, ben = arrive(), arrive()
    for person in (ana, ben):
        person.api("POST", f"/{code}/join", {})
    ana.api("POST", f"/{code}/chat", {"text": "Good evening"})
    for text in ("Buy my tape", "Buy it now"):
        report(ben, code, ana.api("POST", f"/{code}/chat", {"text": text}), "Advertising")
    host.page.get_by_role("button", name=re.compile("^Chat")).tap()
    return host, ana, code


def test_what_is_reported_is_listed_with_what_stood_around_it_and_dealt_with(
    reported: tuple[Person, Person, str],
) -> None:
    host, ana, code = reported
    host.key("2 reported").tap()
    rows = host.dialog.get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Buy my tape")
    expect(rows.first).to_contain_text("Good evening")
    expect(rows.first).to_contain_text("1 person: “Advertising”")
    assert barriers(host) == []
    rows.first.get_by_role("button", name="Hide").tap()
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name="Leave it").tap()
    expect(host.dialog.get_by_role("heading", name="Nothing is reported")).to_be_focused()
    states = [one["state"] for one in ana.api("GET", f"/{code}/chat")["items"]]
    assert states == ["shown", "hidden", "shown"]


def test_what_is_reported_is_also_reached_from_the_people(
    reported: tuple[Person, Person, str],
) -> None:
    host, _, _ = reported
    host.key("Room").tap()
    way = host.page.get_by_role("button", name="2 messages reported")
    way.tap()
    expect(host.dialog.get_by_role("listitem")).to_have_count(2)
    host.dialog.get_by_role("button", name="Close").tap()
    expect(way).to_be_focused()


def test_the_host_blocks_words_that_the_chat_then_refuses(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    host.page.goto(f"/r/{code}/rules")
    host.page.get_by_role("textbox", name="Blocked words").fill("mulberry\n\nfree tapes")
    host.key("Save the words").click()
    host.sees("2 words are blocked now")
    guest = arrive(**PHONE)
    guest.forgive("Failed to load resource.*409")
    guest.enter(code)
    guest.key("Chat").tap()
    field = guest.page.get_by_role("textbox", name="Message to the room")
    field.fill("Mulberry tea for all")
    field.press("Enter")
    guest.sees("“mulberry”")
    expect(field).to_have_value("Mulberry tea for all")


def test_a_list_of_words_that_is_refused_stays_in_its_field(host: Person) -> None:
    host.forgive("Failed to load resource.*422")
    code = host.open_room("Amber")
    host.page.goto(f"/r/{code}/rules")
    field = host.page.get_by_role("textbox", name="Blocked words")
    field.fill("spam\n" + "x" * 41)
    host.key("Save the words").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    host.sees("The word in line 2 has up to 40 characters. This one has 41.")
    expect(field).to_have_value("spam\n" + "x" * 41)
