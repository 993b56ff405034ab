"""Votes and what they do to the queue."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Person, expect_pressed, expect_tally
from tests.servers import Server

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

# Notes the rows in which anything is rewritten.
WATCH_ROWS = """
  window.redrawn = new Set();
  new MutationObserver((changes) => {
    for (const {target} of changes) {
      const row = (target.closest ? target : target.parentElement)?.closest("[data-item]");
      if (row) redrawn.add(row.querySelector("h3").textContent);
    }
  }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""

# 60 rows, by the server itself: adding them one by one would take a minute.
FILL_QUEUE = """
from music.models import QueueItem, Track
from rooms.models import Room
room = Room.objects.get(code="{code}")
for number in range(60):
    track = Track.objects.create(
        uri=f"library:row-{{number}}", source="library", title=f"Row {{number}}", artists=["Band"],
        duration_ms=60_000, audio=f"/media/audio/row-{{number}}",
        available=False)  # it has no file, and other tests look for tracks
    QueueItem.objects.create(room=room, track=track, added_by=room.members.first())
"""


def test_a_vote_that_moves_nothing_redraws_its_own_row_alone(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    guest = arrive()
    guest.enter(code)
    expect(guest.titles).to_have_text(["Birch", "Cedar", "Dune"])
    guest.page.evaluate(WATCH_ROWS)
    guest.up("Birch").click()
    expect_tally(host.up("Birch"), 2)
    expect_pressed(guest.up("Birch"))
    assert guest.page.evaluate("[...redrawn]") == ["Birch"]


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


def test_ones_own_vote_shows_before_anything_else_happens(host: Person) -> None:
    host.open_room("Amber", "Birch")
    vote = "(key) => { key.click(); return key.getAttribute('aria-pressed'); }"
    assert host.up("Birch").evaluate(vote) == "false"
    assert host.down("Birch").evaluate(vote) == "true"


def test_rows_out_of_sight_are_not_laid_out_and_are_found_and_reached(
    arrive: Arrive, server: Server
) -> None:
    guest = arrive(**PHONE)
    code = guest.open_room()
    server.run(FILL_QUEUE.format(code=code))
    guest.add(code, "Amber")
    guest.page.reload()
    last = guest.queue.get_by_role("article").last
    expect(last.get_by_role("heading")).to_have_text("Row 59")
    is_laid_out = "(row) => row.checkVisibility({ contentVisibilityAuto: true })"
    assert not last.evaluate(is_laid_out)
    # From the top, as a person's own search: this call begins at the focus, on the start key, and
    # at first lays nothing out behind it.
    guest.waits_for("() => { document.activeElement.blur(); return find('Row 58'); }")
    expect(last.get_by_role("button", name="Vote up")).to_have_count(1)
    last.get_by_role("button", name="Vote up").focus()
    expect(last.get_by_role("button", name="Vote up")).to_be_focused()
    guest.waits_for("async () => scrollY > 0")


def test_a_hidden_panel_is_drawn_when_it_is_shown(host: Person, arrive: Arrive) -> None:
    guest = arrive(**PHONE)
    guest.enter(host.open_room("Amber", "Birch", "Cedar"))
    guest.search("Dune")
    expect(guest.found).to_contain_text(["Dune Band"])
    guest.key("Queue").tap()
    host.add(guest.page.url.rpartition("/")[2], "Dune")
    expect(guest.titles).to_have_text(["Birch", "Cedar", "Dune"])
    assert "Dune Band" in guest.page.locator("#add").inner_text()
    guest.key("Add").tap()
    expect(guest.found).to_contain_text(["Waiting 3rd"])


def test_rows_move_and_slots_stay(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    guest = arrive()
    guest.enter(code)
    slots = guest.queue.get_by_role("listitem")
    tops = [slot.bounding_box() for slot in slots.all()]
    host.up("Dune").click()
    host.down("Birch").click()
    expect(guest.titles).to_have_text(["Cedar", "Dune", "Birch"])
    for rank, title in enumerate(("Cedar", "Dune", "Birch"), 1):
        expect(guest.row(title)).to_have_accessible_name(re.compile(f"^{rank}, {title} by"))
    assert [slot.bounding_box() for slot in slots.all()] == tops


def test_rows_slide_to_where_they_stand_now(arrive: Arrive) -> None:
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


def test_focus_stays_on_the_same_rows_key_through_a_reorder(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch", "Cedar", "Dune")
    guest = arrive()
    guest.enter(code)
    guest.up("Dune").focus()
    host.down("Birch").click()
    host.down("Cedar").click()
    expect(guest.titles).to_have_text(["Dune", "Birch", "Cedar"])
    expect(guest.up("Dune")).to_be_focused()


def test_when_the_focused_row_leaves_the_one_in_its_slot_has_the_focus(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber", "Birch", "Cedar")
    guest = arrive()
    guest.enter(code)
    guest.row("Birch").focus()
    host.key("More for Birch").click()
    host.dialog.get_by_role("button", name="Remove").click()
    expect(guest.row("Birch")).to_be_hidden()
    expect(guest.row("Cedar")).to_be_focused()
    expect(guest.page.get_by_role("status")).to_have_text("Birch has left the queue")


def test_a_waiting_track_is_voted_for_where_it_is_found(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive()
    guest.enter(code)
    guest.search("Birch")
    guest.key("Vote for Birch").click()
    expect_tally(host.up("Birch"), 2)
    expect_pressed(guest.up("Birch"))


@pytest.mark.parametrize(("height", "wide"), [(1100, 260), (720, 200)])
def test_the_cover_fills_its_column_beside_the_reactions_and_stays_large_on_a_low_screen(
    arrive: Arrive, height: int, wide: int
) -> None:
    host = arrive(viewport={"width": 1440, "height": height})
    host.open_room("Amber")
    box = host.now.locator("[data-now-playing-cover]").bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == (wide, wide)


def test_rows_without_a_menu_keep_no_place_for_one(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive(viewport={"width": 1024, "height": 768})
    guest.enter(code)
    row, key = guest.row("Birch").bounding_box(), guest.down("Birch").bounding_box()
    assert row is not None
    assert key is not None
    assert row["x"] + row["width"] - key["x"] - key["width"] < 16
