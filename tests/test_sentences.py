"""Sentences put together from a text and values, which people have typed."""

import pytest

from rooms.errors import Banned
from rooms.sentences import Sentence

ADDED = Sentence("{by} added {title}.")


def test_a_name_from_right_to_left_is_set_apart_within_a_sentence_and_no_other() -> None:
    said = ADDED.in_english({"by": "Ana", "title": "קיץ 5"})
    assert said == "Ana added \u2068קיץ 5\u2069."


@pytest.mark.parametrize("typed", ["{by}", "{0.__class__}", "%(by)s", "100 %", "{", "}}"])
def test_what_looks_like_a_place_in_a_name_stays_as_it_is_typed(typed: str) -> None:
    values = {"by": typed, "title": typed}
    assert ADDED.translated(values) == f"{typed} added {typed}."
    assert Banned().because(typed).words.endswith(f"Reason: {typed}.")
