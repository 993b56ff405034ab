"""What people and files call themselves is text, in any script."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import MARKUP
from tests.browser.people import Person

Arrive = Callable[..., Person]
NAME = "<b onmouseover=x>Ana</b> 🎷"


def test_markup_in_names_and_titles_is_shown_as_it_is(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Bold", name=MARKUP)
    expect(host.page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    expect(host.titles).to_have_text([MARKUP])
    guest = arrive()
    guest.enter(code)
    guest.show_people()
    guest.key("Name").click()
    guest.dialog.get_by_role("textbox").fill(NAME)
    guest.dialog.get_by_role("button", name="Save name").click()
    expect(host.show_people()).to_contain_text(NAME)
    host.key(f"More for {MARKUP}").click()
    expect(host.dialog.get_by_role("heading")).to_have_text(MARKUP)
    host.page.keyboard.press("Escape")
    host.key("Skip this track").click()
    expect(host.title).to_have_text(MARKUP)
    assert host.page.locator("main img[src='x']").count() == 0


def test_markup_in_a_room_is_text_without_scripts_too(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Bold", name=MARKUP)
    plain = arrive(java_script_enabled=False)
    plain.page.goto(f"/r/{code}")
    expect(plain.page.get_by_role("heading", level=1)).to_have_text(MARKUP)
    expect(plain.queue.get_by_role("heading", level=3)).to_have_text([MARKUP])


def test_arabic_titles_run_from_right_to_left_in_their_place(host: Person) -> None:
    host.open_room("Amber", "قمر")
    heading = host.titles.first
    expect(heading).to_have_text("قمر على السطح 🌙")
    assert heading.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    box, row = heading.bounding_box(), host.queue.get_by_role("article").bounding_box()
    assert box
    assert row
    assert row["x"] <= box["x"]
    assert box["x"] + box["width"] <= row["x"] + row["width"]


def test_a_sentence_that_begins_with_an_arabic_name_runs_as_the_page_does(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room()
    guest = arrive()
    guest.enter(code)
    guest.show_people()
    guest.key("Name").click()
    guest.dialog.get_by_role("textbox").fill("داليا")
    guest.dialog.get_by_role("button", name="Save name").click()
    expect(host.show_people()).to_contain_text("داليا")
    host.show_people().get_by_role("button", name="More for").click()
    host.dialog.get_by_role("button", name="Hand the room over").click()
    line = host.dialog.get_by_text("\u2068داليا\u2069 sets the rules")
    assert line.evaluate("(one) => getComputedStyle(one).direction") == "ltr"


def test_what_was_searched_for_is_text(host: Person) -> None:
    host.open_room()
    host.search("<i>nothing</i>")
    host.sees("No “<i>nothing</i>” in the library.")
