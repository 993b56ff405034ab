"""The process that reads audio files for the scan.

It is started with the seconds of the processor that each may take, as `python -m
music.sources.library.reading_process 10`, by `music.sources.library.reader`, the other side. A file
that makes a parser take all the memory or time there is ends this process, not the server.

It is asked on its standard input, a line each: `audio` or `cover`, and a path, in base64 because a
path may be any bytes. It answers on its standard output: `READY` once, then a line of JSON for
each, and behind it as many bytes as that says, of its cover in two sizes. Nothing of Django's is
loaded here, and no secret of the server is in its environment.
"""

import base64
import contextlib
import dataclasses
import json
import os
import resource
import signal
import sys
from typing import Any

from music.sources.library import audio_tags
from music.sources.library.file_facts import PICTURE_BYTES, READY, Cover
from music.sources.library.thumbnails import make_cover
from music.sources.library.unreadable import TOO_MUCH_MEMORY, UnreadableFile

# What reading may take, of ordinary files a tenth: a picture is copied a few times on its way.
MEMORY_BYTES = 256 * 1024 * 1024


def main(cpu_seconds: float) -> None:
    """Answer until nobody asks any more. Each file may take so many seconds of the processor."""
    _limit()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # whatever a library prints is no answer
    answers.write(READY)
    answers.flush()
    for line in requests:
        # The timer counts time on the processor only, so that a slow disk is not blamed on a file;
        # what it ends is ended by the signal, since a parser may be deep in a call that never
        # returns to Python.
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        kind, path = line.split()
        answer, cover = _ANSWERS[kind](os.fsdecode(base64.b64decode(path)))
        signal.setitimer(signal.ITIMER_PROF, 0)
        pictures = b"" if cover is None else cover.large + cover.small
        if cover is not None:
            answer["cover"] = {"name": cover.name, "large": len(cover.large)}
        answers.write(json.dumps({**answer, "bytes": len(pictures)}).encode() + b"\n" + pictures)
        answers.flush()
        if answer.get("is_last"):
            return  # what is left in the heap would count against the next file


def _read_audio(path: str) -> tuple[dict[str, Any], Cover | None]:
    try:
        read = audio_tags.read(path)
    except UnreadableFile as error:
        return {"error": str(error), "is_passing": error.is_passing}, None
    except MemoryError:
        return {"error": TOO_MUCH_MEMORY, "is_passing": False, "is_last": True}, None
    said = {field.name: getattr(read, field.name) for field in dataclasses.fields(read)}
    del said["cover"]
    answer, cover = _shrink(said.pop("picture"))
    return {"tags": said, **answer}, cover


def _read_cover(path: str) -> tuple[dict[str, Any], Cover | None]:
    try:
        with open(path, "rb") as file:
            return _shrink(file.read(PICTURE_BYTES + 1))
    except OSError:
        return {}, None


def _shrink(picture: bytes) -> tuple[dict[str, Any], Cover | None]:
    try:
        return {}, make_cover(picture) if 0 < len(picture) <= PICTURE_BYTES else None
    except MemoryError:
        return {"is_last": True}, None


_ANSWERS = {b"audio": _read_audio, b"cover": _read_cover}


def _limit() -> None:
    """Bound memory, and allow no file to be written. What a system does not know it leaves out."""
    limits = {
        # Of data and heap; a memory map of a file is not counted, however large the file.
        resource.RLIMIT_DATA: MEMORY_BYTES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for what, most in limits.items():
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))
    os.nice(5)


if __name__ == "__main__":
    main(float(sys.argv[1]))
