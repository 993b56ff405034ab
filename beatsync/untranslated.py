"""Words that a language cannot replace: text without a translation, plurals by hand.

`check_words` names them. Of a template that is each text between tags, and each attribute that is
read out or shown, with a letter outside `{% translate %}` and `{% blocktranslate %}`; of Python a
choice between two texts by whether something is 1, and a literal where people read it: a name of
the admin, a sentence, a refusal, or what the doctor finds.
"""

import ast
import re
from pathlib import Path

from django.conf import settings

from music.sources import registry

APPS = ("beatsync", "chat", "discovery", "music", "rooms", "staff")
# English for programs, and in a terminal, where only what a doctor finds is translated.
_IN_ENGLISH = re.compile(
    r"/management/(?!commands/(?:\w+_)?doctor\.py)|/party/|/migrations/|rooms/sentences\.py"
    r"|beatsync/openapi"
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
# Names that are assigned in a class, and keywords of calls to fields, whose text people read.
_READ_NAMES = {"message", "message_of_one", "verbose_name", "verbose_name_plural"}
_READ_KEYWORDS = {"label", "refusal", "verbose_name"}
# Which arguments of a call people read, by its name. Fields of models begin with their names.
_READ_ARGUMENTS = {
    **dict.fromkeys(("fine", "unsure", "wrong"), (0, 1, 2)),
    **dict.fromkeys(("Chart", "Figure", "Sentence", "ServiceState", "StaffFigure", "column"), (0,)),
    **dict.fromkeys(("link_to_list", "period"), (1,)),
    "Limit": (1,),
    "LogKind": (0, 1),
    "Offer": (1, 4),
    "Retention": (2,),
}
_FIELD = re.compile(r"[A-Z]\w*Field\Z")


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
                code = file.read_text()
                found += [
                    f"{file.relative_to(root)}:{line} has “{text}” untranslated."
                    for line, text in literals_read(code)
                ]
                lines = plurals_by_hand(code)
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


def literals_read(code: str) -> list[tuple[int, str]]:
    """The texts of Python that people read and no gettext is asked for, with their lines."""
    tree = ast.parse(code)
    refusals = {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and isinstance(node.exc.func, ast.Name)
        and any(keyword.arg == "detail" for keyword in node.exc.keywords)
    }
    places = [place for node in ast.walk(tree) for place in _read_in(node, refusals)]
    return [
        (place.lineno, text)
        for place in places
        if _is_text(place) and _LETTER.search(text := _text_of(place))
    ]


def _read_in(node: ast.AST, refusals: set[str]) -> list[ast.expr]:
    """What people read of one class or call, be it translated or not."""
    if isinstance(node, ast.ClassDef):
        return [
            one.value
            for one in node.body
            if isinstance(one, ast.Assign)
            and any(isinstance(to, ast.Name) and to.id in _READ_NAMES for to in one.targets)
        ]
    if not isinstance(node, ast.Call):
        return []
    if isinstance(node.func, ast.Attribute):
        at: tuple[int, ...] = (0,) if _FIELD.match(node.func.attr) else ()
    else:
        name = getattr(node.func, "id", "")
        at = _READ_ARGUMENTS.get(name, (0,) if name in refusals else ())
    named = [one.value for one in node.keywords if one.arg in _READ_KEYWORDS]
    return named + [node.args[n] for n in at if n < len(node.args)]


def _text_of(literal: ast.expr) -> str:
    """What stands between the quotes."""
    return re.sub(r"\Af?(['\"])(.*)\1\Z", r"\2", ast.unparse(literal), flags=re.DOTALL)


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
