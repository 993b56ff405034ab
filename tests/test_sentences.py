"""Sentences put together from a text and values, which people have typed."""

import re
import sys
from pathlib import Path

import pytest
from django.conf import settings

from rooms.errors import Banned
from rooms.reasons import reason_in_english
from rooms.sentences import Sentence, isolated

ADDED = Sentence("{by} added {title}.")


def test_a_name_from_right_to_left_is_set_apart_within_a_sentence_and_no_other() -> None:
    said = ADDED.in_english({"by": "Ana", "title": "קיץ 5"})
    assert said == "Ana added \u2068קיץ 5\u2069."


@pytest.mark.parametrize(
    "name", ["abc\u202edef", "\u2067abc\u202cdef\u2069", "\u2068abc\u2066def", "abc\u2069def\u2068"]
)
def test_a_name_with_marks_of_direction_does_not_turn_the_words_around_it(name: str) -> None:
    assert ADDED.translated({"by": "Ana", "title": name}) == "Ana added abcdef."


def test_what_is_set_apart_within_a_sentence_stays_so_within_another_one() -> None:
    inner = ADDED.in_english({"by": "Ana", "title": "קיץ"})
    assert isolated(inner) == "\u2068Ana added \u2068קיץ\u2069.\u2069"


def test_the_scripts_set_apart_the_letters_that_the_server_does() -> None:
    script = (Path(settings.BASE_DIR) / "static/js/words/say.js").read_text()
    found = re.search(r"RIGHT_TO_LEFT = /(.+)/u;", script)
    assert found
    theirs = re.compile(re.sub(r"\\u\{(\w+)\}", lambda one: chr(int(one[1], 16)), found[1]))
    letters = map(chr, range(sys.maxunicode + 1))
    assert [one for one in letters if bool(theirs.match(one)) != (len(isolated(one)) > 1)] == []


def test_a_reason_without_words_of_somebody_is_its_code_alone() -> None:
    assert reason_in_english("hate: ") == reason_in_english("hate") == "insults or hate"


@pytest.mark.parametrize("typed", ["{by}", "{0.__class__}", "%(by)s", "100 %", "{", "}}"])
def test_what_looks_like_a_place_in_a_name_stays_as_it_is_typed(typed: str) -> None:
    values = {"by": typed, "title": typed}
    assert ADDED.translated(values) == f"{typed} added {typed}."
    assert Banned().because(typed).words.endswith(f"Reason: {typed}.")
