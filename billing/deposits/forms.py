"""The form by which a member asks for a deposit."""

from typing import Any

from django import forms

from rlhfhub.ground import money


class DepositForm(forms.Form):
    """An amount as people write it: 540 or 540.00."""

    amount = forms.CharField(
        max_length=24,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    called = {"amount_minor": "amount"}

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.currency = currency
        self.fields["amount"].label = f"Amount in {currency}"

    def clean_amount(self) -> int:
        """Return the amount in minor units."""
        try:
            return money.parse(self.cleaned_data["amount"], self.currency)
        except money.MoneyError as error:
            raise forms.ValidationError(str(error)) from error
