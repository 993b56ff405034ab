"""Icons in pages."""

from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
@lru_cache
def icon(name: str, *, turns: bool = False) -> SafeString:
    """An icon of the page's sprite; one that `turns` is mirrored where words run to the left.

    A page of a room has some 130, so what is made for a name is kept.
    """
    kind = "icon icon--turns" if turns else "icon"
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="#icon-{}"></use></svg>',
        kind,
        name,
    )
