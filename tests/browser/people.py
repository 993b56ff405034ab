"""People at their browsers: what they see and reach there, and what went wrong."""

import re
import time
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    expect,
)
from playwright.sync_api import Error as PlaywrightError

from tests.servers import Server

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
# How long anybody waits for something to show, on a machine that does much at once.
PATIENCE_S = 20
# Complaints about the sound card of the machine that tests, which may come and go.
OF_THE_MACHINE = ["error from the audio device"]
# What the page itself says that is heard just now: see `LocalPlayer.sampled`.
ROOM = "(await import(document.querySelector('script[type=module]').src))"
SAMPLE = f"{ROOM}.localPlayer.sampled()"
SILENT = f"async () => !({SAMPLE}).sounding"


class ContextPool:
    """Browser contexts that are used again, one for each set of options at a time.

    To load a room's hundred modules costs more than most tests; a context that has been there
    keeps them in its cache, compiled, and one page that stays open keeps the process that runs
    them. Everything that belongs to a person is cleared.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: dict[str, list[BrowserContext]] = {}
        self._options: dict[BrowserContext, str] = {}
        self._staying: dict[BrowserContext, Page] = {}

    def take(self, *, asked: bool, **options: Any) -> BrowserContext:
        """A context with these options, used before or new."""
        key = repr((asked, sorted(options.items(), key=lambda option: option[0])))
        if free := self._free.get(key):
            return free.pop()
        context = new_context(self._browser, asked=asked, **options)
        self._staying[context] = context.new_page()
        self._staying[context].goto("/healthz")
        self._options[context] = key
        return context

    def give_back(self, context: BrowserContext) -> None:
        """Keep a context for the next one; one that a test has closed is forgotten."""
        try:
            for page in context.pages:
                if page is not self._staying[context]:
                    page.close()
            context.set_offline(False)
            context.clear_cookies()
            context.clear_permissions()
        except PlaywrightError:
            return
        self._free.setdefault(self._options[context], []).append(context)


def new_context(browser: Browser, *, asked: bool, **options: Any) -> BrowserContext:
    """A browser of somebody's own, who has been asked for a name before, or has not."""
    context = browser.new_context(**options)
    if asked:
        context.add_init_script("localStorage.setItem('beatsync:name-asked', 'true')")
    return context


