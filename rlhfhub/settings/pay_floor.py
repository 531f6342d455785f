"""Reads the setting of the least pay per hour."""

import re

from django.core.exceptions import ImproperlyConfigured

from rlhfhub.ground.currencies import DECIMALS

_ENTRY = re.compile(r"([A-Z]{3}):([1-9][0-9]{0,9})", re.ASCII)


def floors(text: str) -> dict[str, int]:
    """Return the minor units by currency of a text such as "USD:800,EUR:800"; empty for an empty one.

    Raises: ImproperlyConfigured for any other text, an unknown currency, and one that is named twice.
    """
    return amounts("RLHFHUB_PAY_FLOOR", text)


def amounts(setting: str, text: str) -> dict[str, int]:
    """Return the same of a part of the setting with this name. Raises: ImproperlyConfigured."""
    found: dict[str, int] = {}
    for entry in filter(None, (part.strip() for part in text.split(","))):
        match = _ENTRY.fullmatch(entry)
        if match is None or match[1] not in DECIMALS or match[1] in found:
            raise ImproperlyConfigured(
                f"{setting} has {entry!r}: name each currency once, with minor units, as in USD:800,EUR:800"
            )
        found[match[1]] = int(match[2])
    return found
