"""Minor units, parsing and fees."""

import time
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.ground.money import (
    MAX_MINOR,
    MoneyError,
    amount,
    exponent,
    fee,
    format_minor,
    parse,
)

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD"])


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "USD", 1250),
        ("12.5", "USD", 1250),
        ("12", "USD", 1200),
        (" 0.01 ", "EUR", 1),
        ("0", "USD", 0),
        ("0012", "USD", 1200),
        ("1250", "JPY", 1250),
        ("1.25", "KWD", 1250),
        ("10000000000000", "USD", MAX_MINOR),
    ],
)
def test_parse(text: str, currency: str, minor: int) -> None:
    assert parse(text, currency) == minor


NO_AMOUNTS = """1e999999 1e2 NaN nan Infinity inf -1 +1 1,50 1.000,00 1_000 . 1. .5 12.505 0x10
1.2.3 $5 \u0661\u0662 \uff11\uff12 1\u00b2"""
ODD_AMOUNTS = ["", " ", "1 2", "12.50 USD", "1\x00", "\ud800", "1\n2", "9" * 24]


@pytest.mark.parametrize("text", NO_AMOUNTS.split() + ODD_AMOUNTS)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse(text, "USD")


def test_a_number_of_ten_million_digits_costs_nothing() -> None:
    digits = "9" * 10_000_000
    start = time.perf_counter()
    with pytest.raises(MoneyError):
        parse(digits, "USD")
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize("value", [12.5, 12, True, None, b"12", Decimal(1), ["1"]])
def test_only_text_is_parsed(value: object) -> None:
    with pytest.raises(MoneyError):
        parse(value, "USD")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["usd", "XXX", "", "EURO", "US\x00", None, ["USD"]])
def test_unknown_currencies_are_refused(currency: str) -> None:
    with pytest.raises(MoneyError):
        exponent(currency)


def test_decimals_are_those_of_the_currency() -> None:
    with pytest.raises(MoneyError, match="JPY has no decimals"):
        parse("1.5", "JPY")
    with pytest.raises(MoneyError, match="KWD has 3 decimals"):
        parse("1.2345", "KWD")
    assert set(DECIMALS.values()) == {0, 2, 3}
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in DECIMALS)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "USD", "12.50 USD"),
        (5, "USD", "0.05 USD"),
        (-5, "USD", "-0.05 USD"),
        (0, "KWD", "0.000 KWD"),
        (-1250, "JPY", "-1250 JPY"),
    ],
)
def test_format(minor: int, currency: str, text: str) -> None:
    assert format_minor(minor, currency) == text


@given(st.integers(0, MAX_MINOR), CURRENCIES)
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    assert parse(amount(minor, currency), currency) == minor


@given(st.text(max_size=40), CURRENCIES)
def test_parse_gives_an_amount_or_a_money_error(text: str, currency: str) -> None:
    try:
        minor = parse(text, currency)
    except MoneyError:
        return
    assert 0 <= minor <= MAX_MINOR
    assert Decimal(minor).scaleb(-exponent(currency)) == Decimal(text.strip())


@given(st.integers(0, 10**15), st.integers(0, 10_000))
def test_the_fee_is_rounded_half_to_even(price: int, basis_points: int) -> None:
    exact = Decimal(price) * basis_points / 10_000
    assert fee(price, basis_points) == int(exact.to_integral_value(ROUND_HALF_EVEN))


def test_fee_by_hand() -> None:
    assert [fee(price, 1_000) for price in (5, 15, 25, 26)] == [0, 2, 2, 3]
    assert fee(1250, 0) == 0
    assert fee(1250, 10_000) == 1250


@pytest.mark.parametrize(("price", "basis_points"), [(-1, 10), (10, -1), (10, 10_001)])
def test_fees_out_of_range_are_refused(price: int, basis_points: int) -> None:
    with pytest.raises(MoneyError):
        fee(price, basis_points)
