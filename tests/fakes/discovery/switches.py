"""What can be odd or wrong at each of them. As they begin, all is as well as they get."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, Literal


class Switches:
    """Base of both."""

    @contextmanager
    def having(self, **values: Any) -> Iterator[None]:
        """Let some of them have these values inside of a block."""
        known = {each.name for each in fields(self)}  # type: ignore[arg-type]
        assert values.keys() <= known, values.keys() - known
        before = {name: getattr(self, name) for name in values}
        for name, value in values.items():
            setattr(self, name, value)
        try:
            yield
        finally:
            for name, value in before.items():
                setattr(self, name, value)


@dataclass
class LastfmSwitches(Switches):
    # A list of one thing is the thing itself.
    single_as_object: bool = False
    # An empty list is `[]`, missing, or a text: empty, or full of white space.
    empty_as: Literal["list", "missing", "", "\n  "] = "list"
    # The container of the list is missing, or a text.
    container: Literal["there", "missing", "text"] = "there"
    # `tag.getTopTracks` has its older container.
    older_container: bool = False
    match_as_text: bool = False
    mbid: Literal["", "missing"] = ""
    # The artist of a track is a text, an empty one, or missing.
    artist: Literal["object", "text", "empty", "missing"] = "object"
    # Or a value in place of the length.
    duration: Literal["number", "missing", "0"] | float | str = "number"
    # One of the artists is this; and one of the titles is markup.
    unknown_artist: bool = False
    markup: bool = False
    # This error, with this status; `times` answers, then as ever (0: always).
    error: int = 0
    status: int = 200
    times: int = 0
    # The page of a gateway, with this status.
    html: int = 0
    slow_s: float = 0.0
    dropped: bool = False
    # The answer comes byte by byte, with so many seconds before each.
    drip_s: float = 0.0


@dataclass
class LabsSwitches(Switches):
    # `[{"data": […]}]` in place of a bare list.
    wrapped: bool = False
    seed_in_answer: bool = True
    # Names of algorithms that are known now; others are 400 with a page.
    algorithms: tuple[str, ...] = ()
    empty: bool = False
    # All scores are the same; they are texts; the best one is the last.
    ties: bool = False
    score_as_text: bool = False
    best_last: bool = False
    # Ids that were merged into others, by the old one.
    merged: dict[str, str] = field(default_factory=dict)
    # Names come back in capitals.
    other_spelling: bool = False
    without_artist_ids: bool = False
    markup: bool = False
    # This status; `times` answers, then as ever (0: always).
    status: int = 200
    times: int = 0
    # In the headers of each answer.
    remaining: int | None = None
    reset_in: int | None = 7
    html: bool = False
    slow_s: float = 0.0
    dropped: bool = False
    # The answer comes byte by byte, with so many seconds before each.
    drip_s: float = 0.0
    # Of MusicBrainz itself.
    musicbrainz_status: int = 200
