"""The rules of a room as its page shows them, and its form as it comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction

from beatsync.effects import effects
from music import shelf
from music.actions import playback
from music.actions.rules import change_rules
from music.models import Playback
from rooms import clock
from rooms.errors import Invalid
from rooms.models import Member, Room
from rooms.rules import MAY_BE_NONE, PRESETS, RANGES, Gone, Mode, Rules, Who, preset, sentences

Value = str | int | bool | None

# "None" in a form; in the rules themselves it is None.
NO_LIMIT = "none"

MODES: dict[str, str] = {Mode.VOTES: "Votes", Mode.FAIR: "Fair turns", Mode.HOST: "Host order"}
GONE: dict[str, str] = {Gone.PLAY_ON: "Play on", Gone.WAIT: "Wait"}
SEGMENTS = {"mode": MODES, "speaker_gone": GONE}
WHO: dict[str, str] = {Who.EVERYONE: "Everyone", Who.HOSTS: "Host, co-hosts"}
# What a step passes through. "No limit" is more than the most, so it comes after it.
STEPS: dict[str, tuple[int | None, ...]] = {
    "open_requests": (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, None),
    "rest_min": (0, 10, 20, 30, 40, 60, 80, 100, 120, 180, 240),
    "artist_in_a_row": (1, 2, 3, 4, 5, None),
    "longest_min": (3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 60, None),
    "skip_percent": (10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
}
SWITCHES = ("downvotes", "explicit")
TITLES = {
    "mode": "Order",
    "open_requests": "Tracks waiting per person",
    "rest_min": "A track rests before it returns",
    "artist_in_a_row": "Same artist in a row",
    "longest_min": "Longest track",
    "skip_percent": "Skip by vote",
    "downvotes": "Votes down",
    "explicit": "Explicit tracks",
    "speaker_gone": "When the room’s device is gone",
    "may_add": "Add tracks",
    "may_vote": "Vote",
    "may_skip": "Ask to skip",
    "may_pause": "Pause",
}
# As they stand in the middle of a sentence.
CALLED = {
    "mode": "order",
    "open_requests": "tracks per person",
    "rest_min": "rest",
    "artist_in_a_row": "same artist in a row",
    "longest_min": "longest track",
    "skip_percent": "skip by vote",
    "downvotes": "votes down",
    "explicit": "explicit tracks",
    "speaker_gone": "when the device is gone",
    "may_add": "who may add",
    "may_vote": "who may vote",
    "may_skip": "who may ask to skip",
    "may_pause": "who may pause",
}


@dataclass(frozen=True)
class Choice:
    """One value that a rule can have: as a form sends it, and as people read it."""

    value: str
    words: str
    chosen: bool = False


@dataclass(frozen=True)
class Row:
    """One rule: what it is called, what can be chosen, what it does at this moment."""

    name: str
    title: str
    kind: str  # "segment", "steps", "switch", "who" or "pick"
    choices: tuple[Choice, ...]
    note: str = ""
    changed: bool = False
    wrong: str = ""

    @property
    def said(self) -> str:
        """The value in words."""
        return next((one.words for one in self.choices if one.chosen), "")

    @property
    def on(self) -> bool:
        return any(one.chosen and one.value == "on" for one in self.choices)

    @property
    def least(self) -> bool:
        return bool(self.choices) and self.choices[0].chosen

    @property
    def most(self) -> bool:
        return bool(self.choices) and self.choices[-1].chosen


@dataclass(frozen=True)
class Sent:
    """A form as it came: what was typed, what it means, and what of it cannot be."""

    typed: dict[str, str]
    rules: dict[str, Value]
    wrong: dict[str, str]
    shelf: str | None  # "": silence; None: the form does not say


def read(form: Mapping[str, str], room: Room) -> Sent:
    """Read a form that holds every rule; a switch that is off is absent from it, as browsers do."""
    typed = {name: form.get(name, "off" if name in SWITCHES else "") for name in TITLES}
    values: dict[str, Value] = {}
    wrong: dict[str, str] = {}
    for name, text in typed.items():
        try:
            values[name] = _meant(name, text)
            room.rules.with_changes({name: values[name]})  # a rule knows what it may be
        except Invalid:
            wrong[name] = _fitting(name)
    key = form.get("shelf")
    if key and key != _shelf_of(room) and shelf.shelf(key) is None:
        wrong["shelf"] = "There is no such shelf here."
    return Sent(typed, values, wrong, key)


def save(member: Member, sent: Sent) -> None:
    """Write what a form says, whole or not at all."""
    with transaction.atomic():
        change_rules(by=member, changes=sent.rules)
        if sent.shelf not in (None, _shelf_of(member.room)):
            playback.choose_shelf(member=member, key=sent.shelf or None)


def page_of(member: Member, *, sent: Sent | None = None) -> dict[str, Any]:
    """What the page of this member's room says about its rules."""
    room, rules = member.room, member.room.rules
    start = preset(room.preset)
    typed = _written(rules) if sent is None else sent.typed
    wrong = {} if sent is None else sent.wrong
    changed = rules.different_from(start.rules)
    notes = effects(room)
    usual = _written(start.rules)
    rows = [
        Row(
            name=name,
            title=title,
            kind=_kind(name),
            choices=_choices(name, typed[name]),
            note=_note(name, notes, start.title, usual if name in changed else {}),
            changed=name in changed,
            wrong=wrong.get(name, ""),
        )
        for name, title in TITLES.items()
    ]
    return {
        "rows": [row for row in rows if row.kind != "who"],
        "who": [row for row in rows if row.kind == "who"],
        "reads": sentences(rules),
        "ending": _ending(room),
        "presets": PRESETS.values(),
        "preset": start,
        "changed": changed_words(changed, start.title),
        "dry": _shelf(room, sent),
    }


