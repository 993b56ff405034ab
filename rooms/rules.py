"""The rules of a room: what its host can choose, and the presets to start from.

Each app declares a rule set and its presets in its `Feature`. Only values that differ from the
preset are stored, so that "put back" needs no memory.

A rule set is a frozen dataclass, and each rule one field of it, made by `rule`:

    @dataclass(frozen=True)
    class ChatRules(RuleSet):
        slow_s: int = rule(
            0, least=0, most=600, presets={"stream": 30},
            title="Slow chat", steps=(0, 10, 30, 60), unit="s", words={0: "Off"},
            note="Listeners wait this long between messages.",
            reads=(
                RuleSentence(
                    "slow", _("One message in {s} s."),
                    when=lambda rules: rules.slow_s, values=lambda rules: {"s": rules.slow_s},
                ),
            ),
        )

From this come the API, its document, the page of the rules with its form, and `docs/rules.md`. A
new rule is this and the place where it is enforced. What a room's rules forbid is refused where it
happens: `rooms.roles` refuses acts that a rule closes, each app what else its rules forbid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from typing import Any, TypeVar

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from typing_extensions import TypedDict

from rooms import features
from rooms.errors import Invalid
from rooms.sentences import Sentence

Value = str | int | bool | None
SomeValue = TypeVar("SomeValue")
SomeRules = TypeVar("SomeRules", bound="RuleSet")

# The preset of a room whose host chooses none. In it, every rule has its default.
DEFAULT_PRESET = "party"


class RuleCode(TypedDict):
    """A sentence of a rule as its code and values."""

    code: str
    values: dict[str, int]


class OpenTo(StrEnum):
    """To whom an act is open: everyone, or only the host and co-hosts."""

    EVERYONE = "everyone"
    HOSTS = "hosts"


WHO = {OpenTo.EVERYONE: _("Everyone"), OpenTo.HOSTS: _("Host, co-hosts")}


@dataclass(frozen=True)
class RuleSentence:
    """What listeners read of a rule, by a code, `when` something truthy comes of the rule set.

    `values` makes from the rule set what the text has places for; `one` is the text where `n` is 1.
    """

    code: str
    text: str
    one: str = ""
    when: Callable[[Any], object] = lambda rules: True
    values: Callable[[Any], Mapping[str, int]] = lambda rules: {}

    @property
    def sentence(self) -> Sentence:
        return Sentence(self.text, one=self.one)


@dataclass(frozen=True)
class Rule:
    """One rule as its app declares it; see `rule` for what each of this is."""

    name: str
    default: Value
    title: str
    called: str
    presets: Mapping[str, Value]
    least: int
    most: int
    may_be_none: bool
    steps: tuple[int | None, ...]
    unit: str
    words: Mapping[Any, str]
    note: str | Mapping[Any, str]
    reads: tuple[RuleSentence, ...]

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number; None is one that has no limit."""
        return not isinstance(self.default, bool | StrEnum)

    @property
    def is_switch(self) -> bool:
        return isinstance(self.default, bool)

    @property
    def is_act(self) -> bool:
        """Whether it says to whom an act is open."""
        return isinstance(self.default, OpenTo)

    @property
    def options(self) -> tuple[Value, ...]:
        """The values that a form offers, in their order."""
        if isinstance(self.default, StrEnum):
            return tuple(type(self.default))
        return (False, True) if self.is_switch else self.steps

    def value_in(self, preset: str) -> Value:
        """The value that a preset gives it."""
        return self.presets.get(preset, self.default)

    def checked(self, value: Value) -> Value:
        """A value as this rule holds it. Raises `Invalid` that names the rule and what fits."""
        if isinstance(self.default, StrEnum):
            if value not in self.options:
                raise Invalid(
                    _("{rule} is {options}."),
                    rule=self.name,
                    options=" or ".join(map(str, self.options)),
                )
            return type(self.default)(str(value))
        if self.is_number:
            if value is None and self.may_be_none:
                return None
            if type(value) is not int or not self.least <= value <= self.most:
                raise Invalid(
                    _("{rule} is a whole number from {least} to {most}."),
                    rule=self.name,
                    least=self.least,
                    most=self.most,
                )
            return value
        if not isinstance(value, bool):
            raise Invalid(_("{rule} is true or false."), rule=self.name)
        return value

    def in_words(self, value: Value) -> str:
        """A value as people read it: "Fair turns", "10 min", "No limit"."""
        if value in self.words:
            return gettext(self.words[value])
        if self.is_switch:
            return gettext("On") if value else gettext("Off")
        if value is None:
            return gettext("No limit")
        return f"{value} {gettext(self.unit)}" if self.unit else str(value)

    def note_on(self, value: Value) -> str:
        """What this value does, for whoever changes it. Empty where there is nothing to add."""
        note = self.note if isinstance(self.note, str) else self.note.get(value, "")
        return gettext(note) if note else ""


