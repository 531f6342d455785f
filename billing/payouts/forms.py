"""The forms of payouts by hand and of reversals in the staff's admin."""

from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from billing.payouts.by_hand import MOST_REFERENCE_CHARS
from billing.payouts.models import MOST_REASON_CHARS
from rlhfhub.web.numbers import AmountField

ENTER, CONFIRM, TAKE_BACK = "enter", "confirm", "take_back"


APPROVE, DECLINE = "approve", "decline"


class ReversalForm(forms.Form):
    """How much of a payout is to be taken back, and why. `currency` is the payout's."""

    reason = forms.CharField(
        max_length=MOST_REASON_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="The person reads it, and so does whoever approves.",
    )

    def __init__(self, *args: Any, currency: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["amount"] = AmountField(currency=currency, widget=UnfoldAdminTextInputWidget())
        self.order_fields(["amount", "reason"])


class VerdictForm(forms.Form):
    """What the second member of staff decides on a reversal."""

    act = forms.ChoiceField(
        choices=[(APPROVE, "Take it back"), (DECLINE, "Decline")],
        widget=UnfoldAdminRadioSelectWidget,
        label="Decision",
    )


class ByHandForm(forms.Form):
    """The button that was pressed (`act`), and the bank's reference where one is entered."""

    act = forms.ChoiceField(choices=[(act, act) for act in (ENTER, CONFIRM, TAKE_BACK)])
    reference = forms.CharField(
        required=False,
        max_length=MOST_REFERENCE_CHARS,
        widget=UnfoldAdminTextInputWidget,
        help_text="The bank's reference of the transfer that you made.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("act") == ENTER and not data.get("reference"):
            self.add_error("reference", "Give the bank's reference of the transfer.")
        return data
