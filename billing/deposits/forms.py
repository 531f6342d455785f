"""The forms by which a member pays in or asks for money back, and the staff's forms of a bank transfer."""

from typing import Any, ClassVar

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.deposits.models import Deposit, Refund
from rlhfhub.web.numbers import AmountField


class DepositForm(forms.Form):
    """An amount as people write it: 540 or 540.00."""

    called: ClassVar = {"amount_minor": "amount"}

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, **named)
        self.fields["amount"] = AmountField(currency=currency)


class PayInForm(DepositForm):
    """An amount, and how it is paid: at once, or by an invoice to an address."""

    method = forms.ChoiceField(
        label="How do you want to pay?",
        choices=Deposit.Method.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    billing_email = forms.EmailField(
        label="Billing email",
        max_length=254,
        required=False,
        help_text="For an invoice: Stripe mails it to this address.",
    )
    reference = forms.CharField(
        label="Your reference",
        max_length=100,
        required=False,
        help_text="For an invoice: printed on it, such as the number of your purchase order.",
    )

    field_order = ("amount", "method", "billing_email", "reference")

    def __init__(self, *given: Any, currency: str, **named: Any) -> None:
        super().__init__(*given, currency=currency, **named)
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Leave out what only an invoice has, if none was chosen."""
        found = super().clean() or {}
        found["method"] = found.get("method") or Deposit.Method.CARD
        if found["method"] != Deposit.Method.INVOICE:
            found |= {"billing_email": "", "reference": ""}
        return found


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


class RefusalForm(forms.Form):
    """Why a refund is refused."""

    reason = forms.CharField(
        max_length=300,
        help_text="The workspace reads this. The money returns to its free balance.",
        widget=UnfoldAdminTextInputWidget,
    )
