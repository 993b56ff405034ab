"""Removed, or at the end of a room: one is told at once."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import PHONE, SILENT, Person

Arrive = Callable[..., Person]


def test_a_removed_person_sees_it_at_once_and_cannot_come_back(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    guest.forgive("Failed to load resource.*403")
    guest.enter(code)
    host.show_people().get_by_role("button", name="More for").last.click()
    host.dialog.get_by_role("button", name="Ban from this room").click()
    expect(host.dialog).to_contain_text("Reason: spam.")
    host.dialog.get_by_role("button", name="Ban ").click()
    removed = guest.page.get_by_role("heading", name="You were removed")
    expect(removed).to_be_visible()
    expect(guest.page.get_by_text("Reason: spam.")).to_be_visible()
    expect(guest.page.get_by_role("heading", name="Up next")).to_be_hidden()
    guest.page.goto(f"/r/{code}")
    expect(removed).to_be_visible()
    guest.page.get_by_role("link", name="Go to the start page").tap()
    expect(guest.key("Open the room")).to_be_visible()


def test_a_muted_person_is_told_and_may_still_vote(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    host.show_people().get_by_role("button", name="More for").last.click()
    host.dialog.get_by_role("group", name="Mute").get_by_role("button", name="10 min").click()
    expect(guest.show_people()).to_contain_text("Muted")
    guest.down("Birch").click()
    expect(host.down("Birch")).to_have_accessible_name("Vote down, 1 vote")


def test_when_a_room_ends_everybody_is_told(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", name="Friday at Mika's")
    guest = arrive()
    guest.enter(code)
    host.api("POST", f"/{code}/end", {})
    for person in (host, guest):
        # Pictures that were still on their way stay away, and so does the line.
        person.forgive(r"Failed to load resource.* 40[13] .*/media/|Failed to load resource.* 410")
        expect(person.page.get_by_role("heading", name="That was Friday at Mika's")).to_be_visible()
        expect(person.page).to_have_title("That was Friday at Mika's · BeatSync")
    guest.page.reload()
    expect(guest.page.get_by_role("heading", name="That was Friday at Mika's")).to_be_visible()


def test_who_listened_along_hears_nothing_once_removed(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive()
    guest.forgive("Failed to load resource.*403")
    guest.enter(code)
    guest.page.get_by_role("switch", name="Listen along").click()
    guest.hears()
    me = guest.api("GET", f"/{code}")["me"]["id"]
    host.api("PATCH", f"/{code}/members/{me}", {"banned": True})
    guest.waits_for(SILENT)


def test_a_co_host_gets_the_keys_at_once_and_loses_them_too(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive()
    guest.enter(code)
    host.show_people().get_by_role("button", name="More for").last.click()
    host.dialog.get_by_role("button", name="Make co-host").click()
    guest.key("Pause").click()
    expect(host.now).to_contain_text("Paused")
    host.show_people().get_by_role("button", name="More for").last.click()
    host.dialog.get_by_role("button", name="Take co-host back").click()
    expect(guest.key("Play")).to_be_hidden()
