"""The music goes by itself, and does what the host says, on every screen."""

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import PHONE, Person

Arrive = Callable[..., Person]


def test_the_first_track_in_an_idle_room_starts_by_itself(host: Person) -> None:
    host.open_room()
    host.search("Amber")
    host.key("Add Amber").click()
    expect(host.title).to_have_text("Amber")
    expect(host.now).to_contain_text("Your pick")


def test_at_the_end_of_a_track_the_next_one_begins(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    host.api("POST", f"/{code}/playback/seek", {"position_ms": 57_000})
    for person in (host, guest):
        expect(person.title).to_have_text("Birch")
        expect(person.row("Birch")).to_be_hidden()


def test_the_sound_goes_over_to_the_next_track_by_itself(host: Person) -> None:
    code = host.open_room("Amber", "Birch")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.api("POST", f"/{code}/playback/seek", {"position_ms": 56_000})
    host.hears(beyond_s=55)
    expect(host.title).to_have_text("Birch")
    assert host.hears() < 50


def test_the_bar_is_moved_by_keys_and_by_the_pointer(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    guest.enter(code)
    host.bar.press("PageUp")
    guest.page.wait_for_function(POSITION_BEYOND, arg=29)
    host.bar.click(position={"x": 10, "y": 5})
    guest.page.wait_for_function(POSITION_BELOW, arg=20)
    expect(guest.bar).to_have_role("progressbar")


def test_pause_play_restart_and_skip_act_on_everybodys_screen(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    host.bar.press("PageUp")
    host.key("Pause").click()
    expect(guest.now).to_contain_text("Paused")
    expect(host.key("Play")).to_be_focused()
    host.key("Play from the start").click()
    guest.page.wait_for_function(POSITION_BELOW, arg=1)
    host.key("Play").click()
    expect(guest.now).to_contain_text("Now playing")
    host.key("Skip this track").click()
    expect(guest.title).to_have_text("Birch")


def test_a_guest_has_no_keys_that_would_be_refused(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    expect(guest.title).to_have_text("Amber")
    for name in ("Pause", "Skip this track", "Play from the start", "Volume of this device"):
        expect(guest.key(name)).to_be_hidden()
    expect(guest.page.get_by_role("switch", name="Sound from")).to_be_hidden()
    expect(guest.key("More for Birch")).to_be_hidden()
    guest.page.keyboard.press("s")
    guest.page.keyboard.press(" ")
    expect(guest.title).to_have_text("Amber")


def test_what_has_played_is_listed(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.key("Skip this track").click()
    expect(host.title).to_have_text("Birch")
    host.key("Played").click()
    expect(host.dialog.get_by_role("listitem").first).to_contain_text("Amber")
    expect(host.dialog.get_by_role("listitem").first).to_contain_text("skipped")


POSITION = "Number(document.querySelector('[aria-label=Position]').ariaValueNow)"
POSITION_BEYOND = f"(seconds) => {POSITION} > seconds"
POSITION_BELOW = f"(seconds) => {POSITION} < seconds"
