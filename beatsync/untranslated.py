"""Words that a language cannot replace: text of templates without a translation, plurals by hand.

`check_words` names them. Of a template that is each text between tags, and each attribute that is
read out or shown, with a letter outside `{% translate %}` and `{% blocktranslate %}`; of Python a
choice between two texts by whether something is 1.
"""

import ast
import re
from pathlib import Path

from django.conf import settings

from music.sources import registry

APPS = ("beatsync", "chat", "discovery", "music", "rooms", "staff")
# English for programs; what runs in a terminal speaks English, too.
_IN_ENGLISH = re.compile(
    r"/management/|/party/|_doctor|/migrations/|rooms/sentences\.py|beatsync/openapi"
)
# A picture of a queue with invented titles, and attributes for scripts.
_WITHOUT_WORDS = ("_home_cards.html", "body_attributes.html")

_NAMES = re.compile(r"https?://\S*|BeatSync|ListenBrainz|Last\.fm|MusicBrainz|&\w+;")
_COMMENTS = re.compile(
    r"\{#.*?#\}|<!--.*?-->|\{% comment %\}.*?\{% endcomment %\}|<(script|style)\b.*?</\1>",
    re.DOTALL,
)
_TRANSLATED = re.compile(
    r"\{% blocktranslate.*?\{% endblocktranslate %\}|\{% translate .*?%\}", re.DOTALL
)
# Their content is no text: names of classes, attributes and heads.
_NO_TEXT = re.compile(
    r"\{% block (?:\w+_class|body_attributes|head|style|bodyclass|extrahead|extrastyle) %\}.*?"
    r"\{% endblock %\}",
    re.DOTALL,
)
_WORDS_OF_INCLUDE = re.compile(r'\{% include [^%]*?=("[A-Z][^"]*")')
_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ELEMENT = re.compile(r"<[/!a-zA-Z](?:\"[^\"]*\"|'[^']*'|[^'\">])*>", re.DOTALL)
_SHOWN = re.compile(
    r"\s(?:aria-label|aria-description|aria-roledescription|aria-valuetext|alt|placeholder|title|label)"
    r"=\"([^\"]*)\""
)
# The words of a key that is an input.
_KEYS = re.compile(r"<input\b(?=[^>]*\stype=\"(?:submit|button|reset)\")[^>]*\svalue=\"([^\"]*)\"")
_LETTER = re.compile(r"[^\W\d_]")


def find_untranslated(root: Path | None = None) -> list[str]:
    """What is wrong in the templates and in Python below `root`, in a sentence each."""
    root = root or Path(settings.BASE_DIR)
    found = []
    for file in sorted({*root.glob("templates/**/*.html"), *root.glob("*/**/templates/**/*.html")}):
        if file.name not in _WITHOUT_WORDS and _is_ours(file, root):
            texts = untranslated_in(file.read_text())
            found += [f"{file.relative_to(root)} has “{text}” untranslated." for text in texts]
    for app in APPS:
        for file in sorted((root / app).rglob("*.py")):
            if not _IN_ENGLISH.search(file.as_posix()):
                lines = plurals_by_hand(file.read_text())
                found += [
                    f"{file.relative_to(root)}:{line} makes a plural by hand: use ngettext."
                    for line in lines
                ]
    return found


def untranslated_in(template: str) -> list[str]:
    """The texts of a template that people read, and that no translation replaces."""
    text = _COMMENTS.sub(" ", template)
    text = _NO_TEXT.sub(" ", text)
    found = [words.strip('"') for words in _WORDS_OF_INCLUDE.findall(text)]
    # What stands for a tag of Django keeps an element whole, and holds no letter.
    text = _TAGS.sub("\0", _TRANSLATED.sub("\0", text))
    found += [shown for element in _ELEMENT.findall(text) for shown in _SHOWN.findall(element)]
    found += _KEYS.findall(text)
    found += _ELEMENT.sub("\n", text).replace("\0", "\n").split("\n")
    return [" ".join(words.replace("\0", "…").split()) for words in found if _has_words(words)]


def plurals_by_hand(code: str) -> list[int]:
    """The lines of Python that choose one of two texts by whether an amount is 1."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.IfExp)
        and isinstance(node.test, ast.Compare)
        and any(isinstance(one, ast.Constant) and one.value == 1 for one in node.test.comparators)
        and _is_text(node.body)
        and _is_text(node.orelse)
    ]


def _is_ours(file: Path, root: Path) -> bool:
    return file.relative_to(root).parts[0] in ("templates", *APPS)


def _has_words(text: str) -> bool:
    return _LETTER.search(_NAMES.sub("", text)) is not None and text.strip() not in _titles()


def _titles() -> set[str]:
    """Sources have names of their own."""
    return {kind.title for kind in registry.kinds()}


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr)
