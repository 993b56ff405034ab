"""The rules of a room about its chat: pace, time here, and words."""

from typing import Any

import pytest

from chat.actions import blocked_words, messages
from chat.errors import BlockedWord, NotHereLongEnough, SlowMode
from chat.models import ChatMessage
from chat.word_matching import first_blocked
from rooms import actions, clock
from rooms.errors import Invalid, NotAllowed
from rooms.models import Member
from rooms.roles import Role
from rooms.snapshot import read_snapshot
from tests.conftest import arrived
from tests.http import ask, refusal
from tests.test_chat import post


def choose(host: Member, **changes: object) -> None:
    actions.change_rules(by=host, changes=changes)


# --- Pace ---------------------------------------------------------------------------------------


def test_in_slow_mode_the_second_message_is_told_when_it_may_come(
    host: Member, guest: Member
) -> None:
    choose(host, slow_s=30)
    post(guest, "First")
    answer = post(guest, "Second")
    assert refusal(answer) == (429, "slow_mode")
    assert 0 < answer.json()["error"]["retry_after"] <= 30
    until_ms = answer.json()["error"]["until_ms"]
    with clock.shifted(until_ms - clock.now_ms() + 1):
        assert post(guest, "Second").status_code == 201


def test_a_message_that_came_too_soon_is_written_when_it_is_sent_again(
    host: Member, guest: Member
) -> None:
    """With the same key, as the outbox of a page sends it."""
    choose(host, slow_s=30)
    post(guest, "First")
    assert post(guest, "Second", key="one-intent").status_code == 429
    with clock.shifted(30_000):
        for _ in range(2):
            assert post(guest, "Second", key="one-intent").status_code == 201
    assert ChatMessage.objects.count() == 2


def test_without_a_time_to_wait_nobody_waits_for_another_servers_clock(guest: Member) -> None:
    """Whoever came by a server whose clock is ahead came in the future of this one's."""
    with clock.shifted(-5_000):
        assert post(guest, "First").status_code == 201


def test_a_deleted_message_brings_nobody_the_next_one_sooner(host: Member, guest: Member) -> None:
    choose(host, slow_s=30)
    message = messages.post_message(member=guest, text="First")
    messages.delete_message(member=guest, message_id=message.pk)
    with pytest.raises(SlowMode):
        messages.post_message(member=guest, text="Second")


def test_host_and_cohosts_need_not_wait(host: Member, guest: Member) -> None:
    choose(host, slow_s=300, chat_after_min=60)
    actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    for member in (host, host, guest, guest):
        assert messages.post_message(member=member, text="Hello")


def test_one_member_waits_for_nobody_elses_messages(
    host: Member, guest: Member, other: Member
) -> None:
    choose(host, slow_s=30)
    messages.post_message(member=guest, text="Hello")
    assert messages.post_message(member=other, text="Hello")


@pytest.mark.parametrize("value", [-1, 301, None, 1.5, "30", True])
def test_slow_mode_takes_up_to_300_seconds(host: Member, value: Any) -> None:
    with pytest.raises(Invalid, match="whole number from 0 to 300"):
        choose(host, slow_s=value)


# --- Time here ----------------------------------------------------------------------------------


def test_who_has_just_come_is_told_from_when_they_may_chat(host: Member) -> None:
    choose(host, chat_after_min=5)
    newcomer = arrived(host.room)
    answer = post(newcomer, "Hello")
    assert refusal(answer) == (409, "not_here_long_enough")
    since_ms = read_snapshot(newcomer)["me"]["here_since_ms"]
    assert answer.json()["error"]["until_ms"] == since_ms + 5 * 60_000
    with clock.shifted(5 * 60_000 + 1):
        assert post(newcomer, "Hello").status_code == 201


def test_time_here_counts_from_ones_first_arrival_not_from_each_visit(host: Member) -> None:
    choose(host, chat_after_min=5)
    newcomer = arrived(host.room)
    with clock.shifted(4 * 60_000):
        actions.join(room=host.room, guest=newcomer.guest)
        with pytest.raises(NotHereLongEnough):
            messages.post_message(member=newcomer, text="Hello")


