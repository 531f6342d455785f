"""Forms of the ledger's staff pages."""

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget


class ReasonForm(forms.Form):
    """Why a journal is to be reversed."""

    reason = forms.CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="What was wrong, for whoever approves it and for whoever reads the books later.",
    )
