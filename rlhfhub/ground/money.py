"""Money as whole minor units of a currency; no float ever enters.

The minor unit of a currency is its smallest coin as ISO 4217 has it: 1250 is 12.50 USD, 1250 JPY
or 1.250 KWD.
"""

import re

from rlhfhub.ground.currencies import DECIMALS

#: The greatest amount of one entry: thousands of them still sum within the database's bigint.
MAX_MINOR = 10**15
_LONGEST = 24
_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?", re.ASCII)


class MoneyError(ValueError):
    """An amount or currency that cannot be taken; the message is fit for the person who typed it."""


def exponent(currency: str) -> int:
    """The decimals of a currency; an unknown one is refused."""
    decimals = DECIMALS.get(currency) if isinstance(currency, str) else None
    if decimals is None:
        raise MoneyError("This currency is not known; give its three letters, such as USD.")
    return decimals


def parse(text: str, currency: str) -> int:
    """The minor units that "12.50" stands for.

    Plain digits with a point only: no exponent, no group separators, no sign.
    The length is compared before any conversion, for "1e999999" or a million digits would keep the
    machine busy for minutes.
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
    """The amount alone, as `parse` reads it: 1250 USD is "12.50"."""
    decimals = exponent(currency)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    sign = "-" if minor < 0 else ""
    if not decimals:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def format_minor(minor: int, currency: str) -> str:
    """The amount with its currency, for people: 1250 USD is "12.50 USD"."""
    return f"{amount(minor, currency)} {currency}"


def fee(price: int, basis_points: int) -> int:
    """The fee on a price, in basis points (1/100 %), halves rounded to the even unit."""
    if price < 0:
        raise MoneyError("A fee is taken on a price of zero or more.")
    if not 0 <= basis_points <= 10_000:
        raise MoneyError("A fee lies between 0 and 10000 basis points.")
    units, rest = divmod(price * basis_points, 10_000)
    if rest > 5_000 or (rest == 5_000 and units % 2):
        units += 1
    return units
