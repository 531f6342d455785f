"""Anchors on the headings of rendered text."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.utils.safestring import SafeString

from rlhfhub.web.headings import with_anchors

register = template.Library()


@register.filter
def anchored(html: SafeString, rules: Iterable[Mapping[str, Any]]) -> SafeString:
    """Give each heading that is a rule its id, such as `#R3`. Takes what `user_markdown` returns."""
    return with_anchors(html, [(rule["id"], rule["title"]) for rule in rules])