def _written(rules: Rules) -> dict[str, str]:
    """Rules as a form holds them."""
    return {name: _text(value) for name, value in asdict(rules).items() if name in TITLES}


def changed_words(changed: Collection[str], preset: str) -> str:
    """ "2 rules of Party: order and tracks per person." Empty when nothing differs."""
    called = [words for name, words in CALLED.items() if name in changed]
    if not called:
        return ""
    listed = " and ".join([", ".join(called[:-1]), called[-1]] if called[:-1] else called)
    rules = "1 rule" if len(called) == 1 else f"{len(called)} rules"
    return f"{rules} of {preset}: {listed}."


def _kind(name: str) -> str:
    if name in STEPS:
        return "steps"
    if name in SWITCHES:
        return "switch"
    return "segment" if name in SEGMENTS else "who"


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return NO_LIMIT if value is None else str(value)


def _meant(name: str, text: str) -> Value:
    """What a form's text means for a rule. Raises `Invalid`."""
    if name in SWITCHES:
        if text not in ("on", "off"):
            raise Invalid
        return text == "on"
    if name in STEPS:
        if text == NO_LIMIT:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise Invalid
        return int(text)
    return text


def _fitting(name: str) -> str:
    """What a rule can be, for somebody who sent something else."""
    if name not in RANGES:
        return "Choose one of these."
    least, most = RANGES[name]
    return f"From {least} to {most}{', or no limit' if name in MAY_BE_NONE else ''}."


def _choices(name: str, typed: str) -> tuple[Choice, ...]:
    """What can be chosen; a value that is no usual one stands among them, in its place."""
    if name in STEPS:
        steps = [_text(step) for step in STEPS[name]]
        if typed not in steps:
            steps = sorted([*steps, typed], key=_size)
        return tuple(Choice(step, _step_words(name, step), step == typed) for step in steps)
    if name in SWITCHES:
        return (Choice("off", "Off", typed == "off"), Choice("on", "On", typed == "on"))
    known = dict(SEGMENTS.get(name, WHO))
    known.setdefault(typed, typed)
    return tuple(Choice(value, words, value == typed) for value, words in known.items())


def _size(step: str) -> float:
    if step.isascii() and step.isdigit() and len(step) < 10:
        return int(step)
    return float("inf") if step == NO_LIMIT else -1


def _step_words(name: str, step: str) -> str:
    if step == NO_LIMIT:
        return "No limit"
    if name == "rest_min":
        return "No rest" if step == "0" else f"{step} min"
    return {"longest_min": f"{step} min", "skip_percent": f"{step} %"}.get(name, step)


def _note(name: str, notes: Mapping[str, str], preset: str, usual: Mapping[str, str]) -> str:
    """The effect of a rule now; of one that was changed also what the preset says."""
    words = [notes.get(name, "")]
    if usual:
        said = next(one.words for one in _choices(name, usual[name]) if one.chosen)
        words.append(f"{preset} says {said if said[0].isdigit() else said.lower()}.")
    return " ".join(filter(None, words))


def _shelf(room: Room, sent: Sent | None) -> Row:
    """What plays when nothing waits. No rule of the preset, but read in the same place."""
    key = _shelf_of(room)
    chosen = key if sent is None or sent.shelf is None else sent.shelf
    titles = {one.key: one.title for one in shelf.shelves()} | {"": "Silence"}
    titles.setdefault(key, "An empty shelf")
    titles.setdefault(chosen, chosen)
    return Row(
        name="shelf",
        title="When the queue runs dry",
        kind="pick",
        choices=tuple(Choice(*one, one[0] == chosen) for one in titles.items()),
        note="This shelf plays on, behind all that people add." if key else "The room is quiet.",
        wrong="" if sent is None else sent.wrong.get("shelf", ""),
    )


def _ending(room: Room) -> dict[str, str]:
    """Whom the end of the room would meet."""
    here = room.members.present(clock.now_ms()).count()
    if here < 2:
        return {"who": "You", "key": "End it now"}
    return {"who": f"{here} people", "key": f"End it for {here} people"}


def _shelf_of(room: Room) -> str:
    return Playback.objects.of(room).shelf
