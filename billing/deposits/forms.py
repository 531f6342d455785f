"""The form by which a member pays in or asks for money back, and the staff's form of a bank transfer."""

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.deposits.models import Refund
from rlhfhub.web.numbers import AmountField


class DepositForm(forms.Form):
    """An amount as people write it: 540 or 540.00."""

    called: ClassVar = {"amount_minor": "amount"}

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(currency=currency)


class TransferForm(forms.Form):
    """The reference of a bank transfer; nothing where it was entered before, and is only to be confirmed."""

    reference = forms.CharField(
        max_length=100,
        help_text="The bank's reference of the transfer that you have made.",
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *given: Any, refund: Refund, **named: Any) -> None:
        super().__init__(*given, **named)
        if refund.reference:
            del self.fields["reference"]
