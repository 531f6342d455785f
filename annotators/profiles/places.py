"""Names of countries and languages, from the Unicode CLDR by babel. Pure."""

from functools import cache

from babel import Locale
from babel.localedata import locale_identifiers

_ENGLISH = Locale("en")
# Codes of two letters by which CLDR names no country: groups of countries, islands of others, and placeholders.
_NO_COUNTRY = frozenset(
    ["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"]
)


@cache
def countries() -> dict[str, str]:
    """Return {code: English name} of all countries and territories of ISO 3166, by name."""
    named = _ENGLISH.territories.items()
    found = {code: name for code, name in named if len(code) == 2 and code not in _NO_COUNTRY}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


@cache
def languages() -> dict[str, str]:
    """Return {code: English name} of the languages for which CLDR has a locale, by name."""
    codes = {name.partition("_")[0] for name in locale_identifiers()}
    found = {code: _ENGLISH.languages[code] for code in codes if code in _ENGLISH.languages}
    return dict(sorted(found.items(), key=lambda one: one[1].casefold()))


def country_name(code: str) -> str:
    """Return the English name of a country; the code itself for one that is not known."""
    return countries().get(code, code)


def language_name(code: str) -> str:
    """Return the English name of a language; the code itself for one that is not known."""
    return languages().get(code, code)
