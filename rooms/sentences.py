"""A sentence for people, as a text with places for values.

A code and values are stored and sent; the sentence is put together where it is shown, in the
language of the page, or in English for programs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

Translate = Callable[[str], str]
Choose = Callable[[str, str, int], str]
# Letters of Hebrew, Arabic and their relatives.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
# Marks that turn what comes after them, but for a text that `isolated` has set apart already.
_TURNS = re.compile("(\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069)|[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Sentence:
    """A text in English, such as "{title} stalls."; `one` is the same where the value `n` is 1."""

    text: str
    one: str = ""

    @property
    def words(self) -> str | dict[str, str]:
        """As the catalogue of the scripts has it: one text, or one for each plural category."""
        return {"one": self.one, "other": self.text} if self.one else self.text

    def in_english(self, values: Mapping[str, Any]) -> str:
        """The sentence for programs, which find it in no other language."""
        return self.written(values, str, english_form)

    def translated(self, values: Mapping[str, Any]) -> str:
        """The sentence in the language of the page that shows it."""
        return self.written(values, gettext, ngettext)

    def written(self, values: Mapping[str, Any], translate: Translate, choose: Choose) -> str:
        """The sentence with its values, by functions that translate a text, or one of two."""
        n = values.get("n")
        if self.one and isinstance(n, int):
            text = choose(self.one, self.text, n)
        else:
            text = translate(self.text)
        return text.format(**_set_apart(values)) if values else text


def isolated(text: str) -> str:
    """A name that cannot turn the words around it: set apart, if it runs from right to left."""
    kept = _TURNS.sub(r"\1", text)
    return f"\u2068{kept}\u2069" if _RIGHT_TO_LEFT.search(kept) else kept


def _set_apart(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: isolated(one) if isinstance(one, str) else one for name, one in values.items()}


def english_form(one: str, many: str, n: int) -> str:
    """The form of English for an amount; `ngettext` is the same for the language of a page."""
    return one if n == 1 else many
