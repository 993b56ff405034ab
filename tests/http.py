"""What tests of the HTTP edge share: somebody's line to the API, and a room in full swing."""

import copy
import html
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from django.db import transaction
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from chat.actions import messages
from chat.models import ChatMessage, MessageReport
from music.actions import playback, queue, speaker
from music.models import Playback, QueueItem, Track
from music.shelf import shelves
from music.sources.library.browsing import GroupKind, groups_of
from music.sources.library.catalog import catalog
from rooms import access, actions, clock
from rooms.models import LogEntry, Member, Room
from rooms.roles import Role
from tests.answers import Answer
from tests.conftest import arrived, browser_of, make_track

DEVICE = "device-of-the-host"
NOTHING: Any = object()


class Party:
    """A room where something plays and three tracks wait, with somebody in every role."""

    def __init__(self, host: Member, tracks: list[Track]) -> None:
        self.room, self.host, self.tracks = host.room, host, tracks
        self.listener, self.cohost, self.muted, self.banned, self.other = (
            arrived(self.room, name=name) for name in ("Ana", "Cora", "Mute", "Bane", "Otto")
        )
        actions.set_role(by=host, member_id=self.cohost.pk, role=Role.COHOST)
        actions.set_muted(by=host, member_id=self.muted.pk, muted=True)
        actions.set_banned(by=host, member_id=self.banned.pk, banned=True)
        mutes = LogEntry.objects.filter(room=self.room, kind="member.muted")
        self.entry_id = mutes.values_list("pk", flat=True).get()
        self.playing, self.item, self.second, self.third = (
            queue.add_track(member=host, track=track)[0] for track in tracks[:4]
        )
        playback.play(by=host)
        speaker.claim_speaker(member=host, device=DEVICE, name="Laptop")
        self.message = messages.post_message(member=self.listener, text="Who put this on?")
        self.began_ms = clock.now_ms()

    @contextmanager
    def as_it_began(self) -> Iterator["Party"]:
        """The same people at the same moment, whatever others have done with them since."""
        with clock.shifted(self.began_ms - clock.now_ms()):
            yield copy.deepcopy(self)

    def who(self, role: str) -> Member | None:
        """Somebody in this role; None for a stranger, who has no cookie at all."""
        if role == "stranger":
            return None
        if role == "outsider":
            return Member(guest=uuid.uuid4())
        member: Member = getattr(self, role)
        return member

    def revision(self) -> int:
        return Room.objects.values_list("revision", flat=True).get(pk=self.room.pk)

    def facts(self) -> dict[str, Any]:
        """All that a refused request must leave as it was."""
        self.room.refresh_from_db()
        return {
            "room": (self.room.name, self.room.state, self.room.revision),
            "rooms": Room.objects.count(),
            "members": list(
                Member.objects.order_by("pk").values_list("pk", "name", "role", "muted", "banned")
            ),
            "queue": list(
                QueueItem.objects.order_by("pk").values_list("pk", "state", "up", "down")
            ),
            "chat": list(ChatMessage.objects.order_by("pk").values_list("pk", "text", "state")),
            "reports": MessageReport.objects.count(),
            "playback": list(
                Playback.objects.values_list("play_id", "state", "shelf", "speaker_device")
            ),
        }

    def operation(self, path: str) -> str:
        """An address of the published API, with the ids of this room in it."""
        return path.format(
            code=self.room.code,
            item=self.item.pk,
            member_id=self.other.pk,
            message=self.message.pk,
            entry_id=self.entry_id,
            subject=self.playing.pk,
            playlist=shelves()[0].key,
            kind="artists",
            station="0" * 12,
            group=next(iter(groups_of(catalog(), GroupKind.ARTISTS))),
        )


@contextmanager
def lasting_party(blocker: DjangoDbBlocker, folder: Path) -> Iterator[Party]:
    """A party that is there for many tests, each of which undoes its own changes."""
    whole = transaction.atomic()
    with override_settings(MUSIC_DIRS=[folder], SPOTIFY_CLIENT_ID="client"):
        with blocker.unblock():
            whole.__enter__()
            host = actions.open_room(guest=uuid.uuid4(), name="Friday at Mika's")
            party = Party(host, [make_track(n, folder) for n in range(1, 6)])
        yield party
        with blocker.unblock():
            transaction.set_rollback(True)
            whole.__exit__(None, None, None)


class Operation(NamedTuple):
    """One operation of the API: a body that it accepts here, and its answer to each role."""

    method: str
    path: str
    body: Any
    host: int
    cohost: int
    listener: int
    muted: int
    outsider: int = 401
    banned: int = 403

    def __str__(self) -> str:
        return f"{self.method} {self.path.removeprefix('/api/rooms')}"


