"""People of a room talk: what one writes, the others read, where they are reading."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import MARKUP
from tests.browser.people import PATIENCE_S, PHONE, Person
from tests.servers import Server

Arrive = Callable[..., Person]
# With one more: as many as a snapshot has, and seven pages of older ones.
FILL_CHAT = """
from chat.models import ChatMessage
from rooms.models import Member
host = Member.objects.get(room__code={code!r}, role="host")
ChatMessage.objects.bulk_create(
    ChatMessage(room=host.room, member=host, text=f"Line {{n}}") for n in range(399)
)
"""
SCREEN = "document.querySelector('[data-chat-scroll]')"


def messages(person: Person) -> Locator:
    return person.page.get_by_role("log").get_by_role("listitem")


def field(person: Person) -> Locator:
    return person.page.get_by_role("textbox", name="Message to the room")


def write(person: Person, text: str) -> None:
    field(person).fill(text)
    field(person).press("Enter")


@pytest.fixture
def talk(host: Person, arrive: Arrive) -> tuple[Person, Person]:
    """A host at a desk and a guest with a phone, both with the chat in front of them."""
    code = host.open_room("Amber", "Birch")
    host.page.get_by_role("tab", name="Chat").click()
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.key("Chat").tap()
    return host, guest


def test_a_message_appears_at_the_others_and_markup_in_it_is_text(
    talk: tuple[Person, Person],
) -> None:
    host, guest = talk
    write(guest, f"{MARKUP} see https://example.com/song.")
    for person in talk:
        said = messages(person).filter(has_text=MARKUP)
        expect(said).to_have_count(1)
        link = said.get_by_role("link")
        expect(link).to_have_text("https://example.com/song")
        expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
        assert said.locator("img").count() == 0
    expect(field(guest)).to_have_value("")
    expect(host.page.get_by_role("log")).to_contain_text("example.com")


def test_what_is_sent_before_the_chat_is_loaded_goes_out_when_it_is(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber")
    guest = arrive(**PHONE)
    guest.enter(code)
    held: list[Route] = []
    guest.page.route("**/open-chat*.js", lambda route: held.append(route))
    with guest.page.expect_request("**/open-chat*.js"):
        guest.key("Chat").tap()
    write(guest, "Good evening")
    write(guest, "Who is here?")
    for route in held:
        route.continue_()
    host.page.get_by_role("tab", name="Chat").click()
    for text in ("Good evening", "Who is here?"):
        expect(messages(host).filter(has_text=text)).to_have_count(1)
    expect(field(guest)).to_have_value("")


def test_a_hidden_message_is_gone_for_the_others_until_undo(talk: tuple[Person, Person]) -> None:
    host, guest = talk
    write(guest, "Turn it off")
    said = messages(host).filter(has_text="Turn it off")
    said.get_by_role("button", name="More for this message").click()
    host.dialog.get_by_role("button", name="Hide for everyone").click()
    expect(messages(guest).filter(has_text="A message was hidden by")).to_have_count(1)
    expect(messages(guest).filter(has_text="Turn it off")).to_have_count(0)
    host.key("Undo").click()
    expect(messages(guest).filter(has_text="Turn it off")).to_have_count(1)


def test_a_message_written_offline_goes_out_once(talk: tuple[Person, Person]) -> None:
    host, guest = talk
    guest.forgive("ERR_INTERNET_DISCONNECTED|WebSocket")
    guest.context.set_offline(True)
    write(guest, "From the cellar")
    expect(messages(guest).filter(has_text="From the cellar")).to_have_count(1)
    guest.context.set_offline(False)
    expect(messages(host).filter(has_text="From the cellar")).to_have_count(1)
    write(guest, "Back upstairs")
    expect(messages(host).filter(has_text="Back upstairs")).to_have_count(1)
    expect(messages(host).filter(has_text="From the cellar")).to_have_count(1)
    expect(messages(guest).filter(has_text="On its way")).to_have_count(0)


def test_reading_above_is_not_moved_by_what_comes(talk: tuple[Person, Person]) -> None:
    host, guest = talk
    code = guest.page.url.rsplit("/", 1)[1]
    for n in range(6):
        host.api("POST", f"/{code}/chat", {"text": f"Line {n} " + "and so on " * 30})
    expect(messages(guest).filter(has_text="Line 5")).to_be_in_viewport()
    first = messages(guest).filter(has_text="Line 0")
    guest.page.evaluate(f"{SCREEN}.scrollTop = 0")
    expect(first).to_be_in_viewport()
    before = first.bounding_box()
    host.api("POST", f"/{code}/chat", {"text": "Something new"})
    new = guest.key("1 new message")
    expect(new).to_be_visible()
    assert first.bounding_box() == before
    new.tap()
    expect(messages(guest).filter(has_text="Something new")).to_be_in_viewport()
    expect(new).to_be_hidden()


def test_messages_that_were_not_seen_are_counted_at_the_key(host: Person, arrive: Arrive) -> None:
    code = host.open_room("Amber", "Birch")
    guest = arrive(**PHONE)
    guest.enter(code)
    me = guest.api("GET", f"/{code}")["me"]
    host.api("POST", f"/{code}/chat", {"text": "Hello"})
    host.api("POST", f"/{code}/chat", {"text": f"@{me['name']} hi", "mentions": [me["id"]]})
    key = guest.page.get_by_role("button", name=re.compile("^Chat"))
    expect(key).to_contain_text("@2")
    key.tap()
    expect(guest.key("Chat")).to_be_visible()


def test_a_reaction_is_counted_at_the_track_for_everybody(talk: tuple[Person, Person]) -> None:
    host, guest = talk
    guest.now.get_by_role("button", name="Fire").tap()
    expect(host.now.get_by_role("button", name="Fire, 1 time")).to_be_visible()


def test_what_cannot_be_sent_stays_in_the_field_with_the_reason(
    host: Person, arrive: Arrive
) -> None:
    guest = arrive(**PHONE)
    guest.forgive("Failed to load resource.*409")
    guest.enter(host.open_room("Amber"))
    code = guest.page.url.rsplit("/", 1)[1]
    host.api("PUT", f"/{code}/chat/blocked-words", {"words": ["karaoke"]})
    guest.key("Chat").tap()
    for text, why in (
        ("x" * 501, "A message has up to 500 characters. This one has 501."),
        ("No Karaoke!", "The host blocked “karaoke” in this room. Write it another way."),
    ):
        write(guest, text)
        expect(guest.page.get_by_text(why).last).to_be_visible()
        expect(field(guest)).to_have_value(text)


def test_a_deleted_message_is_gone_for_everybody(talk: tuple[Person, Person]) -> None:
    _, guest = talk
    write(guest, "Wrong room")
    said = messages(guest).filter(has_text="Wrong room")
    said.get_by_role("button", name="More for this message").tap()
    guest.dialog.get_by_role("button", name="Delete").tap()
    for person in talk:
        expect(messages(person).filter(has_text="deleted a message")).to_have_count(1)
        expect(messages(person).filter(has_text="Wrong room")).to_have_count(0)


def test_older_messages_come_as_one_scrolls_up_and_reading_stays_in_its_place(
    host: Person, arrive: Arrive, server: Server
) -> None:
    code = host.open_room("Amber")
    server.run(FILL_CHAT.format(code=code))
    host.api("POST", f"/{code}/chat", {"text": "Line 399"})
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.key("Chat").tap()
    log = guest.page.get_by_role("log")
    expect(log.get_by_text("Line 399", exact=True)).to_be_in_viewport()
    expect(log.get_by_text("Line 349", exact=True)).to_have_count(0)
    guest.page.evaluate(f"{SCREEN}.scrollTop = 0")
    expect(log.get_by_text("Line 300", exact=True)).to_have_count(1)
    expect(log.get_by_text("Line 350", exact=True)).to_be_in_viewport()
    scroll_until(guest, up=True, line="Line 0")
    expect(guest.key("Older messages")).to_be_hidden()
    assert messages(guest).count() < 250
    scroll_until(guest, up=False, line="Line 399")


def scroll_until(person: Person, *, up: bool, line: str) -> None:
    """Scroll on, to whatever is first or last in the page, until this line is in it."""
    person.waits_for(
        f"""async ([top, line]) => {{
            {SCREEN}.scrollTop = top;
            const texts = document.querySelectorAll("[data-chat-list] [data-text]");
            return [...texts].some((text) => text.textContent === line);
        }}""",
        [0 if up else 1_000_000, line],
        at_most_s=2 * PATIENCE_S,
    )


def test_the_lines_between_messages_can_be_hidden_for_good(talk: tuple[Person, Person]) -> None:
    host, guest = talk
    guest.add(guest.page.url.rsplit("/", 1)[1], "Cedar")
    added = messages(host).filter(has_text="added Cedar")
    expect(added).to_have_count(1)
    host.key("Activity").click()
    expect(added).to_have_count(0)
    write(guest, "Yours next")
    expect(messages(host)).to_have_text([re.compile("Yours next")])
    host.page.reload()
    host.page.get_by_role("tab", name="Chat").click()
    expect(host.key("Activity")).to_have_attribute("aria-pressed", "false")


def test_slow_mode_counts_down_in_the_field_and_keeps_what_is_written(
    host: Person, arrive: Arrive
) -> None:
    code = host.open_room("Amber")
    host.page.get_by_role("tab", name="Chat").click()
    host.api("PATCH", f"/{code}", {"rules": {"slow_s": 300}})
    guest = arrive(**PHONE)
    guest.enter(code)
    guest.key("Chat").tap()
    write(guest, "First")
    write(guest, "Second")
    expect(field(guest)).to_have_value("Second")
    countdown = guest.page.locator("[data-composer] [data-count]")
    expect(countdown).to_have_text(re.compile(r"^4:[0-5]\d$"))
    guest.sees("Slow chat: your next message goes in")
    host.api("PATCH", f"/{code}", {"rules": {"slow_s": 0}})
    expect(countdown).to_be_hidden()
    field(guest).press("Enter")
    expect(messages(host).filter(has_text="Second")).to_have_count(1)
