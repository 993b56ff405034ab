"""Spotify on the room's screens. Nothing answers for it here: its answers are made by hand."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import NO_LIMIT
from tests.browser.people import DESKTOP, PHONE, Person
from tests.browser.test_accessibility import barriers
from tests.servers import Server, serving

Arrive = Callable[..., Person]
Seed = Callable[..., None]
LINK = "https://open.spotify.com/track/"
# 21:40 on some evening, wherever the browser is: only that there is a time is looked at.
SOON_MS = 1_900_000_000_000
SEED = """
from music.models import QueueItem, RoomSource, Track
from rooms.models import Room
room = Room.objects.get(code={code!r})
RoomSource.objects.create(room=room, name="spotify", **{source})
for title in {titles}:
    track = Track.objects.create(
        uri="spotify:track:" + {code!r} + title, source="spotify", title=title, duration_ms=60_000,
        artists=["Harbour Static"], link={link!r} + title)
    # A waiting item without a person would be a row of the shelf.
    QueueItem.objects.create(
        room=room, track=track, added_by=room.members.first(), added_at_ms=track.pk)
# As a change does it: what is cached of these parts is read again.
room.revision += 1
room.part_revisions.update(queue=room.revision, sources=room.revision)
room.save(update_fields=["revision", "part_revisions"])
"""


@pytest.fixture(scope="module")
def server(music: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Set up for Spotify; nobody conducts, and so nobody finds that there is none."""
    set_up = {"SPOTIFY_CLIENT_ID": "client", "CONDUCTOR": "worker", **NO_LIMIT}
    with serving(tmp_path_factory.mktemp("data"), MUSIC_DIRS=str(music), **set_up) as server:
        yield server


@pytest.fixture
def seed(server: Server) -> Seed:
    """Give a room Spotify, which is well unless something else is said, and tracks of it."""

    def seed(code: str, *titles: str, **source: Any) -> None:
        server.run(SEED.format(code=code, titles=titles, source=source, link=LINK))

    return seed


@pytest.fixture
def room(host: Person, seed: Seed) -> str:
    """A room that has Spotify, before anybody stands in it; its code."""
    code: str = host.api("POST", "", {"name": "Friday"})["code"]
    seed(code)
    return code


def playing_room(host: Person) -> str:
    """A room in which Amber plays and Birch waits; its code."""
    code: str = host.api("POST", "", {"name": "Friday"})["code"]
    for title in ("Amber", "Birch"):
        host.add(code, title)
    host.api("POST", f"/{code}/queue/auto-play")
    return code


def found(title: str, **facts: Any) -> dict[str, Any]:
    """A track as a search finds it at Spotify."""
    return {
        "uri": f"spotify:track:{title}", "source": "spotify", "title": title, "album": "",
        "artists": ["Harbour Static"], "duration_ms": 200_000, "cover": None, "explicit": False,
        "link": LINK + title, "audio": None, "gain_db": 0, "waiting_item": None, "refusal": None,
    } | facts  # fmt: skip


