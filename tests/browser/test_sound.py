"""The sound: one tap to allow it, one device to make it, and never silence for a broken file."""

from collections.abc import Callable

from playwright.sync_api import expect

from music.models.playback import LEASE_MS
from tests.browser.people import PHONE, SILENT, Person, expect_pressed

Arrive = Callable[..., Person]


def test_after_a_reload_the_page_asks_for_one_tap_and_that_heals_it(host: Person) -> None:
    host.open_room("Amber")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.page.reload()
    expect(host.page.get_by_text("This browser wants one more tap: play")).to_be_visible()
    expect(host.page.get_by_text("Waits for one tap")).to_be_visible()
    host.key("Play").click()
    assert host.hears(beyond_s=0.5)
    expect(host.page.get_by_text("This browser wants one more tap: play")).to_be_hidden()
    expect(host.page.get_by_role("switch", name="This laptop plays")).to_be_checked()


def co_host_speaks(host: Person, guest: Person, code: str) -> None:
    """The sound comes from a co-host's phone."""
    me = guest.api("GET", f"/{code}")["me"]["id"]
    host.api("PATCH", f"/{code}/members/{me}", {"role": "cohost"})
    claim = {"action": "claim", "device": "in-a-pocket", "name": "phone (Firefox on Android)"}
    guest.api("PUT", f"/{code}/playback/speaker", claim)


def test_one_tap_brings_the_sound_back_to_a_page_opened_anew(host: Person) -> None:
    code = host.open_room("Amber")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.page.close()
    host.new_tab()
    host.enter(code)
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    expect(host.dialog).to_be_hidden()
    expect(host.page.get_by_role("switch", name="This laptop plays")).to_be_checked()


def test_a_speaker_that_went_away_is_no_longer_named_and_one_tap_sounds(host: Person) -> None:
    code = host.open_room("Amber")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.page.close()
    host.new_tab()
    host.enter(code)
    expect(host.now).to_contain_text("Off. No device plays the sound.", timeout=LEASE_MS + 5_000)
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()


def test_a_second_tab_takes_the_sound_and_the_first_falls_silent(host: Person) -> None:
    code = host.open_room("Amber")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    first = host.page
    host.new_tab()
    host.enter(code)
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears(beyond_s=0.5)
    expect(first.get_by_text("Sound moved to ")).to_be_visible()
    switch = first.get_by_role("switch", name="Sound from this laptop")
    expect(switch).not_to_be_checked()
    assert first.evaluate(SILENT)


def test_the_host_asks_before_taking_the_sound_from_somebody_else(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber")
    guest = arrive()
    guest.enter(code)
    co_host_speaks(host, guest, code)
    switch = host.page.get_by_role("switch", name="Sound from this laptop")
    host.sees("phone plays.")
    switch.click()
    expect(host.dialog).to_contain_text("phone plays the sound. Take over?")
    host.dialog.get_by_role("button", name="Leave it").click()
    expect(switch).to_be_focused()
    expect(switch).not_to_be_checked()
    host.sees("phone plays.")
    switch.click()
    host.dialog.get_by_role("button", name="Take over").click()
    host.hears(beyond_s=0.2)
    expect(guest.now).to_contain_text("laptop")


def test_the_room_moves_on_from_a_file_that_cannot_be_played(host: Person) -> None:
    host.forgive("Failed to load resource|MEDIA_|DEMUXER")
    host.open_room("Amber", "Cracked", "Birch")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.key("Skip this track").click()
    expect(host.title).to_have_text("Birch")
    host.hears()
    host.key("Played").click()
    expect(host.dialog.get_by_role("listitem").first).to_contain_text("would not play")


def test_the_sound_is_paused_moved_and_turned_down_with_the_room(host: Person) -> None:
    host.open_room("Amber")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.bar.press("PageUp")
    assert host.hears(beyond_s=29) > 29
    host.key("Volume of this device").click()
    host.dialog.get_by_role("slider").fill("40")
    host.page.wait_for_function("() => document.querySelector('audio').volume < 0.5")
    host.page.keyboard.press("Escape")
    expect(host.dialog).to_be_hidden()
    host.key("Pause").click()
    host.waits_for(SILENT)


def test_switched_off_the_device_falls_silent_and_the_room_goes_on(host: Person) -> None:
    host.open_room("Amber")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    host.page.get_by_role("switch", name="This laptop plays").click()
    host.sees("Off. No device plays the sound.")
    host.waits_for(SILENT)
    expect(host.key("Pause")).to_be_visible()


def test_nobody_but_the_speaker_loads_any_sound(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive()
    asked: list[str] = []
    guest.page.on("request", lambda it: asked.extend([it.url] * ("/media/audio" in it.url)))
    guest.enter(code)
    expect(guest.now).to_contain_text("No device plays the sound")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears(beyond_s=0.2)
    expect(guest.now).to_contain_text("Sound comes from")
    assert asked == []


def test_a_phone_hears_the_room_by_the_key_in_its_header(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.key("Hear it here").tap()
    expect_pressed(guest.key("Hear it here"))
    guest.hears()
    guest.key("Hear it here").tap()
    expect_pressed(guest.key("Hear it here"), False)
