"""A language for tests: each translated sentence, accented and in brackets.

`server_environment` and the AppConfig below are for the server, whose sentences go through gettext;
`translate_scripts` is for the browser, whose scripts have catalogues. What a page shows outside
brackets was not translated.
"""

import json
import re
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.utils.translation.trans_real import translation
from playwright.sync_api import BrowserContext, Route

from tests.translations import write_catalogue

# No language has this code: it is kept free for private use.
LANGUAGE = "qps"
CATALOGUES = re.compile(r"/static/js/words/\w+/en[.\w]*\.js$")
_SENTENCE = re.compile(r'^  ("[\w.]+"): (.*?),?$', re.MULTILINE)
# Places for values, tags and entities, which a translation leaves as they are.
_KEPT = re.compile(r"(\{[^{}]*\}|%\(\w+\)\w|%[sd]|<[^<>]*>|&\w+;)")
_TAG = re.compile(r"(<[^<>]*>)")
_ACCENTED = str.maketrans("aceinouyzACEINOUYZ", "áćéíñóúýžÁĆÉÍÑÓÚÝŽ")
_TRANSLATED = re.compile(r"\[[^\[\]]*\]")
# Brackets round what the scripts of Django's admin say.
_GETTEXT_OF_SCRIPTS = """
for (const name of ["gettext", "ngettext"]) {
    const english = window[name];
    window[name] = (...texts) => `[${english(...texts)}]`;
}"""
# All texts and labels that are in view: what is read aloud, too. Without marks of persons, names
# (`bdi`), a picture of invented titles, and rights, whose names stand in the database.
SHOWN = """() => {
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true })
        && !element.closest(`script, style, [data-shape], bdi, .home__cards,
            #id_permissions, #id_user_permissions`);
    const found = [document.title];
    for (const element of document.body.querySelectorAll("*")) {
        if (!isShown(element.closest("select") ?? element)) continue;
        for (const name of ["aria-label", "aria-valuetext", "placeholder", "alt", "title"])
            found.push(element.getAttribute(name) ?? "");
        if (element.matches("input[type=submit], input[type=button]")) found.push(element.value);
        for (const node of element.childNodes)
            if (node.nodeType === Node.TEXT_NODE) found.push(node.nodeValue);
    }
    return found.map((text) => text.replace(/\\s+/g, " ").trim());
}"""


def server_environment(folder: Path) -> dict[str, str]:
    """What a server is started with to speak this language. The folder gets an empty catalogue."""
    write_catalogue(folder, LANGUAGE, {})
    return {
        "DJANGO_SETTINGS_MODULE": "tests.browser.pseudo_settings",
        "PSEUDO_LOCALE": str(folder),
        "BUNDLE": "false",
    }


class PseudoGettext(NullTranslations):
    """Translates what no catalogue has: any text."""

    def gettext(self, message: str) -> str:
        # A context stands in front of its text, with a byte 4 between them.
        return translate(message.rpartition("\x04")[2])

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


class PseudoLocale(AppConfig):
    """An app of the test server, for gettext is ready once apps are."""

    name = "tests.browser"

    def ready(self) -> None:
        translation(LANGUAGE).add_fallback(PseudoGettext())


def translate_scripts(context: BrowserContext) -> None:
    """Serve the catalogues of this browser in this language. The modules must be native ones."""
    context.route(CATALOGUES, _translate_catalogue)
    context.route("**/admin/jsi18n/", _translate_scripts_of_django)


def _translate_catalogue(route: Route) -> None:
    body = _SENTENCE.sub(
        lambda found: f"  {found[1]}: {json.dumps(_translate_forms(json.loads(found[2])))},",
        route.fetch().text(),
    )
    route.fulfill(body=body, content_type="text/javascript")


def _translate_scripts_of_django(route: Route) -> None:
    route.fulfill(body=route.fetch().text() + _GETTEXT_OF_SCRIPTS, content_type="text/javascript")


def _translate_forms(words: Any) -> Any:
    if isinstance(words, dict):
        return {form: translate(text) for form, text in words.items()}
    return translate(words)


def translate(text: str) -> str:
    """The text in this language: a pair of brackets round each piece between tags."""
    pieces = _TAG.split(text)
    return "".join(
        piece if _TAG.match(piece) or not piece.strip() else f"[{_accented(piece)}]"
        for piece in pieces
    )


def _accented(text: str) -> str:
    parts = _KEPT.split(text)
    return "".join(part if _KEPT.match(part) else part.translate(_ACCENTED) for part in parts)


def untranslated(shown: list[str], written: set[str]) -> set[str]:
    """What is in view, and has letters outside brackets that are no word of people.

    `written`: what people wrote, titles and names of tracks, and names of products.
    """
    of_others = re.compile("|".join(map(re.escape, sorted(written, key=len, reverse=True))))
    return {
        text
        for text in shown
        if re.search(r"[^\W\d_]{2}", of_others.sub("", _without_translated(text)))
    }


def _without_translated(text: str) -> str:
    """A translated sentence may hold another one."""
    while (shorter := _TRANSLATED.sub("", text)) != text:
        text = shorter
    return text