class Person:
    """Somebody with a browser of their own. `page` is the tab in front."""

    def __init__(
        self,
        browser: Browser,
        server: Server,
        *,
        asked: bool = True,
        pool: ContextPool | None = None,
        **options: Any,
    ) -> None:
        """`asked`: has been asked for a name after a first vote before; it is asked only once.

        With a `pool`, the context comes from there, and `leave` gives it back.
        """
        self._pool = pool
        chosen = {"base_url": server.url, "reduced_motion": "reduce", **DESKTOP, **options}
        if pool is None:
            self.context = new_context(browser, asked=asked, **chosen)
            self.page = self.new_tab()
        else:
            self.context = pool.take(asked=asked, **chosen)
            self.page = self.new_tab()
            storage = {"origin": server.url, "storageTypes": "local_storage"}
            self.context.new_cdp_session(self.page).send("Storage.clearDataForOrigin", storage)
        self._complaints: list[str] = []
        self._forgiven: list[str] = []

    def run_at_start(self, script: str) -> None:
        """Run a script before those of any page. Nobody else gets this browser afterwards."""
        self.context.add_init_script(script)
        self._pool = None

    def leave(self) -> None:
        """Close all tabs, and let somebody else have the browser."""
        if self._pool is not None:
            self._pool.give_back(self.context)
        else:
            self.context.close()

    def new_tab(self) -> Page:
        """Open another tab of the same browser, and look at that one."""
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self._complaints.append(f"{error}\n{error.stack}"))
        return self.page

    def forgive(self, pattern: str) -> None:
        """Such a complaint of the browser belongs to what the test does."""
        self._forgiven.append(pattern)

    def complaints(self) -> list[str]:
        """What the browser complained of: scripts, policies, answers; without the forgiven."""
        forgiven = [re.compile(pattern) for pattern in (*self._forgiven, *OF_THE_MACHINE)]
        return [one for one in self._complaints if not any(it.search(one) for it in forgiven)]

    def _note(self, said: ConsoleMessage) -> None:
        if said.type == "error":
            self._complaints.append(f"{said.text} {said.location.get('url', '')}")

    # Beside the page, where the way there is not the point

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API as this person; the answer, decoded."""
        answer = self.context.request.fetch(
            f"/api/rooms{path}", method=method, data=body, headers=self.csrf
        )
        assert answer.ok, answer.text()
        return answer.json() if answer.body() else None

    @property
    def csrf(self) -> dict[str, str]:
        """What a request of one's own page carries."""
        if not self._cookie("csrftoken"):
            self.context.request.get("/")
        return {"X-CSRFToken": self._cookie("csrftoken")}

    def _cookie(self, name: str) -> str:
        values = [one["value"] for one in self.context.cookies() if one["name"] == name]
        return values[0] if values else ""

    def open_room(self, *titles: str, name: str = "Friday") -> str:
        """Host a new room and stand in it: the first of these tracks plays, the others wait.

        Where there are any, the room has no shelf, so that nothing else waits.
        """
        code: str = self.api("POST", "", {"name": name})["code"]
        for title in titles:
            self.add(code, title)
        if titles:
            self.api("PUT", f"/{code}/playback/shelf", {"shelf": None})
            self.api("POST", f"/{code}/playback/play", {})
        self.enter(code)
        if titles:
            expect(self.title).to_have_text(re.compile(titles[0]))
        return code

    def add(self, code: str, title: str) -> None:
        (track,) = self.api("GET", f"/{code}/search?q={title}")["items"]
        self.api("POST", f"/{code}/queue", {"uri": track["uri"]})

    def enter(self, code: str) -> None:
        """Follow the link to a room, until one is in it."""
        self.page.goto(f"/r/{code}")
        self.stand_in_room()

    def stand_in_room(self) -> None:
        expect(self.page.get_by_role("banner")).to_contain_text(re.compile(r"\d here"))

    def search(self, words: str) -> None:
        """Type into the search, on a phone after going there."""
        if self.page.get_by_role("navigation", name="Views").is_visible():
            self.key("Add").tap()
        self.page.get_by_role("searchbox").fill(words)

    # What there is to see

    @property
    def now(self) -> Locator:
        return self.page.get_by_role("region", name="Now playing")

    @property
    def title(self) -> Locator:
        """What plays."""
        return self.now.get_by_role("heading", level=2)

    @property
    def bar(self) -> Locator:
        return self.now.get_by_label("Position")

    @property
    def queue(self) -> Locator:
        return self.page.get_by_role("region", name="Up next")

    @property
    def titles(self) -> Locator:
        """What waits, in order."""
        return self.queue.get_by_role("article").get_by_role("heading")

    @property
    def found(self) -> Locator:
        """What the search found, or everything before."""
        return self.page.get_by_role("list", name="Tracks").get_by_role("listitem")

    @property
    def banner(self) -> Locator:
        """What the page says of the line. Announced elsewhere, and later, so it has no role."""
        return self.page.locator("[data-banner]")

    @property
    def offline(self) -> Locator:
        return self.banner.get_by_text("No connection.")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def show_people(self) -> Locator:
        """Bring the panel of people in front of the chat, at a desk. Returns it."""
        self.page.get_by_role("tab", name="People").click()
        return self.page.get_by_role("tabpanel", name="People")

    def row(self, title: str) -> Locator:
        return self.queue.get_by_role("article", name=title)

    def up(self, title: str) -> Locator:
        return self.row(title).get_by_role("button", name="Vote up")

    def down(self, title: str) -> Locator:
        return self.row(title).get_by_role("button", name="Vote down")

    def asks_to_skip(self) -> Locator:
        """The key of a listener, whatever its count."""
        return self.now.get_by_role("button", name="Ask to skip")

    def drag(self, title: str, *, below: str) -> None:
        """Take a row by its title and let it go where another one is."""
        to = self.row(below).bounding_box()
        assert to is not None
        self.row(title).get_by_role("heading").hover()
        self.page.mouse.down()
        self.page.mouse.move(to["x"] + 200, to["y"] + to["height"] / 2, steps=8)
        self.page.mouse.up()

    def drag_by_touch(self, title: str, *, below: str) -> None:
        """Take a row by its grip with a finger and let it go where another one is."""
        grip = self.row(title).locator("[data-grip]")
        grip.scroll_into_view_if_needed()
        start, to = grip.bounding_box(), self.row(below).bounding_box()
        assert start is not None
        assert to is not None
        x, y = start["x"] + start["width"] / 2, start["y"] + start["height"] / 2
        by = to["y"] + to["height"] / 2 - y
        finger = self.context.new_cdp_session(self.page)
        for kind, share in [("touchStart", 0.0), *(("touchMove", n / 8) for n in range(1, 9))]:
            points = [{"x": x, "y": y + by * share}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def key(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def sees(self, words: str) -> None:
        # The words may also stand where only ears find them, or in a message that has gone again.
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

    def hears(self, *, beyond_s: float = 0) -> float:
        """Wait until the sound here really runs. Returns where in the track."""
        seconds: float = self.waits_for(
            f"""async (beyond) => {{
                const {{ sounding, position_ms }} = {SAMPLE};
                return sounding && position_ms > beyond * 1000 && position_ms / 1000;
            }}""",
            beyond_s,
        )
        return seconds

    def waits_for(
        self, predicate: str, arg: object = None, *, at_most_s: float = PATIENCE_S
    ) -> Any:
        """Ask the page until an async function of `arg` says something true. Returns that.

        Playwright's own wait takes the promise of an async function for its answer.
        """
        deadline = time.monotonic() + at_most_s
        while not (said := self.page.evaluate(predicate, arg)):
            assert time.monotonic() < deadline, f"never true: {predicate}"
            self.page.wait_for_timeout(50)
        return said


def expect_tally(key: Locator, votes: int) -> None:
    """How many votes a key says it has."""
    verb = "Vote (up|down)"
    said = verb if votes == 0 else f"{verb}, {votes} votes?"
    expect(key).to_have_accessible_name(re.compile(f"^{said}$"))


def expect_pressed(key: Locator, pressed: bool = True) -> None:
    """Whether the vote of a key is one's own."""
    expect(key).to_have_attribute("aria-pressed", str(pressed).lower())
