"""Messages in a room: who writes, reads, deletes and hides them, and what they cost."""

import logging
import uuid
from typing import Any

import pytest
from django.test import Client

from chat.actions import messages
from chat.models import ChatMessage
from music.actions import playback, queue, voting
from music.models import Track
from rooms import actions, clock, limits
from rooms.errors import Muted, NotAllowed
from rooms.models import Member, Room
from rooms.roles import Role, permissions
from rooms.snapshot import read_snapshot
from tests.conftest import arrived
from tests.http import ask, refusal
from tests.test_parts import queries_of

ZALGO = "Z" + "\u0335" * 40 + "a" + "\u0301" * 40


def post(member: Member, text: str, **more: Any) -> Any:
    path = f"/api/rooms/{member.room.code}/chat"
    key = more.pop("key", None)
    return ask(
        member,
        "POST",
        path,
        {"text": text, **more},
        **({"Idempotency_Key": key} if key else {}),
    )


def said(member: Member) -> list[dict[str, Any]]:
    """The chat of the snapshot of this member."""
    known: list[dict[str, Any]] = read_snapshot(
        Member.objects.select_related("room").get(pk=member.pk)
    )["chat"]
    return known


# --- Writing ------------------------------------------------------------------------------------


def test_a_message_is_in_the_snapshot_of_everybody_with_its_author_and_moment(
    host: Member, guest: Member
) -> None:
    answer = post(guest, "  Who put \n this on?  ")
    assert answer.status_code == 201
    [message] = said(host)
    assert message == answer.json()
    assert (message["text"], message["member"]) == ("Who put this on?", str(guest.pk))
    assert abs(message["at_ms"] - clock.now_ms()) < 60_000


