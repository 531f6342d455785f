"""How much can be paid in at once."""

from rlhfhub.ground import money
from rlhfhub.ground.refusals import invalid

#: Stripe takes eight digits at most.
MOST_MINOR = 99_999_999


def least_minor(currency: str) -> int:
    """Return the smallest deposit in minor units: 1.00, and 100 of a currency without decimals."""
    return int(10 ** max(money.exponent(currency), 2))


def check(amount_minor: int, currency: str) -> None:
    """Refuse an amount that cannot be paid in at once. Raises: Refused, naming `amount_minor`."""
    least = least_minor(currency)
    if amount_minor < least:
        raise invalid("amount_minor", f"Pay in at least {money.format_minor(least, currency)}.")
    if amount_minor > MOST_MINOR:
        most = money.format_minor(MOST_MINOR, currency)
        raise invalid("amount_minor", f"Pay in at most {most} at once.")
