"""What tests around Spotify share: browsers that log in there, accounts, and devices of rooms."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from django.core.cache import cache
from django.test import Client

from music import cache as kept
from music.actions.queue import add_track
from music.actions.turns import advance
from music.models import Playback, RoomSource, Track
from music.sources.spotify import commander, outputs, quota
from music.sources.spotify.device_check import CHECK_EVERY_MS
from music.sources.spotify.device_commands import CHECK_AFTER_MS
from music.sources.spotify.login import TO_SOUND, Profile, Purpose, connect
from music.sources.spotify.models import Account, Output, OutputKind
from music.sources.spotify.tokens import Grant
from rooms import access, clock
from rooms.models import Member
from tests.answers import Answer
from tests.fakes.spotify import SCOPES, FakeSpotify
from tests.fakes.spotify.people import Person
from tests.fakes.spotify.player import Device

# Spotify leads back to loopback addresses, and to no name such as testserver.
HERE = {"Host": "127.0.0.1:8000"}
TOKEN = "/accounts/api/token"
HOUR_MS = 3600 * 1000


def browser_at_home(member: Member | None = None, **options: Any) -> Client:
    """A browser at the machine itself, with this member's cookie."""
    client = Client(headers=HERE, **options)
    if member is not None:
        client.cookies[access.COOKIE] = access.cookie_of(member.guest)
    return client


def begin(browser: Client, *, next: str = "/", **query: str) -> Answer:
    """Press the button that goes to Spotify."""
    asked = urlencode({"next": next, **query})
    answer: Answer = browser.post(f"/accounts/spotify/login/?{asked}")
    return answer


def asked_of(answer: Answer) -> dict[str, str]:
    """What somebody is sent to Spotify with."""
    return dict(parse_qsl(urlsplit(answer["Location"]).query))


def come_back(browser: Client, address: str) -> Answer:
    """Go where Spotify leads."""
    answer: Answer = browser.get(address.removeprefix("http://127.0.0.1:8000"))
    return answer


def log_in(browser: Client, *, next: str = "/", **query: str) -> Answer:
    """The whole way to Spotify and back, for whoever is signed in there."""
    begun = begin(browser, next=next, **query)
    agreed = requests.get(begun["Location"], allow_redirects=False, timeout=10)
    return come_back(browser, agreed.headers["Location"])


def end_of(browser: Client, answer: Answer) -> Answer:
    """The page of a login that came to nothing. To load that again does not repeat the login."""
    assert answer.status_code == 303
    assert "code=" not in answer["Location"]
    page: Answer = browser.get(answer["Location"])
    assert page.status_code == 200
    return page


def let_expire(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(expires_at_ms=clock.now_ms())


# --- Accounts, and the devices of rooms ----------------------------------------------------------


def connected(
    spotify: FakeSpotify,
    name: str,
    member: Member,
    scopes: str = SCOPES,
    *,
    purpose: Purpose = Purpose.HOST,
) -> Account:
    """The account of somebody at Spotify, connected by the browser of a member."""
    person = spotify.people[name]
    answer = spotify.tokens_for(person, scopes)
    grant = Grant(
        answer["access_token"],
        answer["refresh_token"],
        answer["scope"],
        clock.now_ms() + answer["expires_in"] * 1000,
    )
    profile = Profile(person.account_id, person.id, person.name or "")
    tell = (outputs.account_changed,)
    return connect(guest=member.guest, grant=grant, profile=profile, purpose=purpose, tell=tell)


def listening(spotify: FakeSpotify, name: str, member: Member) -> Account:
    """The account of somebody at Spotify, connected by a member to listen along."""
    scopes = " ".join(TO_SOUND)
    return connected(spotify, name, member, scopes, purpose=Purpose.ALONG)


def choose(member: Member, device: Device, kind: OutputKind = OutputKind.CONNECT) -> None:
    """Let it sound for the room of the member, by their word."""
    account = Account.objects.of_room(member.room).get()
    page = "page-of-host" if kind == OutputKind.BROWSER else ""
    chosen = outputs.OutputDevice(account, kind, str(device.id), device.name, page, device.kind)
    outputs.choose_output(member=member, device=chosen)


def song(spotify: FakeSpotify, n: int = 0) -> Track:
    """A saved track of Spotify, another one for each number."""
    known = [each for each in spotify.catalogue.tracks if each.can_be_played][n]
    return Track.objects.create(
        uri=known.uri,
        source="spotify",
        title=known.name,
        artists=["Somebody"],
        duration_ms=known.duration_ms,
    )


def start(member: Member, *tracks: Track) -> Playback:
    """Add these to an idle room that was started before: the first that can be played begins."""
    Playback.objects.get_or_create(room=member.room)
    Playback.objects.filter(room=member.room, play_id=0).update(play_id=1)
    for track in tracks:
        add_track(member=member, track=track)
    advance(room_id=member.room_id)
    return Playback.objects.get(room=member.room)


def serve(account: Account) -> None:
    """What the commander's ticks do, until nothing is due now."""
    for _ in range(8):
        Output.objects.update(next_at_ms=0)
        if not commander.accounts_due():
            return
        commander.serve(account.pk)


@contextmanager
def after(spotify: FakeSpotify, account: Account, seconds: int, *, step: int = 1) -> Iterator[None]:
    """So much later, at Spotify too. The devices of the account are served every `step` seconds."""
    with ExitStack() as passed:
        serve(account)
        for _ in range(0, seconds, step):
            spotify.play_on(step * 1_000)
            passed.enter_context(clock.shifted(step * 1_000))
            serve(account)
        yield


@contextmanager
def heard(spotify: FakeSpotify, account: Account) -> Iterator[None]:
    """A moment at which the device plays what it was told to, and has been asked twice."""
    with after(spotify, account, (CHECK_AFTER_MS + CHECK_EVERY_MS) // 1_000):
        yield


def plays(spotify: FakeSpotify, ann: Person, track: Track) -> bool:
    player = spotify.player_of(ann)
    return player.is_playing and player.uri == track.uri


def told(spotify: FakeSpotify) -> int:
    """How often the device was told to play something."""
    return len(spotify.calls_to("/v1/me/player/play", "PUT"))


def source(member: Member) -> RoomSource:
    """How Spotify is in the room of the member."""
    return RoomSource.objects.get(room=member.room, name="spotify")


def forget_all() -> None:
    """What Spotify said of limits and outages, in this process and in the shared cache."""
    cache.clear()
    quota.forget()
    kept.forget()