def test_a_message_that_is_sent_twice_with_one_key_is_written_once(guest: Member) -> None:
    first, again = (post(guest, "Hello", key="one-intent") for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert ChatMessage.objects.count() == 1


def test_a_repeated_message_counts_against_no_limit(guest: Member, settings: Any) -> None:
    settings.LIMITS = {"CHAT": "1/60"}
    for _ in range(3):
        assert post(guest, "Hello", key="one-intent").status_code == 201


def test_a_member_who_writes_too_often_is_told_when_to_try_again(
    guest: Member, settings: Any
) -> None:
    assert limits.rate_of("CHAT") == "8/10"
    settings.LIMITS = {"CHAT": "2/600"}
    answers = [post(guest, f"Line {n}") for n in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert refusal(answers[-1]) == (429, "rate_limited")
    assert answers[-1].json()["error"]["message"].startswith("Easy: 2 messages in 600 s.")


def test_refusing_a_message_too_many_asks_the_database_nothing(
    guest: Member, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.LIMITS = {"CHAT": "1/60"}
    path = f"/api/rooms/{guest.room.code}/chat"
    assert ask(guest, "POST", path, {"text": "Hello"}).status_code == 201
    with django_assert_num_queries(0):
        assert ask(guest, "POST", path, {"text": "Hello again"}).status_code == 429


def test_a_flood_of_one_member_holds_up_nobody_else_of_the_same_address(
    guest: Member, other: Member, settings: Any
) -> None:
    settings.LIMITS = {"CHAT": "2/600"}
    for n in range(12):
        post(guest, f"Line {n}")
    assert post(guest, "Hello").status_code == 429
    assert post(other, "Hello").status_code == 201


def test_a_muted_member_does_not_write_and_a_removed_one_neither(
    host: Member, guest: Member, other: Member
) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    actions.set_banned(by=host, member_id=other.pk, banned=True)
    assert refusal(post(guest, "Hello")) == (403, "muted")
    assert refusal(post(other, "Hello")) == (403, "banned")
    assert said(host) == []


def test_a_mute_holds_for_who_was_read_before_it(host: Member, guest: Member) -> None:
    actions.set_muted(by=host, member_id=guest.pk, muted=True)
    assert not guest.muted
    with pytest.raises(Muted):
        messages.post_message(member=guest, text="Hello")


def test_a_rule_leaves_the_chat_to_the_host_and_cohosts(host: Member, guest: Member) -> None:
    actions.change_rules(by=host, changes={"may_chat": "hosts"})
    with pytest.raises(NotAllowed, match="Only the host and co-hosts chat in this room"):
        messages.post_message(member=guest, text="Hello")
    assert messages.post_message(member=host, text="Hello")
    assert "Only the host and co-hosts write here." in host.room.rules.sentences()


DOORS = {
    "chat": ("POST", "/chat", {"text": "Hello"}),
    "react": ("PUT", "/reactions/{item}", {"reaction": "love"}),
    "report": ("PUT", "/chat/{message}/report", {"reason": "Rude"}),
    "moderate": ("PUT", "/chat/hidden", {"messages": [], "hidden": True}),
    "govern": ("PUT", "/chat/blocked-words", {"words": []}),
}


@pytest.mark.parametrize("act", DOORS)
@pytest.mark.parametrize("whom", ["everyone", "hosts"])
@pytest.mark.parametrize("who", ["host", "cohost", "listener", "muted"])
def test_each_act_of_the_chat_is_open_to_whom_the_table_of_the_room_names(
    host: Member, other: Member, tracks: list[Track], who: str, whom: str, act: str
) -> None:
    item, _ = queue.add_track(member=host, track=tracks[0])
    playback.play(by=host)
    message = messages.post_message(member=other, text="Hello")
    room = actions.change_rules(by=host, changes={"may_chat": whom, "may_react": whom})
    member = (
        host if who == "host" else _in_role(host, Role.COHOST if who == "cohost" else Role.LISTENER)
    )
    if who == "muted":
        actions.set_muted(by=host, member_id=member.pk, muted=True)
    may = permissions(room.rules)
    has_act = act in may["listener" if who == "muted" else who]
    is_open = has_act and (who != "muted" or act in may["muted"])
    method, path, body = DOORS[act]
    path = path.format(item=item.pk, message=message.pk)
    answer = ask(member, method, f"/api/rooms/{room.code}{path}", body)
    assert (answer.status_code < 300) == is_open
    assert is_open or refusal(answer) == (403, "muted" if has_act else "not_allowed")


# --- What is written ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_message"),
        (" \t\n\u3000", "empty_message"),
        ("\u200b\u200d\u2060", "empty_message"),
        ("\u0301\u0301", "empty_message"),
        ("x" * 501, "message_too_long"),
        ("🎵" * 501, "message_too_long"),
        ("half \ud800 a character", "invalid"),
        ("x" * 5001, "invalid"),
    ],
    ids=["empty", "spaces", "unseen", "marks", "501", "501 notes", "surrogate", "5001"],
)
def test_what_cannot_be_a_message_is_refused_with_a_code_and_changes_nothing(
    guest: Member, text: str, code: str
) -> None:
    assert refusal(post(guest, text)) == (422, code)
    assert not ChatMessage.objects.exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("x" * 500, "x" * 500),
        (" " * 600 + "x", "x"),
        ("<b>Ana</b> & co", "<b>Ana</b> & co"),
        ("\u202eanA", "anA"),
        ("مرحبا Ana", "مرحبا Ana"),
        ("👩\u200d🚀 ❤\ufe0f 1\ufe0f\u20e3", "👩\u200d🚀 ❤\ufe0f 1\ufe0f\u20e3"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("Tiê\u0301ng Viê\u0323t", "Tiếng Việt"),
    ],
    ids=["500", "trimmed", "markup", "override", "mixed", "emoji", "niqqud", "composed"],
)
def test_a_message_is_kept_as_it_reads(guest: Member, typed: str, kept: str) -> None:
    assert post(guest, typed).json()["text"] == kept


def test_a_letter_keeps_four_marks_so_that_no_message_grows_over_its_line(guest: Member) -> None:
    text = messages.post_message(member=guest, text=ZALGO).text
    assert len(text) <= 2 * 5
    between = messages.post_message(member=guest, text="a" + "\u0335\u200d" * 40).text
    assert between.count("\u0335") == 4


