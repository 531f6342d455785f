"""Filters that show texts of people and models as harmless HTML."""

from typing import Any

from django import template
from django.utils.safestring import SafeString

from rlhfhub.web import markdown
from rlhfhub.web.raw_text import raw

register = template.Library()


@register.filter
def user_markdown(text: Any, top: int = 3) -> SafeString:
    """Render user text as markdown through the allow-list. Its highest heading has level `top`."""
    return markdown.render("" if text is None else str(text), top)


@register.filter
def both_views(text: Any) -> SafeString:
    """Show a model's text rendered and raw; the page shows one of them (`data-reading` on its root)."""
    written = "" if text is None else str(text)
    return markdown.render(written) + raw(written)


@register.filter
def visible(text: Any) -> str:
    """Show plain user text with hidden characters marked; the template escapes it."""
    return markdown.visible("" if text is None else str(text))


@register.filter
def pairs(mapping: Any) -> list[tuple[Any, Any]]:
    """List keys and values. ``mapping.items`` would find a key named "items" before the method."""
    return list(mapping.items()) if hasattr(mapping, "items") else []


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """Return the value of a key that is only known while rendering (an answer by its question's name)."""
    if not hasattr(mapping, "get"):
        return None
    return mapping.get(key)
