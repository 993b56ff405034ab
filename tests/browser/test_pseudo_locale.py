"""Every text of every page is translated: in a language of brackets, none stands outside them."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, expect

from tests.browser import pseudo_locale
from tests.browser.conftest import NO_LIMIT, TITLES, WAIT_FOR_LIBRARY
from tests.browser.people import Person
from tests.browser.test_admin import MAKE_ADMIN, PASSWORD, pages_of
from tests.browser.test_sound import co_host_speaks
from tests.fakes.radio import FakeRadio
from tests.fakes.spotify import SCOPES, FakeSpotify
from tests.servers import Server, serving

# Goes to a page, or brings a part of it forward.
Place = Callable[[Person], object]
# Titles and names of artists, of products and of accounts, and what people write here.
WRITTEN = [
    *TITLES, *(f"{title} Band" for title in TITLES), "Friday", "Good evening", "Buy my tape",
    "Advertising", "Rude words", "Music", "root", "moderator", "https://", "BeatSync", "Spotify",
    "Radio Sol", "Mira Sol", "Radio", "Last.fm", "ListenBrainz Labs", "MusicBrainz", "SQLite",
    # What a browser calls its device, and marks that Django’s admin leaves in English.
    "laptop (Chrome on Linux)", "phone (Firefox on Android)", "True", "False", "None",
]  # fmt: skip
# In the words of the server: whatever can go wrong has gone wrong in a room.
ALL_INCIDENTS = """
from music.incident_words import INCIDENT_SENTENCES
from music.models import Incident
from rooms.models import Room
room = Room.objects.get(code={code!r})
values = dict.fromkeys(("device", "title", "source", "folder", "station"), "Amber") | {{"n": 2}}
for code in INCIDENT_SENTENCES:
    Incident.objects.create(room=room, kind="stalled", cause="network", code=code, values=values)
room.revision += 1
room.part_revisions.update(last_incident_ms=room.revision)
room.save(update_fields=["revision", "part_revisions"])
"""


@pytest.fixture(scope="module")
def spotify() -> Iterator[FakeSpotify]:
    """Something that behaves like Spotify, where Ann is signed in."""
    with FakeSpotify() as spotify:
        spotify.signed_in = "ann"
        yield spotify


@pytest.fixture(scope="module")
def radio() -> Iterator[FakeRadio]:
    with FakeRadio() as radio:
        yield radio


@pytest.fixture(scope="module")
def server(
    music: Path, spotify: FakeSpotify, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with all sources, whose every sentence is marked."""
    settings = {
        **pseudo_locale.server_environment(tmp_path_factory.mktemp("locale")),
        **spotify.environment(),
        **NO_LIMIT,
        "SPOTIFY_LISTEN_ALONG": "true",
        "RADIO_NETWORKS": "127.0.0.1/32",
        "LOCAL_ACCOUNTS": "true",
    }
    data = tmp_path_factory.mktemp("data")
    with serving(data, MUSIC_DIRS=str(music), **settings) as server:
        server.run(WAIT_FOR_LIBRARY.replace("Cracked", "Elm"))
        yield server


@pytest.fixture(scope="module")
def known(spotify: FakeSpotify, radio: FakeRadio) -> set[str]:
    """What is in these rooms and is translated nowhere: names, titles, codes. It grows."""
    at_spotify = spotify.catalogue
    titles = {one.name for one in at_spotify.tracks} | {one.name for one in at_spotify.albums}
    artists = {one.name for one in at_spotify.artists.values()}
    playlists = {one.name for one in spotify.playlists.values()}
    people = {one.name or one.id for one in spotify.people.values()} | {"Vera"}
    people |= {one.account_id for one in spotify.people.values()}
    people |= {one.name for one in spotify.player_of(spotify.people["ann"]).devices}
    codes = {radio.url("mp3"), *SCOPES.split()}
    return {*WRITTEN, *codes, *titles, *artists, *playlists, *people}


