"""A host, a co-host and two phones: what one does to messages and people, the others see."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.people import PHONE, Person
from tests.browser.test_chat import field, messages, write
from tests.servers import Server

Arrive = Callable[..., Person]
COUNTDOWN = re.compile(r"^9:[0-5]\d$")
# The host closed the page more than two minutes ago. The server notes that the page is closed a
# moment after it has told the others.
HOST_LEFT = """
import time
from rooms.clock import now_ms
from rooms.models import HERE_FOR_MS, HOST_AWAY_AFTER_MS, Member
hosts = Member.objects.filter(room__code={code!r}, role="host")
while hosts.filter(seen_at_ms__gt=now_ms() - HERE_FOR_MS).exists():
    time.sleep(0.05)
hosts.update(seen_at_ms=now_ms() - HOST_AWAY_AFTER_MS)
"""


@dataclass(frozen=True)
class Company:
    """People of one room, who have names there; by name, the id of each member."""

    code: str
    host: Person
    cohost: Person
    noor: Person
    ben: Person
    ids: dict[str, str]


@pytest.fixture
def company(host: Person, arrive: Arrive) -> Company:
    code = host.open_room("Amber", "Birch")
    people = {"Mika": host, "Cora": arrive(), "Noor": arrive(**PHONE), "Ben": arrive(**PHONE)}
    ids = {}
    for name, person in people.items():
        if person is not host:
            person.enter(code)
        ids[name] = person.api("GET", f"/{code}")["me"]["id"]
        person.api("PATCH", f"/{code}/members/{ids[name]}", {"name": name})
    host.api("PATCH", f"/{code}/members/{ids['Cora']}", {"role": "cohost"})
    for person in (host, people["Cora"]):
        person.page.get_by_role("tab", name="Chat").click()
    people["Noor"].key("Chat").tap()
    return Company(code, host, people["Cora"], people["Noor"], people["Ben"], ids)


def opened(person: Person, text: str) -> Locator:
    """What this person may do about a message."""
    said = messages(person).filter(has_text=text)
    said.get_by_role("button", name="More for this message").click()
    return person.dialog


def member_sheet(person: Person, name: str) -> Locator:
    """What this person may do about another one, at a desk."""
    person.show_people().get_by_role("button", name=f"More for {name}").click()
    expect(person.dialog).to_be_visible()
    return person.dialog


def test_a_mention_is_marked_at_the_one_whom_it_names_and_nobody_else(company: Company) -> None:
    write(company.noor, "@Ben is this yours?")
    tab = company.ben.page.get_by_role("button", name=re.compile("^Chat"))
    expect(tab).to_contain_text("@1")
    tab.tap()
    said = messages(company.ben).filter(has_text="is this yours?")
    expect(said).to_have_attribute("data-mentioned", "")
    expect(said.locator("b")).to_have_text("@Ben")
    at_host = messages(company.host).filter(has_text="is this yours?")
    expect(at_host.locator("b")).to_have_text("@Ben")
    expect(at_host).not_to_have_attribute("data-mentioned", "")


def test_a_report_is_read_by_host_and_co_host_alone_until_one_of_them_leaves_it(
    company: Company,
) -> None:
    host, cohost, noor, ben = company.host, company.cohost, company.noor, company.ben
    ben.key("Chat").tap()
    write(ben, "Buy tickets from me")
    sheet = opened(noor, "Buy tickets")
    sheet.get_by_role("textbox", name="What is wrong with it?").fill("Sells tickets")
    sheet.get_by_role("button", name="Report to the host").click()
    for person in (host, cohost):
        expect(person.key("1 reported")).to_be_visible()
    for person in (noor, ben):
        expect(person.key("1 reported")).to_be_hidden()
    cohost.key("1 reported").click()
    expect(cohost.dialog).to_contain_text("Sells tickets")
    cohost.dialog.get_by_role("button", name="Leave it").click()
    expect(host.key("1 reported")).to_be_hidden()


def test_a_co_host_hides_what_listeners_write_and_takes_it_back(company: Company) -> None:
    write(company.noor, "Turn it off")
    opened(company.cohost, "Turn it off").get_by_role("button", name="Hide for everyone").click()
    for person in (company.host, company.noor):
        expect(messages(person).filter(has_text="hidden by Cora")).to_have_count(1)
    expect(company.cohost.key("Undo")).to_be_visible()
    company.cohost.page.keyboard.press("Control+z")
    for person in (company.host, company.noor):
        expect(messages(person).filter(has_text="Turn it off")).to_have_count(1)
    write(company.host, "Last round")
    sheet = opened(company.cohost, "Last round")
    expect(sheet.get_by_role("button", name="Answer")).to_be_visible()
    expect(sheet.get_by_role("button", name="Hide for everyone")).to_be_hidden()


def test_a_muted_person_reads_why_and_how_long_and_keeps_what_was_being_written(
    company: Company,
) -> None:
    host, noor = company.host, company.noor
    field(noor).fill("Half a thought")
    sheet = member_sheet(host, "Noor")
    sheet.get_by_role("radio", name="Spam").check()
    sheet.get_by_role("group", name="Mute").get_by_role("button", name="10 min").click()
    note = noor.page.locator("#composer-note")
    expect(note).to_contain_text("You are muted until")
    expect(note).to_contain_text("Reason: spam. You can still vote.")
    countdown = noor.page.locator("[data-composer] [data-count]")
    expect(countdown).to_have_text(COUNTDOWN)
    expect(countdown).not_to_have_text(countdown.inner_text())
    field(noor).press("Enter")
    expect(field(noor)).to_have_value("Half a thought")
    member_sheet(host, "Noor").get_by_role("button", name="Unmute").click()
    expect(note).to_be_hidden()
    field(noor).press("Enter")
    host.page.get_by_role("tab", name="Chat").click()
    expect(messages(host).filter(has_text="Half a thought")).to_have_count(1)


def test_hide_and_mute_says_to_the_person_muted_that_a_message_was_hidden(
    company: Company,
) -> None:
    write(company.noor, "Turn it off")
    sheet = opened(company.cohost, "Turn it off")
    sheet.get_by_role("button", name="Hide and mute 10 min").click()
    expect(messages(company.noor).filter(has_text="hidden by Cora")).to_have_count(1)
    expect(company.noor.page.locator("#composer-note")).to_contain_text("Reason: message hidden.")


def test_a_banned_person_is_kept_out_with_a_new_name_and_a_new_browser(
    company: Company, arrive: Arrive
) -> None:
    cohost, noor, ben, code = company.cohost, company.noor, company.ben, company.code
    ben.forgive("Failed to load resource.*403")
    member_sheet(cohost, "Ben").get_by_role("button", name="Ban from this room").click()
    cohost.dialog.get_by_role("button", name="Ban Ben").click()
    removed = ben.page.get_by_role("heading", name="You were removed")
    expect(removed).to_be_visible()
    ben.sees("Cora removed you from this room. Reason: spam.")
    ben.page.goto(f"/r/{code}")
    expect(removed).to_be_visible()
    answer = ben.context.request.post(
        f"/api/rooms/{code}/join", data={"name": "Somebody else"}, headers=ben.csrf
    )
    assert answer.json()["error"]["code"] == "banned"
    again = arrive(**PHONE)
    again.forgive("Failed to load resource.*403|WebSocket")
    again.page.goto(f"/r/{code}")
    again.sees("Nobody new may join from your network")
    write(noor, "I came from there, too")
    cohost.page.get_by_role("tab", name="Chat").click()
    expect(messages(cohost).filter(has_text="I came from there")).to_have_count(1)


def test_while_the_host_is_away_the_co_host_looks_after_the_room(
    company: Company, server: Server
) -> None:
    host, cohost = company.host, company.cohost
    make_cohost = cohost.dialog.get_by_role("button", name="Make co-host")
    member_sheet(cohost, "Noor")
    expect(make_cohost).to_be_hidden()
    cohost.page.keyboard.press("Escape")
    host.page.close()
    expect(cohost.show_people()).to_contain_text("1 more is away")
    server.run(HOST_LEFT.format(code=company.code))
    expect(cohost.show_people()).to_contain_text("looks after the room", timeout=60_000)
    member_sheet(cohost, "Noor")
    expect(make_cohost).to_be_visible()
    cohost.page.keyboard.press("Escape")
    host.new_tab()
    host.enter(company.code)
    expect(cohost.show_people()).not_to_contain_text("looks after the room")
    member_sheet(cohost, "Noor")
    expect(make_cohost).to_be_hidden()
