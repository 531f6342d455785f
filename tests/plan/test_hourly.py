"""Time and pay per hour: the customer's estimate, never below reading, until ten answers measure them."""

import pytest

from projects.plan.hourly import HourlyPay


def measured(price: int, *seconds: float, median: float = 1.0) -> HourlyPay:
    return HourlyPay(price, 1, 0.0, len(seconds), median, sum(seconds), price * len(seconds))


def test_a_silly_estimate_promises_no_silly_wage() -> None:
    assert HourlyPay(1, 1).hourly_minor == 720, "not 36 dollars an hour: at least five seconds"
    assert HourlyPay(1, 1, reading_seconds=30.0).hourly_minor == 120
    assert HourlyPay(1, 60, reading_seconds=30.0).hourly_minor == 60, "longer than reading"


def test_it_says_whether_the_estimate_was_too_short() -> None:
    assert HourlyPay(1, 1).is_raised and HourlyPay(1, 29, 30.0).is_raised
    assert not HourlyPay(1, 30, 30.0).is_raised
    assert not measured(1, *[4.0] * 10).is_raised, "what is measured is not bounded"


def test_ten_answers_measure() -> None:
    nine, ten = measured(10, *[90.0] * 9, median=90.0), measured(10, *[90.0] * 10, median=90.0)
    assert (nine.is_measured, nine.seconds, nine.hourly_minor) == (False, 5.0, 7200)
    assert (ten.is_measured, ten.seconds, ten.hourly_minor) == (True, 90.0, 400)


def test_pay_is_by_all_time_and_the_time_shown_is_the_median() -> None:
    pay = measured(10, *[10.0] * 9, 910.0, median=10.0)
    assert (pay.seconds, pay.mean_seconds, pay.hourly_minor) == (10.0, 100.0, 360)


@pytest.mark.parametrize(("least", "price"), [(800, 10), (801, 11), (799, 10), (1, 1), (80, 1)])
def test_the_price_for_a_floor_is_the_least_that_reaches_it(least: int, price: int) -> None:
    pay = measured(1, *[45.0] * 10)
    assert pay.price_for(least) == price
    assert pay.hourly_at(price) >= least > pay.hourly_at(price - 1)


def test_pay_is_rounded_down() -> None:
    assert measured(1, *[7.0] * 10).hourly_minor == 514