# --- Words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("d! ? x", "d!! -x", "काम काम"),
        *("spam", "SPAM!", "no Spam, please", "ｓｐａｍ", "sppaaam", "s\u200bpam", "sp\u0336am"),
        *("ＳＰＡＭＭＭ", "buy  NOW", "buy-now", "buuuy now", "Straße", "STRASSE", "你是笨蛋吗"),
    ],
)
def test_a_word_is_found_in_other_spellings(text: str) -> None:
    assert first_blocked(text, ["spam", "buy now", "strasse", "笨蛋", "d! ! x", "काम"])


@pytest.mark.parametrize("text", ["spammer", "as", "assume", "good", "spa m", "buynow", "", "ham"])
def test_other_words_are_left_alone(text: str) -> None:
    assert first_blocked(text, ["spam", "ass", "goood", "buy now"]) is None


def test_a_word_of_the_operator_without_a_letter_blocks_nothing() -> None:
    assert first_blocked("Hello ´", ["´"]) is None


def test_the_sender_is_told_whose_list_has_which_word(
    host: Member, guest: Member, settings: Any
) -> None:
    settings.CHAT_BLOCKED_WORDS = ["casino"]
    blocked_words.set_blocked_words(by=host, words=["karaoke"])
    for text, sentence in (
        ("KARAOOOKE", "The host blocked “karaoke” in this room. Write it another way."),
        ("Casino?", "“casino” is blocked on this site. Write it another way."),
    ):
        answer = post(guest, text)
        assert refusal(answer) == (409, "blocked_word")
        assert answer.json()["error"]["message"] == sentence
    assert not ChatMessage.objects.exists()


def test_only_the_host_reads_and_sets_the_list(host: Member, guest: Member) -> None:
    actions.set_role(by=host, member_id=guest.pk, role=Role.COHOST)
    with pytest.raises(NotAllowed):
        blocked_words.set_blocked_words(by=guest, words=["spam"])
    assert blocked_words.set_blocked_words(by=host, words=[" Spam ", "SPAM", "buy  now"]) == [
        "Spam",
        "buy now",
    ]
    assert read_snapshot(host)["blocked_words"] == ["Spam", "buy now"]
    assert "blocked_words" not in read_snapshot(guest)


@pytest.mark.parametrize(
    "wrong",
    [
        ["\u200b"],
        ["´"],
        ["x" * 41],
        ["\ufdfa" * 40],
        [f"word{n}" for n in range(101)],
        [1],
        "spam",
        None,
    ],
)
def test_a_list_that_cannot_be_is_refused_and_the_old_one_stays(host: Member, wrong: Any) -> None:
    blocked_words.set_blocked_words(by=host, words=["spam"])
    path = f"/api/rooms/{host.room.code}/chat/blocked-words"
    assert refusal(ask(host, "PUT", path, {"words": wrong})) == (422, "invalid")
    assert read_snapshot(host)["blocked_words"] == ["spam"]


def test_a_long_list_and_a_long_message_are_compared_in_one_pass(host: Member) -> None:
    """Letters that repeat must not make a search go back and forth."""
    listed = blocked_words.set_blocked_words(by=host, words=[f"{'ab' * 19}{n}" for n in range(100)])
    with pytest.raises(BlockedWord):
        messages.post_message(member=host, text=f"{'ab ' * 150}{listed[-1]}")
    assert messages.post_message(member=host, text="ab" * 250)


def test_a_word_of_signs_does_not_stop_the_server(host: Member) -> None:
    """Signs are what may stand for a space, too: a search that tried all ways would not end."""
    blocked_words.set_blocked_words(
        by=host, words=[f"{'! ' * 15}x", f"x{' _' * 15}", "_ " * 15 + "_x"]
    )
    assert messages.post_message(member=host, text=f"x{'!' * 240} {'_' * 240}")
