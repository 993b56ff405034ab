"""The admin in a browser, beside the phones that what is done there reaches."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.people import PHONE, Person
from tests.browser.test_accessibility import barriers
from tests.browser.test_chat import messages, write
from tests.servers import Server

Arrive = Callable[..., Person]
PASSWORD = "a long enough secret"
MAKE_ADMIN = f"""
from django.contrib.auth.models import User
if not User.objects.filter(username="root").exists():
    User.objects.create_superuser("root", password={PASSWORD!r})
"""
# Everybody who comes later to this server would read it.
NO_NOTICE = "from staff.models import SiteState; SiteState.objects.update(notice='')"
LISTS = (
    "rooms/room", "rooms/member", "rooms/restriction", "music/queueitem", "staff/playeditem",
    "chat/chatmessage", "chat/messagereport", "music/incident", "spotify/account",
    "staff/siteban", "staff/auditentry", "auth/user", "auth/group",
)  # fmt: skip


def log_in(person: Person, server: Server) -> None:
    """Come to the admin by the keyboard alone."""
    server.run(MAKE_ADMIN)
    page = person.page
    page.goto("/admin/")
    page.get_by_label("Username").press_sequentially("root")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="The site now")).to_be_visible()


@pytest.fixture
def reported(arrive: Arrive) -> tuple[Person, Person]:
    """Two phones in a room: one has written a message, the other has reported it."""
    author, reader = arrive(**PHONE), arrive(**PHONE)
    code = arrive().open_room("Amber", "Birch")
    for person in (author, reader):
        person.enter(code)
        person.key("Chat").tap()
    write(author, "Buy my tickets")
    said = messages(reader).filter(has_text="Buy my tickets")
    expect(said).to_be_visible()
    [message] = reader.api("GET", f"/{code}/chat")["items"]
    reader.api("PUT", f"/{code}/chat/{message['id']}/report", {"reason": "Spam tickets"})
    return author, reader


def choose(person: Person, name: str) -> None:
    """Take up an offer of the page, and give a reason."""
    page = person.page
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label("Rule").select_option("Spam")
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_text(": done.")).to_be_visible()


def test_a_report_is_acted_on_and_both_phones_change(
    arrive: Arrive, server: Server, reported: tuple[Person, Person]
) -> None:
    author, reader = reported
    author.forgive("403")  # once banned, its reads are refused
    admin = arrive()
    log_in(admin, server)
    admin.page.get_by_role("link", name="reports waiting").click()
    admin.page.get_by_role("link", name="Spam tickets").first.click()
    expect(admin.page.get_by_text("Around it in the room")).to_be_visible()
    choose(admin, "Hide the message")
    expect(author.banner).to_contain_text("The site hid a message of yours: spam.")
    expect(reader.banner).to_contain_text("The site hid the message that you reported.")
    expect(messages(reader).filter(has_text="Buy my tickets")).to_have_count(0)
    choose(admin, "Ban from the room")
    author.sees("You were removed")
    author.sees("The site removed you from this room. Reason: spam.")


def pages_of(admin: Person) -> Iterator[str]:
    """Opens every kind of page of the admin, one after the other; gives the address of each."""
    page = admin.page
    paths = ["/admin/", "/accounts/", "/accounts/second-factor/", "/accounts/password/"]
    for path in (*paths, *(f"/admin/{each}/" for each in LISTS)):
        page.goto(path)
        yield path
        row = page.locator("#result_list tbody th a").first
        if path.startswith("/admin/") and row.count():
            page.goto(row.get_attribute("href") or "")
            yield f"one of {path}"
            offers = page.locator(".object-tools a.button")
            addresses = [each.get_attribute("href") or "" for each in offers.all()]
            for address in addresses[:2]:
                page.goto(address)
                yield address.split("?")[0]
    for key in ("close-site", "notice-all", "retention"):
        page.goto(f"/admin/offer/{key}/")
        yield key


def test_pages_of_the_admin_have_no_severe_barriers(
    arrive: Arrive, server: Server, reported: tuple[Person, Person]
) -> None:
    admin = arrive(bypass_csp=True)
    server.run(MAKE_ADMIN)
    admin.page.goto("/accounts/login/")
    assert barriers(admin) == []
    log_in(admin, server)
    severe = {path: barriers(admin) for path in pages_of(admin)}
    assert {path: found for path, found in severe.items() if found} == {}


def test_pages_of_the_admin_fit_a_phone_and_have_no_severe_barriers_there(
    arrive: Arrive, server: Server, reported: tuple[Person, Person]
) -> None:
    admin = arrive(bypass_csp=True, **PHONE)
    log_in(admin, server)
    found = {path: (_overflow(admin), barriers(admin)) for path in pages_of(admin)}
    assert {path: one for path, one in found.items() if one[0] > 0 or one[1]} == {}


def _overflow(person: Person) -> int:
    """By how many pixels a page is wider than the screen."""
    wider: int = person.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider


def test_no_page_of_the_admin_breaks_its_policy(
    arrive: Arrive, server: Server, reported: tuple[Person, Person]
) -> None:
    """A violation is an error of the console, of which none may be left in the end."""
    admin = arrive()
    log_in(admin, server)
    for _ in pages_of(admin):
        expect(admin.page.locator("h1").first).to_be_visible()
    admin.page.goto("/accounts/second-factor/totp/activate/")
    admin.page.get_by_label("Password").fill(PASSWORD)
    admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_alt_text("QR code")).to_be_visible()


def tab_to(person: Person, name: str) -> None:
    """Press Tab until the link, key or field of this name has the focus."""
    says = "(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"
    for _ in range(120):
        person.page.keyboard.press("Tab")
        if person.page.evaluate(says) == name:
            return
    raise AssertionError(f"Tab never comes to {name}.")


def test_a_report_is_acted_on_with_the_keyboard_alone(
    arrive: Arrive, server: Server, reported: tuple[Person, Person]
) -> None:
    _, reader = reported
    admin = arrive()
    log_in(admin, server)
    for name in ("reports waiting", "Spam tickets", "Hide the message"):
        tab_to(admin, name)
        with admin.page.expect_navigation():
            admin.page.keyboard.press("Enter")
    tab_to(admin, "Rule")
    admin.page.keyboard.type("Spam")
    tab_to(admin, "Hide the message")
    admin.page.keyboard.press("Enter")
    expect(admin.page.get_by_text(": done.")).to_be_visible()
    expect(messages(reader).filter(has_text="Buy my tickets")).to_have_count(0)


def test_the_theme_of_the_admin_is_that_of_the_rooms(arrive: Arrive, server: Server) -> None:
    admin = arrive(color_scheme="dark")
    log_in(admin, server)
    body = admin.page.locator("body")
    expect(body).to_have_css("background-color", "rgb(7, 23, 26)")
    admin.page.get_by_role("button", name="Change to light").click()
    expect(body).to_have_css("background-color", "rgb(207, 228, 223)")
    admin.page.goto("/")
    expect(admin.page.locator("html")).to_have_attribute("data-theme", "light")


@pytest.fixture
def quiet_site(server: Server) -> Iterator[None]:
    """Whatever the site says to all rooms is forgotten after the test."""
    yield
    server.run(NO_NOTICE)


@pytest.mark.usefixtures("quiet_site")
def test_a_notice_to_all_rooms_is_put_away_by_each_and_taken_back_for_all(
    arrive: Arrive, server: Server
) -> None:
    host, guest, admin = arrive(), arrive(**PHONE), arrive()
    guest.enter(host.open_room("Amber"))
    log_in(admin, server)
    admin.page.get_by_role("link", name="Post a notice to all rooms").click()
    admin.page.get_by_label("What people read").fill("Fire drill at ten")
    admin.page.get_by_label("Why").fill("The house asks for it")
    admin.page.get_by_role("button", name="Post a notice to all rooms").click()
    expect(guest.banner).to_contain_text("From the site: Fire drill at ten")
    guest.banner.get_by_role("button", name="Later").tap()
    expect(guest.banner).not_to_contain_text("Fire drill")
    expect(host.banner).to_contain_text("Fire drill")
    admin.page.get_by_role("link", name="Take back the notice to all rooms").click()
    admin.page.get_by_label("Why").fill("The drill is over")
    admin.page.get_by_role("button", name="Take back the notice to all rooms").click()
    expect(host.banner).not_to_contain_text("Fire drill")


def test_an_observer_reads_the_room_as_it_changes_and_nobody_sees_them(
    arrive: Arrive, server: Server, reported: tuple[Person, Person]
) -> None:
    author, _ = reported
    admin = arrive(bypass_csp=True)
    log_in(admin, server)
    admin.page.goto("/admin/rooms/room/")
    admin.page.locator("#result_list tbody th a").first.click()
    admin.page.get_by_role("link", name="Open as an observer").click()
    admin.page.get_by_label("Why").fill("Spam")
    admin.page.get_by_role("button", name="Open as an observer").click()
    chat = admin.page.get_by_role("region", name="Chat")
    expect(chat).to_contain_text("Buy my tickets")
    expect(admin.page.get_by_text("Live.")).to_be_visible()
    write(author, "One more line")
    expect(chat).to_contain_text("One more line")
    # Host, author and reader; the observer is none of them.
    expect(admin.page.get_by_text("3 here now, 3 members")).to_be_visible()
    assert barriers(admin) == []
    assert _overflow(admin) <= 0
