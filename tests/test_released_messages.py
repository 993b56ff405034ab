"""Processes of the last release and of this one understand each other, so that both may run.

`released_messages.json` has what a process of that release sent to others in `everything_sent`, and
what it left for them in the cache. To release, write the present ones there:

    RECORD=1 .venv/bin/pytest -p no:xdist tests/test_released_messages.py
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import pickle
import tomllib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.core.cache import cache as shared_cache

from chat.actions.messages import post_message
from discovery.services import labs, lastfm
from music import cache
from music.actions import playback, queue, voting
from music.models import Track
from music.sources.spotify import memory
from music.sources.spotify.errors import Gone
from music.sources.spotify.quota import Closing
from music.sources.spotify.shapes import ListedPlaylist, Sheet, Song
from rooms import actions, close_codes
from rooms.audience import Audience
from rooms.errors import Left
from rooms.frames import Frame
from rooms.group import group_of
from rooms.models import Member
from rooms.presence import Presence
from rooms.relay import Relay
from rooms.roles import Role
from rooms.snapshot import OBSERVER
from tests.live import connected
from tests.servers import ROOT

FILE = ROOT / "tests" / "released_messages.json"
RELEASED: dict[str, Any] = json.loads(FILE.read_text()) if FILE.exists() else {}
MESSAGES: list[dict[str, Any]] = RELEASED.get("messages", [])
IS_RECORDING = bool(os.environ.get("RECORD"))
LAST_RELEASE = json.loads((ROOT / "tests" / "released_tables.json").read_text())
ROOM_ID = 1
PATIENCE_S = 5

pytestmark = pytest.mark.django_db(transaction=True)


class Page:
    """A client of the relay, which notes what it is given."""

    is_tv = False

    def __init__(self, member_id: int) -> None:
        self.member_id = member_id
        self.audiences: frozenset[Audience] = frozenset()
        self.audiences_at_revision = 0
        self.given: asyncio.Queue[Any] = asyncio.Queue()

    def offer(self, frame: Frame) -> None:
        self.given.put_nowait(json.loads(frame["text"]))

    def give_snapshot(self, frame: Frame) -> None:
        self.offer(frame)

    def refresh(self) -> None:
        self.given.put_nowait("a fresh snapshot")

    def finish(self, code: int, error: Frame) -> None:
        self.given.put_nowait((code, error["code"], error["message"]))


async def given_to(member_id: int, *messages: dict[str, Any]) -> Any:
    """What the relay of this version gives a member for the last of another process's messages."""
    relay = Relay(ROOM_ID, Presence())
    running = asyncio.create_task(relay.run())
    try:
        page = Page(member_id)
        await relay.attach(page)
        for message in messages:
            await get_channel_layer().group_send(group_of(ROOM_ID), message)
        given = [await asyncio.wait_for(page.given.get(), PATIENCE_S) for _ in messages]
        return given[-1]
    finally:
        running.cancel()


def released(key: str) -> pytest.MarkDecorator:
    """A test for each recorded message in which this is the first key that says something."""
    first = ("removed", "audiences", "events", "here", "left")
    return pytest.mark.parametrize(
        "message", [each for each in MESSAGES if next(filter(each.get, first)) == key]
    )


@released("events")
async def test_events_of_the_last_release_reach_a_page(message: dict[str, Any]) -> None:
    frame = await given_to(OBSERVER, message)
    assert (frame["from"], frame["to"]) == (message["from"], message["to"])
    assert len(frame["events"]) == len(message["events"])


@released("removed")
async def test_the_last_release_closes_sockets_of_who_may_no_longer_be_here(
    message: dict[str, Any],
) -> None:
    [(member_id, (code, sentence))] = message["removed"].items()
    closed = close_codes.LEFT if code == Left.code else close_codes.REMOVED
    assert await given_to(int(member_id), message) == (closed, code, sentence)


@released("audiences")
async def test_the_last_release_gives_a_new_role_what_it_may_see(message: dict[str, Any]) -> None:
    [(member_id, _)] = message["audiences"].items()
    assert await given_to(int(member_id), message) == "a fresh snapshot"


@released("here")
async def test_the_last_release_says_who_is_here(message: dict[str, Any]) -> None:
    frame = await given_to(OBSERVER, message)
    assert frame == {"type": "presence", "here": [str(pk) for pk in message["here"]]}


@released("left")
async def test_the_last_release_says_who_has_gone(message: dict[str, Any]) -> None:
    before = {"kind": "presence", "here": message["left"]}
    frame = await given_to(OBSERVER, before, message)
    assert frame == {"type": "presence", "came": [], "left": [str(pk) for pk in message["left"]]}


# --- The other way round -------------------------------------------------------------------------


async def everything_sent(
    host: Member, guest: Member, other: Member, tracks: list[Track]
) -> list[dict[str, Any]]:
    """The messages of a room in which people come, play, vote, write, are promoted and go."""
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(group_of(host.room_id), channel)

    def act() -> None:
        item, _ = queue.add_track(member=guest, track=tracks[0])
        voting.cast_vote(member=other, item_id=item.pk, value=1)
        post_message(member=guest, text="Hello")
        playback.play(by=host)
        actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
        actions.set_banned(by=host, member_id=other.pk, banned=True)
        actions.leave(member=guest)
        actions.end_room(by=host)

    found: list[dict[str, Any]] = []

    async def hear_until(words: str) -> None:
        while not found or words not in json.dumps(found[-1]):
            found.append(await asyncio.wait_for(layer.receive(channel), PATIENCE_S))

    async with connected(host):
        async with connected(guest):
            await hear_until('"here"')
        await hear_until('"left"')
        await database_sync_to_async(act)()
        await hear_until("room.ended")
    return found


