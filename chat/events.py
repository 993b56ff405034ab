"""What can happen in the chat of a room: one frozen dataclass per fact."""

from dataclasses import dataclass

from chat.shapes import MessageShape, ReportShape
from rooms.acts import GOVERN, MODERATE
from rooms.audience import Audience, who_may
from rooms.events import Event

SEES_BLOCKED_WORDS = who_may(GOVERN)
SEES_REPORTS = who_may(MODERATE)


@dataclass(frozen=True)
class MessagePosted(Event):
    """A member has written a message."""

    type = "chat.posted"
    parts = ("chat",)
    can_wait = True
    message: MessageShape


@dataclass(frozen=True)
class MessagesHidden(Event):
    """The host or a co-host has hidden these messages (ids); `by` is their id, None: the site."""

    type = "chat.hidden"
    parts = ("chat", "reports")
    messages: list[str]
    by: str | None


@dataclass(frozen=True)
class MessagesShown(Event):
    """These messages were hidden, and can be read again."""

    type = "chat.shown"
    parts = ("chat",)
    messages: list[MessageShape]


@dataclass(frozen=True)
class MessageDeleted(Event):
    """Its author has deleted the message (id); its text is gone."""

    type = "chat.deleted"
    parts = ("chat", "reports")
    message: str


@dataclass(frozen=True)
class BlockedWordsChanged(Event):
    """These words are blocked in the chat of the room now, and no others."""

    type = "chat.words_changed"
    parts = ("blocked_words",)
    words: list[str]

    @property
    def audience(self) -> Audience:
        return SEES_BLOCKED_WORDS


@dataclass(frozen=True)
class MessageReported(Event):
    """All that people now say against a message."""

    type = "chat.reported"
    parts = ("reports",)
    report: ReportShape

    @property
    def audience(self) -> Audience:
        return SEES_REPORTS


@dataclass(frozen=True)
class ReportsCleared(Event):
    """The host or a co-host has looked at what was reported of the message (id), and leaves it."""

    type = "chat.reports_cleared"
    parts = ("reports",)
    message: str

    @property
    def audience(self) -> Audience:
        return SEES_REPORTS


@dataclass(frozen=True)
class ReactionsCounted(Event):
    """So often each reaction was given to this subject, by now."""

    type = "reactions.counted"
    parts = ("reactions",)
    can_wait = True
    subject: str
    counts: dict[str, int]
