"""The log of a room: who did what to whom and why, for host and co-hosts.

Each app declares by name what it notes in its `Feature`, and notes it by `Change.log`, inside the
change that it tells of. `rooms.actions.undo` undoes what can be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from rooms import features
from rooms.reasons import write_reason
from rooms.sentences import Choose, Sentence, Translate, english_form

if TYPE_CHECKING:
    from rooms.actors import Actor
    from rooms.models import LogEntry

# Who did it, and to whom it was done, where the log does not know any more.
SOMEBODY_FIRST, SOMEBODY = _("Somebody"), _("somebody")
SAID, SAID_WHY = _("{said}."), _("{said}: {why}.")


@dataclass(frozen=True)
class LogKind:
    """One thing that is noted, such as "member.muted".

    `sentence` has `{by}`, `{target}` and the names of the entry's facts. One that counts has `{n}`:
    the fact `counts`, or how many are in it; where that is 1, it is `sentence_of_one`. `undo` takes
    it back, by an actor who must be allowed to: it is called inside an open change, calls actions,
    and raises what they raise. Without `undo` it cannot be taken back. `only_newest`: what is noted
    replaces what was noted of the same person before, so only the newest entry can be taken back.
    `is_final`: whether this entry stands, for what it tells of can be taken back by nobody here.
    """

    sentence: str
    sentence_of_one: str = ""
    counts: str = ""
    undo: Callable[[Actor, LogEntry], object] | None = None
    only_newest: bool = False
    is_final: Callable[[LogEntry], bool] = lambda entry: False


@features.reset_with_features
@cache
def installed_log_kinds() -> Mapping[str, LogKind]:
    """What all features note, by name. Raises `ImproperlyConfigured` for a clash."""
    return features.merge(feature.log_kinds for feature in features.installed_features())


def is_undoable(entry: LogEntry) -> bool:
    """Whether this can be taken back and has not been yet."""
    kind = installed_log_kinds().get(entry.kind)
    if kind is None or kind.undo is None or entry.undone_at_ms is not None:
        return False
    return not kind.is_final(entry)


def replaced_by_newer(entries: Iterable[LogEntry]) -> set[int]:
    """Which of these entries, the latest first, cannot be taken back for a newer one among them.

    Their ids.
    """
    seen: set[tuple[str, int | None]] = set()
    replaced: set[int] = set()
    for entry in entries:
        kind = installed_log_kinds().get(entry.kind)
        if kind is None or not kind.only_newest:
            continue
        about = (entry.kind, entry.target_id)
        if about in seen:
            replaced.add(entry.pk)
        seen.add(about)
    return replaced


def log_in_english(entry: LogEntry) -> str:
    """An entry, whose `by` and `target` are at hand, as a sentence for programs."""
    return _written(entry, str, english_form)


def log_translated(entry: LogEntry) -> str:
    """The same in the language of the page that shows it."""
    return _written(entry, gettext, ngettext)


def _written(entry: LogEntry, translate: Translate, choose: Choose) -> str:
    kind = installed_log_kinds().get(entry.kind)
    if kind is None:
        return entry.kind  # of an app that is not installed any more
    values = {
        **entry.facts,
        "by": entry.by.name if entry.by else entry.by_name or translate(SOMEBODY_FIRST),
        "target": entry.target.name if entry.target else translate(SOMEBODY),
    }
    if kind.counts:
        counted = entry.facts[kind.counts]
        values["n"] = len(counted) if isinstance(counted, list) else counted
    sentence = Sentence(kind.sentence, one=kind.sentence_of_one)
    said = sentence.written(values, translate, choose)
    ending = SAID_WHY if entry.why else SAID
    why = write_reason(entry.why, translate)
    return Sentence(ending).written({"said": said, "why": why}, translate, choose)
