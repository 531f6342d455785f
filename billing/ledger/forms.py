"""Forms of the ledger's staff pages."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget


class ReasonForm(forms.Form):
    """Why a journal is to be reversed, or something else taken back."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="What was wrong, for whoever approves it and for whoever reads the books later.",
    )


class VerdictForm(forms.Form):
    """The button that was pressed for a correction: to approve it, or to refuse it."""

    approve = forms.BooleanField(required=False)
    refuse = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("approve") == data.get("refuse"):
            raise forms.ValidationError("Say whether you approve or refuse it.")
        return data
