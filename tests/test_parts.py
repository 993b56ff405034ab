"""The parts of a room: declared by an app, each kept until an event changes it."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django.test.utils import CaptureQueriesContext

from music.actions import devices, queue, voting
from music.models import Track
from rooms import actions, clock, presence
from rooms.changes import changing
from rooms.events import Event
from rooms.feature import FEATURE as ROOMS
from rooms.features import Feature
from rooms.models import Member, Room
from rooms.parts import Part
from rooms.roles import Role
from rooms.snapshot import KEPT_MS, read_part, read_snapshot, read_snapshots
from tests.conftest import arrived
from tests.live import connected

pytestmark = pytest.mark.django_db(transaction=True)

# What a toy app remembers of each room, and how often its part was read.
lines: dict[int, list[str]] = {}
reads: list[int] = []
# What happens while it is read, once each.
meanwhile: list[Callable[[], object]] = []


@dataclass(frozen=True)
class LineSaid(Event):
    """Somebody has said a line."""

    type = "toy.said"
    parts = ("lines",)
    line: str


def read_lines(room: Room) -> list[str]:
    reads.append(room.pk)
    if meanwhile:
        meanwhile.pop()()
    return lines.get(room.pk, [])


def read_own_lines(room: Room, members: Collection[Member]) -> dict[int, dict[str, int]]:
    return {member.pk: {"lines_read": 0} for member in members}


FEATURE = Feature(name="toy", parts=(Part("lines", read_lines, read_own=read_own_lines),))


def say(*, by: Member, line: str) -> None:
    with changing(by) as change:
        lines.setdefault(change.room.pk, []).append(line)
        change.publish(LineSaid(line))


@pytest.fixture(autouse=True)
def toy_is_installed(settings: Any) -> None:
    lines.clear()
    reads.clear()
    meanwhile.clear()
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, "tests.test_parts.FEATURE"]


def test_a_part_of_a_new_app_is_in_the_snapshot_with_what_is_personal(host: Member) -> None:
    say(by=host, line="hello")
    snapshot = read_snapshot(host)
    assert (snapshot["lines"], snapshot["me"]["lines_read"]) == (["hello"], 0)


async def test_a_fact_of_a_new_app_reaches_open_sockets(host: Member) -> None:
    async with connected(host) as socket:
        assert (await socket.hear("snapshot"))["lines"] == []
        await database_sync_to_async(say)(by=host, line="hello")
        assert await socket.event("toy.said") == {"type": "toy.said", "line": "hello"}


def test_a_part_is_read_again_only_when_an_event_has_changed_it(
    host: Member, guest: Member
) -> None:
    for _ in range(3):
        read_snapshot(host)
    actions.rename(member=guest, name="Ana B.")
    assert read_snapshot(guest)["members"][1]["name"] == "Ana B."
    assert len(reads) == 1
    say(by=host, line="hello")
    assert read_part(host.room_id, "lines") == ["hello"]
    assert len(reads) == 2


def test_what_no_event_tells_of_is_read_again_after_some_seconds(host: Member) -> None:
    """Such as how much is on a shelf, after the folders were read."""
    assert read_part(host.room_id, "lines") == []
    lines[host.room_id] = ["from outside"]
    with clock.shifted(KEPT_MS):
        assert read_part(host.room_id, "lines") == ["from outside"]


def me_over_http(member: Member) -> dict[str, Any]:
    me: dict[str, Any] = read_snapshot(member)["me"]
    return me


def me_over_a_socket(member: Member) -> dict[str, Any]:
    me: dict[str, Any] = json.loads(socket_snapshot(member))["me"]
    return me


def socket_snapshot(member: Member) -> str:
    return read_snapshots(member.room_id, {member.pk}, {})[member.pk].text


@pytest.mark.parametrize("read_me", [me_over_http, me_over_a_socket])
def test_me_is_never_older_than_the_revision_of_the_snapshot(
    guest: Member, read_me: Callable[[Member], dict[str, Any]]
) -> None:
    known = Member.objects.select_related("room").get(pk=guest.pk)
    meanwhile.append(lambda: actions.rename(member=guest, name="Ana B."))
    assert read_me(known)["name"] == "Ana B."


def test_who_loses_a_role_while_the_room_is_read_sees_nothing_of_it(
    host: Member, guest: Member
) -> None:
    actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    assert '"held":' in socket_snapshot(guest)
    say(by=host, line="hello")  # so that the part is read again
    meanwhile.append(lambda: actions.set_role(by=host, member_id=guest.pk, role=Role.LISTENER))
    assert '"held":' not in socket_snapshot(guest)


def test_a_part_has_its_own_revision_in_the_sequence_of_the_room(host: Member) -> None:
    say(by=host, line="hello")
    said_at = Room.objects.get(pk=host.room_id).revision
    actions.rename(member=host, name="Mika B.")
    room = Room.objects.get(pk=host.room_id)
    assert FEATURE.parts[0].revision_in(room) == said_at < room.revision


def test_a_part_that_depends_on_another_changes_with_it(host: Member) -> None:
    actions.rename(member=host, name="Mika B.")
    room = Room.objects.get(pk=host.room_id)
    members = next(part for part in ROOMS.parts if part.name == "members")
    leaning = Part("leaning", read_lines, depends_on=("members",))
    assert leaning.revision_in(room) == members.revision_in(room) > 0


STEP = devices.Step(
    name="Ana's phone",
    along=True,
    mode="precise",
    offset_ms=-12,
    jitter_ms=3,
    uncertainty_ms=5,
    corrected_ms=None,
)
Happening = Callable[[Member, Member], object]


@pytest.mark.parametrize(
    "happens",
    [
        lambda host, guest: arrived(host.room),
        lambda host, guest: actions.rename(member=guest, name="Ana B."),
        lambda host, guest: actions.set_muted(by=host, member_id=guest.pk, muted=True),
        lambda host, guest: presence.write_presence({host.room_id: {host.pk}}, {guest.pk}),
        lambda host, guest: devices.note_device(member=guest, device="phone-of-ana", step=STEP),
        lambda host, guest: say(by=guest, line="hello"),
        lambda host, guest: actions.rename_room(by=host, name="Saturday"),
    ],
    ids=[
        "a joiner",
        "a name",
        "a mute",
        "presence",
        "a device",
        "a line of a toy",
        "the room's name",
    ],
)
def test_what_happens_in_other_parts_costs_the_next_vote_no_query(
    host: Member, guest: Member, other: Member, tracks: list[Track], happens: Happening
) -> None:
    item, _ = queue.add_track(member=host, track=tracks[0])
    voting.cast_vote(member=other, item_id=item.pk, value=1)
    plain = queries_of(lambda: voting.cast_vote(member=other, item_id=item.pk, value=-1))
    happens(host, guest)
    after = queries_of(lambda: voting.cast_vote(member=other, item_id=item.pk, value=1))
    assert after == plain


def queries_of(act: Callable[[], object]) -> list[str]:
    """The statements of an act: the verb and the table of each."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return [" ".join(query["sql"].split()[:2]) for query in queries]