@pytest.fixture
def arrive(browser: Browser, server: Server) -> Iterator[Callable[[], Person]]:
    """Somebody in whose browser each sentence of the catalogues is marked, too."""
    people: list[Person] = []

    def arrive() -> Person:
        # Moments are written as the browser has them: here, without letters.
        person = Person(browser, server, locale="ja-JP")
        pseudo_locale.translate_scripts(person.context)
        people.append(person)
        return person

    yield arrive
    for person in people:
        person.context.unroute_all(behavior="ignoreErrors")
        person.leave()


@pytest.fixture
def host(arrive: Callable[[], Person]) -> Person:
    return arrive()


@pytest.fixture
def guest(arrive: Callable[[], Person]) -> Person:
    return arrive()


@pytest.fixture
def code(host: Person, guest: Person, server: Server, known: set[str]) -> str:
    """The code of a room in which a guest wrote a message, tracks play, and much went wrong."""
    code: str = host.api("POST", "", {"name": "Friday"})["code"]
    server.run(ALL_INCIDENTS.format(code=code))
    for title in TITLES[:4]:
        host.add(code, title)
    host.api("POST", f"/{code}/playback/play", {})
    host.api("POST", f"/{code}/playback/skip", {})
    guest.api("POST", f"/{code}/join", {})
    message = guest.api("POST", f"/{code}/chat", {"text": "Buy my tape"})
    host.api("PUT", f"/{code}/chat/{message['id']}/report", {"reason": "Advertising"})
    host.api("POST", f"/{code}/chat", {"text": "Good evening"})
    known |= words_of(host, code)
    return code


def walk(reader: Person, places: Mapping[str, Place], known: set[str]) -> None:
    """Look for untranslated text in all these places, one after the other."""
    found: dict[str, set[str]] = {}
    for name, go_to in places.items():
        go_to(reader)
        found[name] = untranslated(reader, known)
        reader.page.keyboard.press("Escape")
        expect(reader.dialog).to_be_hidden()
    assert {name: left for name, left in found.items() if left} == {}


def untranslated(reader: Person, known: set[str]) -> set[str]:
    """What stands in the page without a translation; at least something has to have one."""
    shown = reader.page.evaluate(pseudo_locale.SHOWN)
    assert any("[" in text for text in shown), reader.page.url
    return pseudo_locale.untranslated(shown, known)


def words_of(reader: Person, code: str) -> set[str]:
    """The code of a room, its people, and the titles and names of all tracks found there."""
    members = (member["name"] for member in reader.api("GET", f"/{code}")["members"])
    words = {code, f"{code[:3]} {code[3:]}", *members}
    cursor = ""
    while cursor is not None:
        page = reader.api(
            "GET", f"/{code}/search?q=&{urlencode({'cursor': cursor} if cursor else {})}"
        )
        for track in page["items"]:
            words |= {track["title"], track["album"], *track["artists"]} - {""}
        cursor = page["next"]
    return words


def page_at(path: str, shown: str = "h1") -> Place:
    def go_to(reader: Person) -> None:
        reader.page.goto(path)
        expect(reader.page.locator(shown).first).to_contain_text("[")

    return go_to


def sheet_of(*keys: str) -> Place:
    """The sheet to which these keys lead, one after the other."""

    def open_sheet(reader: Person) -> None:
        for key in keys:
            reader.page.locator(key).locator("visible=true").last.click()
            expect(reader.dialog).to_contain_text("[")

    return open_sheet


def panel_of(key: str, shown: str) -> Place:
    """A part of the page that comes forward at a key, once this is in it."""

    def open_panel(reader: Person) -> None:
        reader.page.locator(key).click()
        expect(reader.page.locator(shown).locator("visible=true").first).to_be_visible()

    return open_panel


def search_for(words: str, shown: str) -> Place:
    def search(reader: Person) -> None:
        reader.page.get_by_role("searchbox").fill(words)
        expect(reader.page.locator(shown).locator("visible=true").first).to_be_visible()

    return search