def rule(
    default: SomeValue,
    *,
    title: str,
    called: str = "",
    presets: Mapping[str, SomeValue] | None = None,
    least: int = 0,
    most: int = 0,
    may_be_none: bool = False,
    steps: tuple[int | None, ...] = (),
    unit: str = "",
    words: Mapping[Any, str] | None = None,
    note: str | Mapping[Any, str] = "",
    reads: tuple[RuleSentence, ...] = (),
) -> SomeValue:
    """Declare a rule as a field of a rule set.

    Its kind is that of the default: one of an enum's words, a whole number from `least` to `most`,
    or a switch. A number that may be None can be taken away: None is no limit. `presets` has its
    value in those presets that do not have the default.

    `title` is what it is called, and `called` the same in the middle of a sentence, if that is not
    the title in small letters. `steps` are the numbers that a form offers, `unit` stands behind
    them, and `words` stand for single values. `note` is what it does, or what each value does; what
    depends on the moment is counted by `Feature.rule_notes` instead. `reads` are the sentences of
    it that listeners read, those that hold. All of these are marked for translation.
    """
    declared = {
        "default": default,
        "title": title,
        "called": called or title[:1].lower() + title[1:],
        "presets": presets or {},
        "least": least,
        "most": most,
        "may_be_none": may_be_none,
        "steps": steps,
        "unit": unit,
        "words": words or (WHO if isinstance(default, OpenTo) else {}),
        "note": note,
        "reads": reads,
    }
    return field(default=default, metadata=declared)


@dataclass(frozen=True)
class RuleSet:
    """The rules of one app in a room: their values. Base class of what apps declare."""

    @classmethod
    @cache
    def declared(cls) -> dict[str, Rule]:
        """Its rules by name, in their order."""
        return {each.name: Rule(each.name, **each.metadata) for each in fields(cls)}

    def with_values(self, values: Mapping[str, Value]) -> RuleSet:
        """These rules with those of the values that are theirs."""
        own = {one.name for one in fields(self)}
        return replace(self, **{name: value for name, value in values.items() if name in own})

    def read_by_listeners(self) -> list[tuple[RuleSentence, Mapping[str, int]]]:
        """The sentences that matter to listeners, each with its values."""
        return [
            (sentence, sentence.values(self))
            for each in self.declared().values()
            for sentence in each.reads
            if sentence.when(self)
        ]


@dataclass(frozen=True)
class RoomRules:
    """All rules that hold in a room: one rule set of each app that declares one."""

    sets: tuple[RuleSet, ...]

    def of(self, kind: type[SomeRules]) -> SomeRules:
        """The rule set of one app, with its own types."""
        return next(each for each in self.sets if isinstance(each, kind))

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """The values of all rules by name, as plain JSON data."""
        return {
            one.name: _plain(getattr(each, one.name)) for each in self.sets for one in fields(each)
        }

    def with_changes(self, changes: Mapping[str, Any]) -> RoomRules:
        """These rules with some values replaced. Raises `Invalid` for an unknown rule or value."""
        for name in changes:
            if name not in declared_rules():
                raise Invalid(_("There is no rule “{rule}”."), rule=name)
        checked = {name: declared_rules()[name].checked(value) for name, value in changes.items()}
        return RoomRules(tuple(each.with_values(checked) for each in self.sets))

    def different_from(self, others: RoomRules) -> dict[str, Value]:
        """The values that are not those of the others, by name."""
        return {name: value for name, value in self.values.items() if value != others.values[name]}

    def sentences(self) -> list[str]:
        """The sentences that listeners read, in the order of the apps, in English."""
        return [one.sentence.in_english(values) for one, values in self._read_by_listeners()]

    def translated_sentences(self) -> list[str]:
        """The same in the language of the page that shows them."""
        return [one.sentence.translated(values) for one, values in self._read_by_listeners()]

    def codes(self) -> list[RuleCode]:
        """The same as codes and values, for a page that has the words."""
        return [{"code": one.code, "values": dict(v)} for one, v in self._read_by_listeners()]

    def _read_by_listeners(self) -> list[tuple[RuleSentence, Mapping[str, int]]]:
        return [sentence for each in self.sets for sentence in each.read_by_listeners()]


@dataclass(frozen=True)
class Preset:
    """Rules to start from. Rules name it by its key where they have another value in it."""

    key: str
    title: str
    sentence: str

    @property
    def rules(self) -> RoomRules:
        return read_rules(self.key, {})


def read_rules(preset: str, own_rules: Mapping[str, Value]) -> RoomRules:
    """The rules of a preset with a room's own values.

    Passes over stored rules of an app that is not installed.
    """
    return _read_rules(preset, tuple(sorted(own_rules.items())))


@features.reset_with_features
@cache
def declared_rules() -> dict[str, Rule]:
    """The rules of all installed apps by name, in their order."""
    return features.merge(kind.declared() for kind in _rule_sets())


@features.reset_with_features
@cache
def presets() -> dict[str, Preset]:
    """The presets of all installed apps by key, in their order."""
    return features.merge(
        {preset.key: preset for preset in feature.presets}
        for feature in features.installed_features()
    )


def preset(key: str) -> Preset:
    """A declared preset. Raises `Invalid` when there is none with this key."""
    if key not in presets():
        raise Invalid(
            _("There is no preset “{preset}”, only {presets}."),
            preset=key,
            presets=", ".join(presets()),
        )
    return presets()[key]


def _plain(value: Value) -> Value:
    return str(value) if isinstance(value, StrEnum) else value


def _rule_sets() -> list[type[RuleSet]]:
    return [feature.rules for feature in features.installed_features() if feature.rules is not None]


# Every act asks for the rules of its room, and most rooms have the rules of a preset.
@features.reset_with_features
@lru_cache(maxsize=1024)
def _read_rules(preset: str, own_rules: tuple[tuple[str, Value], ...]) -> RoomRules:
    known = declared_rules()
    usual = RoomRules(
        tuple(
            kind(**{name: one.value_in(preset) for name, one in kind.declared().items()})
            for kind in _rule_sets()
        )
    )
    return usual.with_changes({name: value for name, value in own_rules if name in known})
