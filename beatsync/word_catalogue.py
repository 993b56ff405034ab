"""The catalogue of what the modules say: read, and compared with the scripts that use it.

Each area of the pages has its English sentences in `static/js/words/AREA/en.js`: by key, as JSON
between the braces of a module.
A script names a key (`say("queue.full")`), or a family of keys whose second half is a code of the
server (`sayOf("refusal", code, …)`). The text of a key names its values: `{title}`. A sentence in
the script itself would be one that no other language can say: it is a fault, too.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from beatsync.script_texts import VALUE, ScriptText, texts_of

ENGLISH = "words/*/en.js"
OF_REFUSALS = "words/refusals/en.js"
# What brings its English sentence along when it is sent.
OF_SERVER = ('  "refusal.', '  "incident.', '  "reads.', '  "title.', '  "warning.')
# One form, or one for each plural category.
Words = str | dict[str, str]

_BODY = re.compile(r"\(\{\n(.*)\n\}\);\n\Z", re.DOTALL)
# `announcer.say` and the like are others.
_SAID = re.compile(r'(?<![.#\w])say(?:Nth|Common)?\(\s*"([^"]+)"')
_USES = re.compile(r'from "[./]+(?:/words)?(?:/\w+)?/say\.js"')
_TEXTS = re.compile(r'"([a-z_-]+\.[a-z0-9_.-]+)"')
_FAMILIES = re.compile(r'\bsayOf\(\s*"([^"]+)"|\bsay(?:Nth)?\(\s*`([a-z_.-]+)\.\$\{')

# A sentence or a part of one: words with a blank between them, or one with a capital letter.
_WORDS = re.compile(
    rf"[A-Za-z{VALUE}][’'\w]*[.,:;!?…)]* +[(“]?(?:[A-Za-z]|{VALUE}[ ’])"
    rf"|{VALUE}’|^[A-Z][a-z]+[.!?…]?$"
)
# What is shown or read aloud may not be a word either, be it chosen by a condition.
_SHOWN = re.compile(
    r"(?:\bsetText\((?:[^()]|\([^()]*\))*, |\b(?:announcer|toast)\.(?:say|now)\(|\bshowMessage\("
    r"|\.textContent = "
    r"|[aA]ttribute\([^\"]*\"(?:aria-label|aria-valuetext|title|placeholder|alt)\", )"
    r"(?:[^\"'`]*[?:] )?\Z"
)
# Selectors, media and errors of the code are for machines.
_FOR_MACHINES = re.compile(
    r"\b(?:closest|matches|querySelector|querySelectorAll|matchMedia|Error|DOMException)(?:\?\.)?\(\Z"
)
# What looks like words and is none: keys of a keyboard, and, by script, what no page shows.
_KEYS = {"Delete", "End", "Enter", "Escape", "Home", "Tab"}
_NOT_SHOWN = {
    # The names of browsers and systems in a device's name, of which pages show the first word.
    "browser/device.js": {
        "Android", "Browser", "Chrome", "Edge", "Firefox", "Linux", "Opera", "Safari",
        "Samsung Internet", "Windows", "another system", f"{VALUE} ({VALUE} on {VALUE})",
    },
    "browser/input.js": {"input, textarea, select, [contenteditable]"},
    "browser/tabs.js": {"is the room open?", "it is"},
    "views/chat/message-row.js": {"noopener noreferrer nofollow"},
    "views/elements/focus-keeper.js": {"a[href], input, select, textarea, [tabindex]"},
}  # fmt: skip


def read_catalogue(scripts: Path | None = None) -> dict[str, Words]:
    """The English sentences of all areas by key. Raises `ValueError` for a key that is twice."""
    pairs: list[tuple[str, Words]] = []
    for area in read_areas(scripts or scripts_folder()).values():
        pairs += area.items()
    return _without_doubles(pairs)


def read_areas(scripts: Path) -> dict[str, dict[str, Words]]:
    """The English sentences by area and key. Raises `ValueError` for a file that is no JSON."""
    return {file.parent.name: _read(file) for file in sorted(scripts.glob(ENGLISH))}


def _read(file: Path) -> dict[str, Words]:
    body = _BODY.search(file.read_text())
    if body is None:
        raise ValueError(f"{file.parent.name}/en.js holds no object between ({{ and }});")
    words: dict[str, Words] = json.loads(f"{{{body[1]}}}", object_pairs_hook=_without_doubles)
    return words


def find_faults(
    scripts: Path | None = None, of_server: Mapping[str, Words] | None = None
) -> list[str]:
    """What is wrong with the catalogue: what is missing, unused, out of order or incomplete.

    `of_server`: what the server says in English to a page that lacks these keys.
    """
    scripts = scripts or scripts_folder()
    of_server = of_server or {}
    catalogue = read_catalogue(scripts)
    texts = {file: file.read_text() for file in sorted(scripts.rglob("*.js"))}
    sources = {
        str(file.relative_to(scripts)): text
        for file, text in texts.items()
        if not file.match(ENGLISH) and _USES.search(text)
    }
    return [
        *_missing(catalogue, sources),
        *_different(catalogue, of_server),
        *_unused(catalogue, sources, of_server),
        *_odd(read_areas(scripts)),
        *_in_scripts({str(file.relative_to(scripts)): text for file, text in texts.items()}),
    ]


def leave_out_words_of_server(scripts: Path) -> None:
    """Write the catalogue of collected scripts without what the server says in the same words.

    A refusal, an incident and a rule bring their English sentence along, and 2.4 KB less are loaded
    on a first visit.
    """
    for file in scripts.glob(ENGLISH):
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith(OF_SERVER)))


def scripts_folder() -> Path:
    """Where the scripts of the pages are written."""
    return Path(settings.BASE_DIR) / "static" / "js"


def _missing(catalogue: Mapping[str, Words], sources: Mapping[str, str]) -> Iterator[str]:
    families = {key.partition(".")[0] for key in catalogue}
    for name, text in sources.items():
        for key in _SAID.findall(text):
            if key not in catalogue:
                yield f"{name} says “{key}”, which the catalogue has not."
        for family in _families_in(text):
            if family not in families:
                yield f"{name} says words of “{family}”, of which the catalogue has none."


def _different(catalogue: Mapping[str, Words], of_server: Mapping[str, Words]) -> Iterator[str]:
    for key, words in of_server.items():
        if key not in catalogue:
            yield f"The server has “{key}”, which the catalogue has not."
        elif catalogue[key] != words:
            yield f"“{key}” is “{words}” on the server and “{catalogue[key]}” in the catalogue."


def _unused(
    catalogue: Mapping[str, Words], sources: Mapping[str, str], of_server: Mapping[str, Words]
) -> Iterator[str]:
    named = {key for text in sources.values() for key in _TEXTS.findall(text)} | of_server.keys()
    # Of these the server says which there are.
    known = {key.partition(".")[0] for key in of_server}
    families = {family for text in sources.values() for family in _families_in(text)} - known
    for key in catalogue:
        if key not in named and not any(key.startswith(f"{family}.") for family in families):
            yield f"No script says “{key}”."


def _odd(areas: Mapping[str, Mapping[str, Words]]) -> Iterator[str]:
    for area, catalogue in areas.items():
        if list(catalogue) != sorted(catalogue):
            yield f"The catalogue of {area} is not in the order of its keys."
        for key, words in catalogue.items():
            if not isinstance(words, str) and not {"one", "other"} <= words.keys():
                yield f"“{key}” lacks its form for one, or for all other amounts."


def _in_scripts(scripts: Mapping[str, str]) -> Iterator[str]:
    for name, script in scripts.items():
        if name.endswith("/en.js"):
            continue
        for found in texts_of(script):
            if found.text not in _NOT_SHOWN.get(name, _KEYS) and _is_english(found):
                words = found.text.replace(VALUE, "…")
                yield f"{name}:{found.line} says “{words}”, which belongs into the catalogue."


def _is_english(found: ScriptText) -> bool:
    if _FOR_MACHINES.search(found.before):
        return False
    is_shown = _SHOWN.search(found.before) and re.search("[A-Za-z]{2}", found.text)
    return bool(is_shown or _WORDS.search(found.text))


def _families_in(text: str) -> set[str]:
    return {first or second for first, second in _FAMILIES.findall(text)}


def _without_doubles(pairs: list[tuple[str, Words]]) -> dict[str, Words]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        doubles = sorted({key for key in keys if keys.count(key) > 1})
        raise ValueError(f"the catalogue has twice: {', '.join(doubles)}")
    return found
