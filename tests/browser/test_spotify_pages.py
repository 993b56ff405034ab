"""The pages around a Spotify account in a real browser: by keyboard, without scripts, for all."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import DESKTOP, PHONE, Person
from tests.browser.test_accessibility import barriers
from tests.fakes.spotify import FakeSpotify
from tests.servers import Server


def open_page(person: Person, *, plain: bool = False) -> None:
    """Open a room and go to its Spotify page, by what is on the pages."""
    page = person.page
    page.goto("/")
    page.get_by_role("button", name="Open the room").click()
    # Without scripts the page goes on to its plain form by itself.
    page.wait_for_url(re.compile(r"/r/\w{6}\?plain$" if plain else r"/r/\w{6}$"))
    page.goto(f"{page.url.removesuffix('?plain')}/rules")
    page.get_by_role("link", name="Spotify: not connected").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_host_connects_with_the_keyboard_alone_and_lets_go_again(
    browser: Browser, spotify_server: Server, spotify: FakeSpotify, scripts: bool
) -> None:
    spotify.signed_in = "ann"
    host = Person(browser, spotify_server, java_script_enabled=scripts)
    open_page(host, plain=not scripts)
    host.page.get_by_role("button", name="Connect Spotify").press("Enter")
    expect(host.page.get_by_role("status")).to_contain_text("Connected")
    expect(host.page.get_by_text("Ann", exact=True)).to_be_visible()
    host.page.get_by_role("button", name="Disconnect").press("Enter")
    expect(host.page.get_by_text("Not connected")).to_be_visible()
    assert host.complaints() == []
    host.context.close()


def test_after_a_login_beside_the_room_its_tab_can_be_closed(
    browser: Browser, spotify_server: Server, spotify: FakeSpotify
) -> None:
    spotify.signed_in = "ann"
    host = Person(browser, spotify_server)
    open_page(host)
    room = host.page.url.removesuffix("/spotify")
    host.page.goto(room)
    host.new_tab().goto(f"{room}/spotify")
    host.page.get_by_role("button", name="Connect Spotify").click()
    expect(host.page.get_by_role("status")).to_contain_text("The room is open in its own tab")
    host.page.get_by_role("link", name="Back to the room").click()
    expect(host.page.get_by_role("status")).to_contain_text("Close this tab")
    host.context.close()


def test_the_consent_page_leads_back_when_somebody_cancels(
    browser: Browser, spotify_server: Server, spotify: FakeSpotify
) -> None:
    spotify.signed_in = ""
    host = Person(browser, spotify_server)
    open_page(host)
    host.page.get_by_role("button", name="Connect Spotify").click()
    host.page.get_by_role("button", name="Cancel").click()
    expect(host.page.get_by_role("status")).to_contain_text("Nothing was connected")
    host.context.close()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_these_pages_have_no_severe_barriers(
    browser: Browser, spotify_server: Server, spotify: FakeSpotify, device: dict[str, Any]
) -> None:
    host = Person(browser, spotify_server, bypass_csp=True, **device)
    spotify.signed_in = "cleo"
    open_page(host)
    assert barriers(host) == []
    room = host.page.url
    host.page.get_by_role("button", name="Connect Spotify").click()
    expect(host.page.get_by_role("heading", level=1)).to_contain_text("not on the list")
    assert barriers(host) == []
    spotify.signed_in = "ann"
    host.page.goto(room)
    host.page.get_by_role("button", name="Connect Spotify").click()
    host.page.get_by_role("button", name="Ask Spotify now").click()
    expect(host.page.get_by_text("devices can be reached")).to_be_visible()
    assert barriers(host) == []
    host.page.goto("/privacy")
    assert barriers(host) == []
    host.context.close()
