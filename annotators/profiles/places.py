"""Names of countries and languages, and which language meets which, from the Unicode CLDR by babel. Pure."""

from collections.abc import Collection
from functools import cache

from babel import Locale
from babel.languages import get_official_languages
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
    """Return {code: English name} of the languages for which CLDR has a locale, by name.

    A language that is official in several countries is followed by each of these: `pt` Portuguese, `pt-BR` Portuguese
    (Brazil).
    """
    regions: dict[str, set[str]] = {}
    for name in locale_identifiers():
        language, *rest = name.split("_")
        if language in _ENGLISH.languages:
            found = regions.setdefault(language, set())
            if rest and _is_official(language, rest[-1]):
                found.add(rest[-1])
    named = {code: _ENGLISH.languages[code] for code in regions}
    for language, found in regions.items():
        if len(found) > 1:
            named |= {f"{language}-{region}": _regional(language, region) for region in found}
    return dict(sorted(named.items(), key=lambda one: one[1].casefold()))


def _is_official(language: str, region: str) -> bool:
    official = get_official_languages(region, regional=True, de_facto=True)
    return region in countries() and language in {name.partition("_")[0] for name in official}


def _regional(language: str, region: str) -> str:
    return f"{_ENGLISH.languages[language]} ({countries()[region]})"


def speaks(own: Collection[str], wanted: str) -> bool:
    """Return whether somebody with these languages has the one that is asked for.

    A language without a region is met by that of any region. A language of a region is met only by just this one.
    """
    return any(code == wanted or code.startswith(f"{wanted}-") for code in own)


def country_name(code: str) -> str:
    """Return the English name of a country; the code itself for one that is not known."""
    return countries().get(code, code)


def language_name(code: str) -> str:
    """Return the English name of a language; the code itself for one that is not known."""
    return languages().get(code, code)
