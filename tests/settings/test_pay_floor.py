"""The setting of the least pay per hour is read whole, or the site does not start."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from rlhfhub.settings.pay_floor import floors


def test_it_names_minor_units_by_currency() -> None:
    assert floors("USD:800, EUR:750,JPY:1000") == {"USD": 800, "EUR": 750, "JPY": 1000}
    assert floors("") == floors(" ") == {}


@pytest.mark.parametrize(
    "text", ["USD", "USD:8.00", "USD:0", "USD:-1", "usd:800", "XXZ:800", "USD:800,USD:900"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="RLHFHUB_PAY_FLOOR"):
        floors(text)
