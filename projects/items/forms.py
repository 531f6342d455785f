"""Forms of batches."""

from django import forms

from projects.items.metadata import MOST_KEYS
from projects.items.services import MAX_OVERLAP, SHARE_LEAST
from rlhfhub.web.numbers import WholeNumberField


class PlanForm(forms.Form):
    """How many annotators judge an item of the batch."""

    overlap = WholeNumberField(
        label="Answers per item",
        min_value=1,
        max_value=MAX_OVERLAP,
        help_text="From as many different people.",
    )
    share_percent = WholeNumberField(
        label="Share to measure agreement on (%)",
        min_value=0,
        max_value=100,
        help_text="Drawn at random when the batch is funded; annotators cannot tell.",
    )
    share_overlap = WholeNumberField(
        label="Answers per item of the share",
        min_value=SHARE_LEAST,
        max_value=MAX_OVERLAP,
        help_text="Counts where it is more than the others get.",
    )
    reserve_percent = WholeNumberField(
        label="Reserve (% of the answers)",
        min_value=0,
        max_value=100,
        help_text="Set aside for more answers to items you choose later. What you do not use comes back at the close.",
    )


class MetadataKeysForm(forms.Form):
    """The metadata keys that a project's items can be found by, one a line."""

    keys = forms.CharField(
        label="Metadata keys",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=f"One a line, at most {MOST_KEYS}. Items can then be found by their values.",
    )

    def clean_keys(self) -> list[str]:
        lines = str(self.cleaned_data["keys"]).splitlines()
        return [line.strip() for line in lines if line.strip()]
