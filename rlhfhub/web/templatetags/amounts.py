"""Filters for money, shares, sizes and lengths of time."""

import math
from typing import Any

from django import template

from rlhfhub.ground import money as ground
from rlhfhub.ground.currencies import DECIMALS

register = template.Library()

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_DASH = "–"


@register.filter
def money(amount_minor: Any, currency: Any = "USD") -> str:
    """Write integer minor units as people read them: ``4200|money:"USD"`` is ``$42.00``."""
    if amount_minor is None or amount_minor == "":
        return _DASH
    code = str(currency or "").upper()
    decimal_places = DECIMALS.get(code, 2)
    whole, part = divmod(abs(int(amount_minor)), 10**decimal_places)
    digits = f"{whole:,}.{part:0{decimal_places}d}" if decimal_places else f"{whole:,}"
    sign = "\u2212" if int(amount_minor) < 0 else ""
    symbol = _SYMBOLS.get(code)
    return f"{sign}{symbol}{digits}" if symbol else f"{sign}{digits} {code}".rstrip()


@register.filter
def typed(amount_minor: int, currency: str) -> str:
    """Write integer minor units as a form's field takes them: ``4200|typed:"USD"`` is ``42.00``."""
    return ground.amount(amount_minor, currency)


@register.filter
def count(number: Any) -> str:
    """Write a whole number with separators; a dash when there is none."""
    return _DASH if number is None or number == "" else f"{int(number):,}"


@register.filter
def decimals(number: Any, decimal_places: int = 2) -> str:
    """Write a number with fixed decimals; a dash for nothing and for NaN."""
    if not _is_number(number):
        return _DASH
    return f"{float(number):.{int(decimal_places)}f}".replace("-", "\u2212")


@register.filter
def percent(share: Any, decimal_places: int = 0) -> str:
    """Write a share between 0 and 1 as a percentage."""
    return f"{float(share) * 100:.{int(decimal_places)}f} %" if _is_number(share) else _DASH


@register.filter
def probability(value: Any) -> str:
    """Write a probability as a percentage that never claims certainty: at most ``over 99 %``."""
    if _is_number(value) and float(value) > 0.99:
        return "over 99 %"
    return percent(value)


@register.filter
def share(part: Any, whole: Any) -> float | None:
    """Return part / whole for a percentage, or None when the whole is 0 or unknown."""
    if not _is_number(part) or not _is_number(whole) or float(whole) == 0:
        return None
    return float(part) / float(whole)


@register.filter
def duration(seconds: Any) -> str:
    """Write a length of time in the two largest units that matter; under ten seconds with a decimal."""
    if not _is_number(seconds):
        return _DASH
    exact = float(seconds)
    if 0 < exact < 0.05:
        return "under 0.1 s"
    if 0 < exact < 9.95 and exact != round(exact):
        return f"{exact:.1f} s"
    total = max(0, round(float(seconds)))
    days, hours, minutes = total // 86400, total // 3600 % 24, total // 60 % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    if minutes < 10 and total % 60 and minutes:
        return f"{minutes} min {total % 60} s"
    return f"{minutes} min" if minutes else f"{total} s"


@register.filter
def file_size(number: Any) -> str:
    """Write bytes in the unit that keeps the figure short."""
    if not _is_number(number):
        return _DASH
    size = float(number)
    for unit in ("B", "KB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


@register.filter
def humanized(name: Any) -> str:
    """Turn a machine's name into words: ``not_accepted`` is ``Not accepted``."""
    words = str(name).replace("_", " ").strip()
    return words[:1].upper() + words[1:]


@register.filter
def figure(value: Any) -> str:
    """Write a value of a manifest: a count with separators, anything else unchanged."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(float(value))
    except (TypeError, ValueError):
        return False
