"""The rules of a room as its page shows them, and its form as it comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext, ngettext

from music import shelf
from music.actions import playback
from music.models import Playback
from rooms import clock
from rooms.actions import change_rules
from rooms.errors import Invalid
from rooms.features import rule_notes
from rooms.models import Member, Room
from rooms.rules import Preset, Rule, Value, declared_rules, preset, presets

# "None" in a form; in the rules themselves it is None.
NO_LIMIT = "none"


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


class RuleField(forms.Field):
    """A rule in a form: its text becomes a value of the rule. A switch that is off is absent."""

    def __init__(self, rule: Rule) -> None:
        super().__init__(required=False, label=gettext(rule.title))
        self.rule = rule

    def clean(self, value: Any) -> Value:
        """The value that a text means. Raises `ValidationError` that says what fits."""
        text = "off" if value is None and self.rule.is_switch else value or ""
        try:
            return self.rule.checked(_meant(self.rule, text))
        except Invalid as wrong:
            raise ValidationError(_fitting(self.rule)) from wrong


class RulesForm(forms.Form):
    """Every rule of a room, and its shelf ("" is silence), as a browser sends them."""

    shelf = forms.CharField(required=False)

    def __init__(self, data: Mapping[str, str] | None, room: Room) -> None:
        kept = {name: form_text(value) for name, value in room.rules.values.items()}
        super().__init__(data, initial={**kept, "shelf": _shelf_of(room)})
        self._room = room
        for rule in declared_rules().values():
            self.fields[rule.name] = RuleField(rule)

    def clean_shelf(self) -> str | None:
        """The shelf's key; None where the form does not say. Raises `ValidationError`."""
        if "shelf" not in self.data:
            return None
        key: str = self.cleaned_data["shelf"]
        if key and key != _shelf_of(self._room) and not shelf.is_open_to(self._room, key):
            raise ValidationError(gettext("There is no such shelf here."))
        return key

    def text_of(self, name: str) -> str:
        """What stands in a field: what was typed, or what holds."""
        text = self[name].value()
        return "off" if text is None else str(text)

    def wrong(self, name: str) -> str:
        """Why the value of a field is refused; empty where it is not."""
        return str(next(iter(self.errors.get(name, ())), ""))

    def save(self, member: Member) -> None:
        """Write what the form says, whole or not at all. Raises `RoomError`."""
        rules = {name: self.cleaned_data[name] for name in declared_rules()}
        key = self.cleaned_data["shelf"]
        with transaction.atomic():
            change_rules(by=member, changes=rules)
            if key not in (None, _shelf_of(member.room)):
                playback.choose_shelf(by=member, key=key or None)


def page_of(member: Member, *, form: RulesForm | None = None) -> dict[str, Any]:
    """What the page of this member's room says about its rules."""
    room, rules = member.room, member.room.rules
    form = form or RulesForm(None, room)
    start = preset(room.preset)
    changed = rules.different_from(start.rules)
    rows = [
        Row(
            name=rule.name,
            title=gettext(rule.title),
            kind=_kind(rule),
            choices=_choices(rule, form.text_of(rule.name)),
            note=_note(rule, room, start if rule.name in changed else None),
            changed=rule.name in changed,
            wrong=form.wrong(rule.name),
        )
        for rule in declared_rules().values()
    ]
    return {
        "rows": [row for row in rows if row.kind != "who"],
        "who": [row for row in rows if row.kind == "who"],
        "reads": rules.translated_sentences(),
        "ending": _ending(room),
        "presets": presets().values(),
        "preset": start,
        "changed": changed_words(changed, gettext(start.title)),
        "dry": _shelf(room, form),
    }


def changed_words(changed: Collection[str], preset: str) -> str:
    """ "2 rules of Party: order and tracks per person." Empty when nothing differs."""
    rules = [rule for rule in declared_rules().values() if rule.name in changed]
    called = [gettext(rule.called) for rule in rules]
    if not called:
        return ""
    listed = called[-1]
    if called[:-1]:
        listed = gettext("{first} and {last}").format(first=", ".join(called[:-1]), last=listed)
    words = ngettext(
        "{n} rule of {preset}: {rules}.", "{n} rules of {preset}: {rules}.", len(called)
    )
    return words.format(n=len(called), preset=preset, rules=listed)