def test_a_mention_of_somebody_of_another_room_is_refused(
    guest: Member, host: Member, outsider: Member
) -> None:
    answer = post(guest, "@Mika", mentions=[str(host.pk), str(host.pk)])
    assert answer.json()["mentions"] == [str(host.pk)]
    for wrong in (str(outsider.pk), "0", "me", "9" * 30):
        assert refusal(post(guest, "@Mika", mentions=[wrong])) == (404, "unknown_member")
    assert ChatMessage.objects.count() == 1


# --- Reading ------------------------------------------------------------------------------------


def test_older_messages_come_by_pages_and_none_twice(host: Member, guest: Member) -> None:
    for n in range(120):
        messages.post_message(member=guest, text=f"Line {n}")
    assert [each["text"] for each in said(host)] == [f"Line {n}" for n in range(70, 120)]
    cursor, seen = said(host)[0]["id"], []
    while cursor:
        path = f"/api/rooms/{host.room.code}/chat?cursor={cursor}"
        page = ask(host, "GET", path).json()
        seen += [each["text"] for each in page["items"]]
        cursor = page["next"]
    assert seen == [f"Line {n}" for n in reversed(range(70))]


@pytest.mark.parametrize("cursor", ["x", "-1", "0", "9" * 18, "9" * 20])
def test_a_cursor_that_is_no_message_is_unknown(guest: Member, cursor: str) -> None:
    path = f"/api/rooms/{guest.room.code}/chat?cursor={cursor}"
    answer = ask(guest, "GET", path)
    assert refusal(answer)[1] in ("unknown_message", "invalid")


def test_a_message_of_another_room_is_unknown_to_every_operation(
    guest: Member, outsider: Member
) -> None:
    message = messages.post_message(member=guest, text="Hello")
    path = f"/api/rooms/{outsider.room.code}/chat"
    own = messages.post_message(member=outsider, text="Mine")
    hiding = {"messages": [str(own.pk), str(message.pk)], "hidden": True}
    for answer in (
        ask(outsider, "GET", f"{path}?cursor={message.pk}"),
        ask(outsider, "DELETE", f"{path}/{message.pk}"),
        ask(outsider, "PUT", f"{path}/hidden", hiding),
        ask(outsider, "PUT", f"{path}/{message.pk}/report", {"reason": "Rude"}),
        ask(outsider, "DELETE", f"{path}/{message.pk}/reports"),
    ):
        assert refusal(answer) == (404, "unknown_message")
    assert said(outsider)[0]["text"] == "Mine"
    assert said(guest)[0]["text"] == "Hello"


def test_the_chat_of_an_ended_room_can_be_read_and_goes_with_the_room(
    host: Member, guest: Member
) -> None:
    post(guest, "Good night")
    actions.end_room(by=host)
    assert said(guest)[0]["text"] == "Good night"
    with clock.shifted(31 * actions.DAY_MS):
        actions.erase_old(retention_days=30)
    assert not ChatMessage.objects.exists()


# --- Deleting and hiding ------------------------------------------------------------------------


def test_only_its_author_deletes_a_message_and_its_text_is_gone_for_good(
    host: Member, guest: Member
) -> None:
    message = messages.post_message(member=guest, text="Wrong room", mentions=[host.pk])
    path = f"/api/rooms/{guest.room.code}/chat/{message.pk}"
    assert refusal(ask(host, "DELETE", path)) == (403, "not_allowed")
    for _ in range(2):
        assert ask(guest, "DELETE", path).status_code == 204
    [left] = said(host)
    assert (left["state"], left["text"], left["mentions"]) == ("deleted", "", [])
    assert not ChatMessage.objects.exclude(text="").exists()


