"""Audio files read in a process of its own, bounded in memory and time (`reading_process`).

One process reads file after file. It is started when the first file is to be read, and again after
a file has ended it.
"""

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from music.sources.library.file_facts import PICTURE_BYTES, READY, Cover, Tags
from music.sources.library.unreadable import (
    DISK_FAILED,
    DISK_TOO_SLOW,
    READING_ENDED,
    READING_FAILS,
    TOO_MUCH_TIME,
    UnreadableFile,
)

# Somebody, or a system short of memory, ends a process with these; a file does not.
_FROM_OUTSIDE = {signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
# An ordinary file takes a hundredth of a second, one of a whole day without a table two seconds.
_CPU_SECONDS = 10.0
_WAIT_S = 60.0
_LONGEST_LINE = 256 * 1024
_PROJECT = Path(__file__).resolve().parents[3]
# What an interpreter needs to start where this one did; no setting of ours, so no secret either.
_PASSED_ON = ("PATH", "PYTHON", "LD_", "DYLD_", "LANG", "LC_")


class ReaderDidNotStart(Exception):
    """No file can be read, for a reason that has nothing to do with files."""


class FileReader:
    """Reads the tags and the length of audio files. A context manager; for one thread at a time."""

    def __init__(self, *, cpu_seconds: float = _CPU_SECONDS) -> None:
        self._cpu_seconds = cpu_seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; the next file would start another one."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                # What was not written any more is of no use to anybody.
                with suppress(BrokenPipeError):
                    pipe.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)  # one that hangs in a dead disk is not waited for

    def read(self, path: str) -> Tags:
        """Read one audio file.

        Raises `UnreadableFile`, whatever is wrong with it, and `ReaderDidNotStart`.
        """
        process = self._process or self._start()
        try:
            answer, cover = self._ask(process, b"audio", path)
        except (BrokenPipeError, EOFError):
            raise self._refusal(process) from None
        except TimeoutError:
            self.close()
            raise UnreadableFile(DISK_TOO_SLOW, is_passing=True) from None
        if answer.get("is_last"):
            self.close()
        if "error" not in answer:
            return Tags(**answer["tags"], cover=cover)
        raise UnreadableFile(answer["error"], is_passing=answer["is_passing"])

    def read_cover(self, path: str) -> Cover | None:
        """A picture file in the sizes that pages show; None if it is none, or too much work.

        Raises `ReaderDidNotStart`.
        """
        process = self._process or self._start()
        try:
            answer, cover = self._ask(process, b"cover", path)
        except (BrokenPipeError, EOFError, TimeoutError):
            self.close()
            return None
        if answer.get("is_last"):
            self.close()
        return cover

    def _start(self) -> subprocess.Popen[bytes]:
        named = {key: value for key, value in os.environ.items() if key.startswith(_PASSED_ON)}
        command = [sys.executable, "-m", "music.sources.library.reading_process"]
        try:
            process = self._process = subprocess.Popen(  # noqa: S603
                [*command, str(self._cpu_seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=_PROJECT,
                # A key or a signal that ends the server is not to look like the fault of a file.
                start_new_session=True,
                # UTF-8 mode, so that names have the same bytes on both sides.
                env={**named, "PYTHONUTF8": "1"},
            )
        except OSError as error:  # too many processes or open files, or too little memory
            raise ReaderDidNotStart from error
        received = bytearray()
        try:
            for piece in self._pieces(process):
                received += piece
                if received == READY:
                    return process
        except (EOFError, TimeoutError):
            pass
        self.close()
        raise ReaderDidNotStart

    def _ask(
        self, process: subprocess.Popen[bytes], kind: bytes, path: str
    ) -> tuple[dict[str, Any], Cover | None]:
        """The answer and its cover. Raises `EOFError` or `TimeoutError` when none comes."""
        assert process.stdin is not None
        process.stdin.write(kind + b" " + base64.b64encode(os.fsencode(path)) + b"\n")
        process.stdin.flush()
        received = bytearray()
        answer: dict[str, Any] = {}
        end = 0
        for piece in self._pieces(process):
            received += piece
            if not end and b"\n" in piece:
                end = received.index(b"\n") + 1
                answer = json.loads(received[:end])
            if end and len(received) >= end + answer["bytes"]:
                return answer, _cover_of(answer, bytes(received[end:]))
            if len(received) > _LONGEST_LINE + PICTURE_BYTES:
                break
        raise EOFError

    def _pieces(self, process: subprocess.Popen[bytes]) -> Iterator[bytes]:
        """What it says, as it comes. Raises `EOFError` at its end, `TimeoutError` when it waits."""
        assert process.stdout is not None
        until = time.monotonic() + _WAIT_S
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while selector.select(max(0.0, until - time.monotonic())):
                piece = os.read(process.stdout.fileno(), 64 * 1024)
                if not piece:
                    raise EOFError
                yield piece
        raise TimeoutError

    def _refusal(self, process: subprocess.Popen[bytes]) -> UnreadableFile:
        """Of the file at which the process has ended."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        code = process.returncode
        self.close()
        return refusal_at_end(code)


def refusal_at_end(code: int | None) -> UnreadableFile:
    """What is said of the file at which the process ended, by its code (negative: the signal)."""
    if code == -signal.SIGPROF:
        return UnreadableFile(TOO_MUCH_TIME)
    # Bytes of a memory map could not be had: the disk is away, or the file was cut meanwhile.
    if code == -signal.SIGBUS:
        return UnreadableFile(DISK_FAILED, is_passing=True)
    if code is not None and -code in _FROM_OUTSIDE:
        return UnreadableFile(READING_ENDED, is_passing=True)
    return UnreadableFile(READING_FAILS)


def _cover_of(answer: dict[str, Any], pictures: bytes) -> Cover | None:
    told = answer.get("cover")
    if told is None:
        return None
    return Cover(told["name"], large=pictures[: told["large"]], small=pictures[told["large"] :])
