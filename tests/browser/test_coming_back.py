"""The same person after a reload, with a new tab, and tomorrow."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.browser.people import PHONE, Person, expect_pressed, expect_tally

Arrive = Callable[..., Person]
DAY_S = 24 * 60 * 60


def who(person: Person, code: str) -> dict[str, Any]:
    me: dict[str, Any] = person.api("GET", f"/{code}")["me"]
    return me


def test_a_reload_keeps_the_person_and_the_votes(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive(asked=False, **PHONE)
    guest.enter(code)
    guest.up("Birch").tap()
    guest.sees("Your vote is in")
    before = who(guest, code)
    guest.page.reload()
    expect_pressed(guest.up("Birch"))
    expect(guest.dialog).to_be_hidden()
    assert who(guest, code) == before
    expect(host.show_people()).to_contain_text("2 here")


def test_a_closed_tab_opened_anew_is_the_same_person(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    guest.down("Birch").click()
    expect_tally(host.down("Birch"), 1)
    before = who(guest, code)
    kept = guest.context.storage_state()
    guest.context.close()
    back = arrive(storage_state=kept)
    back.enter(code)
    assert who(back, code) == before
    expect_pressed(back.down("Birch"))


def test_the_browser_knows_who_one_is_for_a_day_at_least(host: Person) -> None:
    host.page.goto("/")
    (guest,) = [one for one in host.context.cookies() if one["name"] == "guest"]
    assert guest["expires"] > time.time() + DAY_S
    assert guest["httpOnly"]
    assert guest["sameSite"] == "Lax"


def test_the_start_page_leads_back_into_the_room(host: Person) -> None:
    host.open_room("Amber", name="Saturday at Mika's")
    host.page.goto("/")
    host.page.get_by_role("link", name="Back in Saturday at Mika's").click()
    host.stand_in_room()
    expect(host.title).to_have_text("Amber")


def test_the_chosen_theme_is_there_before_the_room_is(host: Person) -> None:
    host.open_room()
    host.key("Change to dark").click()
    host.page.reload(wait_until="commit")
    expect(host.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_theme_is_the_persons_choice_else_the_systems(host: Person) -> None:
    dark, light = "rgb(7, 23, 26)", "rgb(207, 228, 223)"
    root = host.page.locator("html")
    host.page.emulate_media(color_scheme="light")
    host.page.goto("/")
    expect(root).to_have_css("background-color", light)
    host.key("Change to dark").click()
    host.page.reload()
    expect(root).to_have_css("background-color", dark)
    expect(root).to_have_css("color-scheme", "dark")
    host.page.emulate_media(color_scheme="dark")
    host.key("Change to light").click()
    expect(root).to_have_css("background-color", light)
