"""Why a file cannot be used, in plain words. Imports nothing of Django's: the reading process, too,
says so (`music.sources.library.reading_process`).
"""

NO_SOUND = "There is no sound in it."
DAMAGED = "It is damaged, or not the format its name says."


class UnreadableFile(Exception):
    """The file cannot be played; the message says why, in plain words.

    `is_passing`: that lies with the disk or the machine and leaves no trace on the file, so it is
    to be read again by the next scan. Anything else stays until the file changes.
    """

    def __init__(self, reason: str, *, is_passing: bool = False) -> None:
        super().__init__(reason)
        self.is_passing = is_passing


def cannot_be_played(what: str) -> UnreadableFile:
    """The refusal of a kind of sound, named as in "Apple Lossless"."""
    return UnreadableFile(f"It is {what}, which browsers cannot play.")


def why(error: OSError) -> str:
    """A sentence for what the operating system refused."""
    match error:
        case PermissionError():
            return "The server has no permission to read it."
        case FileNotFoundError():
            return "It is not there."
        case NotADirectoryError():
            return "It is not a folder."
        case _:
            return f"The disk refused to give it: {error.strerror or type(error).__name__}."