def press_question_mark(reader: Person) -> None:
    reader.page.keyboard.press("?")
    expect(reader.dialog).to_contain_text("[")


FOUND = "[data-library-searched] [data-open]"
PEOPLE = panel_of("[data-tab-key=people]", "[data-members]")
MENU = "[data-members] [data-menu]"
MESSAGE = "[data-chat-list] [data-more]"


def of_host(code: str) -> dict[str, Place]:
    """The room and its sheets."""
    return {
        "the room": page_at(f"/r/{code}", "header"),
        "the chat": panel_of("[data-tab-key=chat]", "[data-chat-list] [data-text]"),
        "a message": sheet_of(MESSAGE),
        "reports": sheet_of("[data-reported]"),
        "people": PEOPLE,
        "a name": sheet_of("[data-rename]"),
        "a member": sheet_of(MENU),
        "a ban": sheet_of(MENU, "[data-do=ban]"),
        "handing over": sheet_of(MENU, "[data-do=host]"),
        "leaving": sheet_of("[data-leave-form] button"),
        "the rules in short": sheet_of("[data-mode]"),
        "shortcuts": press_question_mark,
        "a waiting track": sheet_of("[data-queue-list] [data-open]"),
        "what plays": sheet_of("[data-do=about]"),
        "what played": sheet_of("[data-played-key]"),
        "incidents": sheet_of("[data-incidents-key]"),
        "the sound": panel_of("[data-sound-switch]", "[data-sync-row]"),
        "volume": sheet_of("[data-do=volume]"),
        "synchronisation": sheet_of("[data-adjust]"),
        "found tracks": search_for("Elm", FOUND),
        "a found track": sheet_of(FOUND),
        "a track that rests": search_for("Amber", "[data-found] [data-why]"),
        "why it rests": sheet_of("[data-found] [data-why]"),
        "nothing found": search_for("zzzzz", "[data-library-searched] [data-note]"),
        "the library": search_for("", "[data-browse]"),
        "the artists": panel_of("[data-browse] >> nth=0", "[data-groups] > *"),
        "suggestions": panel_of("[data-source-key=suggested]", "[data-suggested-tracks] h3"),
        "the rules": page_at(f"/r/{code}/rules"),
        "the log": page_at(f"/r/{code}/log"),
        "without scripts": page_at(f"/r/{code}?plain", "header"),
    }


def test_the_room_and_its_sheets_are_translated_whole(
    host: Person, code: str, known: set[str]
) -> None:
    walk(host, of_host(code), known)


def test_what_a_guest_reads_is_translated_whole(
    host: Person, guest: Person, code: str, known: set[str]
) -> None:
    room = page_at(f"/r/{code}", "header")
    here = {
        "the room": room,
        "the chat": panel_of("[data-tab-key=chat]", "[data-chat-list] [data-text]"),
        "a message": sheet_of(MESSAGE),
        "people": PEOPLE,
        "leaving": sheet_of("[data-leave-form] button"),
        "the rules": page_at(f"/r/{code}/rules"),
        "Spotify": page_at(f"/r/{code}/spotify", "main"),
        "the room again": room,
    }
    walk(guest, here, known)
    member = guest.api("GET", f"/{code}")["me"]["id"]
    host.api("PATCH", f"/{code}/members/{member}", {"muted": True, "why": "Rude words"})
    walk(guest, {"muted": panel_of("[data-tab-key=chat]", "[data-chat]")}, known)
    host.api("PATCH", f"/{code}/members/{member}", {"banned": True, "why": "Rude words"})
    expect(guest.page.locator("[data-notice]")).to_be_visible()
    walk(guest, {"removed": lambda _: None, "removed before": page_at(f"/r/{code}")}, known)


def test_the_question_before_taking_the_sound_is_translated_whole(
    host: Person, guest: Person, code: str, known: set[str]
) -> None:
    co_host_speaks(host, guest, code)
    places = {
        "the room": page_at(f"/r/{code}", "header"),
        "taking over": sheet_of("[data-sound-switch]"),
    }
    walk(host, places, known)


