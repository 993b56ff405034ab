"""The rules of a room about its queue, votes and playback, and the presets to start from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_noop as _

from rooms.models import Room
from rooms.rules import OpenTo, Preset, RuleSentence, RuleSet, rule


def _long(minutes: int) -> str:
    """ "1 h 30 min" """
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"


class Mode(StrEnum):
    """What decides which track is next."""

    VOTES = "votes"
    FAIR = "fair"
    HOST = "host"


class OnSpeakerLost(StrEnum):
    """What the music does when the device that plays it goes away."""

    PLAY_ON = "play_on"
    WAIT = "wait"


class AtClosing(StrEnum):
    """What comes after the last track before closing time."""

    END = "end"
    SHELF = "shelf"


@dataclass(frozen=True)
class MusicRules(RuleSet):
    """What holds in a room. None is no limit; `_min` is minutes.

    `open_requests` tracks of one listener wait at most (host and co-hosts may add more); a track
    that somebody asked for rests `rest_min` before it returns; skipping takes `skip_percent` of
    those who are here.
    """

    mode: Mode = rule(
        Mode.VOTES,
        presets={"office": Mode.FAIR, "stream": Mode.FAIR},
        title=_("Order"),
        words={Mode.VOTES: _("Votes"), Mode.FAIR: _("Fair turns"), Mode.HOST: _("Host order")},
        note={
            Mode.VOTES: _("The most votes play next. Rows say why."),
            Mode.FAIR: _("Everyone gets turns, votes decide within them. Rows say why."),
            Mode.HOST: _("The hosts arrange the queue, votes tell them what people want."),
        },
        reads=(
            RuleSentence(
                "by_votes",
                _("The most votes play next."),
                when=lambda rules: rules.mode == Mode.VOTES,
            ),
            RuleSentence(
                "by_turns",
                _("Everyone gets turns, and votes move you up."),
                when=lambda rules: rules.mode == Mode.FAIR,
            ),
            RuleSentence(
                "by_host",
                _("The host sets the order, and sees your votes."),
                when=lambda rules: rules.mode == Mode.HOST,
            ),
        ),
    )
    open_requests: int | None = rule(
        3,
        least=1,
        most=50,
        may_be_none=True,
        presets={"wedding": None, "office": 2, "stream": 1},
        title=_("Tracks waiting per person"),
        called=_("tracks per person"),
        steps=(1, 2, 3, 4, 5, 6, 8, 10, 15, 20, None),
        reads=(
            RuleSentence(
                "open_requests",
                _("Up to {n} tracks of yours wait at once."),
                one=_("Up to {n} track of yours waits at once."),
                when=lambda rules: rules.open_requests and rules.may_add == OpenTo.EVERYONE,
                values=lambda rules: {"n": rules.open_requests},
            ),
        ),
    )
    rest_min: int = rule(
        30,
        least=0,
        most=24 * 60,
        presets={"wedding": 180, "office": 240, "stream": 120},
        title=_("A track rests before it returns"),
        called=_("rest"),
        steps=(0, 10, 20, 30, 40, 60, 80, 100, 120, 180, 240),
        unit=_("min"),
        words={0: _("No rest")},
        reads=(
            RuleSentence(
                "rest",
                _("A track rests {min} min before it returns."),
                when=lambda rules: rules.rest_min,
                values=lambda rules: {"min": rules.rest_min},
            ),
        ),
    )
    artist_in_a_row: int | None = rule(
        2,
        least=1,
        most=10,
        may_be_none=True,
        presets={"stream": 1},
        title=_("Same artist in a row"),
        steps=(1, 2, 3, 4, 5, None),
        reads=(
            RuleSentence(
                "artist_in_a_row",
                _("At most {n} tracks of one artist in a row."),
                one=_("At most {n} track of one artist in a row."),
                when=lambda rules: rules.artist_in_a_row and rules.mode != Mode.HOST,
                values=lambda rules: {"n": rules.artist_in_a_row},
            ),
        ),
    )
    longest_min: int | None = rule(
        10,
        least=1,
        most=180,
        may_be_none=True,
        presets={"wedding": None, "office": 8, "stream": 6},
        title=_("Longest track"),
        steps=(3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60, None),
        unit=_("min"),
        reads=(
            RuleSentence(
                "longest",
                _("Tracks are up to {min} min long."),
                when=lambda rules: rules.longest_min,
                values=lambda rules: {"min": rules.longest_min},
            ),
        ),
    )
    skip_percent: int = rule(
        50,
        least=10,
        most=100,
        presets={"stream": 60},
        title=_("Skip by vote"),
        steps=(10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
        unit=_("%"),
        reads=(
            RuleSentence(
                "skip",
                _("{percent} % of those here can skip a track."),
                when=lambda rules: rules.may_skip == OpenTo.EVERYONE,
                values=lambda rules: {"percent": rules.skip_percent},
            ),
        ),
    )
    downvotes: bool = rule(
        True,
        presets={"wedding": False, "stream": False},
        title=_("Votes down"),
        note={True: _("Counts are shown, names never."), False: _("Votes only go up.")},
        reads=(
            RuleSentence(
                "no_votes_down",
                _("There are no votes down."),
                when=lambda rules: not rules.downvotes,
            ),
        ),
    )
    explicit: bool = rule(
        True,
        presets={"office": False, "stream": False},
        title=_("Explicit tracks"),
        note={
            True: _("They may be added like all others."),
            False: _("They cannot be added. Search says so."),
        },
        reads=(
            RuleSentence(
                "no_explicit",
                _("No explicit tracks."),
                when=lambda rules: not rules.explicit,
            ),
        ),
    )
    speaker_gone: OnSpeakerLost = rule(
        OnSpeakerLost.PLAY_ON,
        title=_("When the room’s device is gone"),
        called=_("when the device is gone"),
        words={OnSpeakerLost.PLAY_ON: _("Play on"), OnSpeakerLost.WAIT: _("Wait")},
        note={
            OnSpeakerLost.PLAY_ON: _("Tracks go on unheard. The next device joins where they are."),
            OnSpeakerLost.WAIT: _("The music pauses. It goes on when a device plays again."),
        },
        reads=(
            RuleSentence(
                "waits_for_device",
                _("The music waits when its device goes away."),
                when=lambda rules: rules.speaker_gone == OnSpeakerLost.WAIT,
            ),
        ),
    )
    station_min: int | None = rule(
        None,
        least=5,
        most=12 * 60,
        may_be_none=True,
        title=_("A radio station plays for"),
        called=_("station time"),
        steps=(5, 10, 15, 30, 60, 90, 120, 180, 240, 360, 480, 720, None),
        words={None: _("No limit")},
        unit=_("min"),
        reads=(
            RuleSentence(
                "station_time",
                _("A radio station plays for {min} min."),
                when=lambda rules: rules.station_min,
                values=lambda rules: {"min": rules.station_min},
            ),
        ),
    )
    stations_give_way: bool = rule(
        True,
        title=_("Radio gives way"),
        note={
            True: _(
                "A station plays when nothing else waits, and ends when somebody adds a track."
            ),
            False: _("A station plays in its turn, like a track."),
        },
    )
    closes_after_min: int | None = rule(
        None,
        least=30,
        most=24 * 60,
        may_be_none=True,
        title=_("Closing time, after the room opened"),
        called=_("closing time"),
        steps=(*range(60, 12 * 60, 30), *range(12 * 60, 25 * 60, 60), None),
        words={minutes: _long(minutes) for minutes in range(60, 25 * 60, 30)} | {None: _("None")},
        unit=_("min"),
        reads=(
            RuleSentence(
                "closes_after_hours",
                _("The last track starts {h} h after the room opened."),
                when=lambda rules: rules.closes_after_min and rules.closes_after_min % 60 == 0,
                values=lambda rules: {"h": rules.closes_after_min // 60},
            ),
            RuleSentence(
                "closes_after",
                _("The last track starts {h} h {min} min after the room opened."),
                when=lambda rules: rules.closes_after_min and rules.closes_after_min % 60,
                values=lambda rules: dict(
                    zip(("h", "min"), divmod(rules.closes_after_min, 60), strict=True)
                ),
            ),
        ),
    )
    at_closing: AtClosing = rule(
        AtClosing.END,
        title=_("After the last track"),
        words={AtClosing.END: _("The room ends"), AtClosing.SHELF: _("The shelf goes on")},
        note={
            AtClosing.END: _("At closing time the track that plays is the last one."),
            AtClosing.SHELF: _("What waits then is not played any more."),
        },
    )
    may_add: OpenTo = rule(
        OpenTo.EVERYONE,
        presets={"wedding": OpenTo.HOSTS},
        title=_("Add tracks"),
        called=_("who may add"),
        reads=(
            RuleSentence(
                "hosts_add",
                _("Only the host and co-hosts add tracks."),
                when=lambda rules: rules.may_add == OpenTo.HOSTS,
            ),
        ),
    )
    may_vote: OpenTo = rule(
        OpenTo.EVERYONE,
        title=_("Vote"),
        called=_("who may vote"),
        reads=(
            RuleSentence(
                "hosts_vote",
                _("Only the host and co-hosts vote."),
                when=lambda rules: rules.may_vote == OpenTo.HOSTS,
            ),
        ),
    )
    may_skip: OpenTo = rule(
        OpenTo.EVERYONE,
        presets={"wedding": OpenTo.HOSTS},
        title=_("Ask to skip"),
        called=_("who may ask to skip"),
    )
    may_pause: OpenTo = rule(
        OpenTo.HOSTS,
        title=_("Pause"),
        called=_("who may pause"),
        reads=(
            RuleSentence(
                "everyone_pauses",
                _("Everyone can play and pause."),
                when=lambda rules: rules.may_pause == OpenTo.EVERYONE,
            ),
        ),
    )

    @property
    def rest_ms(self) -> int:
        return self.rest_min * 60_000

    @property
    def longest_ms(self) -> int | None:
        return None if self.longest_min is None else self.longest_min * 60_000


PRESETS = (
    Preset("party", _("Party"), _("Everyone adds and votes.")),
    Preset("wedding", _("Wedding list"), _("Guests vote on your list. Adds are closed.")),
    Preset("office", _("Office"), _("Fair turns, no explicit tracks, 2 each.")),
    Preset("stream", _("Stream"), _("One each, no votes down, strict limits.")),
)


def music_rules(room: Room) -> MusicRules:
    """The music's rules of a room. Asks no database."""
    return room.rules.of(MusicRules)
