"""The feature of `discovery`: suggestions that fit what a room plays and likes."""

from django.utils.translation import gettext_noop as _

from discovery.actions.autofill import follow_rule
from discovery.actions.dismissing import data_of_guest, erase_dismissals
from discovery.actions.learning import erase_room
from discovery.parts import PARTS
from discovery.room_rules import DiscoveryRules
from discovery.services import labs, lastfm
from rooms.features import Feature
from rooms.limits import Limit

_OUTSIDE = _("{count} calls {window}. The next one in {wait} s.")


def _breakers() -> dict[str, int]:
    services = (lastfm.CONNECTION, labs.CONNECTION, labs.MUSICBRAINZ)
    return {each.name: each.closed_until_ms() for each in services}


FEATURE = Feature(
    name="discovery",
    rules=DiscoveryRules,
    limits={
        "SUGGESTIONS": Limit(
            "60/60", _("Easy: {count} suggestions {window}. Try again in {wait} s.")
        ),
        "DISMISSALS": Limit(
            "60/60", _("Easy: {count} dismissals {window}. Try again in {wait} s.")
        ),
        # What services outside are asked, by all processes and rooms together.
        "LASTFM": Limit("4/1", _OUTSIDE),
        "LABS": Limit("25/10", _OUTSIDE),
        "MUSICBRAINZ": Limit("1/1", _OUTSIDE),
    },
    parts=PARTS,
    around_rules_change=follow_rule,
    erase_guest=erase_dismissals,
    data_of_guest=data_of_guest,
    erase_room=erase_room,
    breakers=_breakers,
)
