"""From an empty browser to music, and from a link to a counted vote."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.people import PHONE, Person, expect_pressed, expect_tally

Arrive = Callable[..., Person]


def test_a_host_has_music_after_one_field_and_one_tap(host: Person) -> None:
    host.page.goto("/")
    name = host.page.get_by_role("textbox", name="Name of the room")
    expect(name).to_be_focused()
    name.fill("Friday at Mika's")
    name.press("Enter")
    expect(host.key("Start the music")).to_be_focused()
    host.page.keyboard.press("Enter")
    assert host.hears(beyond_s=0.2) < 60
    expect(host.page.get_by_role("heading", name="Friday at Mika's")).to_be_visible()


def test_a_host_who_adds_before_starting_is_heard_too(host: Person) -> None:
    host.open_room()
    expect(host.key("Start the music")).to_be_visible()
    host.search("Birch")
    host.key("Add Birch").click()
    expect(host.title).to_have_text("Birch")
    host.hears(beyond_s=0.2)
    expect(host.now.locator("[data-now-playing]")).to_have_attribute("data-sounding", "on")


def test_what_a_guest_adds_first_waits_until_the_host_starts_it(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room()
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.add(code, "Birch")
    expect(guest.page.locator("[data-banner]")).to_contain_text("Nothing sounds yet.")
    expect(host.now.locator("[data-start-band]")).to_have_text("1 track waiting")
    host.key("Start the music").click()
    expect(host.title).to_have_text("Birch")
    host.hears(beyond_s=0.2)
    expect(guest.page.locator("[data-banner]")).to_be_hidden()


def test_a_guest_of_an_empty_room_is_told_what_to_do(host: Person, arrive: Arrive) -> None:
    code = host.open_room()
    guest = arrive(**PHONE)
    guest.enter(code)
    expect(guest.queue).to_contain_text("Nothing waits yet")
    expect(guest.queue).to_contain_text("Add the first track")
    guest.queue.get_by_role("button", name="Find a track").tap()
    expect(guest.page.get_by_role("searchbox")).to_be_focused()


def test_a_guest_of_a_just_started_room_has_four_rows_to_vote_on(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room()
    guest = arrive(**PHONE)
    guest.enter(code)
    host.key("Start the music").click()
    expect(guest.titles).to_have_count(4)
    last = guest.titles.nth(3).inner_text()
    guest.up(last).tap()
    expect(guest.titles.nth(0)).to_have_text(last)
    expect_tally(host.up(last), 1)


def test_music_started_without_a_device_lights_no_lamp_until_one_plays_it(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    guest.enter(code)
    for person, words in ((host, "Nothing sounds."), (guest, "Nothing sounds yet.")):
        expect(person.page.locator("[data-banner]")).to_contain_text(words)
        expect(person.now.locator("[data-now-playing]")).to_have_attribute("data-sounding", "off")
    host.key("Play it here").click()
    host.hears()
    for person in (host, guest):
        expect(person.page.locator("[data-banner]")).to_be_hidden()
        expect(person.now.locator("[data-now-playing]")).to_have_attribute("data-sounding", "on")


def test_a_guest_is_in_by_the_link_alone_and_votes_with_one_tap(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive(asked=False, **PHONE)
    guest.enter(code)
    expect(guest.dialog).to_be_hidden()
    guest.up("Cedar").tap()
    expect_pressed(guest.up("Cedar"))
    expect_tally(host.up("Cedar"), 2)
    expect(guest.dialog).to_contain_text("Your vote is in")
    expect(guest.dialog.get_by_role("button", name=re.compile(r"^Stay \w+ \w+$"))).to_be_visible()
    expect(guest.dialog.get_by_role("textbox")).not_to_be_focused()


def test_a_first_vote_by_key_leaves_the_keyboard_where_it_is(arrive: Arrive) -> None:
    host = arrive(asked=False)
    host.open_room("Amber", "Birch")
    host.row("Birch").focus()
    host.page.keyboard.press("d")
    host.sees("Your vote is in. You are ")
    expect(host.dialog).to_be_hidden()
    expect(host.row("Birch")).to_be_focused()


def test_host_and_guest_see_and_hear_the_same(host: Person, arrive: Arrive) -> None:
    code = host.open_room()
    host.key("Start the music").click()
    guest = arrive(**PHONE)
    guest.enter(code)
    for title in ("Birch", "Cedar"):
        guest.search(title)
        guest.key(f"Add {title}").tap()
        guest.sees("Added")
    guest.key("Queue").tap()
    host.up("Cedar").click()
    for person in (host, guest):
        expect(person.titles.nth(0)).to_have_text("Cedar")
        expect(person.titles.nth(1)).to_have_text("Birch")
        expect_tally(person.up("Cedar"), 2)
    expect(guest.title).to_have_text(host.title.inner_text())
    heard = host.hears(beyond_s=1)
    assert abs(heard - float(guest.bar.get_attribute("aria-valuenow") or 0)) < 5


def test_a_name_given_after_the_first_vote_is_what_the_room_reads(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive(asked=False, **PHONE)
    guest.enter(code)
    guest.up("Birch").tap()
    guest.dialog.get_by_role("textbox").fill("Ana")
    guest.dialog.get_by_role("button", name="Save name").tap()
    expect(guest.dialog).to_be_hidden()
    expect(host.show_people()).to_contain_text("Ana")
    guest.down("Birch").tap()
    expect_tally(host.down("Birch"), 1)
    expect(guest.dialog).to_be_hidden()


def test_the_link_of_the_room_is_where_the_code_leads(host: Person, arrive: Arrive) -> None:
    code = host.open_room()
    spelled = " ".join(code)
    for picture in (f"Room code {spelled}", f"QR code for the room code {spelled}"):
        expect(host.page.get_by_role("img", name=picture, exact=True)).to_be_visible()
    host.context.grant_permissions(["clipboard-read", "clipboard-write"])
    host.key("Copy the link").click()
    host.sees("The link is copied")
    link = host.page.evaluate("navigator.clipboard.readText()")
    assert urlsplit(link).path == f"/r/{code}"
