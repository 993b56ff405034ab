"""What a machine can tell of barriers; the other tests find things by role and name."""

from collections.abc import Callable
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.people import DESKTOP, PHONE, Person

Arrive = Callable[..., Person]
SEVERE = {"serious", "critical"}


def barriers(person: Person) -> list[str]:
    """Serious and critical findings in the page as it stands, in the dark and in the light."""
    # A theme changes colours and nothing else.
    return found(person, "dark") + found(person, "light", runOnly=["color-contrast"])


def found(person: Person, theme: Literal["dark", "light"], **options: object) -> list[str]:
    person.page.emulate_media(color_scheme=theme)
    # The look is what is judged, not a moment of its way there.
    person.page.wait_for_function("() => document.getAnimations().length === 0")
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
    expect(person.titles).to_have_text(["Birch", "Cedar"])
    assert barriers(person) == []
    person.up("Birch").focus()
    person.page.keyboard.press("Delete")
    person.key("Played").click()
    assert barriers(person) == []
