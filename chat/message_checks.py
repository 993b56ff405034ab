"""What the rules of a room have against a message now."""

from __future__ import annotations

from math import ceil

from django.utils.translation import gettext_noop as _

from chat.errors import BlockedWord, NotHereLongEnough, SlowMode
from chat.models import BlockedWords, ChatMessage
from chat.room_rules import ChatRules
from chat.word_matching import first_blocked, operators_words
from rooms import clock
from rooms.models import Member, Room
from rooms.roles import Role


def check(member: Member, text: str) -> None:
    """Whether the member may write this text now, in the locked room.

    Host and co-hosts need not wait. Raises `NotHereLongEnough`, `SlowMode`, `BlockedWord`.
    """
    if member.role == Role.LISTENER:
        rules = member.room.rules.of(ChatRules)
        _check_time_here(member, rules)
        _check_pace(member, rules)
    check_words(member.room, text)


def check_words(room: Room, text: str) -> None:
    """Raise `BlockedWord` if the text has a word that the site or the room does not want."""
    if word := first_blocked(text, operators_words()):
        raise BlockedWord(
            _("“{word}” is blocked on this site. Write it another way."),
            detail="blocked_by_site",
            word=word,
        )
    words = BlockedWords.objects.filter(room=room).values_list("words", flat=True).first()
    if word := first_blocked(text, words or ()):
        raise BlockedWord(word=word)


def _check_time_here(member: Member, rules: ChatRules) -> None:
    # Without the rule nothing is compared: another server's clock, by which somebody came, may be
    # ahead of this one's.
    if rules.chat_after_min == 0:
        return
    may_from_ms = member.joined_at_ms + rules.chat_after_min * 60_000
    if clock.now_ms() < may_from_ms:
        raise NotHereLongEnough(until_ms=may_from_ms, after=rules.chat_after_min)


def _check_pace(member: Member, rules: ChatRules) -> None:
    """A deleted message counts, too: deleting it brings nobody the next one sooner."""
    if rules.slow_s == 0:
        return
    written = ChatMessage.objects.filter(member=member).order_by("-pk")
    last_ms = written.values_list("created_at_ms", flat=True).first()
    if last_ms is None:
        return
    until_ms = last_ms + rules.slow_s * 1000
    wait_s = ceil((until_ms - clock.now_ms()) / 1000)
    if wait_s > 0:
        raise SlowMode(retry_after=wait_s, until_ms=until_ms, slow=rules.slow_s, wait=wait_s)
