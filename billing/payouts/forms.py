"""The form of a payout by hand in the staff's admin."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.payouts.by_hand import MOST_REFERENCE_CHARS

ENTER, CONFIRM, TAKE_BACK = "enter", "confirm", "take_back"


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
