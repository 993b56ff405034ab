"""Finding a track of the library with few letters or wrong ones, and by browsing."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import MARKUP, MOON
from tests.browser.people import PHONE, Person

Arrive = Callable[..., Person]


def expect_found(person: Person, *titles: str) -> None:
    expect(person.found.get_by_role("heading")).to_have_text([*titles])


def test_two_letters_are_enough_to_search_and_one_of_chinese(host: Person) -> None:
    host.open_room()
    host.search("U2")
    expect_found(host, MOON)
    host.search("Elm")
    expect_found(host, "Elm")
    host.search("月")
    expect_found(host, MOON)


def test_a_typing_error_finds_what_is_near_and_says_so(host: Person) -> None:
    host.open_room()
    host.search("Ambre Bnad")
    host.sees("Nothing for “Ambre Bnad”. Near it:")
    expect_found(host, "Amber")
    host.search("Amber")
    expect(host.page.get_by_text("Near it:")).to_be_hidden()


def test_no_result_stands_under_words_that_it_does_not_answer(host: Person) -> None:
    host.open_room()
    host.search("Amber")
    expect_found(host, "Amber")
    birch = re.compile("search.*q=Birch")
    host.page.route(birch, lambda route: None)
    host.search("Birch")
    expect(host.page.get_by_role("list", name="Tracks")).to_have_attribute("aria-busy", "true")
    host.search("B")
    expect(host.found).to_have_count(0)
    host.sees("One more letter, or press Enter.")
    host.page.get_by_role("searchbox").press("Enter")
    expect_found(host, MARKUP)  # the one with this very word
    host.page.unroute(birch)
    host.search("Birch")
    expect_found(host, "Birch")
    host.search("Zzyzx")
    host.sees("No “Zzyzx” in the library.")
    expect(host.found).to_have_count(0)


def test_one_browses_by_artist_with_the_keyboard_and_comes_back(host: Person) -> None:
    host.open_room()
    host.key("Artists").press("Enter")
    opener = host.key("Open Cedar Band")
    opener.press("Enter")
    expect(host.page.get_by_role("heading", name="Cedar Band")).to_be_focused()
    expect_found(host, "Cedar")
    host.page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    host.page.keyboard.press("Escape")
    expect(host.key("Artists")).to_be_focused()
    expect(host.key("Add Amber")).to_be_visible()


def test_what_cannot_be_added_now_stands_last(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.key("Add").tap()
    guest.key("More").tap()
    expect(guest.found.last.get_by_role("heading")).to_have_text("Amber")
    guest.key("Shuffle").tap()
    expect(guest.found.last.get_by_role("heading")).to_have_text("Amber")
