"""The rules of a room: who changes them, who reads along."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import DESKTOP, PHONE, Person
from tests.browser.test_accessibility import barriers
from tests.servers import Server

Arrive = Callable[..., Person]


@pytest.fixture
def guest(arrive: Arrive) -> Person:
    """Somebody at a phone."""
    return arrive(**PHONE)


def read_rules(person: Person, code: str, *, join: bool = False) -> None:
    """Open the rules, as a member."""
    if join:
        person.api("POST", f"/{code}/join", {})
    with person.page.expect_websocket() as line:
        person.page.goto(f"/r/{code}/rules")
    line.value.wait_for_event("framereceived")


def said(person: Person, title: str) -> Locator:
    """What stands for a rule, for those who only read it."""
    heading = person.page.get_by_role("heading", name=title, exact=True)
    return person.page.locator(".rule", has=heading).locator(".rule__said")


def order(person: Person, mode: str) -> Locator:
    return person.page.get_by_role("radio", name=mode)


def steps(person: Person, title: str = "Tracks waiting per person") -> Locator:
    return person.page.get_by_role("combobox", name=title)


def test_a_changed_rule_is_read_at_once_by_who_has_the_rules_open(
    host: Person, guest: Person
) -> None:
    code = host.open_room("Amber")
    read_rules(guest, code, join=True)
    expect(said(guest, "Order")).to_have_text("Votes")
    read_rules(host, code)
    order(host, "Fair turns").check()
    expect(said(guest, "Order")).to_have_text("Fair turns")
    guest.sees("The host changed 1 rule of Party: order.")


def test_two_tabs_of_the_host_agree(host: Person) -> None:
    code = host.open_room("Amber")
    read_rules(host, code)
    first = host.page
    host.new_tab()
    read_rules(host, code)
    host.page.get_by_role("switch", name="Votes down").uncheck()
    expect(first.get_by_role("switch", name="Votes down")).not_to_be_checked()
    first.get_by_label("Add tracks").select_option(label="Host, co-hosts")
    expect(host.page.get_by_label("Add tracks")).to_have_value("hosts")


def test_five_taps_on_a_step_are_one_request(host: Person) -> None:
    code = host.open_room("Amber")
    read_rules(host, code)
    asked: list[str] = []
    host.page.on("request", lambda it: asked.extend([it.post_data or ""] * (it.method == "PATCH")))
    start = steps(host).input_value()
    more = host.key("Tracks waiting per person: more")
    with host.page.expect_response(lambda one: one.request.method == "PATCH"):
        more.evaluate("(key) => { for (let tap = 0; tap < 5; tap += 1) key.click(); }")
    expect(host.page.locator("#rule-open_requests")).to_have_attribute("data-changed", "")
    assert len(asked) == 1
    assert int(steps(host).input_value()) > int(start)


def test_past_the_most_there_is_no_limit(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    read_rules(guest, code, join=True)
    read_rules(host, code)
    steps(host).select_option(label="No limit")
    expect(host.key("Tracks waiting per person: more")).to_be_disabled()
    expect(said(guest, "Tracks waiting per person")).to_have_text("No limit")
    host.key("Tracks waiting per person: less").click()
    expect(said(guest, "Tracks waiting per person")).to_have_text("20")


def test_everything_is_reached_with_the_keyboard_alone(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    read_rules(guest, code, join=True)
    read_rules(host, code)
    order(host, "Votes").focus()
    host.page.keyboard.press("ArrowRight")
    expect(said(guest, "Order")).to_have_text("Fair turns")
    host.page.keyboard.press("Tab")
    expect(host.key("Tracks waiting per person: less")).to_be_focused()
    host.page.keyboard.press("Tab")
    expect(steps(host)).to_be_focused()
    host.page.keyboard.press("Tab")
    host.page.keyboard.press("Enter")
    expect(said(guest, "Tracks waiting per person")).to_have_text(
        steps(host).locator("option:checked").inner_text()
    )
    host.page.get_by_role("switch", name="Explicit tracks").press("Space")
    expect(said(guest, "Explicit tracks")).to_have_text("Off")


def test_put_back_undoes_every_change_and_keeps_the_focus(host: Person) -> None:
    code = host.open_room("Amber")
    host.api("PATCH", f"/{code}", {"rules": {"mode": "host", "rest_min": 0}})
    read_rules(host, code)
    expect(steps(host, "A track rests before it returns")).to_have_value("0")
    host.key("Put back").focus()
    host.page.keyboard.press("Enter")
    expect(order(host, "Votes")).to_be_checked()
    expect(steps(host, "A track rests before it returns")).not_to_have_value("0")
    expect(host.key("Put back")).to_be_hidden()
    expect(host.page.get_by_role("button", name="Party")).to_be_focused()


def test_a_preset_changes_all_rules_at_once(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    read_rules(guest, code, join=True)
    read_rules(host, code)
    host.page.get_by_role("button", name="Wedding list").click()
    expect(said(guest, "Add tracks")).to_have_text("Host, co-hosts")
    expect(host.page.get_by_role("button", name="Wedding list")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(host.page.get_by_label("Add tracks")).to_have_value("hosts")


def test_a_preset_that_was_a_slip_is_undone_with_all_the_host_had_changed(host: Person) -> None:
    code = host.open_room("Amber")
    host.api("PATCH", f"/{code}", {"rules": {"mode": "host", "rest_min": 0}})
    read_rules(host, code)
    host.page.get_by_role("button", name="Stream").click()
    expect(order(host, "Fair turns")).to_be_checked()
    host.page.get_by_role("button", name="Undo").click()
    expect(order(host, "Host order")).to_be_checked()
    expect(steps(host, "A track rests before it returns")).to_have_value("0")
    host.sees("You changed 2 rules of Party: order and rest.")


def test_a_refused_change_lifts_again_and_says_why(host: Person) -> None:
    code = host.open_room("Amber")
    read_rules(host, code)
    host.page.route(f"**/api/rooms/{code}", lambda route: route.abort())
    host.forgive("Failed to load resource")
    order(host, "Fair turns").click()
    host.sees("No connection.")
    expect(order(host, "Votes")).to_be_checked()


def test_a_change_on_the_way_out_still_counts(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    read_rules(guest, code, join=True)
    read_rules(host, code)
    host.key("Tracks waiting per person: less").click()
    wished = steps(host).locator("option:checked").inner_text()
    host.page.get_by_role("link", name="Back to the room").click()
    expect(said(guest, "Tracks waiting per person")).to_have_text(wished)


def test_without_scripts_a_form_saves_the_rules(arrive: Arrive, host: Person) -> None:
    plain = arrive(java_script_enabled=False)
    code: str = plain.api("POST", "", {"name": "Plain night"})["code"]
    plain.page.goto(f"/r/{code}/rules")
    expect(plain.page.get_by_role("button", name=re.compile("more$"))).to_have_count(0)
    order(plain, "Host order").check()
    steps(plain).select_option(label="No limit")
    plain.key("Save the rules").click()
    expect(plain.page).to_have_url(re.compile(f"/r/{code}/rules$"))
    expect(order(plain, "Host order")).to_be_checked()
    plain.sees("You changed 2 rules of Party: order and tracks per person.")
    plain.key("Put back").click()
    expect(order(plain, "Votes")).to_be_checked()


def test_the_room_is_ended_by_its_key_after_it_was_named(host: Person, guest: Person) -> None:
    code = host.open_room("Amber")
    read_rules(guest, code, join=True)
    read_rules(host, code)
    host.forgive("410")  # is what a room that is over answers
    host.page.get_by_text("End the room").click()
    host.page.get_by_role("button", name=re.compile("^End it for ")).click()
    expect(host.page.get_by_role("heading", name="That was Friday")).to_be_visible()
    expect(guest.page.get_by_role("heading", name="That was Friday")).to_be_visible()


def test_the_mode_above_the_queue_tells_how_the_room_works(host: Person, guest: Person) -> None:
    code = host.open_room("Amber", "Birch")
    guest.enter(code)
    host.api("PATCH", f"/{code}", {"rules": {"mode": "fair"}})
    guest.page.get_by_role("button", name="Order: Fair turns").tap()
    expect(guest.dialog.get_by_role("heading")).to_have_text("Fair turns")
    assert guest.dialog.get_by_role("listitem").count() > 0
    guest.dialog.get_by_role("link", name="All rules").tap()
    expect(guest.page).to_have_url(re.compile(f"/r/{code}/rules$"))


def test_the_sound_plays_on_while_the_rules_are_open(host: Person) -> None:
    code = host.open_room("Amber")
    host.page.get_by_role("switch").first.click()
    at = host.hears()
    room = host.page
    with host.context.expect_page() as opened:
        room.get_by_role("link", name="Rules", exact=True).click()
    expect(opened.value).to_have_url(re.compile(f"/r/{code}/rules$"))
    opened.value.wait_for_load_state()  # until then the link leads away
    host.hears(beyond_s=at)
    with opened.value.expect_event("close"):
        opened.value.get_by_role("link", name="Back to the room").click()
    host.hears(beyond_s=at)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_rules_have_no_severe_barriers(
    arrive: Arrive, host: Person, device: dict[str, object]
) -> None:
    code = host.open_room("Amber")
    host.api("PATCH", f"/{code}", {"rules": {"mode": "fair"}})
    reader = arrive(bypass_csp=True, **device)
    read_rules(reader, code, join=True)
    assert barriers(reader) == []
    owner = arrive(bypass_csp=True, **device)
    own: str = owner.api("POST", "", {"name": "Saturday"})["code"]
    owner.api("PATCH", f"/{own}", {"rules": {"explicit": False}})
    read_rules(owner, own)
    owner.page.get_by_text("End the room").click()
    assert barriers(owner) == []


def test_before_closing_time_everybody_reads_the_countdown(
    host: Person, guest: Person, server: Server
) -> None:
    code = host.open_room("Amber", "Birch")
    server.run(
        "from rooms.models import Room; from django.db.models import F; "
        f"Room.objects.filter(code='{code}').update(created_at_ms=F('created_at_ms') - 15 * 60_000)"
    )
    guest.enter(code)
    host.page.get_by_role("switch", name="Sound from this laptop").click()
    host.api("PATCH", f"/{code}", {"rules": {"closes_after_min": 30}})
    guest.sees("Closing in 15 minutes.")
    guest.sees("Vote for the last track, then the room ends.")
