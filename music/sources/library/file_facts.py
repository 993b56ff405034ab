"""What the process that reads files tells the server of one, and how the two begin to talk.

Apart from the parsers themselves, which the server never runs and so need not hold in memory.
"""

from dataclasses import dataclass, field

# What the process says first.
READY = b"ready\n"
# A larger picture is no cover anyway.
PICTURE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True)
class Cover:
    """A picture in two sizes. `name` is made of its original bytes: the same picture has the same.

    `large` is a JPEG, which every lock screen can show; `small` a WebP, of which pages show many.
    """

    name: str
    large: bytes
    small: bytes


@dataclass(frozen=True)
class Tags:
    """A track as its file describes it. `gain_db` is relative to -18 LUFS, 0 if unknown.

    `tempo` is in beats a minute; `key` is written "A" or "Am"; `mbid` is the recording's id at
    MusicBrainz. None and "" are unknown.

    `picture` is the cover as the file holds it, and never leaves the process that reads the file;
    `cover` is what becomes of it there.
    """

    title: str
    artists: list[str]
    album: str
    duration_ms: int
    gain_db: float
    explicit: bool
    isrc: str
    genres: list[str] = field(default_factory=list)
    year: int | None = None
    tempo: int | None = None
    key: str = ""
    mbid: str = ""
    picture: bytes = b""
    cover: Cover | None = None