R = "/api/rooms"
# Everything that the API offers; `test_api` compares it with what is published.
OPERATIONS = [
    Operation("POST", R, {"name": "Saturday"}, 201, 201, 201, 201, 201, 201),
    Operation("POST", R + "/{code}/join", {"name": "Zoe"}, 200, 200, 200, 200, 200, 403),
    Operation("GET", R + "/{code}", NOTHING, 200, 200, 200, 200),
    Operation("PATCH", R + "/{code}", {"name": "Saturday"}, 200, 403, 403, 403),
    Operation("POST", R + "/{code}/end", NOTHING, 200, 403, 403, 403),
    Operation("POST", R + "/{code}/leave", NOTHING, 409, 204, 204, 204),
    Operation("PUT", R + "/{code}/host", {"member": "0"}, 404, 403, 403, 403),
    Operation("GET", R + "/{code}/members", NOTHING, 200, 200, 200, 200),
    Operation("PATCH", R + "/{code}/members/{member_id}", {"muted": True}, 200, 200, 403, 403),
    Operation("GET", R + "/{code}/members/{member_id}/network", NOTHING, 200, 200, 403, 403),
    Operation("GET", R + "/{code}/log", NOTHING, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/log/{entry_id}/undo", NOTHING, 200, 200, 403, 403),
    Operation("GET", R + "/{code}/queue", NOTHING, 200, 200, 200, 200),
    Operation("POST", R + "/{code}/queue", {"uri": "library:test5"}, 201, 201, 201, 403),
    Operation("POST", R + "/{code}/queue/many", {"uris": ["library:test5"]}, *(200, 200, 200, 403)),
    Operation("DELETE", R + "/{code}/queue/{item}", NOTHING, 204, 204, 403, 403),
    Operation("PUT", R + "/{code}/queue/{item}/vote", {"value": -1}, 200, 200, 200, 200),
    Operation("DELETE", R + "/{code}/queue", NOTHING, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/queue/restore", {"items": []}, 200, 200, 200, 403),
    Operation("PUT", R + "/{code}/queue/order", {"items": []}, 409, 409, 403, 403),
    Operation("PUT", R + "/{code}/queue/{item}/pin", {"pinned": True}, 200, 200, 403, 403),
    Operation("PUT", R + "/{code}/queue/{item}/held", {"count": True}, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/queue/auto-play", NOTHING, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/playback/play", {}, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/playback/pause", {}, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/playback/seek", {"position_ms": 1000}, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/playback/skip", {}, 200, 200, 403, 403),
    Operation("POST", R + "/{code}/playback/skip-vote", {}, 200, 200, 200, 403),
    Operation("PUT", R + "/{code}/playback/shelf", {"shelf": None}, 200, 403, 403, 403),
    Operation(
        "PUT",
        R + "/{code}/playback/speaker",
        {"action": "claim", "device": "another-device", "takeover": True},
        *(200, 200, 403, 403),
    ),
    Operation(
        "POST",
        R + "/{code}/playback/report",
        {"play_id": "1", "device": DEVICE, "state": "playing", "position_ms": 10},
        *(204, 204, 403, 403),
    ),
    Operation(
        "PUT",
        R + "/{code}/playback/device",
        {
            "device": "phone-of-somebody",
            "name": "Phone",
            "along": True,
            "mode": "precise",
            "offset_ms": 12,
            "jitter_ms": 3,
            "uncertainty_ms": 5,
            "corrected_ms": None,
        },
        *(204, 204, 204, 204),
    ),
    Operation("GET", R + "/{code}/playback/devices", NOTHING, 200, 200, 403, 403),
    Operation("GET", R + "/{code}/incidents", NOTHING, 200, 200, 403, 403),
    Operation("GET", R + "/{code}/search", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/library/shuffle", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/library/{kind}", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/library/{kind}/{group}", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/playlists", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/playlists/{playlist}", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/shelves", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/history", NOTHING, 200, 200, 200, 200),
    Operation("GET", R + "/{code}/suggestions", NOTHING, 200, 200, 200, 200),
    Operation(
        "PUT",
        R + "/{code}/suggestions/dismissed",
        {"uri": "library:test5", "dismissed": True},
        *(204, 204, 204, 204),
    ),
    Operation("DELETE", R + "/{code}/suggestions/autofill", NOTHING, 204, 204, 403, 403),
    Operation("GET", R + "/{code}/chat", NOTHING, 200, 200, 200, 200),
    Operation("POST", R + "/{code}/chat", {"text": "Hello"}, 201, 201, 201, 403),
    Operation("DELETE", R + "/{code}/chat/{message}", NOTHING, 403, 403, 204, 403),
    Operation(
        "PUT", R + "/{code}/chat/hidden", {"messages": [], "hidden": True}, *(200, 200, 403, 403)
    ),
    Operation("PUT", R + "/{code}/chat/blocked-words", {"words": ["spam"]}, 200, 403, 403, 403),
    Operation(
        "PUT", R + "/{code}/reactions/{subject}", {"reaction": "love"}, *(204, 204, 204, 403)
    ),
    Operation("PUT", R + "/{code}/members/{member_id}/chat", {"hidden": True}, 200, 200, 403, 403),
    Operation(
        "PUT", R + "/{code}/chat/{message}/report", {"reason": "Rude"}, *(204, 204, 403, 403)
    ),
    Operation("DELETE", R + "/{code}/chat/{message}/reports", NOTHING, 204, 204, 403, 403),
    Operation("GET", R + "/{code}/stations", NOTHING, 200, 200, 403, 403),
    # In a private network.
    Operation(
        "PUT",
        R + "/{code}/stations",
        {"name": "Radio", "address": "http://127.0.0.1:8000/"},
        *(422, 422, 403, 403),
    ),
    Operation("DELETE", R + "/{code}/stations/{station}", NOTHING, 404, 404, 403, 403),
    # Not the speaker while that station plays.
    Operation("GET", R + "/{code}/stations/{station}/sound", NOTHING, 403, 403, 403, 403),
    # Nobody has connected an account here.
    Operation("PUT", R + "/{code}/spotify/token", NOTHING, 409, 409, 409, 409),
    Operation("PUT", R + "/{code}/spotify/trouble", {"kind": "token"}, 409, 409, 409, 409),
    Operation("GET", R + "/{code}/spotify/devices", NOTHING, 409, 409, 403, 403),
    Operation(
        "PUT",
        R + "/{code}/spotify/output",
        {"kind": "connect", "device_id": "kitchen", "name": "Kitchen"},
        *(409, 409, 403, 403),
    ),
    Operation("DELETE", R + "/{code}/spotify/output", NOTHING, 204, 204, 403, 403),
    Operation("PUT", R + "/{code}/spotify/volume", {"percent": 50}, 409, 409, 403, 403),
    # Nor does the operator let anybody listen along on their own.
    Operation("PUT", R + "/{code}/spotify/along/token", NOTHING, 404, 404, 404, 404),
    Operation("PUT", R + "/{code}/spotify/along/trouble", {"kind": "token"}, 404, 404, 404, 404),
    Operation(
        "PUT",
        R + "/{code}/spotify/along",
        {"device_id": "phone", "play_id": "1", "ahead_ms": 300},
        *(404, 404, 404, 404),
    ),
]
READS = [operation for operation in OPERATIONS if operation.method == "GET"]
WRITES = [operation for operation in OPERATIONS if operation.method != "GET"]
POSTS = [operation for operation in OPERATIONS if operation.method == "POST"]
WITH_BODY = [operation for operation in OPERATIONS if operation.body is not NOTHING]


def ask(
    member: Member | Client | None, method: str, path: str, body: Any = NOTHING, **headers: str
) -> Answer:
    """Ask the API something, as this member (None: a stranger) or from this browser.

    `body` becomes JSON; bytes go as they are. Headers are written `Idempotency_Key="…"`.
    """
    client = member if isinstance(member, Client) else browser_of(member)
    if body is NOTHING:
        body = b""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: Answer = client.generic(
        method, path, data, content_type="application/json", headers=named
    )
    return answer


def perform(member: Member | Client | None, party: Party, operation: Operation) -> Answer:
    """Do what an operation does, in this party."""
    return ask(member, operation.method, party.operation(operation.path), operation.body)


def refusal(answer: Answer) -> tuple[int, str]:
    """The status and code of a refusal, which must have the one shape that all have."""
    assert answer["Content-Type"] == "application/json"
    said = json.loads(answer.content)
    assert set(said) == {"error"}
    assert set(said["error"]) <= {"code", "message", "detail", "values", "retry_after", "until_ms"}
    assert said["error"]["message"]
    assert str(said["error"].get("retry_after", "")) == answer.get("Retry-After", "")
    return answer.status_code, said["error"]["code"]


def text_of(page: Answer) -> str:
    """The page with its entities read and its lines joined, as a person would see the words."""
    return " ".join(html.unescape(page.content.decode()).split())


def strange_cookie(text: str) -> Client:
    """A browser whose guest cookie says this."""
    client = Client()
    client.cookies[access.COOKIE] = text
    return client
