"""What a machine can tell of barriers; the other tests find things by role and name."""

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, expect

from tests.browser.conftest import MARKUP
from tests.browser.people import DESKTOP, PHONE, Person

Arrive = Callable[..., Person]
SEVERE = {"serious", "critical"}
STILL = """() => {
  const animate = Element.prototype.animate;
  Element.prototype.animate = function (...how) {
    const made = animate.apply(this, how);
    made.finish();
    return made;
  };
}"""


def barriers(person: Person) -> list[str]:
    """Serious and critical findings in the page as it stands, in the dark and in the light."""
    # A theme changes colours and nothing else.
    return found(person, "dark") + found(person, "light", runOnly=["color-contrast"])


def found(person: Person, theme: Literal["dark", "light"], **options: object) -> list[str]:
    person.page.emulate_media(color_scheme=theme)
    # The look is what is judged, not a moment of its way there: rows that come while it is judged
    # are there at once, and what has just changed begins to move with the next frame.
    person.page.evaluate(STILL)
    person.waits_for("""() => new Promise((done) => requestAnimationFrame(
        () => requestAnimationFrame(() => done(document.getAnimations().length === 0))))""")
    options |= {"preload": False, "resultTypes": ["violations"]}
    violations = Axe().run(person.page, options=options).response["violations"]
    return [
        f"{one['id']}: {node['html']} ({node['failureSummary']})"
        for one in violations
        if one["impact"] in SEVERE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_home_and_room_have_no_severe_barriers(arrive: Arrive, device: dict[str, object]) -> None:
    # Axe comes in as a script; the policy of the page would keep it out.
    person = arrive(bypass_csp=True, **device)
    person.page.goto("/")
    assert barriers(person) == []
    code = person.open_room()
    assert barriers(person) == []
    for title in ("Amber", "Birch", "Cedar"):
        person.add(code, title)
    person.api("POST", f"/{code}/playback/play", {})
    # Behind these stand the next tracks of the shelf.
    expect(person.titles).to_contain_text(["Birch", "Cedar"])
    assert barriers(person) == []
    person.up("Birch").focus()
    person.page.keyboard.press("Delete")
    person.key("Played").click()
    assert barriers(person) == []


def test_forced_colours_leave_votes_edges_switches_and_the_code_to_be_seen(arrive: Arrive) -> None:
    host = arrive(forced_colors="active", color_scheme="dark", **PHONE)
    host.open_room("Amber", "Birch")
    colour = "key => getComputedStyle(key).backgroundColor"
    assert host.up("Birch").evaluate(colour) != host.down("Birch").evaluate(colour)
    for drawn in (host.row("Birch"), host.bar.locator("> *").first):
        expect(drawn).to_have_css("border-top-width", "1px")
    host.key("Room").tap()
    switch = host.page.get_by_role("switch").first
    expect(switch.locator("span")).to_have_css("border-top-width", "2px")
    code = host.page.get_by_role("img", name="QR code")
    expect(code).to_have_css("background-color", "rgb(255, 255, 255)")


def test_letters_of_twice_the_size_leave_rows_and_views_whole_on_a_phone(arrive: Arrive) -> None:
    host = arrive(**PHONE)
    host.open_room("Amber", MARKUP, "Cedar")
    host.page.evaluate("document.documentElement.style.fontSize = '200%'")
    row = host.row(MARKUP)
    left, right = edges(row)
    start, end = edges(row.get_by_role("heading"))
    assert end - start > (right - left) / 2
    for key in (host.up(MARKUP), host.down(MARKUP), host.key(f"More for {MARKUP}")):
        assert left <= edges(key)[0]
        assert edges(key)[1] <= right
    for view in ("Add", "Room", "Queue"):
        host.key(view).tap()
        assert host.page.evaluate("document.documentElement.scrollWidth <= screen.width")


def edges(drawn: Locator) -> tuple[float, float]:
    """Where it begins and ends, in px from the left."""
    box = drawn.bounding_box()
    assert box is not None
    return box["x"], box["x"] + box["width"]
