"""Titles inside a stream: SHOUTcast's and Icecast's metadata, known as ICY.

After every `icy-metaint` bytes of sound stands one byte, the length of what follows in units of
16 bytes, and then text such as `StreamTitle='Artist - Title';`.
"""

import re

from music.sources.radio.errors import NoStream

TITLE_LENGTH = 200
# Stations have 8,192 or 16,000. Titles after each few bytes would keep the event loop busy.
LEAST_INTERVAL = 256
_LARGEST_INTERVAL = 1024 * 1024
_TITLE_BEGINS = b"StreamTitle='"
_TITLE_ENDS = re.compile(rb"'(?:;|\x00|\Z)")


def interval_of(header: str | None) -> int | None:
    """The number of bytes between titles that a server announces; None: it sends none.

    Raises `NoStream` for one below `LEAST_INTERVAL`.
    """
    if header is None or not (header.isascii() and header.isdigit() and len(header) <= 7):
        return None
    if 0 < int(header) < LEAST_INTERVAL:
        raise NoStream
    return int(header) if 0 < int(header) <= _LARGEST_INTERVAL else None


class IcySplitter:
    """Parts sound from titles. `title` is the latest; None before the first, "" for no title."""

    def __init__(self, interval: int | None) -> None:
        self._interval = interval
        self._sound_left = interval or 0
        self._text_left = 0
        self._text = b""
        self.title: str | None = None

    def feed(self, data: bytes) -> bytes:
        """The sound in the next piece of a stream, however it was cut."""
        if self._interval is None:
            return data
        sound = []
        at = 0
        while at < len(data):
            if self._text_left:
                part = data[at : at + self._text_left]
                at += len(part)
                self._text += part
                self._text_left -= len(part)
                if not self._text_left:
                    self._read_title()
            elif self._sound_left:
                part = data[at : at + self._sound_left]
                at += len(part)
                sound.append(part)
                self._sound_left -= len(part)
            else:
                self._text_left = data[at] * 16
                at += 1
                self._text, self._sound_left = b"", self._interval
        return b"".join(sound)

    def _read_title(self) -> None:
        """One pass, whatever stands there: a title that does not end is looked for only once."""
        _, begins, rest = self._text.partition(_TITLE_BEGINS)
        if begins and (end := _TITLE_ENDS.search(rest)) is not None:
            self.title = read_title(rest[: end.start()])


def read_title(raw: bytes) -> str:
    """What a station says is on, as people read it: "Artist, Title".

    Stations write UTF-8, or else what Windows writes in western Europe.
    """
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    artist, dash, title = text.partition(" - ")
    return (f"{artist}, {title}" if dash and artist and title else text)[:TITLE_LENGTH]
