"""What the doctor says of one thing: texts and values, put into words where they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from rooms.sentences import Sentence


class Verdict(StrEnum):
    """How a thing was found. UNSURE: it could not be looked at, or may be meant that way."""

    FINE = "ok"
    UNSURE = "unsure"
    WRONG = "NOT OK"


_VERDICTS = {Verdict.FINE: _("ok"), Verdict.UNSURE: _("unsure"), Verdict.WRONG: _("NOT OK")}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. Its texts, in English, have places for `values`.

    What reads it gets them in the active language: a thread has found it, and a page shows it.
    """

    title_text: str
    verdict: Verdict
    text: str | Sentence
    step_text: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self._words(self.title_text)

    @property
    def sentence(self) -> str:
        return self._words(self.text)

    @property
    def next_step(self) -> str:
        """What to do where it is not fine; may be empty."""
        return self._words(self.step_text)

    @property
    def mark(self) -> str:
        """The verdict in words."""
        return gettext(_VERDICTS[self.verdict])

    def _words(self, text: str | Sentence) -> str:
        if not text:
            return ""  # gettext has the head of its catalogue for an empty text
        sentence = text if isinstance(text, Sentence) else Sentence(text)
        return sentence.translated(self.values)


def fine(title: str, text: str | Sentence, step: str = "", **values: Any) -> Finding:
    return Finding(title, Verdict.FINE, text, step, values)


def unsure(title: str, text: str | Sentence, step: str, **values: Any) -> Finding:
    return Finding(title, Verdict.UNSURE, text, step, values)


def wrong(title: str, text: str | Sentence, step: str, **values: Any) -> Finding:
    return Finding(title, Verdict.WRONG, text, step, values)
