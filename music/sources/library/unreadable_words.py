"""Why a file cannot be used, in words, by the codes of `music.sources.library.unreadable`."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext_noop as _

from music.sources.library import unreadable
from rooms.sentences import Sentence

UNREADABLE_SENTENCES: Mapping[str, Sentence] = {
    unreadable.NO_SOUND: Sentence(_("There is no sound in it.")),
    unreadable.DAMAGED: Sentence(_("It is damaged, or not the format its name says.")),
    unreadable.EMPTY: Sentence(_("The file is empty.")),
    unreadable.PROTECTED: Sentence(_("It is copy-protected.")),
    unreadable.APPLE_LOSSLESS: Sentence(
        _("It is Apple Lossless, which most browsers cannot play.")
    ),
    unreadable.M4A_ENCODING: Sentence(
        _("It is M4A with an unusual encoding, which browsers cannot play.")
    ),
    unreadable.MPEG_LAYER: Sentence(_("It is MPEG of layer I or II, which browsers cannot play.")),
    unreadable.WAV_64_BIT: Sentence(
        _("It is WAV with 64-bit numbers, which browsers cannot play.")
    ),
    unreadable.WAV_ENCODING: Sentence(
        _("It is WAV with an unusual encoding, which browsers cannot play.")
    ),
    unreadable.WAV_OF: Sentence(_("It is WAV with {value}, which browsers cannot play.")),
    unreadable.LONGER_THAN_A_DAY: Sentence(_("It is longer than a day.")),
    unreadable.TOO_MUCH_MEMORY: Sentence(_("Its tags take more than 256 MB of memory.")),
    unreadable.TOO_MUCH_TIME: Sentence(_("It takes too much work to read: its tags are too many.")),
    unreadable.READING_FAILS: Sentence(_("Reading it fails: a part of it is damaged.")),
    unreadable.READING_ENDED: Sentence(
        _("The system ended the reading of it; memory may be short.")
    ),
    unreadable.DISK_FAILED: Sentence(_("The disk stopped giving it while it was read.")),
    unreadable.DISK_TOO_SLOW: Sentence(_("The disk takes more than 60 s to give it.")),
    unreadable.DISK_REFUSED: Sentence(_("The disk refused to give it: {value}.")),
    unreadable.NO_PERMISSION: Sentence(_("The server has no permission to read it.")),
    unreadable.NOT_THERE: Sentence(_("It is not there.")),
    unreadable.NO_FOLDER: Sentence(_("It is not a folder.")),
    unreadable.PATH_TOO_LONG: Sentence(_("Its path is too long.")),
    unreadable.LINK_NOWHERE: Sentence(_("The link leads nowhere.")),
    unreadable.LINK_OUTSIDE: Sentence(_("The link leads out of the music folder.")),
    unreadable.FOLDER_LINK_OUTSIDE: Sentence(
        _("The link leads out of the music folder: name its target in MUSIC_DIRS.")
    ),
    unreadable.WENT_AWAY: Sentence(_("It went away while its files were read.")),
}


def unreadable_in_english(reason: str) -> str:
    """A reason for a log; one that is not known here as it is."""
    return _written(reason, Sentence.in_english)


def unreadable_translated(reason: str) -> str:
    """The same in the language of who reads it."""
    return _written(reason, Sentence.translated)


def _written(reason: str, write: Callable[[Sentence, Mapping[str, str]], str]) -> str:
    code, _colon, value = reason.partition(unreadable.BETWEEN)
    sentence = UNREADABLE_SENTENCES.get(code)
    return reason if sentence is None else write(sentence, {"value": value})
