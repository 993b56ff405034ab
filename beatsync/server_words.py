"""The sentences that the server declares and a page may show.

`check_words` compares the catalogue of the scripts with them, so that both say the same.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from beatsync.word_catalogue import Words
from music.incident_words import CAUSE_SENTENCES, INCIDENT_SENTENCES
from music.titles import TITLE_SENTENCES
from rooms.errors import RoomError
from rooms.features import installed_features
from rooms.reasons import REASON_SENTENCES
from rooms.roles import installed_acts
from rooms.rules import declared_rules
from staff.warnings import WARNING_SENTENCES

# Their refusals reach no script's page.
_OTHERS = re.compile(r"tests|staff\.actions|discovery")
_LIMITS_OF_SERVICES = {"LASTFM", "LABS", "MUSICBRAINZ"}


def server_words() -> dict[str, Words]:
    """The English sentences by key of the catalogue."""
    incidents = {f"incident.{code}": one.words for code, one in INCIDENT_SENTENCES.items()}
    causes = {f"cause.{code}": one.words for code, one in CAUSE_SENTENCES.items()}
    warnings = {f"warning.{code}": one.words for code, one in WARNING_SENTENCES.items()}
    titles = {f"title.{code}": one.words for code, one in TITLE_SENTENCES.items()}
    reasons = {f"moderation.{code}": one.words for code, one in REASON_SENTENCES.items()}
    return refusal_words() | incidents | causes | warnings | titles | reasons | _rule_words()


def refusal_words() -> dict[str, Words]:
    """Those of refusals: "refusal." and the detail, else the code."""
    by_name = dict(_of_classes()) | dict(_of_calls())
    by_name |= {f"may_not_{act.key}": act.refusal for act in installed_acts()}
    by_name |= {
        f"limit_{name.lower()}": limit.sentence
        for feature in installed_features()
        for name, limit in feature.limits.items()
        if name not in _LIMITS_OF_SERVICES
    }
    return {f"refusal.{name}": words for name, words in by_name.items()}


def _rule_words() -> dict[str, Words]:
    return {
        f"reads.{one.code}": one.sentence.words
        for rule in declared_rules().values()
        for one in rule.reads
    }


def _of_classes() -> Iterator[tuple[str, Words]]:
    for kind in _subclasses(RoomError):
        sentence = kind.own_sentence()
        if sentence is not None and not _is_of_others(kind.__module__):
            yield kind.detail or kind.code, sentence.words


def _of_calls() -> Iterator[tuple[str, Words]]:
    """Sentences that stand where they are raised, each with its detail."""
    for app in ("rooms", "music", "chat", "staff", "beatsync"):
        for file in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            module = ".".join(file.relative_to(settings.BASE_DIR).with_suffix("").parts)
            if not _is_of_others(module):
                yield from _details_in(ast.parse(file.read_text()))


def _details_in(tree: ast.AST) -> Iterator[tuple[str, Words]]:
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and call.args:
            details = [one.value for one in call.keywords if one.arg == "detail"]
            texts = [one.value for one in ast.walk(call.args[0]) if isinstance(one, ast.Constant)]
            for detail in details:
                if isinstance(detail, ast.Constant) and texts and isinstance(texts[0], str):
                    yield str(detail.value), texts[0]


def _is_of_others(module: str) -> bool:
    return _OTHERS.match(module) is not None


def _subclasses(of: type[RoomError]) -> Iterator[type[RoomError]]:
    for child in of.__subclasses__():
        yield child
        yield from _subclasses(child)
