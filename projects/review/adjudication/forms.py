"""The forms by which a member gives an item's final answer, or withdraws it."""

from django import forms

from projects.review.adjudication.services import NOTE_CHARS
from rlhfhub.web.numbers import WholeNumberField

_SEEN = "Open the item again, and send the form from there."


class WithdrawForm(forms.Form):
    """Why the final answer is withdrawn. `seen` is the number of the newest one that the page showed."""

    note = forms.CharField(label="Why", max_length=NOTE_CHARS)
    seen = WholeNumberField(
        min_value=0, widget=forms.HiddenInput, error_messages={"required": _SEEN, "invalid": _SEEN}
    )


class FinalAnswerForm(WithdrawForm):
    """Why this is the final answer. The answer itself is read by the kinds of the questions."""

    note = forms.CharField(
        label="Why this is the final answer",
        max_length=NOTE_CHARS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Such as the rule that decides. Members of this workspace read it; annotators do not.",
    )
