"""When the sound is in trouble: it is noticed, said, and healed, or the room moves on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.absence import sleep_for
from tests.browser.people import SAMPLE, SILENT, Person

Arrive = Callable[..., Person]
# Lets a test reach the sound card's clock that the page makes for itself.
KEEP_CONTEXT = """
    const Real = window.AudioContext;
    window.AudioContext = class extends Real {
        constructor(...options) {
            super(...options);
            window.kept = this;
        }
    };
"""


@pytest.fixture
def sounding(host: Person) -> str:
    """A room whose first track sounds on the host's laptop; its code."""
    host.run_at_start(KEEP_CONTEXT)
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    return code


def in_step(person: Person, code: str) -> None:
    """Wait until what is heard is where the room is."""
    playback = person.api("GET", f"/{code}")["playback"]
    person.waits_for(
        f"""async (starts_at_ms) => {{
            const {{ sounding, position_ms, at_ms }} = {SAMPLE};
            return sounding && Math.abs(position_ms - (at_ms - starts_at_ms)) < 150;
        }}""",
        playback["starts_at_ms"],
    )


def co_host(host: Person, guest: Person, code: str) -> None:
    me = guest.api("GET", f"/{code}")["me"]["id"]
    host.api("PATCH", f"/{code}/members/{me}", {"role": "cohost"})


def test_a_tab_that_is_closed_is_missed_and_a_co_host_plays_on(
    host: Person, arrive: Arrive, sounding: str
) -> None:
    guest = arrive()
    guest.enter(sounding)
    co_host(host, guest, sounding)
    host.page.close()
    expect(guest.page.locator("[data-banner]")).to_contain_text("laptop went silent at")
    expect(guest.page.locator("[data-banner]")).to_contain_text("Nothing sounds now.")
    guest.key("Play it here").click()
    guest.hears()
    expect(guest.page.locator("[data-banner]")).to_be_hidden()


def test_where_the_host_chose_so_the_music_waits_for_its_device(
    host: Person, arrive: Arrive, sounding: str
) -> None:
    host.api("PATCH", f"/{sounding}", {"rules": {"speaker_gone": "wait"}})
    guest = arrive()
    guest.enter(sounding)
    co_host(host, guest, sounding)
    host.page.close()
    expect(guest.page.locator("[data-banner]")).to_contain_text("The music waits.")
    guest.key("Play it here").click()
    guest.hears()
    assert guest.api("GET", f"/{sounding}")["playback"]["state"] == "playing"


def test_a_laptop_that_slept_is_back_in_step_and_the_log_says_so(
    host: Person, sounding: str
) -> None:
    host.waits_for(f"async () => ({SAMPLE}).mode === 'precise'")
    sleep_for(host.page, seconds=6)
    in_step(host, sounding)
    host.waits_for(
        """async (code) => {
            const answer = await fetch(`/api/rooms/${code}/incidents`);
            return (await answer.json()).items.some(({ kind }) => kind === "slept");
        }""",
        sounding,
    )


def test_a_sound_card_clock_that_the_browser_suspends_is_healed_by_one_tap(
    host: Person, sounding: str
) -> None:
    host.waits_for(f"async () => ({SAMPLE}).mode === 'precise' && window.kept.state === 'running'")
    host.page.evaluate("() => { kept.resume = () => Promise.resolve(); return kept.suspend(); }")
    expect(host.page.get_by_text("This browser wants one more tap: play")).to_be_visible()
    assert host.waits_for(SILENT)
    host.page.evaluate("() => addEventListener('click', () => { delete kept.resume; }, true)")
    host.key("Play").click()
    host.hears()
    expect(host.page.get_by_text("This browser wants one more tap: play")).to_be_hidden()


def test_files_that_are_gone_are_passed_over_and_after_three_the_room_waits(
    host: Person, sounding: str
) -> None:
    host.forgive("Failed to load resource|MEDIA_|DEMUXER")
    host.page.route("**/media/audio/**", lambda route: route.fulfill(status=404))
    host.key("Skip this track").click()
    expect(host.page.locator("[data-banner]")).to_contain_text("Three tracks in a row")
    assert host.waits_for(SILENT)
    host.key("What went wrong").click()
    expect(host.dialog).to_contain_text("Birch would not play, so the next one started.")
    expect(host.dialog).to_contain_text("the file is gone")
    host.dialog.get_by_role("button", name="Close").click()
    host.page.unroute("**/media/audio/**")
    host.add(sounding, "Elm")
    host.key("Play on").click()
    host.hears()


def test_everybody_is_told_what_would_not_play(host: Person, arrive: Arrive) -> None:
    host.forgive("Failed to load resource|MEDIA_|DEMUXER")
    code = host.open_room("Amber", "Cracked", "Birch")
    guest = arrive()
    guest.enter(code)
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.hears()
    expect(host.key("What went wrong")).to_be_hidden()
    host.key("Skip this track").click()
    expect(host.key("What went wrong")).to_be_visible()
    guest.sees("Cracked would not play, so the next one started.")
    expect(guest.key("What went wrong")).to_be_hidden()
