"""The keyboard and the sheets."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MARKUP
from tests.browser.people import PHONE, Person, expect_pressed, expect_tally

Arrive = Callable[..., Person]


def test_arrows_walk_through_the_queue_and_letters_vote(host: Person) -> None:
    host.open_room("Amber", "Birch", "Cedar", "Dune")
    host.row("Birch").focus()
    host.page.keyboard.press("ArrowDown")
    expect(host.row("Cedar")).to_be_focused()
    host.page.keyboard.press("d")
    expect_pressed(host.down("Cedar"))
    expect(host.titles).to_have_text(["Birch", "Dune", "Cedar"])
    expect(host.row("Cedar")).to_be_focused()
    host.page.keyboard.press("u")
    expect_pressed(host.up("Cedar"))
    expect(host.titles).to_have_text(["Birch", "Cedar", "Dune"])
    host.page.keyboard.press("Home")
    expect(host.row("Birch")).to_be_focused()
    host.page.keyboard.press("End")
    expect(host.row("Dune")).to_be_focused()


def test_the_queue_is_one_stop_of_the_tab_key(host: Person) -> None:
    host.open_room("Amber", "Birch", "Cedar")
    host.row("Birch").focus()
    names = ("Birch", "Vote up, 1 vote", "Vote down", "More for Birch")
    for key in (host.row("Birch").get_by_role("button", name=one, exact=True) for one in names):
        host.page.keyboard.press("Tab")
        expect(key).to_be_focused()
    host.page.keyboard.press("Tab")
    expect(host.key("Played")).to_be_focused()


def test_slash_goes_to_the_search_and_escape_clears_it(host: Person) -> None:
    host.open_room("Amber")
    host.page.keyboard.press("/")
    field = host.page.get_by_role("searchbox")
    expect(field).to_be_focused()
    field.press_sequentially("ced")
    expect(host.key("Add Cedar")).to_be_visible()
    expect(host.key("Add Birch")).to_be_hidden()
    field.press("Escape")
    expect(field).to_have_value("")
    expect(host.key("Add Birch")).to_be_visible()


def test_g_leads_eyes_and_ears_to_what_plays(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.row("Birch").focus()
    host.page.keyboard.press("g")
    expect(host.title).to_be_focused()
    expect(host.title).to_have_text("Amber")


def test_end_goes_to_the_last_second_of_the_track(host: Person) -> None:
    host.open_room("Amber")
    host.key("Pause").click()
    host.bar.press("End")
    expect(host.bar).to_have_attribute("aria-valuenow", "59")


def test_the_panels_are_tab_panels_only_beside_tabs(host: Person) -> None:
    host.open_room("Amber")
    # Those of the page: in the panel for adding, tabs choose the source.
    panel = host.page.locator("section[role=tabpanel]").locator("visible=true")
    expect(panel).to_have_accessible_name("Chat")
    expect(host.page.get_by_role("region", name="Add a track")).to_be_visible()
    host.page.set_viewport_size({"width": 1024, "height": 768})
    expect(panel).to_have_accessible_name("Add")
    host.page.get_by_role("tab", name="People").click()
    expect(panel).to_have_accessible_name(re.compile("^People"))


def test_a_refused_name_says_so_at_the_field(host: Person) -> None:
    host.open_room("Amber")
    host.show_people()
    host.key("Name").click()
    field = host.dialog.get_by_role("textbox")
    field.fill("Mika")
    host.page.route("**/members/*", lambda route: route.abort())
    host.forgive("Failed to load resource")
    host.dialog.get_by_role("button", name="Save name").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("No connection. Try again in a moment.")


def test_letters_in_a_field_are_only_letters(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.page.keyboard.press("/")
    host.page.keyboard.type("sum dusk ")
    expect(host.page.get_by_role("searchbox")).to_have_value("sum dusk ")
    expect(host.title).to_have_text("Amber")
    expect(host.key("Pause")).to_be_visible()


def test_space_pauses_and_s_skips_for_the_host(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.page.keyboard.press(" ")
    expect(host.key("Play")).to_be_visible()
    host.page.keyboard.press("s")
    expect(host.title).to_have_text("Birch")


@pytest.mark.parametrize("opener", ["Played", "Birch", "More for Birch", "Name"])
def test_escape_closes_a_sheet_and_focus_returns_to_its_opener(host: Person, opener: str) -> None:
    host.open_room("Amber", "Birch")
    host.show_people()
    key = host.key(opener).first  # a title of the queue may also be one of the library
    key.focus()
    host.page.keyboard.press("Enter")
    expect(host.dialog).to_be_visible()
    host.page.keyboard.press("Escape")
    expect(host.dialog).to_be_hidden()
    expect(key).to_be_focused()


def test_focus_stays_inside_an_open_sheet(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.key("More for Birch").click()
    expect(host.dialog).to_be_visible()
    for _ in range(4):
        host.page.keyboard.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert host.page.evaluate(inside)


def test_enter_on_a_row_opens_its_sheet_and_delete_removes_it(host: Person) -> None:
    host.open_room("Amber", "Birch", "Cedar")
    host.row("Birch").focus()
    host.page.keyboard.press("Enter")
    expect(host.dialog.get_by_role("heading")).to_have_text("Birch")
    host.page.keyboard.press("Escape")
    expect(host.row("Birch")).to_be_focused()
    host.page.keyboard.press("Delete")
    expect(host.titles).to_have_text(["Cedar"])


def test_a_tap_on_a_row_opens_all_about_its_track_for_everybody(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber", MARKUP, "Cedar")
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.row(MARKUP).locator("[data-reason]").tap()
    expect(guest.dialog.get_by_role("heading")).to_have_text(MARKUP)
    for known in ("1st", "1 vote, ", "Added by", "1:00", "Music library"):
        expect(guest.dialog).to_contain_text(known)
    expect(guest.dialog.get_by_role("button", name="Remove")).to_be_hidden()
    guest.dialog.get_by_role("button", name="Vote down").tap()
    expect_tally(guest.dialog.get_by_role("button", name="Vote down"), 1)
    expect(guest.dialog).to_contain_text("2nd")


def test_single_keys_can_be_switched_off(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.page.keyboard.press("?")
    host.dialog.get_by_role("switch", name="Single keys").click()
    host.page.keyboard.press("Escape")
    expect(host.dialog).to_be_hidden()
    host.row("Birch").focus()
    host.page.keyboard.press("s")
    host.page.keyboard.press("d")
    expect_pressed(host.down("Birch"), False)
    expect(host.title).to_have_text("Amber")


def test_the_focus_goes_from_a_pressed_key_to_the_one_in_its_place(host: Person) -> None:
    host.open_room()
    host.key("Start the music").focus()
    host.page.keyboard.press("Enter")
    expect(host.key("Pause")).to_be_focused()


def test_a_message_stands_in_a_region_of_its_own(host: Person) -> None:
    host.open_room("Amber", "Birch", "Cedar")
    messages = host.page.get_by_role("region", name="Messages")
    expect(messages).to_be_hidden()
    host.row("Birch").focus()
    host.page.keyboard.press("Delete")
    expect(messages).to_contain_text("Removed Birch")


def test_a_phone_finds_the_people_in_the_view_of_the_room(arrive: Arrive) -> None:
    host = arrive(**PHONE)
    host.open_room()
    host.key("Room").tap()
    expect(host.page.get_by_role("heading", name="1 here")).to_be_visible()
    host.key("Name").tap()
    expect(host.dialog).to_be_visible()


def test_a_part_that_does_not_load_can_be_asked_for_again(host: Person) -> None:
    host.forgive("ERR_FAILED")
    host.open_room("Amber", "Birch")
    host.page.route("**/shortcuts-sheet*", lambda route: route.abort())
    host.page.keyboard.press("?")
    host.sees("This did not load. Check the connection and try again.")
    host.page.unroute("**/shortcuts-sheet*")
    host.page.keyboard.press("?")
    expect(host.dialog).to_be_visible()