def _kind(rule: Rule) -> str:
    if rule.is_number:
        return "steps"
    if rule.is_switch:
        return "switch"
    return "who" if rule.is_act else "segment"


def form_text(value: Value) -> str:
    """A value as a form holds it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return NO_LIMIT if value is None else str(value)


def _meant(rule: Rule, text: str) -> Value:
    """What a form's text means for a rule. Raises `Invalid`."""
    if rule.is_switch:
        if text not in ("on", "off"):
            raise Invalid
        return text == "on"
    if rule.is_number:
        if text == NO_LIMIT:
            return None
        if not _is_count(text):
            raise Invalid
        return int(text)
    return text


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _fitting(rule: Rule) -> str:
    """What a rule can be, for somebody who sent something else."""
    if not rule.is_number:
        return gettext("Choose one of these.")
    words = gettext("From {least} to {most}.")
    if rule.may_be_none:
        words = gettext("From {least} to {most}, or no limit.")
    return words.format(least=rule.least, most=rule.most)


def _choices(rule: Rule, typed: str) -> tuple[Choice, ...]:
    """What can be chosen; a value that is no usual one stands among them, in its place."""
    words = {form_text(value): rule.in_words(value) for value in rule.options}
    if typed not in words:
        words[typed] = rule.in_words(int(typed)) if _is_count(typed) else typed
        if rule.is_number:
            words = dict(sorted(words.items(), key=lambda one: _size(one[0])))
    return tuple(Choice(text, said, text == typed) for text, said in words.items())


def _size(text: str) -> float:
    if _is_count(text):
        return int(text)
    return float("inf") if text == NO_LIMIT else -1


def effect(rule: Rule, room: Room) -> str:
    """What a rule does in this room now; empty where there is nothing to add."""
    count = rule_notes().get(rule.name)
    return count(room) if count else rule.note_on(room.rules.values[rule.name])


def _note(rule: Rule, room: Room, differs_from: Preset | None) -> str:
    """The effect of a rule now; of one that was changed also what the preset says."""
    words = [effect(rule, room)]
    if differs_from:
        said = rule.in_words(rule.value_in(differs_from.key))
        said = said if said[0].isdigit() else said.lower()
        preset_says = gettext("{preset} says {value}.")
        words.append(preset_says.format(preset=gettext(differs_from.title), value=said))
    return " ".join(filter(None, words))


def _shelf(room: Room, form: RulesForm) -> Row:
    """What plays when nothing waits. No rule of the preset, but read in the same place."""
    key = _shelf_of(room)
    chosen = form.text_of("shelf") if "shelf" in form.data else key
    titles = {one.key: one.title.translated for one in shelf.shelves(room)} | {
        "": gettext("Silence")
    }
    titles.setdefault(key, gettext("An empty shelf"))
    titles.setdefault(chosen, chosen)
    return Row(
        name="shelf",
        title=gettext("When the queue runs dry"),
        kind="pick",
        choices=tuple(Choice(*one, one[0] == chosen) for one in titles.items()),
        note=gettext("This shelf plays on, behind all that people add.")
        if key
        else gettext("The room is quiet."),
        wrong=form.wrong("shelf"),
    )


def _ending(room: Room) -> dict[str, str]:
    """Whom the end of the room would meet."""
    here = room.members.present(clock.now_ms()).count()
    if here < 2:
        return {"who": gettext("You"), "key": gettext("End it now")}
    who = ngettext("{n} person", "{n} people", here)
    key = ngettext("End it for {n} person", "End it for {n} people", here)
    return {"who": who.format(n=here), "key": key.format(n=here)}


def _shelf_of(room: Room) -> str:
    return Playback.objects.of(room).shelf
