"""Bundles and native modules: the same page either way. All other tests here run on bundles.

`BUNDLE=false python -m pytest tests/browser` runs all of them on native modules.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NO_LIMIT, WAIT_FOR_LIBRARY
from tests.browser.people import PHONE, Person, expect_pressed
from tests.servers import Server, serving

Arrive = Callable[..., Person]
# What the browser works out differently for an element once the layered sources are its stylesheet.
# Both are looked at in one task, so that nothing else changes between them.
DIFFERENCES = """async () => {
    const flattened = document.querySelector("style, link[rel=stylesheet]");
    const layered = document.createElement("link");
    await new Promise((resolve) => {
        Object.assign(layered, { rel: "stylesheet", href: "/static/css/beatsync.css" });
        layered.onload = resolve;
        document.head.append(layered);
    });
    const styles = (without) => {
        flattened.sheet.disabled = without === flattened;
        layered.sheet.disabled = without === layered;
        // What the change of sheets sets in motion is no style.
        document.getAnimations().forEach((one) => one.cancel());
        return [...document.querySelectorAll("*")].flatMap((element) =>
            [null, "::before", "::after"].flatMap((pseudo) => {
                const style = getComputedStyle(element, pseudo);
                if (pseudo && style.content === "none") return [];
                const name = `${element.tagName}.${element.getAttribute("class")}${pseudo ?? ""}`;
                // A custom property is a text, and may have fewer blanks.
                const keys = [...style].filter((key) => !key.startsWith("--")).sort();
                return keys.map((key) => `${name} ${key}: ${style.getPropertyValue(key)}`);
            }));
    };
    const [before, after] = [styles(layered), styles(flattened)];
    const known = new Set(before);
    return [before.length > 10_000, after.filter((one) => !known.has(one))];
}"""


# A page of two panels and no sound of its own, as a TV would be.
TWO_PANELS = """
import { Store } from "/static/js/state/store.js";
import { Outbox } from "/static/js/net/outbox.js";
import { ServerClock } from "/static/js/net/server-clock.js";
import { createContext } from "/static/js/views/room/context.js";
import { mountNowPlaying } from "/static/js/views/now-playing/mount.js";
import { mountQueue } from "/static/js/views/queue/mount.js";
const boot = JSON.parse(document.getElementById("boot").textContent);
const store = new Store({ onGap() {} });
const outbox = new Outbox({ code: boot.code, store });
const clock = new ServerClock({ serverMs: boot.server_ms });
const context = createContext({ boot, store, outbox, clock });
mountNowPlaying(context);
mountQueue(context);
const me = { ...boot.snapshot.me, role: "listener" };
store.receive({ type: "snapshot", ...boot.snapshot, me });
"""


@pytest.fixture
def native_server(music: Path, tmp_path: Path) -> Iterator[Server]:
    """A server where nothing bundles."""
    with serving(tmp_path, MUSIC_DIRS=str(music), BUNDLE="false", **NO_LIMIT) as server:
        # The broken file may be known as broken by now.
        server.run(WAIT_FOR_LIBRARY.replace("Cracked", "Amber"))
        server.run(WAIT_FOR_LIBRARY.replace("Cracked", "Birch"))
        yield server


def test_a_guest_joins_and_votes_on_native_modules(browser: Browser, native_server: Server) -> None:
    host, guest = (Person(browser, native_server, **options) for options in ({}, PHONE))
    asked: list[str] = []
    guest.page.on("request", lambda request: asked.append(request.url))
    guest.enter(host.open_room("Amber", "Birch"))
    guest.up("Birch").tap()
    expect_pressed(guest.up("Birch"))
    expect(host.up("Birch")).to_have_accessible_name("Vote up, 2 votes")
    assert len([url for url in asked if url.endswith(".js")]) > 50
    assert [*host.complaints(), *guest.complaints()] == []


def test_two_panels_work_in_a_page_without_the_others(
    browser: Browser, native_server: Server
) -> None:
    host = Person(browser, native_server)
    code = host.open_room("Amber", "Birch", "Cedar")
    host.page.route(
        "**/js/pages/room*.js",
        lambda route: route.fulfill(body=TWO_PANELS, content_type="text/javascript"),
    )
    host.page.goto(f"/r/{code}")
    expect(host.title).to_have_text("Amber")
    expect(host.titles).to_have_text(["Birch", "Cedar"])
    assert host.complaints() == []


def test_a_room_in_a_new_browser_takes_few_scripts(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    asked: list[str] = []
    guest.page.on("request", lambda request: asked.append(request.url))
    guest.enter(code)
    assert len([url for url in asked if url.endswith((".js", ".css"))]) <= 5


def test_without_layers_everything_looks_as_with_them(host: Person) -> None:
    code = host.open_room()
    assert host.page.evaluate(DIFFERENCES) == [True, []]
    host.page.goto(f"/r/{code}/rules")
    assert host.page.evaluate(DIFFERENCES) == [True, []]