PAGES = {
    path: page_at(path)
    for path in ("/", "/privacy", "/me", "/accounts/login/", "/accounts/signup/", "/nowhere")
}


def test_pages_outside_of_rooms_are_translated_whole(
    host: Person, code: str, known: set[str]
) -> None:
    link = panel_of("form[action='/me/link'] button", ".me__link")
    walk(host, {**PAGES, "no such room": page_at("/r/AAAAAA")}, known)
    walk(host, {"me": page_at("/me"), "a link for another device": link}, known)
    host.page.goto(f"/r/{code}/rules")
    host.page.locator("#end summary").click()
    host.page.locator("#end button").click()
    walk(host, {"an ended room": page_at(f"/r/{code}")}, known)


def test_spotify_is_translated_whole(host: Person, code: str, known: set[str]) -> None:
    own, connect = f"/r/{code}/spotify", "form[action*='/spotify/login'] button"
    places = {
        "not connected": page_at(own, "main"),
        "connected": panel_of(connect, "#let-go"),
        "asked": panel_of(".source__look button", ".source__look"),
        "the room": page_at(f"/r/{code}", "header"),
        "playlists": panel_of("[data-source-key=spotify]", "[data-playlists] [data-open]"),
        "a playlist": panel_of("[data-playlists] [data-open] >> nth=0", "[data-add-all-key]"),
        "found tracks": search_for("salt", "[data-found=spotify] [data-searched] [data-open]"),
        "its devices": panel_of("[data-player-choose]", "[data-players] [data-list] [data-name]"),
        "the rules": page_at(f"/r/{code}/rules"),
    }
    walk(host, places, known)


def test_radio_is_translated_whole(
    host: Person, code: str, radio: FakeRadio, known: set[str]
) -> None:
    def add_station(reader: Person) -> None:
        reader.page.locator("#station-name").fill("Radio Sol")
        reader.page.locator("#station-address").fill(radio.url("mp3"))
        reader.page.locator("#station-address").press("Enter")
        expect(reader.page.locator("main")).to_contain_text("Radio Sol")

    places = {
        "no station": page_at(f"/r/{code}/radio", "main"),
        "a station": add_station,
        "a station in the queue": panel_of("button[value=queue]", "main"),
        "the room": page_at(f"/r/{code}", "header"),
        "found stations": panel_of("[data-source-key=radio]", "[data-found=radio] [data-open]"),
        "a found station": sheet_of("[data-found=radio] [data-open]"),
    }
    walk(host, places, known)


@pytest.mark.usefixtures("code")
def test_the_admin_is_translated_whole(host: Person, server: Server, known: set[str]) -> None:
    server.run(MAKE_ADMIN)
    host.page.goto("/admin/")
    host.page.locator("input[name=login]").fill("root")
    host.page.locator("input[name=password]").fill(PASSWORD)
    host.page.keyboard.press("Enter")
    wait_for_findings(host)
    found = {path: untranslated(host, known) for path in pages_of(host)}
    assert {path: left for path, left in found.items() if left} == {}
    walk(host, {"a room as an observer": observe_a_room}, known)


def wait_for_findings(staff: Person) -> None:
    """Until the first page of the admin has what the doctor finds, who looks once it is read."""
    for _ in range(100):
        expect(staff.page.locator(".figures")).to_be_visible()
        if staff.page.locator("#findings").is_visible():
            return
        staff.page.reload()
    raise AssertionError("The doctor found nothing.")


def observe_a_room(staff: Person) -> None:
    staff.page.goto("/admin/rooms/room/?state__exact=live")
    staff.page.locator("#result_list tbody th a").first.click()
    staff.page.locator("a[href*='/offer/watch/']").click()
    staff.page.locator("[name=words]").fill("Rude words")
    staff.page.locator(".offer__keys button").click()
    expect(staff.page.locator("[data-queue] li").first).to_be_visible()
    expect(staff.page.locator("[data-line]")).to_contain_text("[")
