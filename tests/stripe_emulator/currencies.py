"""Currencies: how many decimals they have, what a charge must amount to, and what Stripe takes of it."""

from tests.stripe_emulator.errors import Refusal

# Decimals of the currencies that do not have two.
WITHOUT_DECIMALS = (
    "bif",
    "clp",
    "djf",
    "gnf",
    "jpy",
    "kmf",
    "krw",
    "mga",
    "pyg",
    "rwf",
    "vnd",
    "vuv",
    "xaf",
    "xof",
)
WITH_THREE = ("bhd", "jod", "kwd", "omr", "tnd")
COMMON = (
    "aud",
    "brl",
    "cad",
    "chf",
    "czk",
    "dkk",
    "eur",
    "gbp",
    "hkd",
    "huf",
    "inr",
    "mxn",
    "nok",
    "nzd",
    "php",
)
OTHERS = ("pln", "ron", "sek", "sgd", "thb", "try", "uah", "usd", "zar")
KNOWN = {*WITHOUT_DECIMALS, *WITH_THREE, *COMMON, *OTHERS}
SMALLEST_CHARGE = {0: 50, 2: 50, 3: 500}
FIXED_FEE = {0: 30, 2: 30, 3: 300}


def decimals(currency: str) -> int:
    """Return how many decimals a currency has."""
    return 0 if currency in WITHOUT_DECIMALS else 3 if currency in WITH_THREE else 2


def checked(currency: str) -> str:
    """Return a currency in lower case. Raises: Refusal if Stripe does not know it."""
    if currency.lower() not in KNOWN:
        raise Refusal(f"Invalid currency: {currency}.", param="currency")
    return currency.lower()


def check_charge(amount: int, currency: str) -> None:
    """Raise Refusal if an amount cannot be charged."""
    places = decimals(currency)
    if amount < SMALLEST_CHARGE[places]:
        smallest = written(SMALLEST_CHARGE[places], currency)
        raise Refusal(
            f"Amount must be at least {smallest}.", code="amount_too_small", param="amount"
        )
    if amount > 99_999_999:
        raise Refusal("Amount is too large.", code="amount_too_large", param="amount")
    if places == 3 and amount % 10:
        raise Refusal("The last digit of an amount in this currency must be 0.", param="amount")


def card_fee(amount: int, currency: str) -> int:
    """2.9 % and a fixed part, rounded half up."""
    return (amount * 29 + 500) // 1_000 + FIXED_FEE[decimals(currency)]


def debit_fee(amount: int, currency: str) -> int:
    """Of a bank debit: 0.8 %, and 5.00 at most."""
    return min((amount * 8 + 500) // 1_000, 5 * 10 ** decimals(currency))


def written(amount: int, currency: str) -> str:
    """Return an amount for people: "12.50 USD"."""
    places = decimals(currency)
    return f"{amount / 10**places:,.{places}f} {currency.upper()}"
