"""Six slots for a code."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Person

Arrive = Callable[..., Person]


def test_an_unknown_code_is_said_beside_the_field_and_kept(host: Person) -> None:
    host.forgive("Failed to load resource.*404")
    host.page.goto("/")
    code = host.page.get_by_role("textbox", name="Have a code?")
    code.press_sequentially("zzz999")
    expect(host.page.get_by_role("alert")).to_have_text(
        "No room has that code. Check the last characters, or it may have ended."
    )
    expect(code).to_have_value("ZZZ999")
    expect(code).to_be_focused()
    expect(code).to_have_accessible_description(re.compile("No room has that code"))


@pytest.mark.parametrize("style", ["{}-{}", " {} {} ", "{}{}"])
def test_a_pasted_code_is_taken_however_it_is_written(
    host: Person, arrive: Arrive, style: str
) -> None:
    code = host.open_room()
    guest = arrive(permissions=["clipboard-read", "clipboard-write"])
    guest.page.goto("/")
    typed = style.format(code[:3], code[3:]).lower()
    guest.page.evaluate("(text) => navigator.clipboard.writeText(text)", typed)
    guest.page.get_by_role("textbox", name="Have a code?").press("ControlOrMeta+v")
    expect(guest.page).to_have_url(re.compile(f"/r/{code}$"))
    guest.stand_in_room()


def test_one_is_in_at_the_sixth_character(host: Person, arrive: Arrive) -> None:
    code = host.open_room()
    guest = arrive(**PHONE)
    guest.page.goto("/")
    field = guest.page.get_by_role("textbox", name="Have a code?")
    field.tap()
    field.press_sequentially(code[:5].lower())
    expect(field).to_have_value(code[:5])
    expect(guest.page).to_have_url(re.compile("/$"))
    field.press(code[5])
    expect(guest.page).to_have_url(re.compile(f"/r/{code}$"))
    guest.stand_in_room()


def test_a_link_with_an_unknown_code_leads_to_the_start_page(host: Person) -> None:
    host.forgive("Failed to load resource.*404")
    host.page.goto("/r/ZZZ999")
    expect(host.page.get_by_role("alert")).to_contain_text("No room has that code.")
    expect(host.key("Open the room")).to_be_visible()


def test_a_room_needs_a_name(host: Person) -> None:
    host.forgive("Failed to load resource.*422")
    host.page.goto("/")
    name = host.page.get_by_role("textbox", name="Name of the room")
    name.fill("   ")
    name.press("Enter")
    expect(host.page.get_by_role("alert")).to_be_visible()
    expect(name).to_be_focused()


def test_the_start_page_fills_a_wide_screen_and_cuts_no_letter(arrive: Arrive) -> None:
    guest = arrive(viewport={"width": 2560, "height": 1440})
    guest.page.goto("/")
    field, right, letters, band = guest.page.evaluate(
        """() => {
            const box = (one) => one.getBoundingClientRect();
            const [line, band] = document.querySelectorAll("h1 > *");
            const letters = document.createRange();
            letters.selectNodeContents(line);
            const cards = [...document.querySelectorAll(".card")].map(box);
            const field = document.querySelector("[data-name-field]");
            const edge = Math.max(...cards.map(({ right }) => right));
            return [box(field).width, edge, box(letters).bottom, box(band).top];
        }"""
    )
    assert field > 600
    assert right >= 2560
    assert letters < band
