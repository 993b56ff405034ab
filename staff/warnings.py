"""What the site says by code: to one person about something of theirs, or to a room.

A page has the same words in `static/js/words/warnings/en.js`.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

from rooms.sentences import Sentence

WARNING_SENTENCES: Mapping[str, Sentence] = {
    "message_hidden": Sentence(_("The site hid a message of yours: {why}.")),
    "report_hidden": Sentence(_("The site hid the message that you reported.")),
    "report_left": Sentence(_("The site looked at the message that you reported. It stays.")),
    "room_ended": Sentence(_("The site ended this room: {why}.")),
    "track_removed": Sentence(_("The site removed your track “{title}”: {why}.")),
    "track_skipped": Sentence(_("The site skipped your track “{title}”: {why}.")),
}
