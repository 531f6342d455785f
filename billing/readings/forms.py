"""The form by which a member sets money aside for readers."""

from django import forms

from billing.readings.services import MOST_READERS
from rlhfhub.web.numbers import WholeNumberField


class ReadersForm(forms.Form):
    """For how many readers, and the sum that the page showed, in minor units."""

    readers = WholeNumberField(min_value=1, max_value=MOST_READERS, label="Annotators")
    agreed_minor = WholeNumberField(required=False, min_value=0, widget=forms.HiddenInput)
