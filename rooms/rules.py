"""The rules of a room: what the host can choose, the presets to start from, what listeners read.

Only what differs from the preset is stored, so that "put back" needs no memory. What the rules
forbid is refused where it happens: in `rooms.roles` who may do something, in `music.rules` which
tracks fit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any

from rooms.errors import Invalid


class Mode(StrEnum):
    """Who decides what is next."""

    VOTES = "votes"
    FAIR = "fair"
    HOST = "host"


class Who(StrEnum):
    """To whom something is open: everyone, or only the host and co-hosts."""

    EVERYONE = "everyone"
    HOSTS = "hosts"


class Gone(StrEnum):
    """What the music does when the device that plays it goes away."""

    PLAY_ON = "play_on"
    WAIT = "wait"


# The least and the most of each number; a limit that may be None can be taken away.
RANGES: dict[str, tuple[int, int]] = {
    "open_requests": (1, 50),
    "rest_min": (0, 24 * 60),
    "artist_in_a_row": (1, 10),
    "longest_min": (1, 180),
    "skip_percent": (10, 100),
}
MAY_BE_NONE = frozenset({"open_requests", "artist_in_a_row", "longest_min"})


@dataclass(frozen=True)
class Rules:
    """What holds in a room. None is no limit; `_min` is minutes.

    `open_requests` tracks of one listener wait at most (host and co-hosts may add more); a track
    that somebody asked for rests `rest_min` before it returns; skipping takes `skip_percent` of
    those who were active lately.
    """

    mode: Mode = Mode.VOTES
    open_requests: int | None = 3
    rest_min: int = 30
    artist_in_a_row: int | None = 2
    longest_min: int | None = 10
    explicit: bool = True
    downvotes: bool = True
    skip_percent: int = 50
    may_add: Who = Who.EVERYONE
    may_vote: Who = Who.EVERYONE
    may_skip: Who = Who.EVERYONE
    may_pause: Who = Who.HOSTS
    speaker_gone: Gone = Gone.PLAY_ON

    @property
    def rest_ms(self) -> int:
        return self.rest_min * 60_000

    @property
    def longest_ms(self) -> int | None:
        return None if self.longest_min is None else self.longest_min * 60_000

    def with_changes(self, changes: Mapping[str, Any]) -> Rules:
        """These rules with some values replaced. Raises `Invalid` for an unknown rule or value."""
        return replace(self, **{name: _value(name, value) for name, value in changes.items()})

    def different_from(self, others: Rules) -> dict[str, Any]:
        """The values that are not those of the others, by name."""
        mine, theirs = asdict(self), asdict(others)
        return {name: value for name, value in mine.items() if value != theirs[name]}


@dataclass(frozen=True)
class Preset:
    """Rules to start from."""

    key: str
    title: str
    says: str
    rules: Rules


PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset("party", "Party", "Everyone adds and votes.", Rules()),
        Preset(
            "wedding",
            "Wedding list",
            "Guests vote on your list. Adds are closed.",
            Rules(
                open_requests=None,
                rest_min=180,
                longest_min=None,
                downvotes=False,
                may_add=Who.HOSTS,
                may_skip=Who.HOSTS,
            ),
        ),
        Preset(
            "office",
            "Office",
            "Fair turns, no explicit tracks, 2 each.",
            Rules(mode=Mode.FAIR, open_requests=2, rest_min=240, longest_min=8, explicit=False),
        ),
        Preset(
            "stream",
            "Stream",
            "One each, no votes down, strict limits.",
            Rules(
                mode=Mode.FAIR,
                open_requests=1,
                rest_min=120,
                artist_in_a_row=1,
                longest_min=6,
                explicit=False,
                downvotes=False,
                skip_percent=60,
            ),
        ),
    )
}
DEFAULT_PRESET = "party"


def preset(key: str) -> Preset:
    """Raises `Invalid` when there is no such preset."""
    if key not in PRESETS:
        raise Invalid(f"There is no preset “{key}”, only {', '.join(PRESETS)}.")
    return PRESETS[key]


def sentences(rules: Rules) -> list[str]:
    """What a listener reads: each rule that matters to them, in one sentence."""
    return [sentence for sentence in _sentences(rules) if sentence]


def _sentences(rules: Rules) -> list[str]:
    return [
        {
            Mode.VOTES: "The most votes play next.",
            Mode.FAIR: "Everyone gets turns, and votes move you up.",
            Mode.HOST: "The host sets the order, and sees your votes.",
        }[rules.mode],
        _adds(rules),
        f"A track rests {rules.rest_min} min before it returns." if rules.rest_min else "",
        ""
        if rules.artist_in_a_row is None
        else f"At most {_count(rules.artist_in_a_row, 'track')} of one artist in a row.",
        "" if rules.longest_min is None else f"Tracks are up to {rules.longest_min} min long.",
        "" if rules.explicit else "No explicit tracks.",
        "" if rules.downvotes else "There are no votes down.",
        "" if rules.may_vote == Who.EVERYONE else "Only the host and co-hosts vote.",
        ""
        if rules.may_skip == Who.HOSTS
        else f"{rules.skip_percent} % of those active can skip a track.",
        "" if rules.may_pause == Who.HOSTS else "Everyone can play and pause.",
        "The music waits when its device goes away." if rules.speaker_gone == Gone.WAIT else "",
    ]


def _adds(rules: Rules) -> str:
    if rules.may_add == Who.HOSTS:
        return "Only the host and co-hosts add tracks."
    if rules.open_requests is None:
        return ""
    return f"Up to {_count(rules.open_requests, 'track')} of yours wait at once."


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


_TYPES = {field.name: field.type for field in fields(Rules)}
_KINDS: dict[str, type[StrEnum]] = {"mode": Mode, "speaker_gone": Gone}


def _value(name: str, value: Any) -> Any:
    """A value as this rule holds it. Raises `Invalid` that names the rule and what fits."""
    if name not in _TYPES:
        raise Invalid(f"There is no rule “{name}”.")
    if name in _KINDS or name.startswith("may_"):
        kind = _KINDS.get(name, Who)
        if value not in list(kind):
            raise Invalid(f"{name} is {' or '.join(kind)}.")
        return kind(value)
    if name in RANGES:
        least, most = RANGES[name]
        if value is None and name in MAY_BE_NONE:
            return None
        if type(value) is not int or not least <= value <= most:
            raise Invalid(f"{name} is a whole number from {least} to {most}.")
        return value
    if not isinstance(value, bool):
        raise Invalid(f"{name} is true or false.")
    return value
