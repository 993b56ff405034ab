"""The sentences of incidents by code, put together where they are shown.

The page has the same in `static/js/words/incidents/en.js`; the codes of a source that is
away are those of its refusals.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from music.sources import registry
from music.titles import TITLE_SENTENCES
from rooms.sentences import Choose, Sentence, Translate, english_form

INCIDENT_SENTENCES: Mapping[str, Sentence] = {
    "speaker_silent": Sentence(_("{device} is not heard of any more.")),
    "speaker_silent_waits": Sentence(
        _("{device} is not heard of any more, so the music waits."),
    ),
    "speaker_silent_goes_on": Sentence(
        _("{device} is not heard of any more, and the music goes on."),
    ),
    "speaker_barred": Sentence(_("{device} may not play the sound any more.")),
    "speaker_barred_waits": Sentence(
        _("{device} may not play the sound any more, so the music waits."),
    ),
    "speaker_barred_goes_on": Sentence(
        _("{device} may not play the sound any more, and the music goes on."),
    ),
    "speaker_back": Sentence(_("{device} plays the sound now.")),
    "stalls": Sentence(_("{title} stalls.")),
    "lags_behind": Sentence(_("{device} lags behind in {title}.")),
    "waits_for_tap": Sentence(_("{device} is silent: its browser waits for a tap.")),
    "plays_on": Sentence(_("{title} plays on.")),
    "paused_on_device": Sentence(
        _("{source} was paused on its device, so the music waits. Press play to go on."),
    ),
    "slept": Sentence(_("{device} was asleep, and is back.")),
    "suspended": Sentence(_("The browser of {device} held the sound back for a moment.")),
    "would_not_play_next_started": Sentence(
        _("{title} would not play, so the next one started."),
    ),
    "would_not_play_next_waits": Sentence(_("{title} would not play, so the next one waits.")),
    "would_not_play_nothing_waits": Sentence(
        _("{title} would not play, and nothing else waits."),
    ),
    "three_failed": Sentence(
        _(
            "Three tracks in a row would not play, so the music waits. "
            "Look after the device, then press play."
        ),
    ),
    "device_failed_three": Sentence(
        _(
            "{device} could not play three tracks, so the music waits. "
            "They are back in the queue. Check the device, then press play."
        ),
    ),
    "device_silent": Sentence(
        _("{device} plays no sound, so the music waits. Check it, then press play."),
    ),
    "source_back": Sentence(_("{source} is back.")),
    "folder_away": Sentence(_("The folder {folder} cannot be reached.")),
    "folder_back": Sentence(_("The folder {folder} is back.")),
    "file_unreadable": Sentence(_("{title} cannot be read now. It keeps its votes and waits.")),
    "files_unreadable": Sentence(
        _("{title} and {n} more cannot be read now. They keep their votes and wait."),
    ),
    "station_silent": Sentence(_("{station} does not answer.")),
    "station_back": Sentence(_("{station} is back.")),
}
# Why a device could not play, by the codes that it gives.
CAUSE_SENTENCES: Mapping[str, Sentence] = {
    "decode": Sentence(_("the file is damaged, or of a kind this browser cannot play")),
    "device": Sentence(_("not even a known good sound plays there")),
    "missing": Sentence(_("the file is gone")),
    "network": Sentence(_("the line broke")),
    "slept": Sentence(_("the device slept")),
    "stalled": Sentence(_("the sound stood still")),
    "suspended": Sentence(_("the browser held the sound")),
}
# What follows where tracks wait for a source, a folder or a station.
TRACKS_WAIT = Sentence(
    _("{n} tracks keep their votes and wait."),
    one=_("{n} track keeps its votes and waits."),
)
DEVICE_OF = Sentence(_("{who}’s {device}"))
DEVICE_OF_NOBODY = Sentence(_("A {device}"))


def incident_in_english(code: str, values: Mapping[str, Any]) -> str:
    """The sentence of an incident for programs; empty for a code that is not known here."""
    return _written(code, values, str, english_form)


def incident_translated(code: str, values: Mapping[str, Any]) -> str:
    """The same in the language of the page that shows it."""
    return _written(code, values, gettext, ngettext)


def cause_translated(code: str) -> str:
    """Why a device could not play, in the language of the page; the code where it has no words."""
    sentence = CAUSE_SENTENCES.get(code)
    return sentence.translated({}) if sentence else code


def _written(code: str, values: Mapping[str, Any], translate: Translate, choose: Choose) -> str:
    sentence = INCIDENT_SENTENCES.get(code) or registry.away_sentences().get(code)
    if sentence is None:
        return ""
    filled = dict(values)
    if "device" in values:
        of = DEVICE_OF if "who" in values else DEVICE_OF_NOBODY
        filled["device"] = of.written(values, translate, choose)
    if own := TITLE_SENTENCES.get(values.get("folder_code", "")):
        filled["folder"] = own.written({}, translate, choose)
    said = sentence.written(filled, translate, choose)
    if waiting := values.get("waiting"):
        said += f" {TRACKS_WAIT.written({'n': waiting}, translate, choose)}"
    return said
