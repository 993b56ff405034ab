"""What services outside answer, in the page: with their credit, as text, and as the room's own."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import MARKUP, NO_LIMIT
from tests.browser.people import Person
from tests.fakes.discovery import FakeDiscovery
from tests.servers import Server, serving

LASTFM = re.compile("^Last.fm: ")


@pytest.fixture(scope="module")
def server(music: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that asks services, which know one track near Cardamom: its title is markup."""
    with FakeDiscovery() as services:
        services.know("Ines Okafor Trio", "Cardamom", [('"><script>', MARKUP)])
        data = tmp_path_factory.mktemp("data")
        asking = services.environment()
        with serving(data, MUSIC_DIRS=str(music), **NO_LIMIT, **asking) as server:
            yield server


def test_an_answer_of_a_service_is_text_with_its_credit_everywhere(host: Person) -> None:
    code = host.open_room("Cardamom")
    host.page.get_by_role("tab", name="Suggested").click()
    found = host.page.get_by_role("tabpanel", name="Suggested")
    first = found.get_by_role("listitem").filter(has=host.page.get_by_role("link", name=LASTFM))
    expect(first.get_by_role("heading")).to_have_text(MARKUP)
    found.get_by_role("button", name="Let the room add by itself").click()
    row = host.queue.get_by_role("listitem").filter(has_text=MARKUP)
    expect(row.get_by_role("link", name=LASTFM)).to_be_visible()
    host.api("POST", f"/{code}/playback/skip", {})
    expect(host.title).to_have_text(MARKUP)
    expect(host.now.get_by_role("link", name=LASTFM)).to_be_visible()
    assert host.page.locator("img[src=x], h3 b, h2 b").count() == 0
