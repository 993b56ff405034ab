"""What sockets show to each role, by the table of `tests.test_roles`.

Apart from that module, whose party lasts through all of its tests in a transaction of its own:
sockets read what others have committed.
"""

import pytest
from channels.db import database_sync_to_async

from chat.actions import blocked_words, messages, reports
from chat.events import SEES_BLOCKED_WORDS, SEES_REPORTS
from rooms import actions
from rooms.features import installed_parts
from rooms.models import Member, Room
from rooms.roles import Role
from tests.conftest import arrived
from tests.live import Closed, connected
from tests.test_roles import INSIDE, OUTSIDE, audiences_by_table


def somebody(host: Member, person: str) -> Member:
    """Somebody of the host's room, in this role."""
    member = host if person == "host" else arrived(host.room, name=person)
    if person in ("cohost", "stand_in"):
        member = actions.set_role(by=host, member_id=member.pk, role=Role.COHOST)
        Member.objects.filter(pk=member.pk).update(acting=person == "stand_in")
    if person == "muted":
        actions.set_muted(by=host, member_id=member.pk, muted=True)
    if person == "banned":
        actions.set_banned(by=host, member_id=member.pk, banned=True)
    return member


def report_and_block(host: Member) -> int:
    """What only some are told of: a report, and the words of the host. Returns the revision."""
    message = messages.post_message(member=host, text="Loud")
    reporter = arrived(host.room)
    reports.report_message(member=reporter, message_id=message.pk, reason="Too loud")
    blocked_words.set_blocked_words(by=host, words=["spam"])
    return Room.objects.get(pk=host.room_id).revision


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("person", INSIDE)
async def test_an_open_socket_is_sent_the_parts_and_events_of_its_member_and_no_others(
    host: Member, person: str
) -> None:
    member = await database_sync_to_async(somebody)(host, person)
    audiences = audiences_by_table(host.room, person)
    async with connected(member) as socket:
        snapshot = await socket.hear("snapshot")
        last = await database_sync_to_async(report_and_block)(host)
        frames = await socket.hear_until(last)
    parts = {part.name: part.audience in audiences for part in installed_parts()}
    assert {name: name in snapshot for name in parts} == parts
    told = {event["type"] for frame in frames for event in frame["events"] if event is not None}
    assert ("chat.reported" in told) == (SEES_REPORTS in audiences)
    assert ("chat.words_changed" in told) == (SEES_BLOCKED_WORDS in audiences)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("person", OUTSIDE)
async def test_a_socket_of_somebody_outside_is_closed_before_it_has_shown_anything(
    host: Member, outsider: Member, person: str
) -> None:
    member = {"outsider": outsider, "stranger": None}.get(person)
    if person == "banned":
        member = await database_sync_to_async(somebody)(host, person)
    async with connected(member, code=host.room.code) as socket:
        with pytest.raises(Closed):
            await socket.hear("snapshot")
