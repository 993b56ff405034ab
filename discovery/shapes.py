"""Suggestions as plain JSON data, as they go over the wire."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict


class ReasonShape(TypedDict):
    code: str
    values: dict[str, Any]


class SuggestionShape(TypedDict):
    track: dict[str, Any]
    why: ReasonShape
    link: str
    credit: CreditShape | None


class CreditShape(TypedDict):
    """Whom something is suggested by, and the address to lead to."""

    title: str
    page: str


class LinkCreditShape(CreditShape):
    link: str


class ChipsShape(TypedDict):
    moods: list[str]
    decades: list[int]
    genres: list[str]


class SuggestionsShape(TypedDict):
    items: list[SuggestionShape]
    used: list[str]
    credits: list[LinkCreditShape]
    chips: ChipsShape
    next: None


class SuggestionsStateShape(TypedDict):
    at_ms: int | None