def page_of(*items: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {"items": items, "next": None, "skipped": {}, "stale_since_ms": None} | facts


def playlist(name: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": name, "name": name, "owner": "Mika", "tracks": 2, "cover": None, "link": None,
        "readable": True, "why_not": None,
    } | facts  # fmt: skip


def answers(person: Person, path: str, *bodies: dict[str, Any], status: int = 200) -> list[Any]:
    """Answer what the page asks there, the last again and again. Returns the questions, growing."""
    asked: list[Any] = []

    def answer(route: Route) -> None:
        asked.append(route.request)
        route.fulfill(json=bodies[min(len(asked), len(bodies)) - 1], status=status)

    # Scripts of the page may have such names, too.
    person.page.route(re.compile(rf"/api/.*{path}"), answer)
    return asked


def tab(person: Person, name: str) -> Locator:
    return person.page.get_by_role("tab", name=name)


def at_spotify(person: Person) -> None:
    if person.page.get_by_role("navigation", name="Views").is_visible():
        person.key("Add").tap()
    tab(person, "Spotify").click()


def test_where_a_room_has_no_spotify_nothing_tells_a_guest_of_it(
    host: Person, arrive: Arrive
) -> None:
    guest = arrive()
    guest.enter(playing_room(host))
    expect(guest.found.first).to_be_visible()
    expect(tab(guest, "Spotify")).to_be_hidden()
    assert "Spotify" not in guest.page.locator("body").inner_text()


def test_a_search_asks_one_source_once_fingers_stand_still(host: Person, room: str) -> None:
    host.enter(room)
    answers(host, "playlists", page_of())
    asked = answers(host, "search.*source=spotify", page_of(found("Salt Lamp", explicit=True)))
    at_spotify(host)
    host.page.get_by_role("searchbox").press_sequentially("salt", delay=20)
    expect(host.found).to_have_count(1)
    expect(host.found.get_by_role("img", name="Explicit")).to_be_visible()
    link = host.found.get_by_role("link", name="Spotify: Salt Lamp")
    expect(link).to_have_attribute("href", f"{LINK}Salt Lamp")
    expect(link).to_have_attribute("rel", "noopener")
    assert len(asked) == 1


def test_results_of_two_sources_never_stand_in_one_list_and_a_link_goes_to_its_source(
    host: Person, room: str
) -> None:
    host.enter(room)
    answers(host, "search.*source=spotify", page_of(found("Amber Light")))
    host.search("Amber")
    expect(host.found.get_by_role("heading")).to_have_text(["Amber"])
    tab(host, "Library").press("ArrowRight")
    expect(tab(host, "Spotify")).to_be_focused()
    expect(host.found.get_by_role("heading")).to_have_text(["Amber Light"])
    tab(host, "Library").click()
    expect(host.found.get_by_role("heading")).to_have_text(["Amber"])
    host.search(f"{LINK}4uLU6hMCjMI75M1A2tKUQC?si=1")
    expect(tab(host, "Spotify")).to_have_attribute("aria-selected", "true")
    expect(host.found.get_by_role("heading")).to_have_text(["Amber Light"])


def test_a_limit_says_until_when_and_what_is_old_says_from_when(host: Person, room: str) -> None:
    host.forgive("503")
    host.enter(room)
    answers(host, "playlists", page_of())
    at_spotify(host)
    refusal = {"code": "spotify_limited", "message": "For a while.", "until_ms": SOON_MS}
    answers(host, "search.*source=spotify", {"error": refusal}, status=503)
    host.search("salt")
    expect(host.page.get_by_text(re.compile(r"Spotify limits us until \d\d:\d\d"))).to_be_visible()
    answers(host, "search.*source=spotify", page_of(found("Salt"), stale_since_ms=SOON_MS))
    host.search("salt lamp")
    expect(host.page.get_by_text(re.compile(r"From \d\d:\d\d, Spotify is away"))).to_be_visible()


def test_a_track_that_waits_is_voted_for_instead(host: Person, arrive: Arrive, seed: Seed) -> None:
    code = host.api("POST", "", {"name": "Friday"})["code"]
    seed(code, "Quartz")
    guest = arrive()
    guest.enter(code)
    waits = found("Quartz", uri=f"spotify:track:{code}Quartz")
    answers(guest, "search.*source=spotify", page_of(waits))
    at_spotify(guest)
    guest.search("quartz")
    expect(guest.found).to_contain_text("Waiting 1st: vote instead")
    guest.found.get_by_role("button", name="Vote for").click()
    expect(guest.found.get_by_role("button", name="Vote for")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_the_host_looks_through_playlists_and_adds_a_whole_one(host: Person, room: str) -> None:
    host.enter(room)
    why_not = "Only its owner can read it."
    followed = playlist("Followed", readable=False, why_not=why_not)
    answers(host, r"playlists\?", page_of(playlist("Kitchen"), followed))
    skipped = {"local": 1, "episode": 1, "unplayable": 1}
    answers(host, r"playlists/Kitchen\?", page_of(found("Salt"), found("Pepper"), skipped=skipped))
    too_long = {"code": "too_long", "message": "8 min is the longest here."}
    outcomes = [
        {"uri": "spotify:track:Salt", "outcome": "added", "item": {"id": "1"}},
        {"uri": "spotify:track:Pepper", "outcome": "refused", "error": too_long},
    ]
    added = answers(host, "queue/many", {"items": outcomes})
    at_spotify(host)
    expect(host.page.get_by_role("list", name="Playlists")).to_contain_text(why_not)
    expect(host.key("Open Followed")).to_be_hidden()
    host.key("Open Kitchen").click()
    expect(host.page.get_by_role("heading", name="Kitchen")).to_be_focused()
    host.sees("3 left out: 1 local file, 1 podcast episode, 1 not available here")
    host.key("Add all 2 tracks").click()
    host.sees("1 added, 1 not: 8 min is the longest here.")
    uris = ["spotify:track:Salt", "spotify:track:Pepper"]
    assert json.loads(added[0].post_data) == {"uris": uris}
    host.key("Back to the playlists").click()
    expect(host.key("Open Kitchen")).to_be_focused()


def test_listeners_search_spotify_and_see_no_playlists(arrive: Arrive, room: str) -> None:
    guest = arrive(**PHONE)
    guest.enter(room)
    asked = answers(guest, "playlists", page_of())
    at_spotify(guest)
    guest.sees("Three letters are enough to search Spotify.")
    assert asked == []


def test_every_track_of_spotify_leads_back_to_it(host: Person, seed: Seed) -> None:
    code = playing_room(host)
    seed(code, "Quartz")
    host.enter(code)
    link = host.row("Quartz").get_by_role("link", name="Spotify")
    expect(link).to_have_text("Spotify ↗")
    expect(link).to_have_attribute("target", "_blank")
    expect(host.row("Birch").get_by_role("link")).to_have_count(0)
    host.key("More for Quartz").click()
    expect(host.dialog.get_by_role("link", name="Spotify")).to_be_visible()
    picture = host.row("Quartz").locator("img")
    expect(picture).to_have_attribute("referrerpolicy", "no-referrer")


def test_while_spotify_is_away_its_tracks_wait_without_a_time(host: Person, seed: Seed) -> None:
    code = playing_room(host)
    seed(code, "Quartz", state="away", cause="spotify_reconnect", at_ms=SOON_MS)
    host.enter(code)
    expect(host.row("Quartz")).to_have_accessible_description("Waits for Spotify")
    expect(host.row("Quartz")).to_contain_text("Held")
    expect(host.row("Quartz").locator("time")).to_be_empty()
    expect(host.row("Birch").locator("time")).not_to_be_empty()
    expect(host.banner).to_contain_text(re.compile(r"Spotify logged you out at \d\d:\d\d"))
    expect(host.banner).to_contain_text("Its track keeps its votes and waits.")
    expect(host.banner.get_by_role("link", name="Reconnect")).to_have_attribute(
        "href", f"/r/{code}/spotify"
    )


def test_a_listener_reads_that_spotify_is_out(host: Person, arrive: Arrive, seed: Seed) -> None:
    code = host.api("POST", "", {"name": "Friday"})["code"]
    seed(code, state="away", cause="spotify_reconnect")
    guest = arrive()
    guest.enter(code)
    expect(guest.banner).to_have_text(
        re.compile(r"Spotify is out for the moment\. The library still works\.")
    )
    expect(guest.banner.get_by_role("link")).to_be_hidden()


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_spotifys_parts_have_no_severe_barriers(
    arrive: Arrive, seed: Seed, device: dict[str, object]
) -> None:
    person = arrive(bypass_csp=True, **device)
    code = person.api("POST", "", {"name": "Friday"})["code"]
    person.add(code, "Amber")
    seed(code, "Quartz", state="away", cause="spotify_no_device")
    person.enter(code)
    answers(person, "playlists", page_of(playlist("Kitchen"), playlist("Hall", readable=False)))
    answers(person, "search.*source=spotify", page_of(found("Salt", explicit=True)))
    answers(person, "spotify/devices", page_of())
    assert barriers(person) == []
    at_spotify(person)
    expect(person.key("Open Kitchen")).to_be_visible()
    assert barriers(person) == []
    person.search("salt")
    expect(person.found).to_have_count(1)
    person.key("Choose one").click()
    expect(person.dialog.get_by_role("status")).to_contain_text("No device of this account")
    assert barriers(person) == []


def test_a_missing_device_is_chosen_from_the_banner(host: Person, seed: Seed) -> None:
    code = host.api("POST", "", {"name": "Friday"})["code"]
    seed(code, "Quartz", state="away", cause="spotify_no_device")
    host.enter(code)
    device = {"id": "d1", "type": "Speaker", "active": False, "chosen": False,
              "restricted": False, "private": False, "volume": 40,
              "supports_volume": True}  # fmt: skip
    hall = device | {"id": "d2", "name": "Hall", "restricted": True}
    answers(host, "spotify/devices", {"items": [device | {"name": "Kitchen"}, hall]})
    chosen = answers(host, "spotify/output", {})
    answers(host, "spotify/volume", {})
    host.key("Choose one").click()
    key = host.dialog.get_by_role("button", name="Hall")
    expect(key).to_have_attribute("aria-disabled", "true")
    key.click(force=True)
    expect(host.dialog.get_by_role("status")).to_contain_text("takes no commands")
    host.dialog.get_by_role("button", name="Kitchen").click()
    expect(host.dialog.get_by_role("button", name="Kitchen")).to_contain_text("Spotify plays here")
    assert [json.loads(one.post_data) for one in chosen] == [{"kind": "connect", "device_id": "d1"}]
    with host.page.expect_request("**/spotify/volume") as asked:
        host.dialog.get_by_role("slider").press("ArrowRight")
    assert json.loads(asked.value.post_data or "") == {"percent": 41}
