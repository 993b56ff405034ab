"""Why a file cannot be used: a code, with a value after a colon where its sentence has a place.

`unreadable_words` has the sentences. Imports nothing of Django's: the reading process, too, says
why (`music.sources.library.reading_process`).
"""

NO_SOUND = "no_sound"
DAMAGED = "damaged"
EMPTY = "empty"
PROTECTED = "protected"
APPLE_LOSSLESS = "apple_lossless"
M4A_ENCODING = "m4a_encoding"
MPEG_LAYER = "mpeg_layer"
WAV_64_BIT = "wav_64_bit"
WAV_ENCODING = "wav_encoding"
WAV_OF = "wav_of"
LONGER_THAN_A_DAY = "longer_than_a_day"
TOO_MUCH_MEMORY = "too_much_memory"
TOO_MUCH_TIME = "too_much_time"
READING_FAILS = "reading_fails"
READING_ENDED = "reading_ended"
DISK_FAILED = "disk_failed"
DISK_TOO_SLOW = "disk_too_slow"
DISK_REFUSED = "disk_refused"
NO_PERMISSION = "no_permission"
NOT_THERE = "not_there"
NO_FOLDER = "no_folder"
PATH_TOO_LONG = "path_too_long"
LINK_NOWHERE = "link_nowhere"
LINK_OUTSIDE = "link_outside"
FOLDER_LINK_OUTSIDE = "folder_link_outside"
WENT_AWAY = "went_away"
BETWEEN = ": "


class UnreadableFile(Exception):
    """The file cannot be played; the text of the error is the code that says why.

    `is_passing`: that lies with the disk or the machine and leaves no trace on the file, so it is
    to be read again by the next scan. Anything else stays until the file changes.
    """

    def __init__(self, reason: str, *, is_passing: bool = False) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


def with_value(code: str, value: str) -> str:
    """A reason of which the sentence has a place for a value."""
    return f"{code}{BETWEEN}{value}"


def why(error: OSError) -> str:
    """The code for what the operating system refused."""
    match error:
        case PermissionError():
            return NO_PERMISSION
        case FileNotFoundError():
            return NOT_THERE
        case NotADirectoryError():
            return NO_FOLDER
        case _:
            return with_value(DISK_REFUSED, error.strerror or type(error).__name__)
