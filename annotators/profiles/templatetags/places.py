"""Names of countries, languages and kinds of content, for templates."""

from collections.abc import Iterable

from django import template

from annotators.profiles import places
from annotators.profiles.tags import Content

register = template.Library()


@register.filter
def country_name(code: str) -> str:
    """`DE` as `Germany`."""
    return places.country_name(code)


@register.filter
def language_names(codes: Iterable[str]) -> str:
    """`["de", "pt"]` as `German, Portuguese`."""
    return ", ".join(places.language_name(code) for code in codes)


@register.filter
def content_names(tags: Iterable[str]) -> str:
    """`["hate", "drugs"]` as `hate and insults, drugs`."""
    return ", ".join(Content(tag).label.lower() for tag in tags)
