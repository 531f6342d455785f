"""Forms of a bonus and of a top-up. People enter amounts in the currency's major unit."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from billing.bonuses.models import REASON_CHARS
from rlhfhub.ground.currencies import DECIMALS
from rlhfhub.web.numbers import AmountField, WholeNumberField


class BonusForm(forms.Form):
    """A bonus for one annotator. `amount` is in minor units."""

    called: ClassVar = {"amount_minor": "amount"}
    field_order = ("amount", "reason")

    reason = forms.CharField(
        label="Why",
        max_length=REASON_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The annotator reads it.",
    )

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(currency=currency)
        self.order_fields(self.field_order)


class TopUpForm(forms.Form):
    """How much accepted answers shall pay.

    `amount` is the new pay of each answer, `agreed` the sum of the top-up that the page showed, both in minor units.
    """

    called: ClassVar = {"price_minor": "amount"}

    agreed = WholeNumberField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(currency=currency, label="Pay per answer")
        self.decimals = DECIMALS[currency]

    def suggest(self, price_minor: int) -> None:
        """Show this pay per answer, in minor units, until another one is entered."""
        self.initial["amount"] = Decimal(price_minor).scaleb(-self.decimals)
