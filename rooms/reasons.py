"""Why somebody was muted or removed: a code of this list, words that a person wrote, or both.

`why` of restrictions, log entries and notices is such a text: `spam`, `spam: the same link again`,
or words alone. The page has the same sentences in `static/js/words/refusals/en.js`.
"""

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from rooms.sentences import Sentence, Translate

# Each stands within a sentence: "Reason: insults or hate."
REASON_SENTENCES: Mapping[str, Sentence] = {
    "disrupting": Sentence(_("disrupting")),
    "disturbing": Sentence(_("disturbs the room")),
    "hate": Sentence(_("insults or hate")),
    "host_asked": Sentence(_("asked for by the host")),
    "message_hidden": Sentence(_("message hidden")),
    "private_data": Sentence(_("private data of others")),
    "rude": Sentence(_("rude")),
    "sexual": Sentence(_("sexual or violent content")),
    "spam": Sentence(_("spam")),
}
_BOTH = _("{reason}: {words}")
# Between a code and the words of a person.
BETWEEN = ": "


def reason_of(code: str, words: str) -> str:
    """A reason as it is kept: a code of the list, and what somebody added to it."""
    return f"{code}{BETWEEN}{words}" if words else code


def reason_in_english(why: str) -> str:
    """A reason as it is kept, in words for programs."""
    return write_reason(why, str)


def reason_translated(why: str) -> str:
    """The same in the language of the page that shows it."""
    return write_reason(why, gettext)


def write_reason(why: str, translate: Translate) -> str:
    """A reason by a function that translates a text; what somebody wrote stays as it is."""
    code, _colon, words = why.partition(BETWEEN)
    sentence = REASON_SENTENCES.get(code)
    if sentence is None:
        return why
    reason = translate(sentence.text)
    return translate(_BOTH).format(reason=reason, words=words) if words else reason
