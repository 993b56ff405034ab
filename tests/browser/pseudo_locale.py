"""A language for tests: each sentence of the scripts' catalogue, accented and in brackets.

What a page shows without brackets was not taken from the catalogue.
"""

import json
import re
from typing import Any

from playwright.sync_api import BrowserContext, Route

CATALOGUES = re.compile(r"/static/js/words/\w+/en[.\w]*\.js$")
_SENTENCE = re.compile(r'^  ("[\w.]+"): (.*?),?$', re.MULTILINE)
_VALUE = re.compile(r"(\{\w+\})")
_ACCENTED = str.maketrans("aceinouyzACEINOUYZ", "áćéíñóúýžÁĆÉÍÑÓÚÝŽ")
# All texts and labels that are in view: what is read aloud, too, but no marks of persons.
SHOWN = """() => {
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true })
        && !element.closest("script, style, template, [data-shape], option");
    const found = [];
    for (const element of document.body.querySelectorAll("*")) {
        if (!isShown(element)) continue;
        for (const name of ["aria-label", "aria-valuetext", "placeholder", "alt"])
            found.push(element.getAttribute(name) ?? "");
        for (const node of element.childNodes)
            if (node.nodeType === Node.TEXT_NODE) found.push(node.nodeValue);
    }
    return found.map((text) => text.replace(/\\s+/g, " ").trim());
}"""
# All texts that the server has written into the page, and all facts that it sent along.
SERVED = """async () => {
    const text = await (await fetch(location.href)).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const found = [];
    const read = (root) => {
        for (const element of root.querySelectorAll("*")) {
            for (const { value } of element.attributes) found.push(value);
            for (const node of element.childNodes)
                if (node.nodeType === Node.TEXT_NODE) found.push(node.nodeValue);
            if (element instanceof HTMLTemplateElement) read(element.content);
        }
    };
    read(page);
    JSON.parse(page.getElementById("boot")?.textContent ?? "{}", (key, value) => {
        if (typeof value === "string") found.push(value);
        return value;
    });
    return found.map((text) => text.replace(/\\s+/g, " ").trim());
}"""


def speak(context: BrowserContext) -> None:
    """Serve the catalogues of this browser in that language. The modules must be native ones."""
    context.route(CATALOGUES, _translate)


def _translate(route: Route) -> None:
    body = _SENTENCE.sub(
        lambda found: f"  {found[1]}: {json.dumps(_pseudo(json.loads(found[2])))},",
        route.fetch().text(),
    )
    route.fulfill(body=body, content_type="text/javascript")


def _pseudo(words: Any) -> Any:
    if isinstance(words, dict):
        return {form: _pseudo(text) for form, text in words.items()}
    parts = _VALUE.split(words)
    return (
        f"[{''.join(part if _VALUE.match(part) else part.translate(_ACCENTED) for part in parts)}]"
    )


def untranslated(shown: list[str], served: list[str], written: list[str]) -> set[str]:
    """What is in view, has letters, and is from neither catalogue, page nor people.

    `written`: what people wrote, and titles and names of tracks.
    """
    of_others = re.compile("|".join(map(re.escape, sorted(written, key=len, reverse=True))))
    known = set(served)
    return {
        text
        for text in shown
        if "[" not in text
        and text not in known
        and re.search(r"[^\W\d_]{2}", of_others.sub("", text))
    }
