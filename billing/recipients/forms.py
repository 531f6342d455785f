"""The form of a person's bank details."""

from django import forms

from billing.recipients.models import MOST_DETAILS_CHARS


class DetailsForm(forms.Form):
    """Where a person wants to be paid by hand."""

    words = forms.CharField(
        label="Your bank details",
        max_length=MOST_DETAILS_CHARS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="The name of the account's owner, the bank and its country, IBAN or account number, and BIC.",
    )
