"""Forms for a batch's overlap plan and a project's metadata keys."""

from django import forms

from projects.items.metadata import MOST_KEYS
from projects.items.services import (
    MAX_GOLD_PERCENT,
    MAX_OVERLAP,
    MAX_REPEAT_PERCENT,
    SHARE_LEAST,
)
from rlhfhub.web.numbers import WholeNumberField


class PlanForm(forms.Form):
    """The overlap plan of a batch."""

    overlap = WholeNumberField(
        label="Answers per item",
        min_value=1,
        max_value=MAX_OVERLAP,
        help_text="Each from a different person.",
    )
    share_percent = WholeNumberField(
        label="Share to measure agreement on (%)",
        min_value=0,
        max_value=100,
        help_text="These items are drawn at random when the batch is funded. Annotators cannot tell which they are.",
    )
    share_overlap = WholeNumberField(
        label="Answers per item of the share",
        min_value=SHARE_LEAST,
        max_value=MAX_OVERLAP,
        help_text="Has an effect only if it is more than the answers per item above.",
    )
    reserve_percent = WholeNumberField(
        label="Reserve (% of the answers)",
        min_value=0,
        max_value=100,
        help_text="Set aside for more answers to items you choose later. What you do not use comes back at the close.",
    )
    gold_percent = WholeNumberField(
        label="Gold (% of the items)",
        min_value=0,
        max_value=MAX_GOLD_PERCENT,
        help_text="Keyed items mixed in where nobody can recognize them. They show who answers rightly, and who no "
        "longer does. 5 is usual; it takes keyed items on which three people agree.",
    )
    repeat_percent = WholeNumberField(
        label="Repeats (% of the answers)",
        min_value=0,
        max_value=MAX_REPEAT_PERCENT,
        help_text="Items shown to the same person once more, days or many items later. They show how steadily people "
        "judge, which bounds how far they can agree. 3 is usual; what is not used comes back at the close.",
    )


class MetadataKeysForm(forms.Form):
    """The metadata keys by whose values a project's items can be searched, one per line."""

    keys = forms.CharField(
        label="Metadata keys",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=f"One key per line, at most {MOST_KEYS}. You can then search items by the values of these keys.",
    )

    def clean_keys(self) -> list[str]:
        lines = str(self.cleaned_data["keys"]).splitlines()
        return [line.strip() for line in lines if line.strip()]