def test_a_hidden_message_is_read_by_nobody_until_it_is_shown_again(
    host: Member, guest: Member, other: Member
) -> None:
    message = messages.post_message(member=guest, text="Rude")
    for hidden, text in ((True, ""), (False, "Rude")):
        assert messages.set_hidden(by=host, message_ids=[message.pk], hidden=hidden) == [message.pk]
        for member in (host, guest, other):
            [seen] = said(member)
            history = ask(member, "GET", f"/api/rooms/{host.room.code}/chat").json()
            assert history["items"] == [seen]
            assert (seen["text"], seen["hidden_by"]) == (text, str(host.pk) if hidden else None)


def test_what_its_author_has_deleted_is_not_shown_again(host: Member, guest: Member) -> None:
    message = messages.post_message(member=guest, text="Rude")
    messages.set_hidden(by=host, message_ids=[message.pk], hidden=True)
    messages.delete_message(member=guest, message_id=message.pk)
    assert messages.set_hidden(by=host, message_ids=[message.pk], hidden=False) == []
    assert said(host)[0]["state"] == "deleted"


@pytest.mark.parametrize(
    ("by", "of"), [(by, of) for by in Role for of in Role if not by == of == Role.HOST]
)
def test_each_role_hides_messages_of_those_below_it(host: Member, by: Role, of: Role) -> None:
    moderates = read_snapshot(host)["room"]["moderates"]
    moderator, author = (_in_role(host, role) for role in (by, of))
    message = messages.post_message(member=author, text="Hello")
    path = f"/api/rooms/{host.room.code}/chat/hidden"
    answer = ask(moderator, "PUT", path, {"messages": [str(message.pk)], "hidden": True})
    assert answer.status_code == (200 if of in moderates[by] else 403)
    assert (said(host)[0]["text"] == "") == (of in moderates[by])


def _in_role(host: Member, role: Role) -> Member:
    if role == Role.HOST:
        return host
    return actions.set_role(by=host, member_id=arrived(host.room).pk, role=role)


# --- What it costs, and what is kept of it ------------------------------------------------------


def test_the_queries_of_a_message_do_not_grow_with_people_or_messages(
    room: Room, guest: Member, django_assert_num_queries: Any
) -> None:
    for n in range(20):
        messages.post_message(member=arrived(room), text=f"Line {n}")
    # Savepoint, room, author, the words blocked here, the message, the revision, savepoint.
    with django_assert_num_queries(7):
        messages.post_message(member=guest, text="Hello")


@pytest.mark.django_db(transaction=True)  # so that no savepoint has a number of its own
def test_a_message_costs_the_next_vote_no_query(
    host: Member, guest: Member, tracks: list[Track]
) -> None:
    item, _ = queue.add_track(member=host, track=tracks[0])
    voting.cast_vote(member=guest, item_id=item.pk, value=1)
    plain = queries_of(lambda: voting.cast_vote(member=guest, item_id=item.pk, value=-1))
    messages.post_message(member=guest, text="Hello")
    assert queries_of(lambda: voting.cast_vote(member=guest, item_id=item.pk, value=1)) == plain


def test_a_page_of_messages_takes_two_queries(
    guest: Member, django_assert_num_queries: Any
) -> None:
    for n in range(60):
        messages.post_message(member=guest, text=f"Line {n}")
    with django_assert_num_queries(2):
        assert len(ask(guest, "GET", f"/api/rooms/{guest.room.code}/chat").json()["items"]) == 50


def test_no_log_has_a_word_of_a_message(
    guest: Member, host: Member, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.LIMITS = {"CHAT": "2/60"}
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    for n in range(3):
        post(guest, f"heliotrope {n}", key=f"key-{n}")
    post(host, "heliotrope " * 100)
    message = ChatMessage.objects.earliest("pk")
    messages.set_hidden(by=host, message_ids=[message.pk], hidden=True)
    assert "heliotrope" not in caplog.text
    assert "heliotrope" not in f"{message} {message!r}"


def test_a_stranger_neither_reads_nor_writes(client: Client, room: Room) -> None:
    stranger = Member(guest=uuid.uuid4())
    stranger.room = room
    assert refusal(post(stranger, "Hello")) == (401, "no_membership")
    path = f"/api/rooms/{room.code}/chat"
    assert refusal(ask(client, "GET", path)) == (401, "no_membership")
