"""A sentence for people, as a text with places for values.

A code and values are stored and sent; the sentence is put together where it is shown, in the
language of the page, or in English for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

Translate = Callable[[str], str]
Choose = Callable[[str, str, int], str]


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
        return text.format(**values) if values else text


def english_form(one: str, many: str, n: int) -> str:
    """The form of English for an amount; `ngettext` is the same for the language of a page."""
    return one if n == 1 else many
