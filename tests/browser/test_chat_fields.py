"""Writing to somebody by name, and reacting from the queue."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import PHONE, Person
from tests.browser.test_accessibility import barriers

Arrive = Callable[..., Person]


@pytest.fixture
def writer(host: Person, arrive: Arrive) -> Person:
    """Somebody with a phone in the chat, beside the host and two guests, of whom one is away."""
    code = host.open_room("Amber", "Birch")
    for name in ("Ana Lind", "Ana Maria"):
        guest = arrive()
        guest.api("POST", f"/{code}/join", {"name": name})
        guest.enter(code)
    writer = arrive(bypass_csp=True, **PHONE)
    writer.enter(code)
    writer.key("Chat").tap()
    return writer


def field_of(person: Person) -> Locator:
    return person.page.get_by_role("textbox", name="Message to the room")


def names(person: Person) -> Locator:
    return person.page.get_by_role("listbox", name="Members to name").get_by_role("option")


def test_a_name_is_completed_by_keys_and_enter_takes_it_and_sends_nothing(writer: Person) -> None:
    field = field_of(writer)
    field.press_sequentially("Hi @an")
    expect(names(writer)).to_have_count(2)
    expect(names(writer).first).to_have_attribute("aria-selected", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "mention-1")
    chosen = names(writer).nth(1).locator("[data-name]").inner_text()
    assert barriers(writer) == []
    field.press("Enter")
    expect(field).to_have_value(f"Hi @{chosen} ")
    expect(names(writer)).to_have_count(0)
    field.press_sequentially("hello")
    field.press("Enter")
    expect(field).to_have_value("")
    expect(writer.page.get_by_role("log").locator("b")).to_have_text(f"@{chosen}")


def test_a_name_is_taken_by_a_tap_and_escape_lets_the_text_be(writer: Person) -> None:
    field = field_of(writer)
    field.press_sequentially("@ana m")
    names(writer).first.tap()
    expect(field).to_have_value("@Ana Maria ")
    expect(field).to_be_focused()
    field.press_sequentially("and @an")
    expect(names(writer)).to_have_count(2)
    field.press("Escape")
    expect(names(writer)).to_have_count(0)
    expect(field).to_have_value("@Ana Maria and @an")


def test_on_a_phone_a_key_of_the_queue_brings_the_reactions(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive(**PHONE)
    guest.enter(code)
    fire = guest.now.get_by_role("button", name="Fire")
    expect(fire).to_be_hidden()
    guest.key("React to this track").tap()
    fire.tap()
    expect(host.now.get_by_role("button", name="Fire, 1 time")).to_be_visible()
    guest.key("React to this track").tap()
    expect(fire).to_be_hidden()


@pytest.mark.parametrize("device", [PHONE, {}], ids=["phone", "desktop"])
def test_all_about_what_plays_is_behind_its_title(
    arrive: Arrive, device: dict[str, object]
) -> None:
    host = arrive(**device)
    host.open_room("Amber", "Birch")
    about = host.key("All about Amber")
    about.focus()
    host.page.keyboard.press("Enter")
    expect(host.dialog.get_by_role("heading", name="Amber")).to_be_visible()
    expect(host.dialog).to_contain_text("Plays now")
    host.page.keyboard.press("Escape")
    expect(about).to_be_focused()
