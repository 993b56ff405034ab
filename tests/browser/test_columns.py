"""The columns of a desktop: nothing in them is cut where the screen is as high as most are."""

from playwright.sync_api import expect

from tests.browser.people import Person

# The column scrolls where it is too low; here it is not.
IS_WHOLE = "column => column.scrollHeight <= column.clientHeight"


def test_the_panel_of_the_sound_stands_whole_above_the_code_and_its_note(host: Person) -> None:
    host.open_room()
    host.key("Start the music").click()
    host.hears()
    expect(host.key("Adjust")).to_be_visible()
    host.sees("Phones cannot reach this address.")
    assert host.page.locator(".now").evaluate(IS_WHOLE)
