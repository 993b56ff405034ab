"""Scripts and styles of a page, whichever way they are served."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from beatsync import bundling

register = template.Library()


@register.simple_tag
def page_script(name: str) -> SafeString:
    """The script of a page, and in advance all that it imports: one round trip instead of many.

    With `DEBUG`, nothing is collected, and modules are loaded as they are found.
    """
    script = format_html('<script type="module" src="{}"></script>', staticfiles_storage.url(name))
    served = _served()
    imports = served.imports.get(name, []) if served else []
    links = format_html_join(
        "",
        '<link rel="modulepreload" href="{}{}">',
        ((settings.STATIC_URL, one) for one in imports),
    )
    return format_html("{}{}", script, links)


@register.simple_tag(takes_context=True)
def inline_script(context: template.Context, name: str, **data: str) -> SafeString:
    """A small script inside the page, run before the first paint, with these `data-` attributes."""
    facts = format_html_join("", ' data-{}="{}"', data.items())
    made = _text_of(name)
    if made is None:
        return format_html('<script src="{}"{}></script>', staticfiles_storage.url(name), facts)
    return format_html('<script nonce="{}"{}>{}</script>', _nonce(context), facts, made)


@register.simple_tag(takes_context=True)
def page_style(context: template.Context, name: str, inline: str = "") -> SafeString:
    """The stylesheet; or, inside the page, the smaller one `inline`: painted a round trip earlier.

    That is worth its bytes in each answer: over a phone's line 14 KB take 80 ms, a round trip 600.
    """
    made = _text_of(inline) if inline else None
    if made is None:
        return format_html('<link rel="stylesheet" href="{}">', staticfiles_storage.url(name))
    return format_html('<style nonce="{}">{}</style>', _nonce(context), made)


def _served() -> bundling.Served | None:
    folder = Path(settings.STATIC_ROOT)
    try:
        written_ns = (folder / bundling.RECORD).stat().st_mtime_ns
    except OSError:
        return None
    return None if settings.DEBUG else _read_served(folder, written_ns)


@lru_cache(maxsize=1)
def _read_served(folder: Path, written_ns: int) -> bundling.Served | None:
    """The record as of when it was written: a page asks for it several times."""
    return bundling.read_served(folder)


def _text_of(name: str) -> SafeString | None:
    """What is served for a source, to stand in a page; None where nothing was made for it."""
    served = _served()
    made = served.names.get(name) if served else None
    return None if made is None else _read(Path(settings.STATIC_ROOT) / made)


@lru_cache(maxsize=8)
def _read(path: Path) -> SafeString:
    """The text of a file whose name has a hash of it, without its last lines, for debuggers."""
    text = path.read_text().partition("\n//# ")[0].strip()
    return mark_safe(text)  # noqa: S308 - our own file


def _nonce(context: template.Context) -> Any:
    """What the page's policy lets run, or hold for a style, inside of it: new in each answer."""
    return context["request"].csp_nonce
