"""The rules of a room about its chat."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from rooms.rules import OpenTo, RuleSentence, RuleSet, rule


@dataclass(frozen=True)
class ChatRules(RuleSet):
    """What holds in the chat of a room; the first two for listeners alone.

    A listener writes one message in `slow_s` seconds, and the first one `chat_after_min` minutes
    after they came. 0 is no such rule.
    """

    slow_s: int = rule(
        0,
        least=0,
        most=300,
        presets={"stream": 10},
        title=_("Slow chat"),
        steps=(0, 5, 10, 20, 30, 60, 120, 300),
        unit=_("s"),
        words={0: _("Off")},
        note=_("Listeners wait this long between messages. Hosts need not."),
        reads=(
            RuleSentence(
                "slow_chat",
                _("You write one message in {s} s."),
                when=lambda rules: rules.slow_s and rules._is_open,
                values=lambda rules: {"s": rules.slow_s},
            ),
        ),
    )
    chat_after_min: int = rule(
        0,
        least=0,
        most=60,
        title=_("Chat after"),
        steps=(0, 1, 2, 5, 10, 20, 30, 60),
        unit=_("min"),
        words={0: _("At once")},
        note=_("Listeners may write this long after they came. Hosts need not wait."),
        reads=(
            RuleSentence(
                "chat_after",
                _("You write after {min} min here."),
                when=lambda rules: rules.chat_after_min and rules._is_open,
                values=lambda rules: {"min": rules.chat_after_min},
            ),
        ),
    )
    may_chat: OpenTo = rule(
        OpenTo.EVERYONE,
        title=_("Chat"),
        called=_("who may chat"),
        reads=(
            RuleSentence(
                "hosts_chat",
                _("Only the host and co-hosts write here."),
                when=lambda rules: not rules._is_open,
            ),
        ),
    )
    may_react: OpenTo = rule(OpenTo.EVERYONE, title=_("React"), called=_("who may react"))

    @property
    def _is_open(self) -> bool:
        return self.may_chat == OpenTo.EVERYONE
