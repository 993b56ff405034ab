"""Votes and what they do to the rack."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.people import Person, expect_pressed, expect_tally

Arrive = Callable[..., Person]
# Notes which properties the page animates, frame by frame.
WATCH_MOTION = """
  window.animated = new Set();
  const look = () => {
    for (const one of document.getAnimations())
      for (const frame of one.effect.getKeyframes()) {
        const { offset, computedOffset, easing, composite, ...moved } = frame;
        for (const name of Object.keys(moved)) animated.add(name);
      }
    requestAnimationFrame(look);
  };
  look();
"""


def test_a_vote_counts_turns_and_is_withdrawn(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive()
    guest.enter(code)
    guest.up("Cedar").click()
    expect_tally(host.up("Cedar"), 2)
    guest.down("Cedar").click()
    expect_tally(host.up("Cedar"), 1)
    expect_tally(host.down("Cedar"), 1)
    guest.down("Cedar").click()
    expect_tally(host.down("Cedar"), 0)
    expect_pressed(guest.up("Cedar"), False)
    expect_pressed(guest.down("Cedar"), False)


def test_a_vote_lights_before_the_server_has_answered(host: Person) -> None:
    host.open_room("Amber", "Birch")
    host.page.route("**/vote", lambda route: None)
    host.down("Birch").click()
    expect_pressed(host.down("Birch"))
    expect_tally(host.down("Birch"), 1)
    expect_tally(host.up("Birch"), 0)


def test_strips_move_and_slots_stay(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    guest = arrive()
    guest.enter(code)
    slots = guest.rack.get_by_role("listitem")
    tops = [slot.bounding_box() for slot in slots.all()]
    host.up("Dune").click()
    host.down("Birch").click()
    expect(guest.titles).to_have_text(["Cedar", "Dune", "Birch"])
    for rank, title in enumerate(("Cedar", "Dune", "Birch"), 1):
        expect(guest.strip(title)).to_have_accessible_name(re.compile(f"^{rank}, {title} by"))
    assert [slot.bounding_box() for slot in slots.all()] == tops


def test_strips_slide_to_where_they_stand_now(arrive: Arrive) -> None:
    host = arrive(reduced_motion="no-preference")
    host.run_at_start(WATCH_MOTION)
    host.open_room("Amber", "Birch", "Cedar")
    host.down("Birch").click()
    expect(host.titles).to_have_text(["Cedar", "Birch"])
    assert "transform" in host.page.evaluate("[...animated]")


def test_nothing_moves_for_people_who_do_not_want_motion(host: Person) -> None:
    host.run_at_start(WATCH_MOTION)
    host.open_room("Amber", "Birch", "Cedar")
    host.down("Birch").click()
    expect(host.titles).to_have_text(["Cedar", "Birch"])
    host.key("Skip this track").click()
    expect(host.title).to_have_text("Cedar")
    expect(host.titles).to_have_text(["Birch"])
    host.key("Played").click()
    host.dialog.press("Escape")
    expect(host.dialog).to_be_hidden()
    assert set(host.page.evaluate("[...animated]")) <= {"opacity"}


def test_focus_stays_on_the_same_strips_key_through_a_reorder(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    guest = arrive()
    guest.enter(code)
    guest.up("Dune").focus()
    host.down("Birch").click()
    host.down("Cedar").click()
    expect(guest.titles).to_have_text(["Dune", "Birch", "Cedar"])
    expect(guest.up("Dune")).to_be_focused()


def test_when_the_focused_strip_leaves_the_one_in_its_slot_has_the_focus(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive()
    guest.enter(code)
    guest.strip("Birch").focus()
    host.key("More for Birch").click()
    host.dialog.get_by_role("button", name="Remove").click()
    expect(guest.strip("Birch")).to_be_hidden()
    expect(guest.strip("Cedar")).to_be_focused()
    expect(guest.page.get_by_role("status")).to_have_text("Birch has left the queue")


def test_a_waiting_track_is_voted_for_where_it_is_found(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    guest.search("Birch")
    guest.key("Vote for Birch").click()
    expect_tally(host.up("Birch"), 2)
    expect_pressed(guest.up("Birch"))
