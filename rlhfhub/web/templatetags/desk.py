"""Filters of the desk: letters of positions, names of roles, the partial of a question."""

import re
from collections.abc import Sequence
from typing import Any

from django import template

register = template.Library()

_ROLES = {"user": "Person", "assistant": "Assistant", "system": "System", "tool": "Tool"}


@register.filter
def letter(position: int) -> str:
    """Return the letter of the response at this position: 0 is A.

    The desk passes the position in the order shown, and members' pages the index in the item.
    """
    return chr(ord("A") + int(position))


@register.filter
def at(sequence: Sequence[Any], position: int | None) -> Any:
    """Return the element at a position; None for no position."""
    return None if position is None else sequence[position]


@register.filter
def role_name(role: str) -> str:
    """Return the name of a message's role, as people say it."""
    return _ROLES.get(str(role), str(role).title())


@register.filter
def kind_template(kind: str) -> str:
    """Return the template with the answer fields of a question kind."""
    if not re.fullmatch(r"[a-z_]+", kind):
        raise ValueError(f"not a question kind: {kind!r}")
    return f"projects/work/kinds/_{kind}.html"
