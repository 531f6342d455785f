"""Money as whole minor units of a currency, never as a float.

A currency's minor unit is defined by its decimals in ISO 4217: 1250 is 12.50 USD, 1250 JPY or 1.250 KWD.
"""

import re

from rlhfhub.ground.currencies import DECIMALS

#: The greatest amount of one entry. The sum of thousands of them still fits the database's bigint.
MAX_MINOR = 10**15
_LONGEST = 24
_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


class MoneyError(ValueError):
    """Raised for an invalid amount or currency. The message is written for the person who typed it."""


def exponent(currency: str) -> int:
    """Return the decimals of a currency. Raises MoneyError for an unknown one."""
    decimals = DECIMALS.get(currency) if isinstance(currency, str) else None
    if decimals is None:
        raise MoneyError("This currency is not known; give its three letters, such as USD.")
    return decimals


def parse(text: str, currency: str) -> int:
    """Return the minor units of an amount such as "12.50".

    The text may have only digits and a point: no exponent, group separators or sign. Its length is checked before any
    conversion, because converting "1e999999" or a million digits would take minutes.

    Raises: MoneyError for any other text, and for more decimals than the currency has.
    """
    decimals = exponent(currency)
    if not isinstance(text, str):
        raise MoneyError("An amount must be given as text, such as 12.50.")
    if len(text) > _LONGEST:
        raise MoneyError("This amount is too long.")
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise MoneyError("An amount is written with digits and a point, such as 12.50.")
    sign, whole, fraction = found[1], found[2], found[3] or ""
    if sign:
        raise MoneyError("This amount must not be negative.")
    if len(fraction) > decimals:
        raise MoneyError(
            f"{currency} has {decimals} decimals." if decimals else f"{currency} has no decimals."
        )
    minor = int(whole + fraction.ljust(decimals, "0"))
    if minor > MAX_MINOR:
        raise MoneyError("This amount is too large.")
    return minor


def amount(minor: int, currency: str) -> str:
    """Return the amount without its currency, as `parse` reads it: 1250 USD is "12.50"."""
    decimals = exponent(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    sign = "-" if minor < 0 else ""
    if not decimals:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def format_minor(minor: int, currency: str) -> str:
    """Return the amount with its currency: 1250 USD is "12.50 USD"."""
    return f"{amount(minor, currency)} {currency}"


def fee(price: int, basis_points: int) -> int:
    """Return the fee on a price in minor units, for `basis_points` (1/100 %). Halves are rounded to even."""
    if price < 0:
        raise MoneyError("A fee is taken on a price of zero or more.")
    if not 0 <= basis_points <= 10_000:
        raise MoneyError("A fee lies between 0 and 10000 basis points.")
    units, rest = divmod(price * basis_points, 10_000)
    if rest > 5_000 or (rest == 5_000 and units % 2):
        units += 1
    return units
