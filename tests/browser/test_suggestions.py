"""Suggestions in the page: ten with their reasons, chips, dismissing, and a room that plays on."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Route, expect

from tests.browser.people import PHONE, Person

Arrive = Callable[..., Person]


def pane(person: Person) -> Locator:
    return person.page.get_by_role("tabpanel", name="Suggested")


def open_suggestions(person: Person) -> Locator:
    person.page.get_by_role("tab", name="Suggested").click()
    expect(pane(person).get_by_role("listitem").first).to_be_visible()
    return pane(person)


def test_ten_tracks_are_suggested_each_with_its_reason(host: Person) -> None:
    host.open_room("Cardamom")
    found = open_suggestions(host)
    expect(found.get_by_role("listitem")).to_have_count(10)
    expect(found.get_by_text(re.compile("near .?Cardamom")).first).to_be_visible()
    first = found.get_by_role("listitem").first
    title = first.get_by_role("heading").inner_text()
    first.get_by_role("button", name=f"Add {title}").click()
    expect(host.titles).to_have_text([title])


def test_a_tab_pressed_before_the_panel_is_loaded_comes_in_front_when_it_is(arrive: Arrive) -> None:
    guest = arrive()
    held: list[Route] = []
    guest.page.route("**/open-panel*.js", lambda route: held.append(route))
    with guest.page.expect_request("**/open-panel*.js"):
        guest.open_room("Cardamom")
    guest.page.get_by_role("tab", name="Suggested").click()
    expect(pane(guest)).to_be_hidden()
    for route in held:
        route.continue_()
    expect(pane(guest).get_by_role("listitem").first).to_be_visible()


def test_a_search_entered_before_the_panel_is_loaded_shows_suggestions_when_it_is(
    arrive: Arrive,
) -> None:
    guest = arrive()
    held: list[Route] = []
    guest.page.route("**/open-panel*.js", lambda route: held.append(route))
    with guest.page.expect_request("**/open-panel*.js"):
        guest.open_room("Cardamom")
    guest.page.get_by_role("searchbox").focus()
    for route in held:
        route.continue_()
    expect(pane(guest).get_by_role("listitem").first).to_be_visible()


def test_the_empty_search_shows_what_goes_with_the_room(host: Person) -> None:
    host.open_room("Cardamom")
    expect(pane(host)).to_be_hidden()
    host.page.get_by_role("searchbox").focus()
    expect(pane(host)).to_be_visible()
    title = pane(host).get_by_role("heading").first.inner_text()
    expect(host.key(f"Add {title}")).to_have_count(1)
    host.search("Amber")
    expect(pane(host)).to_be_hidden()


def test_a_dismissed_track_does_not_come_back(host: Person) -> None:
    host.open_room("Cardamom")
    found = open_suggestions(host)
    title = found.get_by_role("heading").first.inner_text()
    found.get_by_role("button", name=f"Do not suggest {title}").click()
    expect(found.get_by_role("heading", name=title, exact=True)).to_have_count(0)
    host.page.reload()
    host.stand_in_room()
    again = open_suggestions(host)
    expect(again.get_by_role("heading", name=title, exact=True)).to_have_count(0)


def test_a_chip_leads_elsewhere_and_back(host: Person) -> None:
    host.open_room("Goldfinch")
    found = open_suggestions(host)
    slower = found.get_by_role("button", name="Slower")
    slower.click()
    expect(slower).to_have_attribute("aria-pressed", "true")
    expect(found.get_by_role("heading", name="Kerosene Waltz")).to_have_count(0)
    slower.click()
    expect(slower).to_have_attribute("aria-pressed", "false")


def test_more_like_a_waiting_track(host: Person) -> None:
    host.open_room("Cardamom", "Goldfinch")
    host.row("Goldfinch").get_by_role(
        "button", name=re.compile("More about|Menu|Goldfinch")
    ).last.click()
    host.dialog.get_by_role("button", name="More like this").click()
    expect(pane(host)).to_contain_text("More like")
    expect(pane(host).get_by_role("heading", name="Cardamom")).to_have_count(0)
    pane(host).get_by_role("button", name="Back to the room’s").click()
    expect(pane(host).get_by_text("More like")).to_be_hidden()


def test_more_like_a_track_that_was_found_by_the_keyboard_alone(host: Person) -> None:
    host.open_room("Cardamom")
    host.search("Goldfinch")
    host.page.get_by_role("button", name="Goldfinch", exact=True).press("Enter")
    host.dialog.get_by_role("button", name="More like this").press("Enter")
    expect(pane(host)).to_contain_text("More like Goldfinch.")
    expect(host.page.get_by_role("tab", name="Suggested")).to_be_focused()
    expect(pane(host).get_by_role("listitem").first).to_be_visible()


def test_more_like_what_plays(host: Person) -> None:
    host.open_room("Cardamom")
    host.page.get_by_role("button", name="All about Cardamom").click()
    host.dialog.get_by_role("button", name="More like this").click()
    expect(pane(host)).to_contain_text("More like Cardamom.")


def test_more_like_what_has_played(host: Person) -> None:
    code = host.open_room("Cardamom", "Goldfinch")
    host.api("POST", f"/{code}/playback/skip", {})
    expect(host.title).to_have_text("Goldfinch")
    host.page.get_by_role("button", name=re.compile("Played")).click()
    host.dialog.get_by_role("button", name="Cardamom").click()
    host.dialog.get_by_role("button", name="More like this").click()
    expect(pane(host)).to_contain_text("More like Cardamom.")


def test_a_listener_goes_elsewhere_and_follows_the_room(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Cardamom", "Goldfinch")
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.page.get_by_role("navigation", name="Views").get_by_role("button", name="Add").click()
    found = open_suggestions(guest)
    faster = found.get_by_role("button", name="Faster")
    faster.click()
    expect(faster).to_have_attribute("aria-pressed", "true")
    with guest.page.expect_response(lambda answer: "mood=faster" in answer.url):
        host.api("POST", f"/{code}/playback/skip", {})
    expect(faster).to_have_attribute("aria-pressed", "true")


def test_a_dry_room_plays_on_a_member_comes_first_and_one_tap_stops_it(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Cardamom")
    found = open_suggestions(host)
    found.get_by_role("button", name="Let the room add by itself").click()
    expect(host.titles).to_have_count(2)
    expect(host.queue.get_by_text(re.compile("Added by the room")).first).to_be_visible()
    own = host.titles.all_inner_texts()

    guest = arrive(**PHONE)
    guest.enter(code)
    guest.add(code, "Amber")
    expect(host.titles).to_have_text(["Amber", own[0], own[1]])

    host.api("POST", f"/{code}/playback/skip", {})
    expect(host.title).to_have_text(re.compile("Amber"))
    host.api("POST", f"/{code}/playback/skip", {})
    expect(host.title).to_have_text(re.compile(re.escape(own[0])))
    expect(host.now).to_contain_text("Added by the room")

    found.get_by_role("button", name="Stop adding by itself").click()
    expect(host.titles).to_have_count(0)


def test_markup_in_a_title_is_text(host: Person) -> None:
    host.open_room("Cardamom")
    found = open_suggestions(host)
    assert found.locator("script, img[src=x]").count() == 0
