"""Requests and frames of all kinds, made from the API's own schema and from nothing at all.

None may break the server, tell a secret, or change a room that is not the sender's. Bounded by
counts: half a minute in all on a slow machine.
"""

import asyncio
import json
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import hypothesis
import pytest
import schemathesis
from django.conf import settings as django_settings
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis import Case
from schemathesis.core import NotSet

from beatsync.api import api
from music.actions.playback import play
from music.actions.queue import add_track
from music.models import QueueItem, Track
from rooms import actions, close_codes, limits
from rooms.models import Member
from rooms.snapshot import clear_kept_parts, read_snapshot
from tests.conftest import browser_of
from tests.live import Closed, connected

REQUESTS, CONVERSATIONS = 300, 80
INSIDE = ("Traceback", "site-packages", "SECRET_KEY", "DoesNotExist", "psycopg", "sqlite3.")


Test = TypeVar("Test", bound=Callable[..., object])


def bounded(examples: int) -> Callable[[Test], Test]:
    """So many examples. What failed is printed, without a search for the smallest that fails."""
    return hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
    )


@cache
def operations() -> list[Any]:
    """All that the API publishes, but for the end of a room, after which little can be tried."""
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
    found = [result.ok() for result in schema.get_all_operations()]
    return [each for each in found if not each.path.endswith("/end")]


@st.composite
def cases(draw: st.DrawFn) -> Case[Any]:
    """A request of an operation, mostly as its schema has it, and sometimes not."""
    operation = draw(st.sampled_from(operations()))
    case: Case[Any] = draw(operation.as_strategy())
    return case


def rate_nobody(settings: Any) -> None:
    settings.LIMITS = dict.fromkeys(limits.names(), "1000000/1")


def state_of(member: Member) -> dict[str, Any]:
    """The room as a member sees it, but for who is here, which time alone changes."""
    clear_kept_parts()
    state = read_snapshot(Member.objects.select_related("room").get(pk=member.pk))
    return {name: value for name, value in state.items() if name not in ("server_ms", "presence")}


def send(browser: Client, case: Case[Any]) -> Any:
    """The answer to a request; odd bodies are sent as they are."""
    body = b"" if isinstance(case.body, NotSet) else case.body
    data = body if isinstance(body, bytes) else json.dumps(body, default=str).encode()
    address = f"{case.formatted_path}?{urlencode(case.query or {}, doseq=True)}"
    return browser.generic(case.method, address, data, case.media_type or "application/json")


@pytest.mark.parametrize("role", ["host", "guest", "stranger"])
def test_no_request_breaks_the_server_tells_a_secret_or_reaches_another_room(
    host: Member, guest: Member, outsider: Member, tracks: list[Track], settings: Any, role: str
) -> None:
    rate_nobody(settings)
    settings.CHAT_BLOCKED_WORDS = []
    for track in tracks[:3]:
        add_track(member=host, track=track)
    add_track(member=outsider, track=tracks[3])
    play(by=host)
    browser = browser_of({"host": host, "guest": guest}.get(role), raise_request_exception=False)
    secrets = [*INSIDE, str(outsider.guest), django_settings.SECRET_KEY, str(settings.BASE_DIR)]
    # Most requests go to rooms and items that are there: one's own, and another's.
    codes = [*[host.room.code] * 4, *[outsider.room.code] * 2, None]
    ids = [*map(str, QueueItem.objects.values_list("pk", flat=True)), str(host.pk), str(guest.pk)]
    before = state_of(outsider)

    @bounded(REQUESTS)
    @given(case=cases(), code=st.sampled_from(codes), real=st.sampled_from([None, *ids]))
    def ask(case: Case[Any], code: str | None, real: str | None) -> None:
        if case.operation.path.endswith("/join"):
            code = host.room.code  # who has the code of the other room may join that, too
        for name, written in (case.path_parameters or {}).items():
            there = code if name == "code" else real
            case.path_parameters[name] = written if there is None else there
        answer = send(browser, case)
        said = b"".join(answer) if answer.streaming else answer.content
        asked = f"{case.method} {case.formatted_path} {case.body!r}"
        assert answer.status_code < 500, asked
        assert not [secret for secret in secrets if secret.encode() in said], asked
        actions.join(room=guest.room, guest=guest.guest)  # they may have left, or been sent away

    ask()
    assert state_of(outsider) == before


odd_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)
known_types = st.sampled_from(["clock", "resync", "pulse", "snapshot", "events", "join", ""])
frames = st.one_of(
    odd_json.map(json.dumps),
    st.builds(lambda kind, more: json.dumps({"type": kind, "sent": more}), known_types, odd_json),
    st.text(max_size=40),
    st.integers(min_value=1, max_value=5_000).map(lambda depth: "[" * depth),
    st.binary(min_size=1, max_size=40),
)


@pytest.mark.django_db(transaction=True)
def test_no_frame_breaks_a_socket_or_reaches_another_room(
    host: Member, outsider: Member, settings: Any
) -> None:
    rate_nobody(settings)
    codes: set[int] = set()
    known = {value for name, value in vars(close_codes).items() if name.isupper()}
    before = state_of(outsider)

    async def converse(said: list[str | bytes]) -> None:
        async with connected(outsider) as elsewhere, connected(host) as socket:
            await elsewhere.hear("snapshot")
            try:
                await socket.hear("snapshot")
                for frame in said:
                    if isinstance(frame, bytes):
                        await socket.say(data=frame)
                    else:
                        await socket.say(text=frame or " ")
                await socket.say({"type": "clock", "sent": 4242})
                while (heard := await socket.hear()).get("sent") != 4242:
                    assert heard["type"] in ("snapshot", "events", "clock", "error")
            except Closed as closed:
                codes.add(closed.code)
            await elsewhere.say({"type": "clock", "sent": 1})
            assert (await elsewhere.hear())["type"] == "clock"

    @bounded(CONVERSATIONS)
    @given(said=st.lists(frames, max_size=8))
    def talk(said: list[str | bytes]) -> None:
        asyncio.run(converse(said))

    talk()
    assert codes <= known
    after = state_of(outsider)
    assert after["revision"] == before["revision"]