def shape(value: Any) -> Any:
    """The kind of a value; of an object the kinds by key, with one key for all ids."""
    if isinstance(value, dict):
        return {"id" if key.isdigit() else key: shape(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__


def shapes(messages: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """By key of a message, all shapes of its values; what an event says is for pages to read."""
    found: dict[str, list[Any]] = {}
    for message in messages:
        for key, value in message.items():
            known = found.setdefault(f"{message['kind']}: {key}", [])
            read = [[audience, {}] for audience, _ in value] if key == "events" else value
            if shape(read) not in known:
                known.append(shape(read))
    return {name: sorted(known, key=str) for name, known in found.items()}


async def test_the_last_release_finds_in_a_message_what_it_reads_there(
    host: Member, guest: Member, other: Member, tracks: list[Track]
) -> None:
    now = shapes(await everything_sent(host, guest, other, tracks))
    then = shapes(MESSAGES)
    assert {name: now.get(name) for name in then} == then


# --- What lies in the cache ----------------------------------------------------------------------

SONG = Song(
    id="4uLU6hMCjMI75M1A2tKUQC", title="Title", artists=("Artist",), album="Album",
    duration_ms=200_000, explicit=False, isrc="GBARL9300135", cover="https://i.scdn.co/image/1",
    link="https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC", year=1987,
)  # fmt: skip
PLAYLIST = ListedPlaylist(
    id="37i9dQZF1DXcBWIGoYBM5M", name="Party", owner="Mika", owner_id="mika", tracks=1,
    cover="https://i.scdn.co/image/2", link="https://open.spotify.com/playlist/1", shared=False,
    snapshot="1",
)  # fmt: skip
SIMILAR = labs.SimilarRecording(mbid="8f3471b5", artist="Artist", title="Title")


def refuse() -> Song:
    raise Gone


# Of each kind of answer one, with the drawer in which it lies.
ANSWERS: dict[str, tuple[cache.Drawer[Any], Callable[[], Any]]] = {
    "search": (memory.SEARCHES, lambda: Sheet((SONG,), {"local": 1}, "next", 50)),
    "track": (memory.TRACKS, lambda: SONG),
    "refusal": (memory.TRACKS, refuse),
    "playlists": (memory.LISTS, lambda: Sheet((PLAYLIST,))),
    "playlist": (memory.HEADS, lambda: PLAYLIST),
    "recordings": (labs.RECORDINGS, lambda: (SIMILAR,)),
    "ids": (labs.IDS, lambda: labs.RecordingIds("8f3471b5", "9a2b")),
}
OTHERS: dict[str, Any] = {
    "closing": Closing(1_800_000_000_000, 60_000, True),
    "pause of a service": (1_800_000_000_000, 60_000),
    "named tracks": (lastfm.NamedTrack("Artist", "Title", "https://www.last.fm/1", 200_000),),
}


def left_in_the_cache(name: str) -> bytes:
    """What this version keeps of an answer, as it lies in the cache."""
    if name in OTHERS:
        return pickle.dumps(OTHERS[name])
    drawer, load = ANSWERS[name]
    with suppress(Gone):
        drawer.get(name, load=load)
    return pickle.dumps(shared_cache.get(drawer._key((name,))))


@pytest.mark.parametrize("name", RELEASED.get("cached", {}))
def test_what_the_last_release_left_in_the_cache_is_read_whole(name: str) -> None:
    found = pickle.loads(base64.b64decode(RELEASED["cached"][name]))
    if name in OTHERS:
        assert found == OTHERS[name]
        return
    if name == "refusal":
        with pytest.raises(Gone, match=Gone.message):
            found.kept()
        return
    _, load = ANSWERS[name]
    assert found.kept().value == load()


class FromAnotherRelease:
    """Something whose class had other fields there."""

    def __reduce__(self) -> tuple[type[Closing], tuple[()]]:
        return (Closing, ())


def test_what_is_not_understood_in_the_cache_counts_as_nothing() -> None:
    cache.write("closing", FromAnotherRelease(), 60)
    assert cache.read("closing") is None


@pytest.mark.skipif(not IS_RECORDING, reason="only to release")
async def test_record(host: Member, guest: Member, other: Member, tracks: list[Track]) -> None:
    messages = await everything_sent(host, guest, other, tracks)
    names = [*ANSWERS, *OTHERS]
    cached = {
        name: base64.b64encode(await database_sync_to_async(left_in_the_cache)(name)).decode()
        for name in names
    }
    for change in (each for each in messages if each["kind"] == "change"):
        change["events"] = [[to, {"type": event["type"]}] for to, event in change["events"]]
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    facts = {"version": version, "messages": messages, "cached": cached}
    FILE.write_text(json.dumps(facts, indent=2) + "\n")


def test_the_recorded_messages_are_those_of_the_last_release() -> None:
    assert RELEASED["version"] == LAST_RELEASE["version"]
