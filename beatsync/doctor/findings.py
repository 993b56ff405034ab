"""What the doctor says of one thing."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a thing was found. UNSURE: it could not be looked at, or may be meant that way."""

    FINE = "ok"
    UNSURE = "unsure"
    WRONG = "NOT OK"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `next_step` says what to do where it is not fine."""

    title: str
    verdict: Verdict
    sentence: str
    next_step: str = ""


def fine(title: str, sentence: str, next_step: str = "") -> Finding:
    return Finding(title, Verdict.FINE, sentence, next_step)


def unsure(title: str, sentence: str, next_step: str) -> Finding:
    return Finding(title, Verdict.UNSURE, sentence, next_step)


def wrong(title: str, sentence: str, next_step: str) -> Finding:
    return Finding(title, Verdict.WRONG, sentence, next_step)
