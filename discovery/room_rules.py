"""The rules of a room about its suggestions."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_noop as _

from rooms.models import Room
from rooms.rules import RuleSentence, RuleSet, rule


@dataclass(frozen=True)
class DiscoveryRules(RuleSet):
    """What a host decides about suggestions.

    `autofill`: with fewer than two tracks waiting, the room adds one suggestion by itself.
    `ask_services`: titles and artists of this room may go to services outside, for suggestions.
    """

    autofill: bool = rule(
        False,
        title=_("Add suggestions by itself"),
        called=_("suggestions by itself"),
        note={
            True: _("With fewer than 2 tracks waiting, one is added. Members’ tracks go first."),
            False: _("When the queue runs dry, the shelf plays on."),
        },
        reads=(
            RuleSentence(
                "autofill",
                _("When few tracks wait, the room adds one itself."),
                when=lambda rules: rules.autofill,
            ),
        ),
    )
    ask_services: bool = rule(
        True,
        title=_("Ask ListenBrainz and Last.fm for suggestions"),
        called=_("suggestions from ListenBrainz and Last.fm"),
        note={
            True: _("Titles and artists go there, and nothing about people."),
            False: _("Nothing of this room goes there."),
        },
        reads=(
            RuleSentence(
                "no_services",
                _("Nothing goes to ListenBrainz or Last.fm."),
                when=lambda rules: not rules.ask_services,
            ),
        ),
    )


def discovery_rules(room: Room) -> DiscoveryRules:
    """The rules of a room about its suggestions. Asks no database."""
    return room.rules.of(DiscoveryRules)
