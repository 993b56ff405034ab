"""Words of another language for the server's sentences, as a page in it would find them."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.utils import translation

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


def speak_german(settings: Any, folder: Path, words: Mapping[str, str]) -> None:
    """Pages are in German from now on, with these words for texts of the server.

    What has two forms is named by both, with a zero byte between them, and so are its words.
    """
    write_catalogue(folder, "de", words)
    settings.LOCALE_PATHS = [folder]
    settings.LANGUAGE_CODE = "de"
    translation.activate("de")


def write_catalogue(folder: Path, language: str, words: Mapping[str, str]) -> None:
    """Write these words of a language as gettext finds them in a folder of `LOCALE_PATHS`."""
    messages = folder / language / "LC_MESSAGES"
    messages.mkdir(parents=True)
    (messages / "django.mo").write_bytes(_catalogue({"": HEADER, **words}))


def _catalogue(words: Mapping[str, str]) -> bytes:
    """A file of gettext: the offsets of all texts, those of their words, and both."""
    texts = [(text.encode(), words[text].encode()) for text in sorted(words)]
    at, tables, strings = 28 + 16 * len(texts), [b"", b""], b""
    for side in (0, 1):
        for pair in texts:
            tables[side] += struct.pack("<II", len(pair[side]), at + len(strings))
            strings += pair[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(texts), 28, 28 + 8 * len(texts), 0, 0)
    return head + tables[0] + tables[1] + strings
