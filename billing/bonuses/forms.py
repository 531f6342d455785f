"""Forms of a bonus and of a top-up. People enter amounts in the currency's major unit; services take minor units."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from billing.bonuses.models import REASON_CHARS
from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.web.numbers import PlainDecimalField, WholeNumberField


class _AmountForm(forms.Form):
    """A form with an amount of money in `currency`, in the field `amount`."""

    amount = PlainDecimalField(label="Amount", min_value=0)
    label: ClassVar = "Amount"

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.decimals = DECIMALS[currency]
        self.fields["amount"] = PlainDecimalField(
            label=f"{self.label} ({currency})",
            min_value=0,
            max_digits=12,
            decimal_places=self.decimals,
        )

    def minor(self) -> int:
        """Return the amount in minor units."""
        return int(self.cleaned_data["amount"].scaleb(self.decimals))


class BonusForm(_AmountForm):
    """A bonus for one annotator."""

    called: ClassVar = {"amount_minor": "amount"}

    reason = forms.CharField(
        label="Why",
        max_length=REASON_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The annotator reads it.",
    )


class TopUpForm(_AmountForm):
    """The pay to which accepted answers are raised. `agreed` is the sum that the page showed, in minor units."""

    called: ClassVar = {"price_minor": "amount"}
    label = "Pay per answer"

    agreed = WholeNumberField(required=False, min_value=0, widget=forms.HiddenInput)

    def suggest(self, price_minor: int) -> None:
        """Show this pay per answer, in minor units, until another one is entered."""
        self.initial["amount"] = Decimal(price_minor).scaleb(-self.decimals)
