"""The cast: a room, its host, two guests, an outsider, and some tracks."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.layers import channel_layers
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from redis import Redis

from chat import reaction_batches
from discovery import background as suggestions
from discovery.services import labs, lastfm
from music import cache as outside_cache
from music import outside, reordering
from music.models import LibraryFile, Track
from music.sources.library import catalog
from music.sources.library.folders import key_of
from music.sources.spotify import quota
from music.sources.spotify.models import Account
from rooms import access, actions, limits
from rooms.models import Member, Room
from rooms.snapshot import clear_kept_parts
from staff import site_state
from tests import lanes
from tests.fakes.discovery import FakeDiscovery
from tests.fakes.spotify import FakeSpotify, Person
from tests.fakes.spotify.player import Device
from tests.servers import SHARED
from tests.spotify import choose, connected


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Before `-m` chooses by the marks."""
    lanes.mark(items)


def pytest_configure(config: pytest.Config) -> None:
    """Make a folder that all workers of this run share; they inherit the variable that names it."""
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="beatsync-tests-")
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(SHARED)))


@pytest.fixture(autouse=True)
def _fresh_process() -> None:
    """Nothing that a process keeps in memory passes from one test to the next."""
    limits.forget()
    clear_kept_parts()
    reordering.clear_cached_standings()
    _empty_cache()
    outside_cache.forget()
    catalog.forget()
    quota.forget()
    outside.forget()
    reaction_batches.forget()
    suggestions.forget()
    for connection in (lastfm.CONNECTION, labs.CONNECTION, labs.MUSICBRAINZ):
        connection.forget()
    site_state.forget()
    channel_layers.backends = {}


def _empty_cache() -> None:
    """Only our own: others who test beside us may use the same Redis."""
    if not settings.REDIS_URL:
        cache.clear()
        return
    with Redis.from_url(settings.REDIS_URL) as redis:
        for key in redis.scan_iter(f"{settings.REDIS_PREFIX}:*"):
            redis.delete(key)


@pytest.fixture
def host(db: None) -> Member:
    return actions.open_room(guest=uuid.uuid4(), name="Friday at Mika's")


@pytest.fixture
def room(host: Member) -> Room:
    return host.room


@pytest.fixture
def guest(room: Room) -> Member:
    return arrived(room, name="Ana")


@pytest.fixture
def other(room: Room) -> Member:
    return arrived(room, name="Jonas")


def arrived(room: Room, *, guest: uuid.UUID | None = None, **facts: str) -> Member:
    """Somebody who has joined a room and opened its page."""
    member = actions.join(room=room, guest=guest or uuid.uuid4(), **facts)
    actions.arrive(member=member)
    return member


@pytest.fixture
def outsider(db: None) -> Member:
    """Somebody who hosts a room of their own."""
    return actions.open_room(guest=uuid.uuid4(), name="Elsewhere")


@pytest.fixture
def music_folder(settings: Any, tmp_path: Path) -> Path:
    """A music folder of the operator."""
    folder = tmp_path / "music"
    folder.mkdir()
    settings.MUSIC_DIRS = [folder]
    return folder


@pytest.fixture
def tracks(db: None, music_folder: Path) -> list[Track]:
    """Five tracks of a minute each, with files, in the order of their names."""
    return [make_track(n, music_folder) for n in range(1, 6)]


def make_track(n: int, folder: Path, *, duration_ms: int = 60_000) -> Track:
    """A library track whose file is there; what is in it matters to none but the scanner."""
    file = folder / f"{n}.mp3"
    file.write_bytes(b"sound")
    track = Track.objects.create(
        uri=f"library:test{n}",
        source="library",
        title=f"Track {n}",
        artists=[f"Artist {n}"],
        duration_ms=duration_ms,
        audio=f"/media/audio/test{n}",
        sought=f" track {n} artist {n}",
        folder=key_of(folder.resolve()),
    )
    LibraryFile.objects.create(
        path=str(file.resolve()), root=str(folder.resolve()), size=5, modified_ns=0, track=track
    )
    return track


def browser_of(member: Member | None = None, **options: Any) -> Client:
    """A browser that carries this member's cookie."""
    client = Client(**options)
    if member is not None:
        client.cookies[access.COOKIE] = access.cookie_of(member.guest)
    return client


@pytest.fixture
def spotify(settings: Any) -> Iterator[FakeSpotify]:
    """Something that behaves like Spotify, and BeatSync set to use it."""
    with FakeSpotify() as spotify:
        for name, value in spotify.settings().items():
            setattr(settings, name, value)
        yield spotify


@pytest.fixture
def ann(spotify: FakeSpotify) -> Person:
    return spotify.people["ann"]


@pytest.fixture
def account(spotify: FakeSpotify, host: Member) -> Account:
    """Ann's, who hosts the room and has permitted everything."""
    return connected(spotify, "ann", host)


@pytest.fixture
def kitchen(spotify: FakeSpotify, ann: Person, account: Account, host: Member) -> Device:
    """A device of hers that sounds for the room."""
    device = spotify.device(ann, "Kitchen")
    choose(host, device)
    return device


@pytest.fixture
def outside_services(settings: Any) -> Iterator[FakeDiscovery]:
    """Last.fm, ListenBrainz Labs and MusicBrainz, as fakes that know nothing yet."""
    with FakeDiscovery() as fakes:
        for name, value in fakes.settings().items():
            setattr(settings, name, value)
        yield fakes
