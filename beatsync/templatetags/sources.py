"""What the sources of music add to pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import template
from django.template import TemplateDoesNotExist, engines
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from music.sources import registry

register = template.Library()


@register.simple_tag(takes_context=True)
def source_pieces(context: template.Context, slot: str) -> SafeString:
    """What the sources that are offered here add at this place of a page.

    That of a source is its template `NAME/SLOT.html`, if it has one. It sees what the page does,
    and as `of` what the source itself has said of it (`source_facts` of the page).
    """
    facts: Mapping[str, Any] = context.get("source_facts") or {}
    pieces = []
    for kind in registry.offered():
        piece = _find(f"{kind.name}/{slot}.html")
        if piece is not None:
            with context.push(of=facts.get(kind.name, {})):
                pieces.append((piece.render(context),))
    return format_html_join("", "{}", pieces)


def _find(name: str) -> template.Template | None:
    try:
        found: template.Template = cast(Any, engines["django"].get_template(name)).template
    except TemplateDoesNotExist:
        return None
    return found
