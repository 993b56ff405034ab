"""Markup in whatever people type: nothing of it runs, all of it is read as it was typed."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Person
from tests.browser.test_chat import field, messages, write
from tests.servers import Server

Arrive = Callable[..., Person]
# Each would run `ran` where somebody took it for markup, a script, an attribute or an address.
MESSAGES = (
    "<script>ran()</script>",
    "</script><script>ran()</script>",
    "<img src=x onerror=ran()>",
    '"><svg onload=ran()>',
    "' onmouseover='ran()' x='",
    "<a href=javascript:ran()>tap</a>",
    "<iframe srcdoc='<script>ran()</script>'></iframe>",
    "<math><mi//xlink:href='data:x,<script>ran()</script>'>",
    "<!--<img src=--><img src=x onerror=ran()>-->",
    "<style>@import 'javascript:ran()'</style>",
    "{{ran()}} {% ran %} ${ran()} `${ran()}`",
    "&lt;img src=x onerror=ran()&gt; &#60;b&#62;",
    "javascript:ran() data:text/html,<script>ran()</script>",
    "https://a.example/'onmouseover='ran()'",
    'https://a.example/"><img src=x onerror=ran()>',
    "https://javascript:ran()@a.example/",
)
NAME = "<img src=x onerror=ran()>"
ROOM = "</title><script>ran()</script><h1>"
REASON = "<svg onload=ran()> \"' </b>"
WORD = "<script>ran()</script>"
TITLE = "<img src=x onerror=ran()> <b>Bold</b>"
WATCH = "window.ran = () => document.documentElement.setAttribute('data-ran', '');"
# Elements, attributes and addresses that no page of ours has.
FOREIGN = """() => [...document.querySelectorAll("*")].filter((one) =>
    one.matches("img[src='x'], iframe, math, svg[onload]") ||
    [...one.attributes].some(({name, value}) => name.startsWith("on") ||
      (["href", "src", "action"].includes(name) && /^\\s*(javascript|data):/i.test(value))),
  ).map((one) => one.outerHTML.slice(0, 200))"""
ADD_TRACK = """
from music.models import QueueItem, Track
from rooms.models import Member
host = Member.objects.get(room__code={code!r}, role="host")
track = Track.objects.get(title="Birch")
track.pk, track.uri, track.title, track.artists = None, "library:markup", {title!r}, [{title!r}]
track.save()
QueueItem.objects.create(room=host.room, track=track, added_by=host)
"""
# Other tests of this server search for the track that it was made from.
FORGET_TRACK = """
from music.models import QueueItem, Track
QueueItem.objects.filter(track__uri="library:markup").delete()
Track.objects.filter(uri="library:markup").delete()
"""


@pytest.fixture
def watched(host: Person, arrive: Arrive) -> tuple[Person, Person]:
    """A host at a desk and a guest with a phone, whose pages note what ran."""
    guest = arrive(**PHONE)
    for person in (host, guest):
        person.run_at_start(WATCH)
    return host, guest


@pytest.fixture
def add_track(server: Server) -> Iterator[Callable[[str], None]]:
    """Adds a track whose title is markup to a room."""
    yield lambda code: server.run(ADD_TRACK.format(code=code, title=TITLE))
    server.run(FORGET_TRACK)


def expect_only_text(person: Person) -> None:
    assert person.page.evaluate(FOREIGN) == []
    expect(person.page.locator("html")).not_to_have_attribute("data-ran", "")


def test_no_message_is_more_than_text(watched: tuple[Person, Person]) -> None:
    host, guest = watched
    code = host.open_room("Amber")
    host.page.get_by_role("tab", name="Chat").click()
    guest.enter(code)
    guest.key("Chat").tap()
    for text in MESSAGES:
        write(guest, text)
    for person in watched:
        expect(messages(person).locator("[data-text]")).to_have_text(MESSAGES)
    expect(messages(guest).filter(has_text="On its way")).to_have_count(0)
    messages(guest).get_by_role("button", name="More for this message").last.tap()
    expect(guest.dialog).to_contain_text(MESSAGES[-1])
    host.page.reload()
    host.page.get_by_role("tab", name="Chat").click()
    expect(messages(host).locator("[data-text]")).to_have_text(MESSAGES)
    for person in watched:
        expect_only_text(person)


def test_names_rooms_reasons_words_and_titles_are_no_more_than_text(
    watched: tuple[Person, Person], add_track: Callable[[str], None]
) -> None:
    host, guest = watched
    guest.forgive("Failed to load resource.*4")
    code = host.open_room("Amber", name=ROOM)
    add_track(code)
    host.add(code, "Cedar")
    host.page.reload()
    guest.enter(code)
    ids = {person: person.api("GET", f"/{code}")["me"]["id"] for person in watched}
    for person in watched:
        person.api("PATCH", f"/{code}/members/{ids[person]}", {"name": NAME})
    host.api("PUT", f"/{code}/chat/blocked-words", {"words": [WORD]})
    for person in watched:
        expect(person.titles.filter(has_text=TITLE)).to_have_count(1)
        expect(person.page.get_by_role("heading", level=1)).to_have_text(ROOM)
    expect(host.show_people()).to_contain_text(NAME)
    guest.key("Chat").tap()
    write(guest, f"@{NAME} hello")
    host.page.get_by_role("tab", name="Chat").click()
    expect(messages(host).locator("b")).to_have_text(f"@{NAME}")
    write(guest, WORD)
    expect(guest.page.locator("#composer-note")).to_contain_text(f"The host blocked “{WORD}”")
    expect(field(guest)).to_have_value(WORD)
    said = host.api("POST", f"/{code}/chat", {"text": "Hello"})
    guest.api("PUT", f"/{code}/chat/{said['id']}/report", {"reason": REASON})
    host.key("1 reported").click()
    expect(host.dialog).to_contain_text(REASON)
    host.page.keyboard.press("Escape")
    member = f"/{code}/members/{ids[guest]}"
    host.api("PATCH", member, {"muted": True, "why": REASON})
    expect(guest.page.locator("#composer-note")).to_contain_text(f"Reason: {REASON}.")
    for person in watched:
        expect_only_text(person)
    host.api("PATCH", member, {"banned": True, "why": REASON})
    guest.sees(f"Reason: {REASON}.")
    for path in (f"/r/{code}/log", f"/r/{code}/rules", "/", "/me"):
        host.page.goto(path)
        expect_only_text(host)
        expect(host.page.get_by_text(re.compile(re.escape(ROOM))).first).to_be_attached()
    guest.page.goto(f"/r/{code}")
    guest.sees(f"Reason: {REASON}.")
    expect_only_text(guest)
