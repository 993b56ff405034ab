"""Reports of messages, and hiding all that a member has written."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.actions import messages, reports
from chat.models import ChatMessage, MessageReport
from chat.parts import PARTS
from rooms import actions, limits
from rooms.errors import Conflict, Muted, NotAllowed
from rooms.log import log_in_english
from rooms.models import LogEntry, Member
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.http import ask, refusal
from tests.test_chat import said


@pytest.fixture
def rude(guest: Member) -> ChatMessage:
    return messages.post_message(member=guest, text="Vote for MY song")


def reported(member: Member) -> list[dict[str, Any]]:
    """What the snapshot of this member says of reports."""
    known = Member.objects.select_related("room").get(pk=member.pk)
    found: list[dict[str, Any]] = read_snapshot(known)["reports"]
    return found


def report(member: Member, message: ChatMessage, reason: str = "A threat") -> Any:
    path = f"/api/rooms/{member.room.code}/chat/{message.pk}/report"
    return ask(member, "PUT", path, {"reason": reason})


def test_a_report_reaches_host_and_cohosts_with_its_reason_and_nobody_else(
    host: Member, guest: Member, other: Member, rude: ChatMessage
) -> None:
    assert report(other, rude).status_code == 204
    [known] = reported(host)
    assert (known["message"]["text"], known["reasons"]) == ("Vote for MY song", ["A threat"])
    assert set(known) == {"message", "count", "reasons"}
    assert "reports" not in read_snapshot(guest)
    assert "reports" not in read_snapshot(other)


def test_one_person_reports_a_message_once(host: Member, other: Member, rude: ChatMessage) -> None:
    for _ in range(3):
        report(other, rude)
    report(host, rude, "Loud")
    [known] = reported(host)
    assert (known["count"], known["reasons"]) == (2, ["A threat", "Loud"])


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, None, 1, "\ud800"])
def test_a_report_needs_a_reason_that_can_be_read(
    other: Member, rude: ChatMessage, reason: Any
) -> None:
    assert refusal(report(other, rude, reason)) == (422, "invalid")
    assert not MessageReport.objects.exists()


def test_nobody_reports_their_own_message_nor_what_cannot_be_read(
    host: Member, guest: Member, other: Member, outsider: Member, rude: ChatMessage
) -> None:
    with pytest.raises(NotAllowed):
        reports.report_message(member=guest, message_id=rude.pk, reason="Rude")
    assert refusal(report(outsider, rude)) == (404, "unknown_message")
    messages.set_hidden(by=host, message_ids=[rude.pk], hidden=True)
    with pytest.raises(Conflict):
        reports.report_message(member=other, message_id=rude.pk, reason="Rude")


def test_a_muted_member_reports_nothing(host: Member, other: Member, rude: ChatMessage) -> None:
    actions.set_muted(by=host, member_id=other.pk, muted=True)
    with pytest.raises(Muted):
        reports.report_message(member=other, message_id=rude.pk, reason="Rude")


def test_a_member_reports_so_many_messages_a_minute(
    guest: Member, other: Member, settings: Any
) -> None:
    assert limits.rate_of("REPORTS") == "10/60"
    settings.LIMITS = {"REPORTS": "2/600"}
    written = [messages.post_message(member=guest, text=f"Line {n}") for n in range(3)]
    answers = [report(other, message).status_code for message in written]
    assert answers == [204, 204, 429]


@pytest.mark.parametrize("deed", ["hide", "leave", "delete"])
def test_a_message_that_was_dealt_with_is_no_longer_reported(
    host: Member, guest: Member, other: Member, rude: ChatMessage, deed: str
) -> None:
    report(other, rude)
    if deed == "hide":
        messages.set_hidden(by=host, message_ids=[rude.pk], hidden=True)
        messages.set_hidden(by=host, message_ids=[rude.pk], hidden=False)
    elif deed == "leave":
        reports.clear_reports(by=host, message_id=rude.pk)
    else:
        messages.delete_message(member=guest, message_id=rude.pk)
    assert reported(host) == []


def test_reading_reports_takes_one_query_however_many_there_are(
    host: Member, guest: Member, other: Member, django_assert_num_queries: Any
) -> None:
    for n in range(5):
        report(other, messages.post_message(member=guest, text=f"Line {n}"))
    [part] = [part for part in PARTS if part.name == "reports"]
    with django_assert_num_queries(1):
        assert len(part.read(host.room)) == 5


# --- All of one member --------------------------------------------------------------------------


def test_all_that_a_member_wrote_is_hidden_at_once_and_can_be_shown_again(
    host: Member, guest: Member, other: Member
) -> None:
    for n in range(3):
        messages.post_message(member=guest, text=f"Line {n}")
    messages.post_message(member=other, text="Kind")
    path = f"/api/rooms/{host.room.code}"
    hidden = ask(host, "PUT", f"{path}/members/{guest.pk}/chat", {"hidden": True}).json()["items"]
    assert [each["text"] for each in said(host)] == ["", "", "", "Kind"]
    ask(host, "PUT", f"{path}/chat/hidden", {"messages": hidden, "hidden": False})
    assert [each["text"] for each in said(host)] == ["Line 0", "Line 1", "Line 2", "Kind"]


def test_showing_all_again_leaves_what_was_hidden_before(host: Member, guest: Member) -> None:
    first, _ = (messages.post_message(member=guest, text=f"Line {n}") for n in range(2))
    messages.set_hidden(by=host, message_ids=[first.pk], hidden=True)
    swept = messages.hide_all_of(by=host, member_id=guest.pk)
    messages.set_hidden(by=host, message_ids=swept, hidden=False)
    assert [each["text"] for each in said(host)] == ["", "Line 1"]


def test_nobody_hides_what_a_member_of_another_room_wrote(
    host: Member, outsider: Member, rude: ChatMessage
) -> None:
    path = f"/api/rooms/{outsider.room.code}/members/{rude.member_id}/chat"
    answer = ask(outsider, "PUT", path, {"hidden": True})
    assert refusal(answer) == (404, "unknown_member")
    assert said(host)[0]["text"] == "Vote for MY song"


def test_a_cohost_hides_all_of_listeners_only(host: Member, guest: Member, other: Member) -> None:
    for member in (guest, other):
        actions.set_role(by=host, member_id=member.pk, role=Role.COHOST)
    for member in (host, other):
        messages.post_message(member=member, text="Hello")
        with pytest.raises(NotAllowed):
            messages.hide_all_of(by=guest, member_id=member.pk)


def test_hiding_thousands_takes_as_many_queries_as_hiding_one(
    host: Member, guest: Member, django_assert_max_num_queries: Any
) -> None:
    message = messages.post_message(member=guest, text="Line")
    ChatMessage.objects.bulk_create(
        ChatMessage(room=message.room, member=guest, text="Line") for _ in range(2000)
    )
    with django_assert_max_num_queries(16):
        assert len(messages.hide_all_of(by=host, member_id=guest.pk)) == 2001


def test_a_flood_of_reports_does_not_fill_the_snapshot_of_a_host(
    host: Member, guest: Member, other: Member
) -> None:
    written = [ChatMessage(room=host.room, member=guest, text=f"Line {n}") for n in range(60)]
    for message in ChatMessage.objects.bulk_create(written):
        reports.report_message(member=other, message_id=message.pk, reason="Loud")
    texts = [known["message"]["text"] for known in reported(host)]
    assert texts == [f"Line {n}" for n in range(10, 60)]


# --- The site -----------------------------------------------------------------------------------


def test_the_operator_reads_what_is_reported_and_hides_or_leaves_it(
    host: Member, other: Member, rude: ChatMessage
) -> None:
    report(other, rude)
    listed = StringIO()
    call_command("chat_reports", stdout=listed)
    assert f"{rude.pk} in {host.room.code}" in listed.getvalue()
    assert "'Vote for MY song', reported for 'A threat'" in listed.getvalue()
    call_command("chat_reports", "--hide", str(rude.pk))
    assert (said(host)[0]["state"], said(host)[0]["hidden_by"]) == ("hidden", None)
    with pytest.raises(CommandError):
        call_command("chat_reports", "--leave", "999999")


def test_what_the_operator_hid_no_host_shows_again(host: Member, rude: ChatMessage) -> None:
    call_command("chat_reports", "--hide", str(rude.pk))
    path = f"/api/rooms/{host.room.code}/chat/hidden"
    answer = ask(host, "PUT", path, {"messages": [str(rude.pk)], "hidden": False})
    assert refusal(answer) == (403, "not_allowed")
    with pytest.raises(Conflict, match="cannot be undone"):
        actions.undo_logged(by=host, entry_id=LogEntry.objects.get().pk)
    assert said(host)[0]["state"] == "hidden"


def test_the_operators_hiding_stands_over_that_of_a_host(host: Member, rude: ChatMessage) -> None:
    messages.set_hidden(by=host, message_ids=[rude.pk], hidden=True)
    call_command("chat_reports", "--hide", str(rude.pk))
    assert (said(host)[0]["state"], said(host)[0]["hidden_by"]) == ("hidden", None)
    for entry in LogEntry.objects.all():
        with pytest.raises((NotAllowed, Conflict)):
            actions.undo_logged(by=host, entry_id=entry.pk)
    assert messages.set_hidden(by=host, message_ids=[rude.pk], hidden=True) == []
    assert said(host)[0]["hidden_by"] is None


def test_undoing_the_hiding_of_many_leaves_hidden_what_the_site_hid(
    host: Member, guest: Member, rude: ChatMessage
) -> None:
    messages.post_message(member=guest, text="Good evening")
    messages.hide_all_of(by=host, member_id=guest.pk)
    entry = LogEntry.objects.get()
    call_command("chat_reports", "--hide", str(rude.pk))
    actions.undo_logged(by=host, entry_id=entry.pk)
    assert [each["text"] for each in said(host)] == ["", "Good evening"]


# --- Log and erasure ----------------------------------------------------------------------------


def test_the_log_says_who_hid_what_and_takes_it_back_but_for_what_was_hidden_before(
    host: Member, guest: Member
) -> None:
    for n in range(3):
        message = messages.post_message(member=guest, text=f"Line {n}")
    messages.set_hidden(by=host, message_ids=[message.pk], hidden=True)
    messages.hide_all_of(by=host, member_id=guest.pk)
    entries = LogEntry.objects.select_related("by", "target").order_by("-pk")
    sentences = [log_in_english(entry) for entry in entries]
    assert sentences == [
        f"{host.name} hid 2 messages of Ana.",
        f"{host.name} hid a message of Ana.",
    ]
    actions.undo_logged(by=host, entry_id=entries[0].pk)
    assert [each["text"] for each in said(host)] == ["Line 0", "Line 1", ""]


def test_erasing_takes_what_one_reported_and_settles_what_was_reported_of_one(
    host: Member, guest: Member, other: Member, rude: ChatMessage
) -> None:
    report(other, rude, "heliotrope")
    report(host, rude, "Loud")
    actions.erase_person(guest=other.guest)
    assert [known["reasons"] for known in reported(host)] == [["Loud"]]
    assert not MessageReport.objects.filter(reason="heliotrope").exists()
    actions.erase_person(guest=guest.guest)
    assert reported(host) == []
