"""Form fields for numbers in plain ASCII digits and a point (rlhfhub.ground.numbers gives the reason)."""

import re
from decimal import Decimal
from typing import Any

from django import forms

from rlhfhub.ground import money
from rlhfhub.ground.numbers import WHOLE

_DECIMAL = re.compile(r"[0-9]+(\.[0-9]+)?", re.ASCII)


class WholeNumberField(forms.IntegerField):
    """A whole number in plain digits."""

    def to_python(self, value: Any) -> int | None:
        _check(self, WHOLE, value, "Write a whole number with digits only, such as 12.")
        return super().to_python(value)


class PlainDecimalField(forms.DecimalField):
    """A decimal number in plain digits with a point."""

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # as Django's own
        _check(self, _DECIMAL, value, "Write the amount with digits and a point, such as 12.50.")
        return super().to_python(value)


def _check(field: forms.Field, pattern: re.Pattern[str], value: Any, words: str) -> None:
    if value not in field.empty_values and not pattern.fullmatch(str(value).strip(" \t\r\n")):
        raise forms.ValidationError(words, code="invalid")


class AmountField(forms.CharField):
    """A field for an amount of money. People type 540 or 540.00; the form gets minor units, such as 54000."""

    def __init__(self, *, currency: str, label: str = "Amount", **more: Any) -> None:
        more.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        )
        super().__init__(label=f"{label} ({currency})", max_length=24, **more)
        self.currency = currency

    def clean(self, value: Any) -> Any:
        """Return minor units, None for an empty field that may be empty."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return money.parse(text, self.currency)
        except money.MoneyError as error:
            raise forms.ValidationError(str(error)) from error
