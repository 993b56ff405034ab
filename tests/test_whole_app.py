"""A whole new app, notes: rooms, the relay and the snapshot need no change for it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

import pytest
from channels.db import database_sync_to_async

from rooms import limits
from rooms.actors import Actor, Staff
from rooms.acts import MODERATE
from rooms.audience import Audience, who_may
from rooms.changes import changing
from rooms.errors import Muted, NotAllowed, RateLimited
from rooms.events import Event, PersonalEvent
from rooms.models import Member, Room
from rooms.parts import Part
from rooms.snapshot import read_snapshot
from tests import test_features as declared
from tests.live import connected

pytestmark = pytest.mark.django_db(transaction=True)

lines: dict[int, list[str]] = {}
reports: dict[int, list[str]] = {}
drafts: dict[int, str] = {}


@dataclass(frozen=True)
class LineSaid(Event):
    """Everybody sees a line."""

    type = "line.said"
    parts = ("lines",)
    line: str


@dataclass(frozen=True)
class LineReported(Event):
    """Those who moderate see that a line was reported."""

    type = "line.reported"
    parts = ("reports",)
    line: str

    @property
    def audience(self) -> Audience:
        return who_may(MODERATE)


@dataclass(frozen=True)
class DraftKept(PersonalEvent):
    """One member sees their own draft."""

    type = "me.draft_kept"
    draft: str


def read_lines(room: Room) -> list[str]:
    return lines.get(room.pk, [])


def read_reports(room: Room) -> list[str]:
    return reports.get(room.pk, [])


def read_drafts(room: Room, members: Collection[Member]) -> dict[int, dict[str, str]]:
    return {member.pk: {"draft": drafts.get(member.pk, "")} for member in members}


FEATURE = replace(
    declared.FEATURE,
    parts=(
        Part("lines", read_lines, read_own=read_drafts),
        Part("reports", read_reports, audience=who_may(MODERATE)),
    ),
)


def say_line(*, by: Actor, line: str) -> None:
    """Say a line. Raises `NotAllowed`, `Muted`, `RateLimited`, `TooShort`."""
    limits.hit("LINES", str(by))
    with changing(by) as change:
        by.require(declared.NOTE)
        if not line:
            raise declared.TooShort
        lines.setdefault(change.room.pk, []).append(line)
        change.publish(LineSaid(line))


def report_line(*, by: Actor, line: str) -> None:
    with changing(by) as change:
        reports.setdefault(change.room.pk, []).append(line)
        change.publish(LineReported(line))


def keep_draft(*, by: Member, draft: str) -> None:
    with changing(by) as change:
        drafts[by.pk] = draft
        change.publish(DraftKept(by.pk, draft))


@pytest.fixture(autouse=True)
def notes_are_installed(settings: Any) -> None:
    for kept in (lines, reports, drafts):
        kept.clear()
    settings.ROOM_FEATURES = [*settings.ROOM_FEATURES, "tests.test_whole_app.FEATURE"]


def test_an_action_of_a_new_app_goes_by_its_act_rule_limit_and_refusal(
    host: Member, guest: Member
) -> None:
    with pytest.raises(declared.TooShort):
        say_line(by=guest, line="")
    declared.set_rules(host, may_note="hosts")
    with pytest.raises(NotAllowed, match=declared.NOTE.refusal):
        say_line(by=guest, line="hello")
    with pytest.raises(RateLimited, match=r"^Easy: 2 lines a minute\."):
        say_line(by=guest, line="hello")


def test_a_muted_member_does_not_speak(guest: Member) -> None:
    Member.objects.filter(pk=guest.pk).update(muted=True)
    with pytest.raises(Muted):
        say_line(by=guest, line="hello")


async def test_each_fact_of_a_new_app_reaches_those_who_may_see_it(
    host: Member, guest: Member
) -> None:
    async with connected(host) as hosts, connected(guest) as guests:
        seen = {}
        for socket in (hosts, guests):
            await socket.hear("snapshot")
        await database_sync_to_async(say_line)(by=guest, line="hello")
        await database_sync_to_async(report_line)(by=guest, line="hello")
        await database_sync_to_async(keep_draft)(by=guest, draft="hel")
        last = (await Room.objects.aget(pk=host.room_id)).revision
        for name, socket in (("host", hosts), ("guest", guests)):
            frames = await socket.hear_until(last)
            seen[name] = [event and event["type"] for frame in frames for event in frame["events"]]
    assert seen == {
        "host": ["line.said", "line.reported", None],
        "guest": ["line.said", None, "me.draft_kept"],
    }


def test_the_snapshot_has_of_a_new_app_what_a_member_may_see(host: Member, guest: Member) -> None:
    report_line(by=guest, line="hello")
    keep_draft(by=guest, draft="hel")
    of_host, of_guest = read_snapshot(host), read_snapshot(guest)
    assert of_host["reports"] == ["hello"]
    assert "reports" not in of_guest
    assert (of_host["me"]["draft"], of_guest["me"]["draft"]) == ("", "hel")


def test_the_staff_uses_the_actions_of_a_new_app_too(host: Member) -> None:
    anna = Staff(host.room_id, "anna")
    say_line(by=anna, line="closing soon")
    assert read_snapshot(host)["lines"] == ["closing soon"]
